"""Reading orders: one's own, or all of them for staff."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from models import Order
from services.accounts.actor import Actor
from utils.errors import InvalidInput

MOST_ORDERS = 100


def find_order(session: Session, order_id: UUID, *, actor: Actor, load: Sequence[ORMOption] = ()) -> Order | None:
    """The order with this id; None when there is none, and just so when it is somebody else's."""
    chosen = select(Order).where(Order.id == order_id).options(*load)
    if not actor.is_staff:
        chosen = chosen.where(Order.customer_id == actor.id)
    return session.scalars(chosen).one_or_none()


def list_orders(session: Session, *, actor: Actor, first: int, load: Sequence[ORMOption] = ()) -> Sequence[Order]:
    """The newest orders, at most `first` (1 to 100): the actor's own, or everybody's for staff."""
    if not 1 <= first <= MOST_ORDERS:
        raise InvalidInput(f"first must be from 1 to {MOST_ORDERS}.", field="first")
    chosen = select(Order).order_by(Order.created_at.desc(), Order.id.desc()).limit(first).options(*load)
    if not actor.is_staff:
        chosen = chosen.where(Order.customer_id == actor.id)
    return session.scalars(chosen).all()
