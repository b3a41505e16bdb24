"""Moving an order on: paid, cancelled or refunded, and what follows from each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.audit_entry import AuditAction
from models.order import OrderStatus
from models.user import Right
from services import events
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.stock.giving_back import give_back
from services.pricing.discounts.uses import give_back_uses
from services.pricing.tags import DISCOUNTS, customer_tag
from utils import clock
from utils.cache import Cache
from utils.database import run
from utils.errors import Conflict, NotFound

ORDER_STATUS_CHANGED = "order.status_changed"

# What an order may become. There is no way back, so that an order has each status once at the most.
ALLOWED: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.CANCELLED, OrderStatus.REFUNDED}),
    OrderStatus.CANCELLED: frozenset(),
    OrderStatus.REFUNDED: frozenset(),
}

# Of two who move one order the second waits, and judges by what the first one left.
_LOCK = "SELECT customer_id, status FROM orders WHERE id = %(id)s FOR NO KEY UPDATE"
_MOVE = """
WITH moved AS (
    UPDATE orders SET status = %(status)s, updated_at = %(moment)s WHERE id = %(id)s
)
INSERT INTO order_steps (order_id, status, actor_id, created_at)
VALUES (%(id)s, %(status)s, %(actor_id)s, %(moment)s)
"""
_PIECES = """
SELECT product_id, quantity, category_id FROM order_items JOIN products ON products.id = product_id
WHERE order_id = %(id)s
"""


def record_order_status(session: Session, order_id: UUID, status: OrderStatus, *, actor: Actor, cache: Cache) -> None:
    """Records that the order is paid, cancelled or refunded; no money moves by it.

    Pending orders become paid or cancelled, paid ones cancelled or refunded. A cancelled order gives its pieces back to
    the stock and its uses back to discounts and codes; of a refunded one the goods stay where they are. Locks: the
    order, its products by id, discounts. The status that the order has already is no change: so a repetition whose
    first answer was lost is harmless. The event `order.status_changed` tells the worker, who counts the customer's
    tier; the audit log has who did it.

    Refuses an actor without the right ORDERS, or REFUNDS for refunded (FORBIDDEN); an unknown order (NOT_FOUND); a
    status that the order cannot come to from the one it has (CONFLICT).
    """
    actor.require(Right.REFUNDS if status is OrderStatus.REFUNDED else Right.ORDERS)
    order = run(session, _LOCK, {"id": order_id}).first()
    if order is None:
        raise NotFound("There is no such order.", field="orderId")
    before = OrderStatus(order.status)
    if status is before:
        _announce_again(session, order_id, order.customer_id, status, cache)
        return
    if status not in ALLOWED[before]:
        raise Conflict(f"An order that is {before.value} cannot become {status.value}.", field="status")
    moved = {"id": order_id, "status": status.value, "actor_id": actor.id, "moment": clock.now()}
    run(session, _MOVE, moved)
    if status is OrderStatus.CANCELLED:
        _give_back(session, order_id, order.customer_id, actor, cache)
    told = {"orderId": str(order_id), "customerId": str(order.customer_id), "status": status.value}
    events.record(session, ORDER_STATUS_CHANGED, told)
    audit.note(
        session,
        AuditAction.ORDER_STATUS_RECORDED,
        order_id,
        actor_id=actor.id,
        before={"status": before.value},
        after={"status": status.value},
    )


def _give_back(session: Session, order_id: UUID, customer_id: UUID, actor: Actor, cache: Cache) -> None:
    pieces = {row.product_id: row.quantity for row in _pieces(session, order_id)}
    came_back_in = give_back(session, pieces, order_id=order_id, actor_id=actor.id)
    give_back_uses(session, cache, order_id=order_id)
    # For discounts on first orders, the customer may never have ordered by now.
    announce(session, cache, products=list(pieces), stocked=came_back_in, also=[customer_tag(customer_id)])


def _announce_again(session: Session, order_id: UUID, customer_id: UUID, status: OrderStatus, cache: Cache) -> None:
    """What cancelling the order announced, for its repetition (see `idempotency.begin`)."""
    if status is OrderStatus.CANCELLED:
        pieces = _pieces(session, order_id)
        # Which of them came back into stock, only the first one knew.
        stocked = {row.category_id for row in pieces}
        also = [DISCOUNTS, customer_tag(customer_id)]
        announce(session, cache, products=[row.product_id for row in pieces], stocked=stocked, also=also)


def _pieces(session: Session, order_id: UUID) -> list[Any]:
    return list(run(session, _PIECES, {"id": order_id}).all())
