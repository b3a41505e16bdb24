"""Images of the shop: taken in with their files, required by whoever shows them, forgotten when nobody does."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, delete, exists, select, update
from sqlalchemy.orm import Session

from gateways.storage.storage import Key, Kind, Rendition, Storage
from models import Category, Image, ProductImage
from models import Collection as CollectionRow
from models.audit_entry import AuditAction
from services import events
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.images.reencoding import reencoded
from services.catalogue.product_facts import ImageFacts
from utils import clock
from utils.errors import InvalidInput, PayloadTooLarge, Unavailable
from utils.ids import new_id

IMAGE_UPLOADED = "image.uploaded"
# So long an image may wait for a product to show it, and a file for its row.
UNUSED_FOR = timedelta(days=1)
_MOST_AT_ONCE = 1_000


class StoredImage(NamedTuple):
    """A picture whose file lies in the storage, and which has no row yet."""

    id: UUID
    kind: Kind
    width: int
    height: int
    byte_count: int


@contextmanager
def stored(storage: Storage, file: IO[bytes], *, byte_count: int, largest: int) -> Iterator[StoredImage]:
    """Makes the picture anew and puts it into the storage, for the block that is to write its row.

    If the block refuses, the file goes again. If nobody can tell whether it was committed, the file stays, and the
    worker looks after a day whether it has a row. Refuses more than `largest` bytes (PAYLOAD_TOO_LARGE), what is no
    picture the shop takes (INVALID_IMAGE), and UNAVAILABLE. Takes long: hold nothing of the database meanwhile.
    """
    if byte_count > largest:
        raise PayloadTooLarge(f"A picture has at most {largest} bytes.", field="file")
    image_id = new_id()
    with reencoded(file) as made:
        storage.put(Key(image_id, Rendition.ORIGINAL, made.kind), made.file)
    try:
        yield StoredImage(image_id, made.kind, made.width, made.height, made.byte_count)
    except Unavailable:
        raise
    except BaseException:
        storage.delete(image_id)
        raise


def add_image(session: Session, image: StoredImage, *, actor: Actor) -> UUID:
    """Writes the image's row, asks the worker for its thumbnails, and returns its id."""
    facts = {"content_type": image.kind.value, "width": image.width, "height": image.height}
    session.add(Image(id=image.id, **facts, byte_count=image.byte_count, uploaded_by=actor.id))
    session.flush()
    want_thumbnails(session, image.id)
    after = {**facts, "byte_count": image.byte_count}
    audit.note(session, AuditAction.IMAGE_UPLOADED, image.id, actor_id=actor.id, after=after)
    return image.id


def require_image(session: Session, image_id: UUID, *, field: str = "imageId") -> None:
    """Refuses (INVALID_INPUT, naming `field`) an image that does not exist; one that does stays until the commit."""
    require_images(session, [image_id], field=field)


def require_images(session: Session, ids: Collection[UUID], *, field: str) -> None:
    """The same for several at once."""
    chosen = select(Image.id).where(Image.id.in_(ids)).order_by(Image.id).with_for_update(read=True, key_share=True)
    if len(session.scalars(chosen).all()) < len(set(ids)):
        raise InvalidInput("There is no such image.", field=field)


def find_image(session: Session, image_id: UUID) -> ImageFacts | None:
    """The image by itself; None if there is none."""
    row = session.get(Image, image_id)
    return None if row is None else ImageFacts(row.id, row.width, row.height, row.content_type)


class Unfinished(NamedTuple):
    """An image whose thumbnails are still to be made."""

    original: Key
    uploaded_at: datetime


def find_unfinished(session: Session, image_id: UUID) -> Unfinished | None:
    """The image's original, if there is such an image and its thumbnails are still to be made."""
    found = session.execute(_unfinished().where(Image.id == image_id)).one_or_none()
    return None if found is None else _as_unfinished(found)


def list_unfinished(session: Session, *, before: datetime) -> list[Unfinished]:
    """Images that were uploaded before this moment and have no thumbnails, a thousand at most, the newest first."""
    chosen = _unfinished().where(Image.created_at < before).order_by(Image.created_at.desc()).limit(_MOST_AT_ONCE)
    return [_as_unfinished(row) for row in session.execute(chosen)]


def _unfinished() -> Select[UUID, str, datetime]:
    return select(Image.id, Image.content_type, Image.created_at).where(Image.thumbnails_made_at.is_(None))


def _as_unfinished(row: Row[UUID, str, datetime]) -> Unfinished:
    return Unfinished(Key(row.id, Rendition.ORIGINAL, Kind(row.content_type)), row.created_at)


def want_thumbnails(session: Session, image_id: UUID) -> None:
    """Asks the worker, with this transaction's commit, for the image's thumbnails."""
    events.record(session, IMAGE_UPLOADED, {"image": str(image_id)})


def note_thumbnails(session: Session, image_id: UUID) -> None:
    """Notes that the image's thumbnails are made; of an image that is gone, nothing."""
    session.execute(update(Image).where(Image.id == image_id).values(thumbnails_made_at=clock.now()))


def forget_unused(session: Session) -> Sequence[UUID]:
    """Deletes images older than a day that no product, category or collection shows; returns which.

    They are locked first, and looked at again then: who is about to show one has a lock on it, and it is passed over.
    """
    unused = [
        ~exists().where(ProductImage.image_id == Image.id),
        ~exists().where(Category.image_id == Image.id),
        ~exists().where(CollectionRow.image_id == Image.id),
    ]
    old = select(Image.id).where(Image.created_at < clock.now() - UNUSED_FOR, *unused)
    locked = session.scalars(old.order_by(Image.id).limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
    gone = delete(Image).where(Image.id.in_(locked), *unused).returning(Image.id)
    return session.scalars(gone).all() if locked else ()


def list_unknown(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids that no image has."""
    return set(ids) - set(session.scalars(select(Image.id).where(Image.id.in_(ids))))
