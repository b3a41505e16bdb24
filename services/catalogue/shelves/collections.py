"""Making, changing and removing collections: products put together by hand, from any department."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from models import Collection, CollectionProduct
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.images.images import require_image
from services.catalogue.products.product_values import LONGEST_SLUG, checked_slug
from services.catalogue.products.versions import require_version
from services.catalogue.tags import COLLECTIONS
from utils import clock, text
from utils.cache import Cache
from utils.database import run
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id
from utils.left_out import LEFT_OUT, LeftOut

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 2_000
MOST_COLLECTIONS = 100
LARGEST_POSITION = 10_000
_AUDITED = ("slug", "name", "description", "position", "is_published", "image_id")
# Another than that of the tree; whoever makes or names a collection is alone with their number and their slugs.
_LOCK = 6_218_450_019
_HOLD = "SELECT pg_advisory_xact_lock(%(lock)s)"


@dataclass(frozen=True, slots=True)
class CollectionDraft:
    """What a new collection is to be; without a slug, its name makes one; without a position, it comes last."""

    name: str
    slug: str | None = None
    description: str = ""
    position: int | None = None
    is_published: bool = False
    image_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CollectionChange:
    """What is to change of a collection; None leaves a thing as it is, but takes the image away."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    position: int | None = None
    is_published: bool | None = None
    image_id: UUID | LeftOut | None = LEFT_OUT
    version: int | None = None


def create_collection(session: Session, draft: CollectionDraft, *, actor: Actor, cache: Cache) -> UUID:
    """Makes a collection without products and returns its id.

    Refuses bad values and an unknown image (INVALID_INPUT), a slug that is taken and the 101st collection (CONFLICT).
    """
    run(session, _HOLD, {"lock": _LOCK})
    count, last = session.execute(select(func.count(), func.max(Collection.position)).select_from(Collection)).one()
    if count >= MOST_COLLECTIONS:
        raise Conflict(f"A shop has at most {MOST_COLLECTIONS} collections.")
    position = min((-1 if last is None else last) + 1, LARGEST_POSITION) if draft.position is None else draft.position
    made = Collection(
        id=new_id(),
        name=_checked_name(draft.name),
        description=_checked_description(draft.description),
        position=_checked_position(position),
        is_published=draft.is_published,
        updated_at=clock.now(),
    )
    made.slug = _free_slug(session, draft.slug, made)
    _show(session, made, draft.image_id)
    session.add(made)
    session.flush()
    audit.note(session, AuditAction.COLLECTION_CREATED, made.id, actor_id=actor.id, after=_audited(made))
    announce(session, cache, also=[COLLECTIONS])
    return made.id


def update_collection(
    session: Session, collection_id: UUID, change: CollectionChange, *, actor: Actor, cache: Cache
) -> None:
    """Changes what a collection is called, where it stands among the others, and whether shoppers see it.

    Refuses an unknown collection (NOT_FOUND), bad values and an unknown image (INVALID_INPUT), a slug that is taken and
    a version that is not the present one (CONFLICT).
    """
    run(session, _HOLD, {"lock": _LOCK})
    collection = lock_collection(session, collection_id, version=change.version)
    before = _audited(collection)
    if change.name is not None:
        collection.name = _checked_name(change.name)
    if change.slug is not None:
        collection.slug = _free_slug(session, change.slug, collection)
    if change.description is not None:
        collection.description = _checked_description(change.description)
    if change.position is not None:
        collection.position = _checked_position(change.position)
    if change.is_published is not None:
        collection.is_published = change.is_published
    if not isinstance(change.image_id, LeftOut):
        _show(session, collection, change.image_id)
    rise(collection)
    now = _audited(collection)
    differing = [name for name in _AUDITED if before[name] != now[name]]
    audit.note(
        session,
        AuditAction.COLLECTION_CHANGED,
        collection_id,
        actor_id=actor.id,
        before={name: before[name] for name in differing},
        after={name: now[name] for name in differing},
    )
    announce(session, cache, also=[COLLECTIONS])


def delete_collection(session: Session, collection_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a collection; its products stay in the shop. Refuses an unknown one (NOT_FOUND)."""
    before = _audited(lock_collection(session, collection_id))
    products = [str(each) for each in list_products_in(session, collection_id)]
    session.execute(delete(Collection).where(Collection.id == collection_id))
    audit.note(
        session,
        AuditAction.COLLECTION_REMOVED,
        collection_id,
        actor_id=actor.id,
        before={**before, "products": products},
    )
    announce(session, cache, also=[COLLECTIONS])


def lock_collection(session: Session, collection_id: UUID, *, version: int | None = None) -> Collection:
    """The collection, locked. Refuses an unknown one (NOT_FOUND) and a version that is past (CONFLICT)."""
    chosen = select(Collection).where(Collection.id == collection_id).with_for_update()
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("There is no such collection.", field="collectionId")
    require_version(found.version, version)
    return found


def list_products_in(session: Session, collection_id: UUID) -> list[UUID]:
    """The products of a collection in its order, on sale or not."""
    chosen = select(CollectionProduct.product_id).where(CollectionProduct.collection_id == collection_id)
    return list(session.scalars(chosen.order_by(CollectionProduct.position, CollectionProduct.product_id)))


def rise(collection: Collection) -> None:
    """Another version of the collection."""
    collection.version += 1
    collection.updated_at = clock.now()


def _show(session: Session, collection: Collection, image_id: UUID | None) -> None:
    if image_id is not None:
        require_image(session, image_id)
    collection.image_id = image_id


def _free_slug(session: Session, wanted: str | None, collection: Collection) -> str:
    """The slug that was asked for, or one made of the name; nobody can take it meanwhile."""

    def is_taken(slug: str) -> bool:
        other = select(exists().where(Collection.slug == slug, Collection.id != collection.id))
        with session.no_autoflush:
            return session.scalars(other).one()

    if wanted is not None:
        slug = checked_slug(wanted)
        if is_taken(slug):
            raise Conflict("Another collection has this slug.", field="slug")
        return slug
    slug = text.slug(collection.name, longest=LONGEST_SLUG) or "collection"
    return f"{slug}-{collection.id.hex[-12:]}" if is_taken(slug) else slug


def _checked_name(name: str) -> str:
    return text.line(name, "name", longest=LONGEST_NAME)


def _checked_description(description: str) -> str:
    return text.prose(description, "description", longest=LONGEST_DESCRIPTION)


def _checked_position(position: int) -> int:
    if not 0 <= position <= LARGEST_POSITION:
        raise InvalidInput(f"position must be from 0 to {LARGEST_POSITION}.", field="position")
    return position


def _audited(collection: Collection) -> dict[str, Any]:
    values = {name: getattr(collection, name) for name in _AUDITED}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}
