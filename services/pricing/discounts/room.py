"""Room for discounts: how many may be switched on at once, and how many goods they may name together.

Every order reads all of them and prices by them (docs/decisions/pricing.md has the figures).
"""

from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.discounts.drafts import DiscountDraft
from utils import clock
from utils.database import run
from utils.errors import Conflict

MOST_ACTIVE = 1_000
MOST_ACTIVE_TARGETS = 50_000

# After the discount that is changed; whoever has it waits for no other discount.
_HOLD = "SELECT pg_advisory_xact_lock(hashtext('active discounts'))"
# Those that have not begun are among them: they will, by the clock alone.
_OTHERS = """
SELECT count(*) AS discounts,
 coalesce(sum((SELECT count(*) FROM discount_targets AS t WHERE t.discount_id = d.id)), 0) AS targets
FROM discounts AS d
WHERE d.is_active AND (d.ends_at IS NULL OR d.ends_at > %(moment)s) AND d.id IS DISTINCT FROM %(id)s
"""


def hold_room(
    session: Session, now: DiscountDraft, *, before: DiscountDraft | None = None, discount_id: UUID | None = None
) -> None:
    """Sees to it that there is room for a discount as it will be, until this transaction ends.

    `before`: as it is, None for a new one. What takes no more room than it has is not asked about, so that a shop with
    too many (of before there was a limit) can still end and shorten each. Refuses (CONFLICT, naming the field that asks
    for more) the 1,001st discount that is switched on and not over, begun or not, and one with which those would name
    over 50,000 goods.
    """
    if not _asks_for_more(now, before):
        return
    run(session, _HOLD, {})
    # Not before the lock is there: nobody may count this one as over who holds it later.
    moment = clock.now()
    if now.ends_at is not None and now.ends_at <= moment:
        return
    had = before if before is not None and before.is_in_use(moment) else None
    others = run(session, _OTHERS, {"moment": moment, "id": discount_id}).one()
    if had is None and others.discounts >= MOST_ACTIVE:
        field = "isActive" if before is None or not before.is_active else "endsAt"
        raise Conflict(f"At most {MOST_ACTIVE} discounts may be switched on and not over: end some first.", field=field)
    more = had is None or now.target_count > had.target_count
    if now.target_count and more and others.targets + now.target_count > MOST_ACTIVE_TARGETS:
        raise Conflict(
            f"The discounts that are switched on and not over may have at most {MOST_ACTIVE_TARGETS} targets together: "
            "name a category, a collection or a brand instead of single products, or end some first.",
            field="targets",
        )


def _asks_for_more(now: DiscountDraft, before: DiscountDraft | None) -> bool:
    if not now.is_active:
        return False
    if before is None or not before.is_active or now.target_count > before.target_count:
        return True
    return before.ends_at is not None and (now.ends_at is None or now.ends_at > before.ends_at)
