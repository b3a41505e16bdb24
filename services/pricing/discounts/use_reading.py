"""The orders that used discounts as staff see them, page by page, newest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.discounts.part_pages import PartQuery
from utils.database import run

# By the orders' ids, which rise with time: the primary key has them in this order for each discount.
_PAGES = """
SELECT u.discount_id, u.order_id, u.customer_id, c.code, u.amount, o.currency, u.created_at
FROM unnest(CAST(%(ids)s AS uuid[])) AS d(id) CROSS JOIN LATERAL (
 SELECT * FROM discount_uses WHERE discount_id = d.id AND (%(after)s IS NULL OR order_id < CAST(%(after)s AS uuid))
 ORDER BY order_id DESC LIMIT %(limit)s
) AS u JOIN orders AS o ON o.id = u.order_id LEFT JOIN discount_codes AS c ON c.id = u.code_id
ORDER BY u.order_id DESC
"""


class UseFacts(NamedTuple):
    """That an order used a discount, in the order of _PAGES; `code`: by which code, None without one."""

    discount_id: UUID
    order_id: UUID
    customer_id: UUID
    code: str | None
    amount: Decimal
    currency: str
    created_at: datetime


class UseQuery(PartQuery):
    """A page of uses; refuses what PartQuery refuses."""

    __slots__ = ()
    LIST = "discountUses"

    def cursor(self, use: UseFacts) -> str:
        """The opaque name of this use's place."""
        return self.cursor_at(use.order_id)


@dataclass(frozen=True, slots=True)
class UsePage:
    """Uses, the newest first, and whether more follow."""

    uses: Sequence[UseFacts]
    has_next: bool


def list_uses(session: Session, discount_ids: Collection[UUID], query: UseQuery) -> Mapping[UUID, UsePage]:
    """By discount, one page of its uses by orders that stand, all of them as the query says: one statement for all."""
    rows = run(session, _PAGES, query.values(discount_ids))
    found = query.pages(discount_ids, ((row.discount_id, UseFacts._make(row)) for row in rows))
    return {each: UsePage(*page) for each, page in found.items()}
