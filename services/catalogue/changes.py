"""Tells the cache what changed: after the commit at once, and by the outbox if that fails."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Category
from services import events
from services.catalogue.tags import EVERYTHING, list_tag, product_tag, stock_tag
from services.catalogue.tree_lock import share_tree
from utils.cache import Cache
from utils.database import after_commit

CATALOGUE_CHANGED = "catalogue.changed"


def announce(
    session: Session,
    cache: Cache,
    *,
    products: Collection[UUID] = (),
    categories: Collection[UUID] = (),
    stocked: Collection[UUID] = (),
    also: Collection[str] = (),
) -> UUID:
    """Ends, with this transaction's commit, every cached answer made from these products.

    Returns the name under which the cache notes that it did (Cache.is_done).

    `categories` are those in whose lists a product came, went or may stand elsewhere; `stocked` are those in which a
    product came into stock or went out of it. Their ancestors' lists and the list of everything show it too. A change
    of stock alone moves nothing in a list. `also` names what else changed (tags.py).
    """
    if categories or stocked:
        share_tree(session)  # a category that moved after this would bring the product into lists nobody was told of
    lists = _with_ancestors(session, {*categories, *stocked})
    tags = [
        *(product_tag(each) for each in products),
        *(list_tag(each) for each in _above(lists, categories)),
        *(stock_tag(each) for each in _above(lists, {*categories, *stocked})),
        *also,
    ]
    return _tell(session, cache, {"tags": tags})


def announce_everything(session: Session, cache: Cache) -> UUID:
    """Ends, with this transaction's commit, every cached answer there is: for changes of thousands of products.

    Returns what `announce` does.
    """
    return _tell(session, cache, {"tags": [], "everything": True})


def repeat(cache: Cache, *, event_id: UUID, payload: Mapping[str, Any]) -> None:
    """What the worker does with the event: tells the cache again, unless the writer was seen to have done so.

    Raises UNAVAILABLE when Redis is away, so that the event stays due.
    """
    if not cache.is_done(str(event_id)):
        _renew(cache, event_id, payload)


def _tell(session: Session, cache: Cache, payload: Mapping[str, Any]) -> UUID:
    event_id = events.record(session, CATALOGUE_CHANGED, payload)
    after_commit(session, lambda: _renew(cache, event_id, payload))
    return event_id


def _renew(cache: Cache, event_id: UUID, payload: Mapping[str, Any]) -> None:
    cache.renew(payload["tags"], done=str(event_id), everything=payload.get("everything", False))


def _above(parents: Mapping[UUID, UUID | None], categories: Collection[UUID]) -> list[UUID | str]:
    """The categories and all above them, then the list of everything; nothing for none."""
    found: dict[UUID | str, None] = {}
    for each in sorted(categories):
        climbing: UUID | None = each
        while climbing is not None and climbing not in found:
            found[climbing] = None
            climbing = parents.get(climbing)
    return [*found, EVERYTHING] if found else []


def _with_ancestors(session: Session, categories: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The parent of each of these categories and of all above them."""
    if not categories:
        return {}
    climbed = select(Category.id, Category.parent_id).where(Category.id.in_(categories)).cte(recursive=True)
    climbed = climbed.union(select(Category.id, Category.parent_id).join(climbed, Category.id == climbed.c.parent_id))
    return {row.id: row.parent_id for row in session.execute(select(climbed))}
