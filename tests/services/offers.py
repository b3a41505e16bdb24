"""Discounts as rows of the tables, for tests of what orders make of them; who makes them well is tested elsewhere."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update

from models import Discount, DiscountCode, DiscountTarget
from services.catalogue.changes import announce
from services.pricing.tags import DISCOUNTS
from utils import clock
from utils.ids import new_id
from wiring import Shop

EVERYWHERE = ["product", "order", "shipping"]


def offer(
    shop: Shop,
    *,
    code: str | None = None,
    use_limit: int | None = None,
    targets: Sequence[dict[str, UUID]] = (),
    announced: bool = True,
    **wanted: Any,
) -> UUID:
    """Ten percent off every line that combines with all, or what is `wanted` of it; its id."""
    discount_id, moment = new_id(), clock.now()
    usual: dict[str, Any] = {"kind": "percent", "applies_to": "product", "combines_with": EVERYWHERE}
    if wanted.get("kind", "percent") == "percent":
        usual["percent"] = 10
    values = {"name": "Offer", "all_goods": not targets, "needs_code": code is not None, **usual, **wanted}
    with shop.database.write() as session:
        session.execute(insert(Discount).values(id=discount_id, created_at=moment, updated_at=moment, **values))
        for target in targets:
            session.execute(insert(DiscountTarget).values(id=new_id(), discount_id=discount_id, **target))
        if code is not None:
            row = {"id": new_id(), "discount_id": discount_id, "code": code, "use_limit": use_limit}
            session.execute(insert(DiscountCode).values(created_at=moment, **row))
        if announced:
            announce(session, shop.cache, also=[DISCOUNTS])
    return discount_id


def changed(shop: Shop, discount_id: UUID, *, announced: bool = True, **values: Any) -> None:
    """Changes a discount as staff do, with another version, behind everybody's back or with the cache told of it."""
    with shop.database.write() as session:
        session.execute(
            update(Discount).where(Discount.id == discount_id).values(version=Discount.version + 1, **values)
        )
        if announced:
            announce(session, shop.cache, also=[DISCOUNTS])


def uses_of(shop: Shop, discount_id: UUID) -> tuple[int, list[tuple[UUID, UUID, str]]]:
    """How many uses were counted, and the rows of them: order, customer, how much it took off."""
    chosen = text(
        "SELECT order_id, customer_id, amount::text FROM discount_uses WHERE discount_id = :id ORDER BY created_at"
    )
    with shop.database.read() as session:
        count = session.scalars(select(Discount.used_count).where(Discount.id == discount_id)).one()
        return count, [tuple(row) for row in session.execute(chosen, {"id": discount_id})]
