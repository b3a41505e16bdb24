"""A product as staff hold it: of their department, and nobody else changes it meanwhile."""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.accounts.actor import Actor
from utils.database import run
from utils.errors import NotFound

# The department is looked up in the list of columns, so that a waiter sees that of the category it stands in by then.
_HELD = """
SELECT id, price, currency, stock_count, low_stock_at, version, category_id,
 (SELECT department_id FROM categories WHERE categories.id = products.category_id) AS department_id
FROM products WHERE id = %(id)s
"""


class HeldProduct(NamedTuple):
    """What acts on prices and stock must know of a product."""

    id: UUID
    price: Decimal
    currency: str
    stock_count: int
    low_stock_at: int | None
    version: int
    category_id: UUID
    department_id: UUID


def hold_product(session: Session, product_id: UUID, *, actor: Actor) -> HeldProduct:
    """Locks the product until this transaction ends.

    Refuses an unknown one (NOT_FOUND) and staff of another department (FORBIDDEN).
    """
    return _held(session, f"{_HELD} FOR NO KEY UPDATE", product_id, actor)


def get_product_of_staff(session: Session, product_id: UUID, *, actor: Actor) -> HeldProduct:
    """The product, for reading what only staff of its department may know; the same refusals."""
    return _held(session, _HELD, product_id, actor)


def _held(session: Session, statement: str, product_id: UUID, actor: Actor) -> HeldProduct:
    row = run(session, statement, {"id": product_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such product.", field="productId")
    held = HeldProduct._make(row)
    actor.require_department(held.department_id)
    return held
