"""The orders that used discounts as staff see them, page by page, newest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.cursors import checked_first, cursor_of, id_place_of
from utils.database import run

_LIST = "discountUses"
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


@dataclass(frozen=True, slots=True)
class UseQuery:
    """A page of `first` (1 to 100) uses of a discount after a cursor of one of them.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    discount_id: UUID
    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.place()

    def cursor(self, use: UseFacts) -> str:
        """The opaque name of this use's place."""
        return cursor_of(_LIST, use.discount_id, use.order_id)

    def place(self) -> UUID | None:
        """The id of the order that the cursor names."""
        return None if self.after is None else id_place_of(self.after, _LIST, of=self.discount_id)


@dataclass(frozen=True, slots=True)
class UsePage:
    """Uses, the newest first, and whether more follow."""

    uses: Sequence[UseFacts]
    has_next: bool


def list_uses(session: Session, discount_ids: Collection[UUID], query: UseQuery) -> Mapping[UUID, UsePage]:
    """By discount, one page of its uses by orders that stand, all of them as the query says: one statement for all."""
    after = query.place()
    values: dict[str, Any] = {"ids": [str(each) for each in discount_ids], "limit": query.first + 1}
    rows: dict[UUID, list[UseFacts]] = {each: [] for each in discount_ids}
    for row in run(session, _PAGES, values | {"after": None if after is None else str(after)}):
        rows[row.discount_id].append(UseFacts._make(row))
    return {each: UsePage(found[: query.first], len(found) > query.first) for each, found in rows.items()}
