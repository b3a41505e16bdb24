"""The orders of one person, whole, for that person's copy of all data."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import Discount, DiscountCode, DiscountUse, Order, OrderItem, OrderPricing, OrderStep
from services.accounts.exporting import in_schema, plain
from utils.money import rounded

_Rows = Select[*tuple[Any, ...]]


def export_orders(session: Session, *, customer_id: UUID) -> list[dict[str, Any]]:
    """Every order of this customer with its lines, discounts and history, the oldest first; four statements for all.

    Amounts are exact strings in the order's currency ("29.99"), ids strings, times ISO 8601 in UTC. `pricedFor` is what
    discounts knew of the person at that moment, such as the tier; null for orders of before there were any. All of it
    stands in memory at once: about 5 kB for each order of two lines.
    """
    orders = {row.id: _order(row) for row in session.execute(_orders(customer_id))}
    for line in _of_known(session, _lines(customer_id), orders):
        order = orders[line.order_id]
        order["items"].append(_line(line, order["currency"]))
    for use in _of_known(session, _uses(customer_id), orders):
        order = orders[use.order_id]
        order["discounts"].append(_use(use, order["currency"]))
    for step in _of_known(session, _steps(customer_id), orders):
        orders[step.order_id]["history"].append(
            {"status": step.status, "byYou": step.actor_id == customer_id, "createdAt": plain(step.created_at)}
        )
    return list(orders.values())


def _of_known(session: Session, chosen: _Rows, orders: dict[UUID, Any]) -> Iterator[Any]:
    # An order may be placed between the statements; it comes whole the next time.
    return (row for row in session.execute(chosen) if row.order_id in orders)


def _order(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": row.number,
        "customerId": str(row.customer_id),
        "status": row.status,
        "currency": row.currency,
        "regionCode": row.region_code,
        **_amounts(row, row.currency, "total_amount", "net_goods", "net_shipping", "tax_total", "discount_total"),
        "pricedFor": row.priced_for and {in_schema(name): value for name, value in row.priced_for.items()},
        "createdAt": plain(row.created_at),
        "updatedAt": plain(row.updated_at),
        "items": [],
        "discounts": [],
        "history": [],
    }


def _line(row: Any, currency: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "productId": str(row.product_id),
        "productName": row.product_name,
        "quantity": row.quantity,
        **_amounts(row, currency, "price_at_purchase", "line_total", "discount_total", "net_total", "tax_total"),
    }


def _use(row: Any, currency: str) -> dict[str, Any]:
    return {
        "discountId": str(row.discount_id),
        "name": row.name,
        "code": row.code,
        **_amounts(row, currency, "amount"),
        "createdAt": plain(row.created_at),
    }


def _amounts(row: Any, currency: str, *columns: str) -> dict[str, str]:
    return {in_schema(each): str(rounded(getattr(row, each), currency)) for each in columns}


def _orders(customer_id: UUID) -> _Rows:
    return (
        select(
            Order.id,
            Order.number,
            Order.customer_id,
            Order.status,
            Order.currency,
            Order.region_code,
            Order.total_amount,
            Order.net_goods,
            Order.net_shipping,
            Order.tax_total,
            Order.discount_total,
            OrderPricing.inputs["customer"].label("priced_for"),
            Order.created_at,
            Order.updated_at,
        )
        .outerjoin(OrderPricing, OrderPricing.order_id == Order.id)
        .where(Order.customer_id == customer_id)
        .order_by(Order.created_at, Order.id)
    )


def _lines(customer_id: UUID) -> _Rows:
    return (
        select(
            OrderItem.order_id,
            OrderItem.id,
            OrderItem.product_id,
            OrderItem.product_name,
            OrderItem.quantity,
            OrderItem.price_at_purchase,
            OrderItem.line_total,
            OrderItem.discount_total,
            OrderItem.net_total,
            OrderItem.tax_total,
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(Order.customer_id == customer_id)
        .order_by(OrderItem.order_id, OrderItem.position)
    )


def _steps(customer_id: UUID) -> _Rows:
    return (
        select(OrderStep.order_id, OrderStep.status, OrderStep.actor_id, OrderStep.created_at)
        .join(Order, Order.id == OrderStep.order_id)
        .where(Order.customer_id == customer_id)
        .order_by(OrderStep.id)
    )


def _uses(customer_id: UUID) -> _Rows:
    return (
        select(
            DiscountUse.order_id,
            DiscountUse.discount_id,
            Discount.name,
            DiscountCode.code,
            DiscountUse.amount,
            DiscountUse.created_at,
        )
        .join(Discount, Discount.id == DiscountUse.discount_id)
        .outerjoin(DiscountCode, DiscountCode.id == DiscountUse.code_id)
        .where(DiscountUse.customer_id == customer_id)
        .order_by(DiscountUse.order_id, DiscountUse.discount_id)
    )
