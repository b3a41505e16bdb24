"""Stock: taken under a lock, never below zero, every change a row of the ledger."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import Product, StockMovement
from models.product import ProductStatus
from models.stock_movement import MovementReason
from utils import clock
from utils.database import run
from utils.errors import NotForSale, OutOfStock

# NO KEY UPDATE: rivals for the same goods wait, rows that merely point to the product do not.
_LOCK = """
SELECT id, name, price, currency, stock_count, status FROM products
WHERE id = ANY(CAST(%(ids)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
"""
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
    """A product that nobody else can change before this transaction ends."""

    id: UUID
    name: str
    price: Decimal
    currency: str
    stock_count: int
    status: str


def lock_products(session: Session, wanted: Mapping[UUID, int]) -> list[LockedProduct]:
    """Locks the products by ascending id and returns them in that order.

    Refuses, naming all of them, products that are unknown or withdrawn (NOT_FOR_SALE), then those with less stock than
    the quantity wanted (OUT_OF_STOCK).
    """
    rows = run(session, _LOCK, {"ids": [str(each) for each in sorted(wanted)]})
    locked = [LockedProduct._make(row) for row in rows]
    on_sale = {product.id for product in locked if product.status == ProductStatus.PUBLISHED}
    gone = [str(product_id) for product_id in sorted(wanted) if product_id not in on_sale]
    if gone:
        raise NotForSale("Some products are not sold any more.", productIds=gone)
    short = [
        {"productId": str(product.id), "requested": wanted[product.id], "available": product.stock_count}
        for product in locked
        if product.stock_count < wanted[product.id]
    ]
    if short:
        raise OutOfStock("Some products have less stock than was asked for.", lines=short)
    return locked


def take(session: Session, wanted: Mapping[UUID, int], *, order_id: UUID, actor_id: UUID) -> None:
    """Takes the stock of an order from products locked before, in the ledger as well. Never goes below zero."""
    ids = sorted(wanted)
    taken = run(
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


def write_movement(
    session: Session, *, product_id: UUID, quantity: int, reason: MovementReason, actor_id: UUID | None
) -> None:
    """Adds a row to the ledger for a change the caller makes to `stock_count` in this transaction; 0 adds none."""
    if quantity:
        session.execute(
            insert(StockMovement).values(
                product_id=product_id, quantity=quantity, reason=reason, actor_id=actor_id, created_at=clock.now()
            )
        )


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
