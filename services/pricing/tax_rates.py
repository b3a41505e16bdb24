"""Taxes of a region: set from a moment on, and called off before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Region, TaxRate
from models.audit_entry import AuditAction
from models.product import TaxClass
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.granting import lock_accounts
from services.pricing.regions import announce_regions, lock_region
from utils import clock, text
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

LONGEST_NAME = 50
# As the scalar Measure has them; the table would hold one more.
MOST_DECIMALS = 3
# Of one region: of all classes and names together, those that are still to begin too.
MOST_RATES = 1_000
MOST_TAXES = 20
MOST_YEARS = 5
_NOTHING_TO_END = "This region has no tax of that name and class at that moment: there is nothing to end."


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRateDraft:
    """So many percent of tax on goods of a class from a moment on; a percent of None: no more of it."""

    tax_class: TaxClass
    name: str
    percent: Decimal | None
    valid_from: datetime | None = None


def set_tax_rate(session: Session, code: str, draft: TaxRateDraft, *, actor: Actor, cache: Cache) -> UUID:
    """Sets a rate of a tax, which is known by its name, from `valid_from` on (now when None); returns its id.

    It holds until the tax's next rate. Taxes of other names on the same class add up. Refuses an unknown region
    (NOT_FOUND); a percent below 0, over 100 or with more than three decimals, any but 0 for the class ZERO,
    a bad name, and a moment that has passed or lies more than five years ahead (INVALID_INPUT); a second rate of the
    tax for one moment, the end of a tax that does not hold then, more than 100 percent on a class together, and more
    than 20 taxes or 1,000 rates (CONFLICT); and an actor whose rights have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor)
    region, moment = lock_region(session, code, field="region"), clock.now()
    kept = TaxRate(
        id=new_id(),
        region_code=code,
        tax_class=draft.tax_class.value,
        name=text.line(draft.name, "name", longest=LONGEST_NAME),
        percent=_checked_percent(draft),
        valid_from=_checked_moment(draft.valid_from, moment),
        created_by=actor.id,
    )
    _require_fitting(_rates_of(session, code), kept)
    session.add(kept)
    _tell(session, cache, region)
    audit.note(session, AuditAction.TAX_RATE_SET, kept.id, actor_id=actor.id, after=_audited(kept))
    return kept.id


def cancel_tax_rate(session: Session, rate_id: UUID, *, actor: Actor, cache: Cache) -> str:
    """Calls off a rate that has not begun: the one before it goes on. Returns the code of its region.

    Refuses an unknown rate, such as one that was called off before (NOT_FOUND), one that has begun (CONFLICT), and an
    actor whose rights have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor)
    code = session.scalars(select(TaxRate.region_code).where(TaxRate.id == rate_id)).one_or_none()
    if code is None:
        raise _no_such_rate()
    region = lock_region(session, code)
    found = session.get(TaxRate, rate_id, populate_existing=True)
    if found is None:
        raise _no_such_rate()
    if found.valid_from <= clock.now():
        raise Conflict("This rate has begun already; set another one from now on.", field="taxRateId")
    before = _audited(found)
    session.execute(delete(TaxRate).where(TaxRate.id == rate_id))
    _tell(session, cache, region)
    audit.note(session, AuditAction.TAX_RATE_CANCELLED, rate_id, actor_id=actor.id, before=before)
    return code


def _checked_percent(draft: TaxRateDraft) -> Decimal | None:
    percent = draft.percent
    if percent is None:
        return None
    if not 0 <= percent <= 100 or percent != percent.quantize(Decimal(1).scaleb(-MOST_DECIMALS)):
        raise InvalidInput(
            f"percent must lie between 0 and 100, with at most {MOST_DECIMALS} decimals.", field="percent"
        )
    if percent and draft.tax_class is TaxClass.ZERO:
        raise InvalidInput("Goods of the class ZERO bear no tax: its percent is 0.", field="percent")
    return percent


def _checked_moment(valid_from: datetime | None, moment: datetime) -> datetime:
    begin = clock.in_utc(valid_from, "validFrom") or moment
    if begin < moment:
        raise InvalidInput(
            "validFrom must not have passed: what was sold before bears the rate of then.", field="validFrom"
        )
    if begin > moment + timedelta(days=366 * MOST_YEARS):
        raise InvalidInput(f"validFrom may lie at most {MOST_YEARS} years ahead.", field="validFrom")
    return begin


def _rates_of(session: Session, code: str) -> Sequence[TaxRate]:
    return session.scalars(select(TaxRate).where(TaxRate.region_code == code).order_by(TaxRate.valid_from)).all()


def _require_fitting(rates: Sequence[TaxRate], kept: TaxRate) -> None:
    """Refuses (CONFLICT) a rate that could not stand beside those that there are."""
    same = [each for each in rates if (each.tax_class, each.name) == (kept.tax_class, kept.name)]
    if any(each.valid_from == kept.valid_from for each in same):
        raise Conflict("This tax has a rate from this very moment on. Call it off first.", field="validFrom")
    before = [each for each in same if each.valid_from < kept.valid_from]
    if kept.percent is None and (not before or before[-1].percent is None):
        raise Conflict(_NOTHING_TO_END, field="name")
    if len(rates) >= MOST_RATES or (not same and len({(each.tax_class, each.name) for each in rates}) >= MOST_TAXES):
        raise Conflict(f"A region has at most {MOST_TAXES} taxes, and {MOST_RATES:,} rates of them.")
    of_class = [each for each in (*rates, kept) if each.tax_class == kept.tax_class]
    if any(_sum_at(of_class, each.valid_from) > 100 for each in of_class if each.valid_from >= kept.valid_from):
        raise Conflict("Taxes on one class of goods are at most 100 percent together.", field="percent")


def _sum_at(rates: Sequence[TaxRate], moment: datetime) -> Decimal:
    holding: dict[str, Decimal] = {}
    for each in sorted(rates, key=lambda rate: rate.valid_from):
        if each.valid_from <= moment:
            holding[each.name] = each.percent or Decimal(0)
    return sum(holding.values(), Decimal(0))


def _tell(session: Session, cache: Cache, region: Region) -> None:
    region.version += 1
    session.flush()  # what the database refuses must be refused here, not at the commit
    announce_regions(session, cache)


def _audited(rate: TaxRate) -> dict[str, Any]:
    return {
        "region": rate.region_code,
        "tax_class": rate.tax_class,
        "name": rate.name,
        "percent": None if rate.percent is None else f"{rate.percent.normalize():f}",
        "valid_from": rate.valid_from.isoformat(),
    }


def _no_such_rate() -> NotFound:
    return NotFound("There is no such rate of tax.", field="taxRateId")
