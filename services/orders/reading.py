"""Reading orders: one's own, or all of them for staff with the right READ."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from models import Order
from models.user import Right
from services.accounts.actor import Actor
from utils.errors import InvalidInput

MOST_ORDERS = 100


def find_order(session: Session, order_id: UUID, *, actor: Actor, load: tuple[ORMOption, ...] = ()) -> Order | None:
    """The order with this id; None when there is none, and just so when it is somebody else's."""
    values = {"order_id": order_id, "actor_id": actor.id}
    return session.scalars(_one(load, own=not actor.may(Right.READ)), values).one_or_none()


def find_placed_order(session: Session, order_id: UUID, *, load: tuple[ORMOption, ...] = ()) -> Order | None:
    """The order with this id, whosoever it is: for the answer to whoever has just placed it."""
    return session.scalars(_one(load, own=False), {"order_id": order_id}).one_or_none()


def list_orders(session: Session, *, actor: Actor, first: int, load: tuple[ORMOption, ...] = ()) -> Sequence[Order]:
    """The newest orders, at most `first` (1 to 100): one's own, or everybody's for staff with the right READ."""
    if not 1 <= first <= MOST_ORDERS:
        raise InvalidInput(f"first must be from 1 to {MOST_ORDERS}.", field="first")
    return session.scalars(_newest(load, own=not actor.may(Right.READ)), {"first": first, "actor_id": actor.id}).all()


# Built once for each way of loading: building a statement costs as much as running it.
@lru_cache(maxsize=64)
def _one(load: tuple[ORMOption, ...], *, own: bool) -> Select[Order]:
    return _visible(select(Order).where(Order.id == bindparam("order_id")), own).options(*load)


@lru_cache(maxsize=64)
def _newest(load: tuple[ORMOption, ...], *, own: bool) -> Select[Order]:
    newest = select(Order).order_by(Order.created_at.desc(), Order.id.desc()).limit(bindparam("first"))
    return _visible(newest, own).options(*load)


def _visible(chosen: Select[Order], own: bool) -> Select[Order]:
    return chosen.where(Order.customer_id == bindparam("actor_id")) if own else chosen
