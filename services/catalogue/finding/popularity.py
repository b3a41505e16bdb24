"""Popularity: in how many orders of the last 90 days a product stands, as counted from time to time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.changes import announce, announce_everything
from utils import clock
from utils.cache import Cache
from utils.database import run

COUNTED_FOR = timedelta(days=90)
# So many at a time: an order of one of them waits no longer than these few rows take.
AT_ONCE = 500
# Of more changes than this, everything is told anew rather than each.
_MOST_TOLD = 1000
_DIFFERING = """
SELECT p.id, coalesce(counted.orders, 0)
FROM products AS p LEFT JOIN (
    SELECT i.product_id, count(*) AS orders FROM order_items AS i JOIN orders AS o ON o.id = i.order_id
    WHERE o.created_at > %(since)s GROUP BY i.product_id
) AS counted ON counted.product_id = p.id
WHERE p.popularity <> coalesce(counted.orders, 0)
ORDER BY p.id
"""
# Those that an order holds just now are counted the next time: nobody waits for anybody.
_WRITE = """
WITH free AS (
    SELECT id FROM products WHERE id = ANY (CAST(%(ids)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE products SET popularity = counted.orders
FROM free JOIN unnest(CAST(%(ids)s AS uuid[]), CAST(%(orders)s AS integer[])) AS counted (id, orders) USING (id)
WHERE products.id = free.id
RETURNING products.id, products.category_id
"""


class Popular(NamedTuple):
    """A product, and in how many orders it stands."""

    product_id: UUID
    orders: int


def list_differing(session: Session) -> Sequence[Popular]:
    """The products whose popularity is not what their orders say, by id."""
    rows = run(session, _DIFFERING, {"since": clock.now() - COUNTED_FOR})
    return [Popular(UUID(str(product_id)), orders) for product_id, orders in map(tuple, rows)]


def write_popularity(session: Session, counted: Sequence[Popular], *, cache: Cache, of: int) -> int:
    """Writes what was counted, but for products that are locked; returns how many. `of` is how many differ in all.

    It is no change by staff: the product's version stays, and so does the moment of its last change.
    """
    given = {"ids": [str(each.product_id) for each in counted], "orders": [each.orders for each in counted]}
    written = run(session, _WRITE, given).all()
    if written and of > _MOST_TOLD:
        announce_everything(session, cache)
    elif written:
        products, categories = ({UUID(str(row[place])) for row in written} for place in (0, 1))
        announce(session, cache, products=products, categories=categories)
    return len(written)
