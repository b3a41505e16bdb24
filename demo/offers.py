"""The discounts of the demo shop: at least one of each kind, most with a condition, each of another sort."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from demo.goods import NAMESPACE
from models import Category, Discount, DiscountCode, DiscountTarget
from models.discount import DiscountClass, DiscountKind, Tier
from utils import clock

# A code that the documentation names, and the codes of all that need one, by the name of the discount.
FIRST_ORDER_CODE = "HELLO10"
_CODES = {"Ten percent off a first order": FIRST_ORDER_CODE, "Five off from 60.00 on": "FIVE-OFF"}

_FRIDAY, _FOUR, _EIGHT = 4, 16 * 60, 20 * 60
_WITH_ALL = [each.value for each in DiscountClass]
# By name: what it is, and the categories it is for (all goods if none).
_OFFERS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "Gold customers: 5 % off frozen food": (
        {
            "kind": DiscountKind.PERCENT,
            "applies_to": DiscountClass.PRODUCT,
            "percent": "5",
            "tiers": [Tier.GOLD.value],
            "combines_with": _WITH_ALL,
        },
        ("frozen-foods",),
    ),
    "Ice cream on Fridays, 16 to 20": (
        {
            "kind": DiscountKind.PERCENT,
            "applies_to": DiscountClass.PRODUCT,
            "percent": "20",
            "windows": [[_FRIDAY, _FOUR, _EIGHT]],
            "combines_with": _WITH_ALL,
        },
        ("ice-cream",),
    ),
    "Three for two on tins and jars": (
        {
            "kind": DiscountKind.BUY_X_GET_Y,
            "applies_to": DiscountClass.PRODUCT,
            "percent": "100",
            "buy_quantity": 2,
            "get_quantity": 1,
            "combines_with": [DiscountClass.ORDER.value, DiscountClass.SHIPPING.value],
        },
        ("tins-and-jars",),
    ),
    "By the crate: 6 bottles 5 %, 12 bottles 10 %": (
        {
            "kind": DiscountKind.QUANTITY_STEPS,
            "applies_to": DiscountClass.PRODUCT,
            "steps": [[6, "5"], [12, "10"]],
            "combines_with": [DiscountClass.ORDER.value, DiscountClass.SHIPPING.value],
        },
        ("juices-and-soft-drinks",),
    ),
    "Ten percent off a first order": (
        {
            "kind": DiscountKind.PERCENT,
            "applies_to": DiscountClass.ORDER,
            "percent": "10",
            "needs_code": True,
            "first_order_only": True,
            "per_customer_limit": 1,
            "combines_with": _WITH_ALL,
        },
        (),
    ),
    "Five off from 60.00 on": (
        {
            "kind": DiscountKind.AMOUNT,
            "applies_to": DiscountClass.ORDER,
            "amounts": {"USD": "5.00", "EUR": "5.00"},
            "min_amounts": {"USD": "60.00", "EUR": "60.00"},
            "needs_code": True,
            "total_limit": 100,
            "combines_with": _WITH_ALL,
        },
        (),
    ),
    "Free delivery in Germany from 49.00": (
        {
            "kind": DiscountKind.FREE_SHIPPING,
            "applies_to": DiscountClass.SHIPPING,
            "region_codes": ["DE"],
            "min_amounts": {"EUR": "49.00"},
            "combines_with": _WITH_ALL,
        },
        (),
    ),
}


def add_missing_offers(session: Session) -> bool:
    """Adds the discounts that are not there; says whether any was added. One whose categories are gone is left out."""
    return sum(_add(session, name, said, slugs) for name, (said, slugs) in _OFFERS.items()) > 0


def _add(session: Session, name: str, said: dict[str, Any], slugs: tuple[str, ...]) -> bool:
    categories = list(session.scalars(select(Category.id).where(Category.slug.in_(slugs))))
    if len(categories) < len(slugs):
        return False
    discount_id, moment = uuid5(NAMESPACE, f"discount:{name}"), clock.now()
    row = insert(Discount).values(
        id=discount_id, name=name, all_goods=not slugs, created_at=moment, updated_at=moment, **said
    )
    if session.execute(row.on_conflict_do_nothing().returning(Discount.id)).first() is None:
        return False
    if categories:
        session.execute(insert(DiscountTarget), [_target(discount_id, each) for each in categories])
    if said.get("needs_code"):
        code = insert(DiscountCode).values(
            id=uuid5(NAMESPACE, f"code:{_CODES[name]}"),
            discount_id=discount_id,
            code=_CODES[name],
            created_at=moment,
        )
        session.execute(code.on_conflict_do_nothing())
    return True


def _target(discount_id: UUID, category_id: UUID) -> dict[str, UUID]:
    return {
        "id": uuid5(discount_id, str(category_id)),
        "discount_id": discount_id,
        "category_id": category_id,
    }
