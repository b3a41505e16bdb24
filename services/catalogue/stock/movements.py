"""Reading the ledger of stock: the movements of one product, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import StockMovement
from utils.cursors import checked_first, cursor_of, place_of, serial_of

_LIST = "stockMovements"


@dataclass(frozen=True, slots=True)
class MovementQuery:
    """A page of `first` (1 to 100) movements of one product after a cursor.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    product_id: UUID
    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        if self.after is not None:
            self.place(self.after)

    def cursor(self, movement: StockMovement) -> str:
        """The opaque name of this movement's place."""
        return cursor_of(_LIST, self.product_id, movement.id)

    def place(self, cursor: str) -> int:
        """The number of the movement that a cursor names."""
        [number] = place_of(cursor, _LIST, parts=1, of=self.product_id)
        return serial_of(number)


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Movements, the newest first, and whether more follow."""

    movements: Sequence[StockMovement]
    has_next: bool


def list_movements(session: Session, query: MovementQuery) -> MovementPage:
    """One page of the ledger of a product. The ledger's numbers rise as its rows were written."""
    chosen = select(StockMovement).where(StockMovement.product_id == query.product_id)
    if query.after is not None:
        chosen = chosen.where(StockMovement.id < query.place(query.after))
    rows = session.scalars(chosen.order_by(StockMovement.id.desc()).limit(query.first + 1)).all()
    return MovementPage(rows[: query.first], has_next=len(rows) > query.first)
