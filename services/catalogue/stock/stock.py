"""Stock: taken under a lock, never below zero, every change a row of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import Product, StockMovement
from models.product import ProductStatus
from models.stock_movement import MovementReason
from services.catalogue.prices.beginnings import LAST_CHANGE
from services.catalogue.prices.settling import settle_locked
from services.catalogue.stock import stock_marks
from utils import clock
from utils.cache import Cache
from utils.errors import NotForSale, OutOfStock
from utils.prepared import run_prepared

# NO KEY UPDATE: rivals for the same goods wait, rows that merely point to the product do not. What time decides is read
# as a moment and compared once the lock is there: whoever waited for it may have waited past the moment. What stands in
# other tables is as it was before the wait: `is_stale` tells that somebody changed the product meanwhile.
_LOCK = f"""
SELECT p.id, p.name, CASE WHEN CAST(%(region)s AS text) IS NULL THEN p.price ELSE c.price END AS price,
 coalesce(c.currency, p.currency), p.stock_count, p.status, p.publish_from, p.publish_until, p.category_id,
 p.low_stock_at,
 (SELECT min(starts_at) FROM scheduled_prices
  WHERE product_id = p.id AND applied_at IS NULL AND cancelled_at IS NULL) AS next_price_at,
 p.tax_class, p.brand_id, p.version, coalesce(c.source, 'product') AS price_source, began.effective_from,
 coalesce(began.reason = 'scheduled', false),
 (SELECT before.version FROM products AS before WHERE before.id = p.id) <> p.version AS is_stale
FROM (
    SELECT * FROM products WHERE id = ANY(CAST(%(ids)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
) AS p
LEFT JOIN current_prices AS c ON c.product_id = p.id AND c.region_code = %(region)s
LEFT JOIN LATERAL ({LAST_CHANGE}) AS began ON true
ORDER BY p.id
"""  # noqa: S608 - of fixed parts
_TAKE = """
WITH taken AS (
    UPDATE products SET stock_count = stock_count - wanted.quantity, updated_at = %(moment)s
    FROM unnest(CAST(%(ids)s AS uuid[]), CAST(%(quantities)s AS integer[])) AS wanted (id, quantity)
    WHERE products.id = wanted.id AND products.stock_count >= wanted.quantity
    RETURNING products.id, wanted.quantity
)
INSERT INTO stock_movements (product_id, quantity, reason, order_id, actor_id, created_at)
SELECT id, -quantity, 'order', %(order_id)s, %(actor_id)s, %(moment)s FROM taken
RETURNING product_id
"""


class LockedProduct(NamedTuple):
    """A product that nobody else can change before this transaction ends, with its price in one region."""

    id: UUID
    name: str
    price: Decimal
    currency: str
    stock_count: int
    status: str
    publish_from: datetime | None
    publish_until: datetime | None
    category_id: UUID
    low_stock_at: int | None
    next_price_at: datetime | None
    tax_class: str
    brand_id: UUID | None
    version: int
    # Where the price comes from, in a region ('region', 'fallback' or 'product'), since when it counts, and whether it
    # began by the clock.
    price_source: str
    price_since: datetime | None
    price_scheduled: bool

    def is_on_sale(self, moment: datetime) -> bool:
        """Whether shoppers may buy it at this moment."""
        return (
            self.status == ProductStatus.PUBLISHED
            and (self.publish_from is None or self.publish_from <= moment)
            and (self.publish_until is None or self.publish_until > moment)
        )

    def has_price_due(self, moment: datetime) -> bool:
        """Whether another price has begun, here or in any region, that is not written to it yet."""
        return self.next_price_at is not None and self.next_price_at <= moment


class Locked(NamedTuple):
    """Products as they are for sale at `moment`, by ascending id."""

    moment: datetime
    products: Sequence[LockedProduct]


def lock_products(session: Session, wanted: Mapping[UUID, int], *, cache: Cache, region: str | None = None) -> Locked:
    """Locks the products by ascending id; their prices are those in effect in the region once the lock is there.

    `region` is its code, None for the home region. Refuses, naming all of them, products that are unknown, not on sale
    at that moment or not sold in the region (NOT_FOR_SALE), then those with less stock than the quantity wanted
    (OUT_OF_STOCK).
    """
    products = _lock(session, wanted, region)
    moment = clock.now()
    due = [product.id for product in products if product.has_price_due(moment)]
    if due:
        settle_locked(session, cache, due, moment=moment)
        products = _lock(session, wanted, region)
    # In a region that has no price for it a product is not sold.
    sold = [product for product in products if product.price is not None and product.is_on_sale(moment)]
    gone = [str(product_id) for product_id in sorted(wanted.keys() - {product.id for product in sold})]
    if gone:
        raise NotForSale("Some products are not sold at present.", productIds=gone)
    short = [
        {"productId": str(product.id), "requested": wanted[product.id], "available": product.stock_count}
        for product in sold
        if product.stock_count < wanted[product.id]
    ]
    if short:
        raise OutOfStock("Some products have less stock than was asked for.", lines=short)
    return Locked(moment, sold)


def _lock(session: Session, wanted: Mapping[UUID, int], region: str | None) -> list[LockedProduct]:
    """Those that exist; in a region where it is not sold, a product's `price` is None."""
    values = {"ids": [str(each) for each in sorted(wanted)], "region": region}
    rows = run_prepared(session, _LOCK, values).all()
    if any(row.is_stale for row in rows):
        # Nobody changes them any more.
        rows = run_prepared(session, _LOCK, values).all()
    return [LockedProduct._make(row[:-1]) for row in rows]


def take(
    session: Session, wanted: Mapping[UUID, int], locked: Sequence[LockedProduct], *, order_id: UUID, actor_id: UUID
) -> set[UUID]:
    """Takes the stock of an order from products locked before, in the ledger as well. Never goes below zero.

    Tells of every mark that is passed (stock_marks.py); returns the categories in which a product ran out.
    """
    ids = sorted(wanted)
    taken = run_prepared(
        session,
        _TAKE,
        {
            "ids": [str(each) for each in ids],
            "quantities": [wanted[each] for each in ids],
            "order_id": order_id,
            "actor_id": actor_id,
            "moment": clock.now(),
        },
    ).all()
    if len(taken) != len(ids):
        # The lock makes this impossible; should it ever fail, nothing must be sold.
        raise RuntimeError("stock went away under its lock")
    return stock_marks.tell_each(session, locked, {each: -quantity for each, quantity in wanted.items()})


def write_movement(
    session: Session,
    *,
    product_id: UUID,
    quantity: int,
    reason: MovementReason,
    actor_id: UUID | None,
    note: str | None = None,
) -> None:
    """Adds a row to the ledger for a change the caller makes to `stock_count` in this transaction; 0 adds none.

    For a product that is just being made. Where one that was there before changes, `write_change` tells of marks too.
    """
    if quantity:
        session.execute(
            insert(StockMovement).values(
                product_id=product_id,
                quantity=quantity,
                reason=reason,
                actor_id=actor_id,
                note=note,
                created_at=clock.now(),
            )
        )


def write_change(
    session: Session,
    *,
    product_id: UUID,
    before: int,
    after: int,
    low_stock_at: int | None,
    reason: MovementReason,
    actor_id: UUID | None,
    note: str | None = None,
) -> bool:
    """Adds to the ledger what the caller writes to `stock_count` of a product under its lock, and tells of marks.

    For every change by staff: adjusting, setting the count by hand, importing. `low_stock_at` is what it is after the
    change. Says whether the product came into stock or went out of it: then the caller's `announce` has
    `stocked=[its category]`.
    """
    write_movement(session, product_id=product_id, quantity=after - before, reason=reason, actor_id=actor_id, note=note)
    return stock_marks.tell(session, product_id, before=before, after=after, low_stock_at=low_stock_at)


class Discrepancy(NamedTuple):
    """A product whose stock is not what its ledger adds up to."""

    product_id: UUID
    name: str
    stock_count: int
    ledger_sum: int


def list_discrepancies(session: Session) -> Sequence[Discrepancy]:
    """Every product whose `stock_count` differs from its ledger's sum, by id; none in a sound shop."""
    ledger_sum = func.coalesce(func.sum(StockMovement.quantity), 0)
    differing = (
        select(Product.id, Product.name, Product.stock_count, ledger_sum)
        .outerjoin(StockMovement, StockMovement.product_id == Product.id)
        .group_by(Product.id)
        .having(Product.stock_count != ledger_sum)
        .order_by(Product.id)
    )
    return [Discrepancy._make(row) for row in session.execute(differing)]
