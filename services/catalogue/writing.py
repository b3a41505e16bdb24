"""Making, changing and withdrawing products."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import OrderItem, Product
from models.audit_entry import AuditAction
from models.product import ProductStatus
from models.stock_movement import MovementReason
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.categories import get_category
from services.catalogue.changes import announce
from services.catalogue.stock import write_movement
from utils import clock, money, text
from utils.cache import Cache
from utils.errors import InvalidInput, NotFound
from utils.ids import new_id

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 10_000
LONGEST_UNIT = 40
LARGEST_STOCK = 1_000_000_000
_LONGEST_SLUG = 80
# What staff decide about a product, as the audit log has it.
_AUDITED = ("name", "description", "unit", "price", "stock_count", "status", "category_id")


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """What a new product is to be; only price and stock must be given."""

    price: Decimal
    stock_count: int
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    category_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What is to change of a product; None leaves a thing as it is."""

    price: Decimal | None = None
    stock_count: int | None = None
    name: str | None = None
    description: str | None = None
    unit: str | None = None
    category_id: UUID | None = None
    status: ProductStatus | None = None

    @property
    def moves_in_lists(self) -> bool:
        """Whether a list may show other products, or in another order, after it."""
        return any(each is not None for each in (self.price, self.name, self.category_id, self.status))


def create_product(session: Session, draft: ProductDraft, *, actor: Actor, cache: Cache, currency: str) -> UUID:
    """Makes a product, puts its stock into the ledger, and returns its id.

    Refuses bad values (INVALID_INPUT) and staff of another department than the category's (FORBIDDEN).
    """
    category = get_category(session, category_id=draft.category_id)
    actor.require_department(category.department_id)
    product_id, moment = new_id(), clock.now()
    name = f"Product {product_id.hex[-12:]}" if draft.name is None else draft.name
    product = {
        "id": product_id,
        "name": text.line(name, "name", longest=LONGEST_NAME),
        "description": text.prose(draft.description or "", "description", longest=LONGEST_DESCRIPTION),
        "unit": text.line("each" if draft.unit is None else draft.unit, "unit", longest=LONGEST_UNIT),
        "price": _checked_price(draft.price, currency),
        "currency": currency,
        "stock_count": _checked_stock(draft.stock_count),
        "status": ProductStatus.PUBLISHED,
        "category_id": category.id,
        "created_at": moment,
        "updated_at": moment,
    }
    _insert(session, product_id, slug_of(name), product)
    write_movement(
        session,
        product_id=product_id,
        quantity=draft.stock_count,
        reason=MovementReason.INITIAL,
        actor_id=actor.id,
    )
    after = {name: _as_json(product[name]) for name in _AUDITED}
    audit.note(session, AuditAction.PRODUCT_CREATED, product_id, actor_id=actor.id, after=after)
    announce(session, cache, products=[product_id], categories=[category.id])
    return product_id


def update_product(session: Session, product_id: UUID, change: ProductChange, *, actor: Actor, cache: Cache) -> None:
    """Changes a product under its lock; a new stock becomes a movement of the ledger.

    Refuses an unknown product (NOT_FOUND), bad values (INVALID_INPUT), and staff of another department than the
    product's, or than the one it moves to (FORBIDDEN).
    """
    product = _locked(session, product_id, actor)
    before = _audited(product)
    shelves = {product.category_id}
    if change.category_id is not None:
        category = get_category(session, category_id=change.category_id)
        actor.require_department(category.department_id)
        product.category_id = category.id
        shelves.add(category.id)
    _apply(product, change)
    product.updated_at = clock.now()
    if change.stock_count is not None:
        difference = _checked_stock(change.stock_count) - product.stock_count
        product.stock_count = change.stock_count
        write_movement(
            session,
            product_id=product_id,
            quantity=difference,
            reason=MovementReason.ADJUSTMENT,
            actor_id=actor.id,
        )
    _note_change(session, product, before, actor)
    announce(session, cache, products=[product_id], categories=shelves if change.moves_in_lists else ())


def delete_product(session: Session, product_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a product that was never ordered; one that was is withdrawn, since orders show it.

    Refuses an unknown product (NOT_FOUND) and staff of another department (FORBIDDEN).
    """
    product = _locked(session, product_id, actor)
    category_id, before = product.category_id, _audited(product)
    if session.scalars(select(exists().where(OrderItem.product_id == product_id))).one():
        product.status = ProductStatus.WITHDRAWN
        product.updated_at = clock.now()
        _note_change(session, product, before, actor)
    else:
        session.execute(delete(Product).where(Product.id == product_id))
        audit.note(session, AuditAction.PRODUCT_REMOVED, product_id, actor_id=actor.id, before=before)
    announce(session, cache, products=[product_id], categories=[category_id])


def slug_of(name: str) -> str:
    """The name as it stands in an address: lower-case letters and digits of ASCII with hyphens between."""
    return text.slug(name, longest=_LONGEST_SLUG) or "product"


def _locked(session: Session, product_id: UUID, actor: Actor) -> Product:
    product = session.scalars(select(Product).where(Product.id == product_id).with_for_update()).one_or_none()
    if product is None:
        raise NotFound("There is no such product.", field="productId")
    actor.require_department(get_category(session, category_id=product.category_id).department_id)
    return product


def _apply(product: Product, change: ProductChange) -> None:
    if change.name is not None:
        product.name = text.line(change.name, "name", longest=LONGEST_NAME)
    if change.description is not None:
        product.description = text.prose(change.description, "description", longest=LONGEST_DESCRIPTION)
    if change.unit is not None:
        product.unit = text.line(change.unit, "unit", longest=LONGEST_UNIT)
    if change.price is not None:
        product.price = _checked_price(change.price, product.currency)
    if change.status is not None:
        product.status = change.status


def _audited(product: Product) -> dict[str, Any]:
    return {name: _as_json(getattr(product, name)) for name in _AUDITED}


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # a string, so that it stays exact; equal prices have one
    return str(value) if isinstance(value, UUID) else value


def _note_change(session: Session, product: Product, before: dict[str, Any], actor: Actor) -> None:
    """Notes what is otherwise than before, and nothing else; writes the product first."""
    now = _audited(product)
    differing = [name for name in _AUDITED if before[name] != now[name]]
    withdrawn = "status" in differing and product.status == ProductStatus.WITHDRAWN
    audit.note(
        session,
        AuditAction.PRODUCT_WITHDRAWN if withdrawn else AuditAction.PRODUCT_CHANGED,
        product.id,
        actor_id=actor.id,
        before={name: before[name] for name in differing},
        after={name: now[name] for name in differing},
    )


def _insert(session: Session, product_id: UUID, base: str, product: dict[str, object]) -> None:
    # Two products may bear one name; the second one's slug ends in the random part of its id.
    for slug in (base, f"{base}-{product_id.hex[-12:]}"):
        claim = insert(Product).values(**product, slug=slug).on_conflict_do_nothing(index_elements=[Product.slug])
        if session.execute(claim.returning(Product.id)).first() is not None:
            return
    raise InvalidInput("A product with this name exists.", field="name")


def _checked_price(price: Decimal, currency: str) -> Decimal:
    if price < 0:
        raise InvalidInput("price must not be negative.", field="price")
    if not money.is_whole_coins(price, currency):
        raise InvalidInput(f"price must have at most {money.exponent(currency)} decimals in {currency}.", field="price")
    return price


def _checked_stock(stock_count: int) -> int:
    if not 0 <= stock_count <= LARGEST_STOCK:
        raise InvalidInput(f"stockCount must be from 0 to {LARGEST_STOCK}.", field="stockCount")
    return stock_count
