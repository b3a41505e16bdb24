"""Changing products."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Product
from models.audit_entry import AuditAction
from models.price import PriceReason
from models.product import ContentUnit, ProductStatus, TaxClass
from models.stock_movement import MovementReason
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.prices.price_history import write_price
from services.catalogue.prices.settling import settle_locked
from services.catalogue.products import product_values as values
from services.catalogue.products.brands import find_or_make_brand
from services.catalogue.products.families import Option, values_in_family
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_records import AUDITED, audited, moves_in_lists, refusing_what_is_taken
from services.catalogue.products.versions import require_version
from services.catalogue.shelves.categories import get_category
from services.catalogue.stock.stock import write_change
from services.catalogue.tags import FAMILIES
from services.catalogue.tree_lock import share_tree
from utils import clock
from utils.cache import Cache
from utils.errors import InvalidInput, NotFound
from utils.left_out import LEFT_OUT, LeftOut


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What is to change of a product. Left out, or None where a product cannot be without it: stays as it is."""

    price: Decimal | None = None
    stock_count: int | None = None
    name: str | None = None
    slug: str | None = None
    description: str | None = None
    unit: str | None = None
    category_id: UUID | None = None
    status: ProductStatus | None = None
    tags: Sequence[str] | None = None
    tax_class: TaxClass | None = None
    options: Sequence[Option] | None = None
    # None takes these away.
    brand: str | LeftOut | None = LEFT_OUT
    sku: str | LeftOut | None = LEFT_OUT
    barcode: str | LeftOut | None = LEFT_OUT
    content_amount: Decimal | LeftOut | None = LEFT_OUT
    content_unit: ContentUnit | LeftOut | None = LEFT_OUT
    publish_from: datetime | LeftOut | None = LEFT_OUT
    publish_until: datetime | LeftOut | None = LEFT_OUT
    family_id: UUID | LeftOut | None = LEFT_OUT
    low_stock_at: int | LeftOut | None = LEFT_OUT
    # Which version of the product was looked at; None for whatever it is.
    version: int | None = None


def update_product(session: Session, product_id: UUID, change: ProductChange, *, actor: Actor, cache: Cache) -> None:
    """Changes a product under its lock; a new stock becomes a movement of the ledger, a new price a row of the history.

    Refuses an unknown product (NOT_FOUND), bad values, an unknown category or family (INVALID_INPUT), staff of another
    department than the product's, or than the one it moves to (FORBIDDEN), a version that is not the present one, and
    a slug, SKU, barcode or options that another product has (CONFLICT).
    """
    share_tree(session)
    product = lock_product(session, product_id, actor=actor)
    moment = clock.now()
    # What is due counts as looked at by nobody: the version rises with it.
    if change.price is not None and settle_locked(session, cache, [product_id], moment=moment):
        session.refresh(product)
    require_version(product.version, change.version)
    before = audited(product)
    with refusing_what_is_taken():
        _apply_all(session, product, change, actor)
        product.updated_at = moment
        product.version += 1
        session.flush()
    came_or_went = _write_changes(session, product, before, actor)
    now = audited(product)
    note_change(session, product, before=before, actor=actor)
    joined = any(before[name] != now[name] for name in ("family_id", "option_values"))
    listed = {UUID(before["category_id"]), product.category_id} if moves_in_lists(before, now) else set()
    announce(
        session,
        cache,
        products=[product_id],
        categories=listed,
        stocked=[product.category_id] if came_or_went else (),
        also=[FAMILIES] if joined else (),
    )
    # Nobody outside is told of the stock.
    if replace(change, stock_count=None, version=None) != ProductChange():
        record_product_changed(session, product_id)


def lock_product(session: Session, product_id: UUID, *, actor: Actor) -> Product:
    """The product, locked. Refuses an unknown one (NOT_FOUND), and staff of another department (FORBIDDEN)."""
    chosen = select(Product).where(Product.id == product_id).with_for_update(key_share=True)
    product = session.scalars(chosen).one_or_none()
    if product is None:
        raise NotFound("There is no such product.", field="productId")
    actor.require_department(get_category(session, category_id=product.category_id).department_id)
    return product


def note_change(session: Session, product: Product, *, before: dict[str, Any], actor: Actor) -> None:
    """Notes what is otherwise than before, and nothing else; writes the product first."""
    now = audited(product)
    differing = [name for name in AUDITED if before[name] != now[name]]
    withdrawn = "status" in differing and product.status == ProductStatus.WITHDRAWN
    audit.note(
        session,
        AuditAction.PRODUCT_WITHDRAWN if withdrawn else AuditAction.PRODUCT_CHANGED,
        product.id,
        actor_id=actor.id,
        before={name: before[name] for name in differing},
        after={name: now[name] for name in differing},
    )


def _apply_all(session: Session, product: Product, change: ProductChange, actor: Actor) -> None:
    # All of it is written at once, and not in part before a look at something else.
    with session.no_autoflush:
        _move(session, product, change, actor)
        _apply(product, change)
        _apply_optional(session, product, change)
        _join(session, product, change)


def _move(session: Session, product: Product, change: ProductChange, actor: Actor) -> None:
    if change.category_id is not None:
        category = get_category(session, category_id=change.category_id)
        actor.require_department(category.department_id)
        product.category_id = category.id


def _apply(product: Product, change: ProductChange) -> None:
    """What a product is never without."""
    given: dict[str, Any] = {
        "price": change.price is not None and values.checked_price(change.price, product.currency),
        "stock_count": change.stock_count is not None and values.checked_stock(change.stock_count),
        "name": change.name is not None and values.checked_name(change.name),
        "slug": change.slug is not None and values.checked_slug(change.slug),
        "description": change.description is not None and values.checked_description(change.description),
        "unit": change.unit is not None and values.checked_unit(change.unit),
        "status": change.status,
        "tags": change.tags is not None and values.checked_tags(change.tags),
        "tax_class": change.tax_class,
    }
    for name, value in given.items():
        if getattr(change, name) is not None:
            setattr(product, name, value)


def _apply_optional(session: Session, product: Product, change: ProductChange) -> None:
    """What a product can be without."""
    if not isinstance(change.brand, LeftOut):
        product.brand_id = None if change.brand is None else find_or_make_brand(session, change.brand)
    if not isinstance(change.sku, LeftOut):
        product.sku = None if change.sku is None else values.checked_sku(change.sku)
    if not isinstance(change.barcode, LeftOut):
        product.barcode = None if change.barcode is None else values.checked_barcode(change.barcode)
    if not isinstance(change.low_stock_at, LeftOut):
        low = change.low_stock_at
        product.low_stock_at = None if low is None else values.checked_low_stock(low)
    begin = product.publish_from if isinstance(change.publish_from, LeftOut) else change.publish_from
    end = product.publish_until if isinstance(change.publish_until, LeftOut) else change.publish_until
    product.publish_from, product.publish_until = values.checked_times(begin, end)
    product.content_amount, product.content_unit = values.checked_content(*_content(product, change))


def _content(product: Product, change: ProductChange) -> tuple[Decimal | None, ContentUnit | None]:
    given = (change.content_amount, change.content_unit)
    if None in given and LEFT_OUT in given:
        return None, None  # the one does not stay without the other
    known = None if product.content_unit is None else ContentUnit(product.content_unit)
    return (
        product.content_amount if isinstance(change.content_amount, LeftOut) else change.content_amount,
        known if isinstance(change.content_unit, LeftOut) else change.content_unit,
    )


def _join(session: Session, product: Product, change: ProductChange) -> None:
    """Puts the product into a family, takes it out of its own, or gives it other values there."""
    family_id = product.family_id if isinstance(change.family_id, LeftOut) else change.family_id
    if family_id is None:
        if change.options:
            raise InvalidInput("options need a family.", field="options")
        product.family_id, product.option_values = None, []
    elif family_id != product.family_id or change.options is not None:
        chosen = values_in_family(session, family_id, change.options or (), product_id=product.id)
        product.family_id, product.option_values = family_id, chosen


def _write_changes(session: Session, product: Product, before: dict[str, Any], actor: Actor) -> bool:
    """The history of its price and the ledger of its stock; says whether it came into stock or went out of it."""
    if product.price != Decimal(before["price"]):
        write_price(
            session,
            product_id=product.id,
            price=product.price,
            currency=product.currency,
            effective_from=product.updated_at,
            reason=PriceReason.CHANGED,
            actor_id=actor.id,
        )
    if product.stock_count == before["stock_count"]:
        return False
    return write_change(
        session,
        product_id=product.id,
        before=before["stock_count"],
        after=product.stock_count,
        low_stock_at=product.low_stock_at,
        reason=MovementReason.ADJUSTMENT,
        actor_id=actor.id,
    )
