"""The regions as every request needs them: read as a whole, kept as one entry of the cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy.orm import Session

from services.catalogue.kept import Kept
from services.catalogue.reader import Reader
from services.pricing.calculating.facts import RegionFacts, TaxRate
from services.pricing.tags import REGIONS
from utils import money
from utils.database import run
from utils.money import Money
from utils.region_codes import region_not_found

# By name. Of the taxes what holds now and what is to come; a row without a percent ends the tax before it.
_ENTRIES = """
SELECT json_build_array(r.code, r.name, r.currency, r.is_home, r.prices_include_tax, r.fallback_code,
 r.shipping_price::text, r.shipping_tax_class, r.version,
 ARRAY(SELECT c.country FROM region_countries AS c WHERE c.region_code = r.code ORDER BY c.country),
 ARRAY(SELECT json_build_array(t.id, t.tax_class, t.name, t.percent::text, t.valid_from, t.valid_until)
   FROM (SELECT id, tax_class, name, percent, valid_from,
     lead(valid_from) OVER (PARTITION BY tax_class, name ORDER BY valid_from) AS valid_until
     FROM tax_rates WHERE region_code = r.code) AS t
   WHERE (t.valid_until IS NULL OR t.valid_until > %(now)s) AND (t.percent IS NOT NULL OR t.valid_from > %(now)s)
   ORDER BY t.tax_class, t.name COLLATE "C", t.valid_from))::text
FROM regions AS r
"""
_ALL = f'{_ENTRIES} ORDER BY r.name COLLATE "C", r.code'
# One region, the home region without a code.
ONE = f"{_ENTRIES} WHERE CASE WHEN CAST(%(code)s AS text) IS NULL THEN r.is_home ELSE r.code = %(code)s END"
_OF_CUSTOMER = """
SELECT r.code FROM users AS u JOIN regions AS r ON r.code = u.region_code WHERE u.id = %(id)s AND NOT r.is_home
"""
_KEY = f"regions:{crc32(_ENTRIES.encode()):08x}"


class KnownRate(NamedTuple):
    """A tax on goods of a class, from a moment until another; a percent of None: from then on there is none."""

    id: UUID
    tax_class: str
    name: str
    percent: Decimal | None
    valid_from: datetime
    valid_until: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether goods bear it at this moment."""
        return self.percent is not None and self.valid_from <= moment and not self.is_over(moment)

    def is_over(self, moment: datetime) -> bool:
        """Whether another rate, or none, has taken its place."""
        return self.valid_until is not None and self.valid_until <= moment


@dataclass(frozen=True, slots=True)
class KnownRegion:
    """A region with its countries, and the rates that held when it was read or begin later (models/region.py)."""

    code: str
    name: str
    currency: str
    is_home: bool
    prices_include_tax: bool
    fallback_code: str | None
    shipping_price: Decimal
    shipping_tax_class: str
    version: int
    countries: tuple[str, ...]
    rates: tuple[KnownRate, ...]

    @property
    def id(self) -> str:
        """Its code, under the name that all things of the shop have their ids by."""
        return self.code


class Regions:
    """All regions, by name."""

    def __init__(self, regions: Sequence[KnownRegion]) -> None:
        self.in_order = tuple(regions)
        self._by_code = {each.code: each for each in regions}
        self._by_country = {country: each for each in regions for country in each.countries}

    @cached_property
    def home(self) -> KnownRegion:
        """The one whose list prices are the products' own."""
        return next(each for each in self.in_order if each.is_home)

    def find(self, code: str) -> KnownRegion | None:
        """The region of this code, spelled exactly so, or None."""
        return self._by_code.get(code)

    def of_country(self, country: str) -> KnownRegion | None:
        """The region that a country (two letters in capitals) belongs to, or None if the shop does not sell there."""
        return self._by_country.get(country)

    def require(self, code: str) -> KnownRegion:
        """The region of this code. Refuses an unknown one (NOT_FOUND)."""
        found = self.find(code)
        if found is None:
            raise region_not_found(code, "code")
        return found

    def next_beginning(self, moment: datetime) -> datetime | None:
        """When the next rate begins or ends after this moment; None if none does."""
        later = [rate.valid_from for each in self.in_order for rate in each.rates if rate.valid_from > moment]
        return min(later, default=None)


def all_regions(reader: Reader) -> Regions:
    """The regions as they are: by this process's memory or the cache while nothing changed, else from PostgreSQL.

    What is made of them holds until the next rate begins, at the longest.
    """
    return _kept.get(reader)


# The same text is the same region, and orders come again and again from the same.
@lru_cache(maxsize=64)
def region_of(written: str) -> KnownRegion:
    """The region of what ONE tells."""
    return _region(orjson.loads(written))


def region_of_customer(session: Session, *, customer_id: UUID) -> str | None:
    """The code of the region that an account has chosen; None for the home region, or where it has chosen none."""
    return run(session, _OF_CUSTOMER, {"id": customer_id}).scalar_one_or_none()


def region_facts(known: KnownRegion, moment: datetime) -> RegionFacts:
    """What the calculator is told of a region: the rates are those that hold at this moment.

    `known` must have been read at that moment or before: rates that had ended by then are not in it.
    """
    holding = sorted((each for each in known.rates if each.holds(moment)), key=lambda each: (each.name, each.id))
    return RegionFacts(
        code=known.code,
        version=known.version,
        currency=known.currency,
        prices_include_tax=known.prices_include_tax,
        rates=tuple(TaxRate(each.id, each.tax_class, each.name, _exact(each.percent)) for each in holding),
        shipping_price=Money(money.rounded(known.shipping_price, known.currency), known.currency),
        shipping_tax_class=known.shipping_tax_class,
    )


def _exact(percent: Decimal | None) -> Decimal:
    assert percent is not None
    return percent


def _read(reader: Reader) -> bytes:
    return b"[" + b",".join(reader.entries(_ALL, {})) + b"]"


def _decode(reader: Reader, entry: bytes) -> Regions:
    found = Regions([_region(each) for each in orjson.loads(entry)])
    change = found.next_beginning(reader.now)
    if change is not None:
        reader.until = min(reader.until, change)
    return found


def _region(kept: list[Any]) -> KnownRegion:
    kept[6], kept[9], kept[10] = Decimal(kept[6]), tuple(kept[9]), tuple(map(_rate, kept[10]))
    return KnownRegion(*kept)


def _rate(kept: list[Any]) -> KnownRate:
    spelled_id, tax_class, name, percent, valid_from, valid_until = kept
    return KnownRate(
        UUID(spelled_id),
        tax_class,
        name,
        None if percent is None else Decimal(percent).normalize() + 0,
        _moment(valid_from),
        None if valid_until is None else _moment(valid_until),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_kept = Kept(_KEY, REGIONS, read=_read, decode=_decode)
