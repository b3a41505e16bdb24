"""What staff do about discounts, as one transaction each, and what comes of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from models import Discount, DiscountCode, DiscountCustomer, DiscountTarget, DiscountUse
from models.discount import DiscountClass, DiscountKind
from services.accounts.actor import Actor
from services.pricing.calculating.facts import Targets
from services.pricing.discounts import changing, code_making, making, naming
from services.pricing.discounts.code_making import CodesDraft
from services.pricing.discounts.drafts import Amount, DiscountChange, DiscountDraft
from tests.support import ADMIN
from utils import clock
from wiring import Shop

# One of each kind with no more than it must have.
LEAST: dict[str, dict[str, Any]] = {
    "percent": {"kind": DiscountKind.PERCENT, "percent": Decimal(10)},
    "amount": {"kind": DiscountKind.AMOUNT, "amounts": [Amount(Decimal(5), "USD")]},
    "buy": {"kind": DiscountKind.BUY_X_GET_Y, "buy_quantity": 2, "get_quantity": 1},
    "free": {"kind": DiscountKind.FREE_SHIPPING},
}
ORDER = {"applies_to": DiscountClass.ORDER}


def draft(**wanted: Any) -> DiscountDraft:
    """A discount of ten percent off all goods, but for what is said."""
    least = {} if "kind" in wanted else LEAST["percent"]
    return DiscountDraft(**{"name": "Offer", **least, **wanted})


def create(shop: Shop, *, actor: Actor = ADMIN, **wanted: Any) -> UUID:
    """Makes a discount and returns its id."""
    with shop.database.write() as session:
        return making.create_discount(session, draft(**wanted), actor=actor, cache=shop.cache)


def update(shop: Shop, discount: UUID, *, actor: Actor = ADMIN, **wanted: Any) -> None:
    """Changes a discount."""
    with shop.database.write() as session:
        changing.update_discount(session, discount, DiscountChange(**wanted), actor=actor, cache=shop.cache)


def delete(shop: Shop, discount: UUID, *, actor: Actor = ADMIN) -> None:
    """Removes a discount."""
    with shop.database.write() as session:
        changing.delete_discount(session, discount, actor=actor, cache=shop.cache)


def add_codes(
    shop: Shop, discount: UUID, *codes: str, actor: Actor = ADMIN, version: int | None = None, **generated: Any
) -> UUID:
    """Adds these codes, or generates some: add_codes(shop, sale, count=3, prefix="A-")."""
    said = CodesDraft(codes=None if "count" in generated else codes, **generated)
    with shop.database.write() as session:
        return code_making.add_codes(session, discount, said, version=version, actor=actor, cache=shop.cache)


def remove_code(shop: Shop, code: UUID, *, actor: Actor = ADMIN) -> UUID:
    """Takes a code back."""
    with shop.database.write() as session:
        return code_making.remove_code(session, code, actor=actor, cache=shop.cache)


def set_customers(
    shop: Shop,
    discount: UUID,
    *,
    add: Sequence[UUID] = (),
    remove: Sequence[UUID] = (),
    actor: Actor = ADMIN,
    version: int | None = None,
) -> None:
    """Names customers."""
    with shop.database.write() as session:
        naming.set_customers(session, discount, add=add, remove=remove, version=version, actor=actor, cache=shop.cache)


def use(shop: Shop, discount: UUID, order: UUID, customer: UUID, code: UUID | None = None) -> None:
    """Writes that an order used the discount, without counting it anywhere."""
    row = DiscountUse(
        discount_id=discount,
        order_id=order,
        customer_id=customer,
        code_id=code,
        amount=Decimal(1),
        created_at=clock.now(),
    )
    with shop.database.write() as session:
        session.add(row)


def row_of(shop: Shop, discount: UUID) -> Discount:
    """The discount's row."""
    with shop.database.read() as session:
        return session.get_one(Discount, discount)


def targets_in(shop: Shop, discount: UUID) -> set[tuple[str, str, UUID]]:
    """The rows of its targets: side, kind and id."""
    with shop.database.read() as session:
        rows = session.scalars(select(DiscountTarget).where(DiscountTarget.discount_id == discount))
        kinds = ("product_id", "category_id", "collection_id", "brand_id")
        return {(row.side, kind, getattr(row, kind)) for row in rows for kind in kinds if getattr(row, kind)}


def codes_in(shop: Shop, discount: UUID) -> list[DiscountCode]:
    """Its codes in the order they were added."""
    with shop.database.read() as session:
        chosen = select(DiscountCode).where(DiscountCode.discount_id == discount).order_by(DiscountCode.id)
        return list(session.scalars(chosen))


def named_in(shop: Shop, discount: UUID) -> set[UUID]:
    """The customers whom it names."""
    with shop.database.read() as session:
        named = select(DiscountCustomer.customer_id).where(DiscountCustomer.discount_id == discount)
        return set(session.scalars(named))


def goods(*products: UUID, **more: Sequence[UUID]) -> Targets:
    """Targets: goods(tea, categories=[fruit])."""
    return Targets(products=frozenset(products), **{name: frozenset(ids) for name, ids in more.items()})
