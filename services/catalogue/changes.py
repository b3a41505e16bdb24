"""Tells the cache what changed: after the commit at once, and by the outbox if that fails."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Category
from services import events
from utils.cache import Cache
from utils.database import after_commit

CATALOGUE_CHANGED = "catalogue.changed"
# The list of all products; each category's list has the category's id in its place.
EVERYTHING = "all"


def product_tag(product_id: UUID) -> str:
    """The name whose version stands for one product."""
    return f"product:{product_id}"


def list_tag(scope: UUID | str) -> str:
    """The name whose version stands for who is in a list and in which order: a category's, or EVERYTHING."""
    return f"list:{scope}"


def announce(session: Session, cache: Cache, *, products: Collection[UUID], categories: Collection[UUID] = ()) -> None:
    """Ends, with this transaction's commit, every cached answer made from these products.

    `categories` are those in whose lists a product came, went or may stand elsewhere; their ancestors' lists and the
    list of everything show it too. A change of stock alone moves nothing in a list.
    """
    lists = [str(scope) for scope in _with_ancestors(session, categories)] + [EVERYTHING] if categories else []
    payload = {"products": [str(each) for each in products], "lists": lists}
    event_id = events.record(session, CATALOGUE_CHANGED, payload)
    after_commit(session, lambda: cache.renew(_tags(payload), done=str(event_id)))


def repeat(cache: Cache, *, event_id: UUID, payload: Mapping[str, Any]) -> None:
    """What the worker does with the event: tells the cache again, unless the writer was seen to have done so.

    Raises UNAVAILABLE when Redis is away, so that the event stays due.
    """
    if not cache.is_done(str(event_id)):
        cache.renew(_tags(payload), done=str(event_id))


def _tags(payload: Mapping[str, Any]) -> Iterable[str]:
    yield from (product_tag(UUID(each)) for each in payload["products"])
    yield from (list_tag(scope) for scope in payload["lists"])


def _with_ancestors(session: Session, categories: Collection[UUID]) -> list[UUID]:
    climbed = select(Category.id, Category.parent_id).where(Category.id.in_(categories)).cte(recursive=True)
    climbed = climbed.union(select(Category.id, Category.parent_id).join(climbed, Category.id == climbed.c.parent_id))
    return sorted(session.scalars(select(climbed.c.id)))
