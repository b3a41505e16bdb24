"""Counts successful orders and writes the customer's tier: of one when an order says so, of all to repair."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from models.discount import Tier
from services.pricing.discounts.customers import announce_customer
from services.pricing.tiers.tiers import Thresholds, tier_of
from utils import clock
from utils.cache import Cache
from utils.database import Database, run

# Accounts of one look; each look is a statement of its own, so that no large shop meets the time limit.
PAGE = 1000

# An erased account has no tier. Erasing holds the account before it takes the tier away, so this does too: it waits
# here, and finds the account erased then.
_ACCOUNT = "SELECT id FROM users WHERE id = %(id)s AND deleted_at IS NULL FOR KEY SHARE"
# Whoever counts holds the row first: of two at once the second one counts anew, and sees what the first one saw.
_HOLD = """
SELECT tier, successful_orders FROM customer_tiers WHERE customer_id = %(id)s FOR NO KEY UPDATE
"""
_BEGIN = """
INSERT INTO customer_tiers (customer_id, tier, successful_orders) VALUES (%(id)s, 'bronze', 0) ON CONFLICT DO NOTHING
"""
_COUNT = "SELECT count(*) FROM orders WHERE customer_id = %(id)s AND status = 'paid'"
_WRITE = """
UPDATE customer_tiers SET tier = %(tier)s, successful_orders = %(orders)s WHERE customer_id = %(id)s
"""
_NOTE = """
INSERT INTO tier_changes (customer_id, before, after, successful_orders, reason, created_at)
VALUES (%(id)s, %(before)s, %(tier)s, %(orders)s, %(reason)s, %(moment)s)
"""
_LOOK = """
SELECT account.id, coalesce(kept.tier, 'bronze') AS tier, coalesce(kept.successful_orders, 0) AS kept_orders,
 (SELECT count(*) FROM orders WHERE customer_id = account.id AND status = 'paid') AS orders,
 account.deleted_at IS NULL AND (
    kept.customer_id IS NOT NULL OR EXISTS (SELECT FROM orders WHERE customer_id = account.id)
 ) AS is_customer
FROM (SELECT id, deleted_at FROM users WHERE id > %(after)s ORDER BY id LIMIT %(page)s) AS account
LEFT JOIN customer_tiers AS kept ON kept.customer_id = account.id
ORDER BY account.id
"""
_BEFORE_ALL = UUID(int=0)


class Reason(StrEnum):
    """Why somebody is counted anew: an order changed its status, or what is kept may be wrong."""

    ORDER = "order"
    REPAIR = "repair"


class Recount(NamedTuple):
    """Whether anything was kept otherwise than it was counted now, and whether the tier is another."""

    corrected: bool
    moved: bool


class Repair(NamedTuple):
    """How many customers were looked at, of how many the count or the tier was otherwise, and of how many the tier."""

    checked: int
    corrected: int
    moved: int


def recount(session: Session, cache: Cache, *, customer_id: UUID, reason: Reason, thresholds: Thresholds) -> Recount:
    """Makes the customer's tier what the orders say: those that are paid, neither cancelled nor refunded.

    The row, its history and the news for the cache are of one transaction. Doing it again changes nothing. Whoever
    waits for the row counts after the wait, so that the last of several at once is right. An account that is erased,
    or unknown, has no tier.
    """
    kept = _held(session, customer_id)
    if kept is None:
        return Recount(corrected=False, moved=False)
    before, orders_before = kept
    orders = run(session, _COUNT, {"id": customer_id}).scalar_one()
    tier = tier_of(orders, thresholds)
    values = {"id": customer_id, "before": before, "tier": tier.value, "orders": orders}
    if (tier, orders) == (before, orders_before):
        return Recount(corrected=False, moved=False)
    run(session, _WRITE, values)
    if tier is not before:
        run(session, _NOTE, values | {"before": before.value, "reason": reason.value, "moment": clock.now()})
        announce_customer(session, cache, customer_id=customer_id)
    return Recount(corrected=True, moved=tier is not before)


def _held(session: Session, customer_id: UUID) -> tuple[Tier, int] | None:
    """The customer's row, held; made if there is none yet. None: there is no such account, or it is erased."""
    if run(session, _ACCOUNT, {"id": customer_id}).first() is None:
        return None
    row = run(session, _HOLD, {"id": customer_id}).first()
    if row is None:
        run(session, _BEGIN, {"id": customer_id})
        row = run(session, _HOLD, {"id": customer_id}).one()
    return Tier(row.tier), row.successful_orders


def recount_all(database: Database, cache: Cache, *, thresholds: Thresholds) -> Repair:
    """Counts everybody who ordered or has a tier, and corrects what is otherwise; harmless beside orders and itself.

    It walks over the accounts by id and holds nothing while it looks; each correction counts again under the row's
    lock and is a transaction of its own, so nobody waits long for it, and what was done stays done if it is killed.
    Thresholds that were changed in the settings come into effect by it. Refuses (UNAVAILABLE) when the database does.
    """
    checked = corrected = moved = 0
    after: UUID | None = _BEFORE_ALL
    while after is not None:
        looked_at, differing, after = _look(database, after, thresholds)
        checked += looked_at
        for customer_id in differing:
            with database.write() as session:
                done = recount(session, cache, customer_id=customer_id, reason=Reason.REPAIR, thresholds=thresholds)
            corrected, moved = corrected + done.corrected, moved + done.moved
    return Repair(checked, corrected, moved)


def _look(database: Database, after: UUID, thresholds: Thresholds) -> tuple[int, list[UUID], UUID | None]:
    """Of the next accounts: how many are customers, whose tier or count is otherwise, and the last of a full page."""
    with database.read() as session:
        rows = run(session, _LOOK, {"after": after, "page": PAGE}).all()
    customers = [row for row in rows if row.is_customer]
    differing = [
        row.id for row in customers if (row.tier, row.kept_orders) != (tier_of(row.orders, thresholds), row.orders)
    ]
    return len(customers), differing, rows[-1].id if len(rows) == PAGE else None
