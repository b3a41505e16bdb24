"""What tests of tiers share: many orders at once, and what is kept of a customer."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from models import CustomerTier, TierChange
from models.order import OrderStatus
from services.orders.moving import record_order_status
from services.pricing.tiers.recounting import Repair, recount_all
from services.pricing.tiers.tiers import Thresholds
from tests.support import ADMIN
from wiring import Shop

THRESHOLDS = Thresholds(silver=21, gold=50)

_MANY = """
INSERT INTO orders (id, customer_id, currency, total_amount, net_goods, net_shipping, tax_total, discount_total,
    status, created_at, updated_at)
SELECT gen_random_uuid(), :customer, 'USD', 0, 0, 0, 0, 0, :status, '2026-01-01', '2026-01-01'
FROM generate_series(1, :count) RETURNING id
"""


def add_orders(shop: Shop, customer: UUID, count: int, status: str = "paid") -> list[UUID]:
    """So many orders of nothing, of which nobody heard; they are in this status."""
    with shop.database.write() as session:
        given = {"customer": customer, "count": count, "status": status}
        return list(session.scalars(text(_MANY), given))


def move(shop: Shop, order: UUID, status: str) -> None:
    """The admin records what became of an order."""
    with shop.database.write() as session:
        record_order_status(session, order, OrderStatus(status), actor=ADMIN, cache=shop.cache)


def kept(shop: Shop, customer: UUID) -> tuple[str, int] | None:
    """The tier and the count of the customer's row, if there is one."""
    with shop.database.read() as session:
        row = session.get(CustomerTier, customer)
        return None if row is None else (row.tier, row.successful_orders)


def changes(shop: Shop, customer: UUID) -> list[tuple[Any, ...]]:
    """The history of the customer's tier, oldest first."""
    with shop.database.read() as session:
        rows = session.scalars(select(TierChange).where(TierChange.customer_id == customer).order_by(TierChange.id))
        return [(row.before, row.after, row.successful_orders, row.reason) for row in rows]


def repair(shop: Shop, thresholds: Thresholds = THRESHOLDS) -> Repair:
    """What the worker does every day."""
    return recount_all(shop.database, shop.cache, thresholds=thresholds)
