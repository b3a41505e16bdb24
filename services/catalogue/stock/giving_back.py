"""Giving back what an order took: its pieces are for sale again."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.stock import stock_marks
from utils import clock
from utils.database import run

# As orders lock them, by id.
_LOCK = """
SELECT id, category_id, stock_count, low_stock_at FROM products
WHERE id = ANY(CAST(%(ids)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
"""
_GIVE_BACK = """
WITH given AS (
    UPDATE products SET stock_count = stock_count + came.quantity, updated_at = %(moment)s
    FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(quantities)s AS integer[])) AS came (id, quantity)
    WHERE products.id = came.id
    RETURNING products.id, came.quantity
)
INSERT INTO stock_movements (product_id, quantity, reason, order_id, actor_id, created_at)
SELECT id, quantity, 'cancelled', %(order_id)s, %(actor_id)s, %(moment)s FROM given
"""


def give_back(session: Session, pieces: Mapping[UUID, int], *, order_id: UUID, actor_id: UUID) -> set[UUID]:
    """Puts so many pieces of each product back into the stock, in the ledger as well, for an order that is no more.

    It locks the products by ascending id. Whoever calls it sees to it that no order gives back twice. Tells of every
    mark that is passed (stock_marks.py); returns the categories in which a product came back into stock, for the
    caller's `announce`.
    """
    ids = sorted(pieces)
    locked = run(session, _LOCK, {"ids": [str(each) for each in ids]}).all()
    values = {
        "ids": [str(each) for each in ids],
        "quantities": [pieces[each] for each in ids],
        "order_id": order_id,
        "actor_id": actor_id,
        "moment": clock.now(),
    }
    run(session, _GIVE_BACK, values)
    return stock_marks.tell_each(session, locked, pieces)
