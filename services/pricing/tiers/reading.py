"""Reading tiers: where customers stand, and how they came there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from models.discount import Tier
from services.pricing.tiers.recounting import Reason
from utils.cursors import checked_first
from utils.database import run

_STANDINGS = """
SELECT account.id, coalesce(kept.tier, 'bronze') AS tier, coalesce(kept.successful_orders, 0) AS orders
FROM users AS account LEFT JOIN customer_tiers AS kept ON kept.customer_id = account.id
WHERE account.id = ANY (CAST(%(ids)s AS uuid[])) AND account.deleted_at IS NULL
"""
_CHANGES = """
SELECT change.* FROM unnest(CAST(%(ids)s AS uuid[])) AS account (id) CROSS JOIN LATERAL (
    SELECT customer_id, id, before, after, successful_orders, reason, created_at FROM tier_changes
    WHERE customer_id = account.id ORDER BY id DESC LIMIT %(first)s
) AS change
ORDER BY change.customer_id, change.id DESC
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's tier as it was counted last, and by how many successful orders."""

    customer_id: UUID
    tier: Tier
    successful_orders: int


class Change(NamedTuple):
    """The tier became another one, when there were so many successful orders; why they were counted then."""

    before: Tier
    after: Tier
    successful_orders: int
    reason: Reason
    created_at: datetime


def list_standings(session: Session, customer_ids: Collection[UUID]) -> Mapping[UUID, Standing]:
    """Where these accounts stand, by id; one statement. Who never ordered is bronze; who is erased has no entry."""
    rows = run(session, _STANDINGS, {"ids": [str(each) for each in customer_ids]})
    return {row.id: Standing(row.id, Tier(row.tier), row.orders) for row in rows}


def list_tier_changes(
    session: Session, customer_ids: Collection[UUID], *, first: int
) -> Mapping[UUID, Sequence[Change]]:
    """The newest changes of the tiers of these accounts, at most `first` (1 to 100, else INVALID_INPUT) of each.

    One statement; every account has an entry.
    """
    values = {"ids": [str(each) for each in customer_ids], "first": checked_first(first)}
    found: dict[UUID, list[Change]] = {each: [] for each in customer_ids}
    for row in run(session, _CHANGES, values):
        before, after, reason = Tier(row.before), Tier(row.after), Reason(row.reason)
        made = Change(before, after, row.successful_orders, reason, row.created_at)
        found[row.customer_id].append(made)
    return found
