"""Making products."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
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
from services.catalogue.products import product_values as values
from services.catalogue.products.brands import find_or_make_brand
from services.catalogue.products.families import Option, values_in_family
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_records import audited, refusing_what_is_taken
from services.catalogue.shelves.categories import get_category
from services.catalogue.stock.stock import write_movement
from services.catalogue.tags import FAMILIES
from services.catalogue.tree_lock import share_tree
from utils import clock
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput
from utils.ids import new_id


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """What a new product is to be; only price and stock must be given."""

    price: Decimal
    stock_count: int
    name: str | None = None
    slug: str | None = None
    description: str | None = None
    unit: str | None = None
    category_id: UUID | None = None
    status: ProductStatus = ProductStatus.PUBLISHED
    brand: str | None = None
    sku: str | None = None
    barcode: str | None = None
    tags: Sequence[str] = ()
    tax_class: TaxClass = TaxClass.STANDARD
    content_amount: Decimal | None = None
    content_unit: ContentUnit | None = None
    publish_from: datetime | None = None
    publish_until: datetime | None = None
    family_id: UUID | None = None
    options: Sequence[Option] = ()
    low_stock_at: int | None = None


def create_product(session: Session, draft: ProductDraft, *, actor: Actor, cache: Cache, currency: str) -> UUID:
    """Makes a product, puts its stock into the ledger and its price into the history, and returns its id.

    Refuses bad values, an unknown category or family (INVALID_INPUT), staff of another department than the category's
    (FORBIDDEN), and a slug, SKU, barcode or options that another product has (CONFLICT).
    """
    share_tree(session)
    category = get_category(session, category_id=draft.category_id)
    actor.require_department(category.department_id)
    product_id, moment = new_id(), clock.now()
    product = _plain(draft, product_id, currency) | {
        "id": product_id,
        "category_id": category.id,
        "created_at": moment,
        "updated_at": moment,
        "brand_id": None if draft.brand is None else find_or_make_brand(session, draft.brand),
        **_in_family(session, draft, product_id),
    }
    product["slug"] = _insert(session, draft, product)
    _write_first(session, product, actor)
    audit.note(session, AuditAction.PRODUCT_CREATED, product_id, actor_id=actor.id, after=audited(product))
    joined = [] if draft.family_id is None else [FAMILIES]
    announce(session, cache, products=[product_id], categories=[category.id], also=joined)
    record_product_changed(session, product_id)
    return product_id


def announce_again(session: Session, product_id: UUID, *, cache: Cache) -> None:
    """Announces a product that was made before, for the repetition of the request (see `idempotency.begin`).

    It is announced where it stands now: whoever moved it from where it was made has taken it out of those lists.
    """
    stands_in = session.scalars(select(Product.category_id).where(Product.id == product_id)).all()
    announce(session, cache, products=[product_id], categories=stands_in, also=[FAMILIES])


def _plain(draft: ProductDraft, product_id: UUID, currency: str) -> dict[str, Any]:
    """What needs no look at anything else."""
    name = f"Product {product_id.hex[-12:]}" if draft.name is None else draft.name
    content_amount, content_unit = values.checked_content(draft.content_amount, draft.content_unit)
    publish_from, publish_until = values.checked_times(draft.publish_from, draft.publish_until)
    return {
        "name": values.checked_name(name),
        "description": values.checked_description(draft.description or ""),
        "unit": values.checked_unit("each" if draft.unit is None else draft.unit),
        "price": values.checked_price(draft.price, currency),
        "currency": currency,
        "stock_count": values.checked_stock(draft.stock_count),
        "status": draft.status,
        "sku": None if draft.sku is None else values.checked_sku(draft.sku),
        "barcode": None if draft.barcode is None else values.checked_barcode(draft.barcode),
        "tags": values.checked_tags(draft.tags),
        "tax_class": draft.tax_class,
        "content_amount": content_amount,
        "content_unit": content_unit,
        "publish_from": publish_from,
        "publish_until": publish_until,
        "low_stock_at": None if draft.low_stock_at is None else values.checked_low_stock(draft.low_stock_at),
    }


def _in_family(session: Session, draft: ProductDraft, product_id: UUID) -> dict[str, Any]:
    if draft.family_id is None:
        if draft.options:
            raise InvalidInput("options need a family.", field="options")
        return {"family_id": None, "option_values": []}
    chosen = values_in_family(session, draft.family_id, draft.options, product_id=product_id)
    return {"family_id": draft.family_id, "option_values": chosen}


def _insert(session: Session, draft: ProductDraft, product: dict[str, Any]) -> str:
    """Writes the product under the slug that was asked for, or the first of its own that is free; returns the slug."""
    if draft.slug is not None:
        slugs = [values.checked_slug(draft.slug)]
    else:
        # Two products may bear one name; the second one's slug ends in the random part of its id.
        base = values.slug_of(product["name"])
        slugs = [base, f"{base}-{product['id'].hex[-12:]}"]
    for slug in slugs:
        claim = insert(Product).values(**product, slug=slug).on_conflict_do_nothing(index_elements=[Product.slug])
        with refusing_what_is_taken():
            if session.execute(claim.returning(Product.id)).first() is not None:
                return slug
    if draft.slug is not None:
        raise Conflict("Another product has this slug.", field="slug")
    raise InvalidInput("A product with this name exists.", field="name")


def _write_first(session: Session, product: dict[str, Any], actor: Actor) -> None:
    """The first rows of the product's ledger and of its history of prices."""
    write_movement(
        session,
        product_id=product["id"],
        quantity=product["stock_count"],
        reason=MovementReason.INITIAL,
        actor_id=actor.id,
    )
    write_price(
        session,
        product_id=product["id"],
        price=product["price"],
        currency=product["currency"],
        effective_from=product["created_at"],
        reason=PriceReason.INITIAL,
        actor_id=actor.id,
    )
