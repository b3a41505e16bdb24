"""Gives a new database its regions; adds what is missing and changes nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Region, RegionCountry, TaxRate
from models.product import TaxClass
from services.accounts.addresses import known_countries
from services.catalogue.changes import announce_everything
from services.pricing.seed_data import REGIONS, RegionSeed, TaxSeed
from utils.cache import Cache
from utils.errors import InvalidInput
from utils.ids import new_id

log = structlog.get_logger(__name__)

# Of a shop whose currency no region of the seed has.
_HOME_CODE = "HOME"


def seed_regions(session: Session, *, currency: str, home_region: str | None, cache: Cache) -> None:
    """Adds the regions whose codes are not there yet, with their country and taxes; what people changed stays.

    Where there is no home region, `home_region` becomes it, or the first one with the shop's currency, or one that is
    made for it. A country that another region has stays there. Where there is one it stays, and a `home_region` that is
    another is only warned of. Refuses (INVALID_INPUT) a `home_region` that is not there or has another currency.
    """
    known = {each.code: each for each in session.scalars(select(Region))}
    missing = [each for each in REGIONS if each.code not in known]
    home = None
    present = next((each.code for each in known.values() if each.is_home), None)
    if present is not None and home_region not in (None, present):
        log.warning("HOME_REGION changes nothing: the shop has a home region", has=present, wanted=home_region)
    if present is None:
        currencies = {each.code: each.currency for each in REGIONS}
        currencies |= {code: each.currency for code, each in known.items()}
        home = _home(currencies, currency=currency, wanted=home_region)
    if home == _HOME_CODE:
        missing.append(RegionSeed(_HOME_CODE, "Home", currency, prices_include_tax=False))
    for region in missing:
        _add(session, region, is_home=region.code == home)
    if home in known:
        known[home].is_home = True
        session.flush()
    if known and (missing or home is not None):  # a shop that sells already: its goods are now sold there too
        announce_everything(session, cache)


def _home(currencies: Mapping[str, str], *, currency: str, wanted: str | None) -> str:
    if wanted is None:
        return next((code for code, spent in currencies.items() if spent == currency), _HOME_CODE)
    if currencies.get(wanted) != currency:
        raise InvalidInput(f"HOME_REGION must be a region in which people pay with CURRENCY, {currency}.")
    return wanted


def _add(session: Session, region: RegionSeed, *, is_home: bool) -> None:
    """Adds the region with what belongs to it, unless somebody else who seeds has just done so."""
    row = insert(Region).values(
        code=region.code,
        name=region.name,
        currency=region.currency,
        prices_include_tax=region.prices_include_tax,
        is_home=is_home,
    )
    added = session.scalars(row.on_conflict_do_nothing().returning(Region.code)).one_or_none()
    if added is None:
        return
    if added in known_countries():
        country = insert(RegionCountry).values(country=added, region_code=added)
        session.execute(country.on_conflict_do_nothing(index_elements=[RegionCountry.country]))
    if region.tax is not None:
        session.add_all(_rates(added, region.tax))
        session.flush()


def _rates(code: str, tax: TaxSeed) -> list[TaxRate]:
    since = datetime.fromisoformat(tax.since).replace(tzinfo=UTC)
    percents = {TaxClass.STANDARD: tax.standard, TaxClass.REDUCED: tax.reduced, TaxClass.ZERO: tax.zero}
    return [
        TaxRate(
            id=new_id(),
            region_code=code,
            tax_class=tax_class.value,
            name=tax.name,
            percent=Decimal(percent),
            valid_from=since,
        )
        for tax_class, percent in percents.items()
        if percent is not None
    ]
