"""Acts of the cast, as one transaction each, the way the counter performs them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models import Category, Order
from services.catalogue.products import changing, removing
from services.catalogue.products.changing import ProductChange
from services.idempotency import Request
from services.orders.placing import Line, place_order
from services.orders.pricing_placed import Terms
from tests.support import actor_for
from wiring import Shop


def place(
    shop: Shop,
    who: str,
    *lines: tuple[UUID, int],
    customer: UUID | None = None,
    request: Request | None = None,
    region: str | None = None,
    codes: Sequence[str] = (),
    time_zone: str = "UTC",
) -> UUID:
    """Places an order of (product, quantity) lines, in a region other than the home region, and returns its id."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        return place_order(
            session,
            [Line(product, quantity) for product, quantity in lines],
            actor=actor,
            customer_id=customer,
            cache=shop.cache,
            request=request,
            verified_only=True,
            terms=Terms(time_zone, region, codes),
        )


def order_with_lines(shop: Shop, order_id: UUID) -> Order:
    """The order with its lines and its history."""
    load = [selectinload(Order.items), selectinload(Order.history)]
    with shop.database.read() as session:
        return session.get_one(Order, order_id, options=load)


def change(shop: Shop, who: str, product: UUID, **wanted: Any) -> None:
    """Changes a product: change(shop, "dana", product, price=Decimal(1))."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        changing.update_product(session, product, ProductChange(**wanted), actor=actor, cache=shop.cache)


def remove(shop: Shop, who: str, product: UUID) -> None:
    """Takes a product out of the shop."""
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        removing.delete_product(session, product, actor=actor, cache=shop.cache)


def category_id(shop: Shop, slug: str) -> UUID:
    """The id of the category with this slug."""
    with shop.database.read() as session:
        return session.scalars(select(Category.id).where(Category.slug == slug)).one()
