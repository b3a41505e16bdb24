"""Making and changing regions: where the shop sells, in which money, and how it shows taxes there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models import Order, PriceChange, Region, RegionPrice, ScheduledPrice
from models.audit_entry import AuditAction
from models.product import TaxClass
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.granting import lock_accounts
from services.catalogue.changes import announce, announce_everything
from services.catalogue.products.product_values import checked_price
from services.catalogue.products.versions import require_version
from services.pricing.region_countries import countries_of, set_countries
from services.pricing.tags import REGIONS
from utils import money, text
from utils.cache import Cache
from utils.database import run
from utils.errors import Conflict, InvalidInput, NotFound
from utils.left_out import LEFT_OUT, LeftOut
from utils.region_codes import is_region_code, no_region, region_not_found

MOST_REGIONS = 50
LONGEST_NAME = 100
# The triggers that keep `current_prices` take it too, shared by who writes prices: whoever sets a price in a region's
# currency must hold it before the currency is read.
_HOLD = "SELECT pg_advisory_xact_lock(hashtext('regions and prices'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionDraft:
    """What a new region is to be. `fallback_code`: whose prices count where it has none of its own."""

    code: str
    name: str
    currency: str
    countries: Collection[str] = ()
    prices_include_tax: bool = False
    fallback_code: str | None = None
    shipping_price: Decimal = Decimal(0)
    shipping_tax_class: TaxClass = TaxClass.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionChange:
    """What is to change of a region; None leaves a thing as it is, but takes the fall-back away."""

    name: str | None = None
    currency: str | None = None
    countries: Collection[str] | None = None
    prices_include_tax: bool | None = None
    fallback_code: str | LeftOut | None = LEFT_OUT
    shipping_price: Decimal | None = None
    shipping_tax_class: TaxClass | None = None
    version: int | None = None


def create_region(session: Session, draft: RegionDraft, *, actor: Actor, cache: Cache) -> None:
    """Adds a region without taxes; it is never the home region, of which there is one.

    Its code has 2 to 8 capitals and digits, and stays. Refuses (INVALID_INPUT) bad values, a currency the shop cannot
    count in, shipping that is not whole coins of it or negative, what is no country of ISO 3166-1, and a fall-back that
    is unknown, the home region or of another currency; (CONFLICT) a code that is taken, a country of another region,
    and the 51st region; (UNAUTHENTICATED) an actor whose rights have changed.
    """
    lock_accounts(session, actor=actor)
    run(session, _HOLD, {})
    if not is_region_code(draft.code):
        raise InvalidInput("code must have 2 to 8 capitals or digits, such as DE or EU.", field="code")
    if session.get(Region, draft.code) is not None:
        raise Conflict("A region with this code exists.", field="code")
    if session.scalars(select(func.count()).select_from(Region)).one() >= MOST_REGIONS:
        raise Conflict(f"A shop has at most {MOST_REGIONS} regions.")
    made = Region(code=draft.code, is_home=False, version=1)
    _fill(session, made, _as_change(draft))
    session.add(made)
    session.flush()
    set_countries(session, draft.code, countries=draft.countries)
    after = _audited(session, made)
    audit.note(session, AuditAction.REGION_CREATED, None, actor_id=actor.id, after=after)
    announce_everything(session, cache)  # what is sold there stands in the entry of each product


def update_region(session: Session, code: str, change: RegionChange, *, actor: Actor, cache: Cache) -> None:
    """Changes a region; prices are as they were before unless its currency or its fall-back changes.

    Refuses an unknown region (NOT_FOUND); what `create_region` refuses of values and countries; a version that is not
    the present one, another currency for the home region, for one that has or had prices or orders of its own, and for
    one that others fall back on (CONFLICT); a fall-back for the home region (INVALID_INPUT); and an actor whose rights
    have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor)
    run(session, _HOLD, {})
    region = lock_region(session, code, version=change.version)
    before, sold = _audited(session, region), (region.currency, region.fallback_code)
    _require_changeable(session, region, change)
    _fill(session, region, change)
    if change.countries is not None:
        set_countries(session, code, countries=change.countries)
    region.version += 1
    session.flush()
    after = _audited(session, region)
    differing = [name for name in before if before[name] != after[name]]
    audit.note(
        session,
        AuditAction.REGION_CHANGED,
        None,
        actor_id=actor.id,
        before={"code": code, **{name: before[name] for name in differing}},
        after={"code": code, **{name: after[name] for name in differing}},
    )
    if (region.currency, region.fallback_code) == sold:
        announce_regions(session, cache)
    else:
        announce_everything(session, cache)


def announce_again(session: Session, code: str, *, cache: Cache) -> None:
    """Announces a region that was made before, for the repetition of the request (see `idempotency.begin`)."""
    if session.get(Region, code) is None:
        raise NotFound("What this request made was removed since.", field="idempotencyKey")
    announce_everything(session, cache)


def announce_regions(session: Session, cache: Cache) -> None:
    """Ends, with this transaction's commit, what the cache keeps of regions and all that was made of them."""
    announce(session, cache, also=[REGIONS])


def lock_region(session: Session, code: str, *, version: int | None = None, field: str = "code") -> Region:
    """The region, locked against other changes of it; orders and prices may name it meanwhile.

    Refuses an unknown one (NOT_FOUND, naming the input's `field`) and a version that is past (CONFLICT).
    """
    chosen = select(Region).where(Region.code == code).with_for_update(key_share=True)
    is_one = is_region_code(code)
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none() if is_one else None
    if found is None:
        raise region_not_found(code, field)
    require_version(found.version, version)
    return found


def _as_change(draft: RegionDraft) -> RegionChange:
    """The change that makes an empty region what the draft says."""
    return RegionChange(
        name=draft.name,
        currency=draft.currency,
        prices_include_tax=draft.prices_include_tax,
        fallback_code=draft.fallback_code,
        shipping_price=draft.shipping_price,
        shipping_tax_class=draft.shipping_tax_class,
    )


def _fill(session: Session, region: Region, change: RegionChange) -> None:
    """Sets what is to be new, each thing checked together with those it must fit."""
    if change.name is not None:
        region.name = text.line(change.name, "name", longest=LONGEST_NAME)
    if change.currency is not None:
        if not money.is_currency(change.currency):
            raise InvalidInput("currency must be an ISO 4217 code such as USD, EUR or JPY.", field="currency")
        region.currency = change.currency
    if change.prices_include_tax is not None:
        region.prices_include_tax = change.prices_include_tax
    if not isinstance(change.fallback_code, LeftOut):
        region.fallback_code = change.fallback_code
    if change.shipping_tax_class is not None:
        region.shipping_tax_class = change.shipping_tax_class.value
    shipping = region.shipping_price if change.shipping_price is None else change.shipping_price
    region.shipping_price = checked_price(shipping, region.currency, "shippingPrice")
    _check_fallback(session, region)


def _check_fallback(session: Session, region: Region) -> None:
    """A fall-back that could never give a price is a mistake."""
    if region.fallback_code is None:
        return
    with session.no_autoflush:
        other = session.get(Region, region.fallback_code) if is_region_code(region.fallback_code) else None
    if region.is_home:
        raise InvalidInput("The home region needs no fall-back.", field="fallbackCode")
    if other is None and region.fallback_code != region.code:
        raise no_region(region.fallback_code, "fallbackCode")
    if other is None or other.is_home or other.code == region.code or other.currency != region.currency:
        raise InvalidInput(
            "fallbackCode must be another region with the same currency, and not the home region.", field="fallbackCode"
        )


def _require_changeable(session: Session, region: Region, change: RegionChange) -> None:
    """Amounts are kept without their currency where the region tells it."""
    if change.currency in (None, region.currency):
        return
    if region.is_home:
        raise Conflict("The currency of the home region stays.", field="currency")
    in_use = {
        "prices": exists().where(RegionPrice.region_code == region.code),
        "earlier prices": exists().where(PriceChange.region_code == region.code),
        "scheduled prices": exists().where(ScheduledPrice.region_code == region.code),
        "orders": exists().where(Order.region_code == region.code),
        "regions that fall back on it": exists().where(Region.fallback_code == region.code),
    }
    row = session.execute(select(*in_use.values())).one()
    found = [what for what, is_there in zip(in_use, row, strict=True) if is_there]
    if found:
        raise Conflict(f"The currency stays: this region has {' and '.join(found)}.", field="currency")


def _audited(session: Session, region: Region) -> dict[str, Any]:
    countries: Sequence[str] = countries_of(session, region.code)
    return {
        "code": region.code,
        "name": region.name,
        "currency": region.currency,
        "countries": list(countries),
        "prices_include_tax": region.prices_include_tax,
        "fallback_code": region.fallback_code,
        "shipping_price": f"{money.rounded(region.shipping_price, region.currency)}",
        "shipping_tax_class": region.shipping_tax_class,
    }
