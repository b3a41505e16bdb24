"""Filling collections: which products stand in one, and in which order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from models import Collection, CollectionProduct, Product
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.shelves.collections import list_products_in, lock_collection, rise
from services.catalogue.tags import COLLECTIONS
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput

MOST_PRODUCTS = 500


def add_to_collection(
    session: Session,
    collection_id: UUID,
    product_ids: Sequence[UUID],
    *,
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> None:
    """Puts products at a collection's end, in this order; those that stand in it stay where they are.

    Refuses an unknown collection (NOT_FOUND), an unknown product (INVALID_INPUT), and the 501st product and a version
    that is not the present one (CONFLICT).
    """
    collection, before = _held(session, collection_id, version)
    _fill(session, collection, before, [*before, *product_ids], actor)
    announce(session, cache, also=[COLLECTIONS])


def remove_from_collection(
    session: Session,
    collection_id: UUID,
    product_ids: Sequence[UUID],
    *,
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> None:
    """Takes products out of a collection; those that do not stand in it are passed over.

    Refuses an unknown collection (NOT_FOUND), and a version that is not the present one (CONFLICT).
    """
    collection, before = _held(session, collection_id, version)
    out = set(product_ids)
    _fill(session, collection, before, [each for each in before if each not in out], actor)
    announce(session, cache, also=[COLLECTIONS])


def set_collection_products(
    session: Session,
    collection_id: UUID,
    product_ids: Sequence[UUID],
    *,
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> None:
    """Lets exactly these products stand in a collection, in this order.

    Refuses an unknown collection (NOT_FOUND), a product that is unknown or named twice (INVALID_INPUT), and more than
    500 products and a version that is not the present one (CONFLICT).
    """
    collection, before = _held(session, collection_id, version)
    if len(set(product_ids)) < len(product_ids):
        raise InvalidInput("A product stands in a collection only once.", field="productIds")
    _fill(session, collection, before, product_ids, actor)
    announce(session, cache, also=[COLLECTIONS])


def _held(session: Session, collection_id: UUID, version: int | None) -> tuple[Collection, list[UUID]]:
    collection = lock_collection(session, collection_id, version=version)
    return collection, list_products_in(session, collection_id)


def _fill(
    session: Session, collection: Collection, before: Sequence[UUID], wanted: Sequence[UUID], actor: Actor
) -> None:
    """Writes which products stand in the collection; who is named again stands where they were named first.

    Where the order allows it, those that stay keep their positions, so that pages after a cursor go on where they were.
    """
    products = list(dict.fromkeys(wanted))
    if len(products) > MOST_PRODUCTS:
        raise Conflict(f"A collection has at most {MOST_PRODUCTS} products.", field="productIds")
    known = select(Product.id).where(Product.id.in_(products)).order_by(Product.id)
    if len(session.scalars(known.with_for_update(read=True, key_share=True)).all()) < len(products):
        raise InvalidInput("There is no such product.", field="productIds")
    kept, removed, added = _parted(before, products)
    if products == [*kept, *added]:
        _write(session, collection.id, removed, added)
        changed = {"before": {"removed": _said(removed)}, "after": {"added": _said(added)}}
    else:
        _write(session, collection.id, before, products, anew=True)
        changed = {"before": {"products": _said(before)}, "after": {"products": _said(products)}}
    rise(collection)
    audit.note(session, AuditAction.COLLECTION_FILLED, collection.id, actor_id=actor.id, **changed)


def _parted(before: Sequence[UUID], now: Sequence[UUID]) -> tuple[list[UUID], list[UUID], list[UUID]]:
    """Who stayed and who went, in the order before, and who came, in the order now."""
    old, new = set(before), set(now)
    kept, removed = [each for each in before if each in new], [each for each in before if each not in new]
    return kept, removed, [each for each in now if each not in old]


def _write(
    session: Session, collection_id: UUID, removed: Sequence[UUID], added: Sequence[UUID], *, anew: bool = False
) -> None:
    """Takes products out and puts others at the end, behind all positions there were; `anew`: from 0 on."""
    of_it = CollectionProduct.collection_id == collection_id
    last = None if anew else session.scalars(select(func.max(CollectionProduct.position)).where(of_it)).one()
    if removed:
        session.execute(delete(CollectionProduct).where(of_it, CollectionProduct.product_id.in_(removed)))
    rows = [
        {"collection_id": collection_id, "product_id": product_id, "position": place}
        for place, product_id in enumerate(added, 0 if last is None else last + 1)
    ]
    if rows:
        session.execute(insert(CollectionProduct), rows)


def _said(products: Sequence[UUID]) -> list[str]:
    return [str(each) for each in products]
