"""Regions as prices need them: other than the home region, whose list prices are the products' own."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from utils.database import run
from utils.errors import InvalidInput
from utils.region_codes import is_region_code, no_region

# Triggers take it too, for whoever writes a price; whoever changes a region has it alone (see the migration).
_SHARE = "SELECT pg_advisory_xact_lock_shared(hashtext('regions and prices'))"
_FIND = "SELECT code, currency, is_home FROM regions WHERE code = %(code)s"


class PricedRegion(NamedTuple):
    """A region and the currency of its prices."""

    code: str
    currency: str
    is_home: bool


def get_region(session: Session, code: str) -> PricedRegion:
    """The region with this code. Refuses an unknown one (INVALID_INPUT)."""
    row = run(session, _FIND, {"code": code}).one_or_none() if is_region_code(code) else None
    if row is None:
        raise no_region(code, "region")
    return PricedRegion._make(row)


def hold_region(session: Session, code: str, *, at_home: str) -> PricedRegion:
    """The region, which stays as it is until this transaction ends. Hold the product first.

    `at_home`: what whoever named the home region is told to do instead.
    Refuses an unknown region, and the home region, where nothing but the product's own price counts (INVALID_INPUT).
    """
    run(session, _SHARE, {})
    found = get_region(session, code)
    if found.is_home:
        raise InvalidInput(f"In the home region the product's own price counts: {at_home}.", field="region")
    return found
