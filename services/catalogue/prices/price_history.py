"""The history of prices: what each product cost since when and where, one row for each price, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models import PriceChange
from models.price import PriceReason
from utils import clock
from utils.cursors import checked_first, cursor_of, moment_of, place_of, serial_of
from utils.database import run

_LIST = "priceHistory"
# A price that stays as it was begins nothing.
_WRITE = """
INSERT INTO price_changes (product_id, region_code, price, currency, effective_from, reason, actor_id, created_at)
SELECT %(product_id)s, %(region)s, CAST(%(price)s AS numeric), %(currency)s, %(effective_from)s, %(reason)s,
 %(actor_id)s, %(moment)s
WHERE %(begins_anew)s OR NOT EXISTS (
    SELECT FROM (
        SELECT price, currency FROM price_changes
        WHERE product_id = %(product_id)s AND region_code IS NOT DISTINCT FROM %(region)s
        ORDER BY effective_from DESC, id DESC LIMIT 1
    ) AS last
    WHERE last.price = %(price)s AND last.currency = %(currency)s
)
"""


def write_price(
    session: Session,
    *,
    product_id: UUID,
    price: Decimal | None,
    currency: str,
    effective_from: datetime,
    reason: PriceReason,
    actor_id: UUID | None,
    region: str | None = None,
    begins_anew: bool = False,
) -> None:
    """Adds to the history a price that the caller writes to the product in this transaction, under the product's lock.

    Call it when a product is made (INITIAL, from its `created_at`) and when its price becomes another, for a `region`
    or, with None, everywhere that has no price of its own; a price that is as the last one there adds nothing, unless
    it `begins_anew`: another kind of price stood between the two. A price of None is that of a product that is not sold
    in the region any more (REMOVED only). Before a price is set by hand, what is due must be settled
    (settling.settle_locked), so that the history is in the order of time and the hand has the last word.
    """
    run(
        session,
        _WRITE,
        {
            "product_id": product_id,
            "region": region,
            "begins_anew": begins_anew,
            "price": price,
            "currency": currency,
            "effective_from": effective_from,
            "reason": reason.value,
            "actor_id": actor_id,
            "moment": clock.now(),
        },
    )


def exact(price: Decimal) -> str:
    """A price as the audit log has it: a string, so that it stays exact; equal prices have one."""
    return f"{price.normalize():f}"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A page of `first` (1 to 100) prices of one product after a cursor, the latest first.

    With a `region` those that were set for it; without, those of the product everywhere else.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    product_id: UUID
    first: int = 20
    after: str | None = None
    region: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        if self.after is not None:
            self.place(self.after)

    def cursor(self, change: PriceChange) -> str:
        """The opaque name of this price's place."""
        return cursor_of(_LIST, self._of, change.effective_from, change.id)

    def place(self, cursor: str) -> tuple[datetime, int]:
        """The moment and the number of the price that a cursor names."""
        moment, number = place_of(cursor, _LIST, parts=2, of=self._of)
        return moment_of(moment), serial_of(number)

    @property
    def _of(self) -> str:
        return str(self.product_id) if self.region is None else f"{self.product_id}.{self.region}"


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Prices, the latest first, and whether more follow."""

    changes: Sequence[PriceChange]
    has_next: bool


def list_prices(session: Session, query: HistoryQuery) -> HistoryPage:
    """One page of what a product cost since when."""
    since_and_id = tuple_(PriceChange.effective_from, PriceChange.id)
    chosen = select(PriceChange).where(
        PriceChange.product_id == query.product_id, PriceChange.region_code.is_not_distinct_from(query.region)
    )
    if query.after is not None:
        chosen = chosen.where(since_and_id < query.place(query.after))
    chosen = chosen.order_by(PriceChange.effective_from.desc(), PriceChange.id.desc())
    rows = session.scalars(chosen.limit(query.first + 1)).all()
    return HistoryPage(rows[: query.first], has_next=len(rows) > query.first)
