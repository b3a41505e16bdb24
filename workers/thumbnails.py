"""Makes the smaller sizes of an image that was uploaded, and removes what no image needs any more."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog

from gateways.storage.storage import Key, Kind, Rendition, Storage
from services.catalogue.images import images
from services.catalogue.images.reencoding import shrunk
from utils import clock
from utils.database import Database
from utils.errors import Unavailable
from wiring import Shop

# Who waits for another picture keeps a letter waiting; it comes again a second later.
PATIENCE_SECONDS = 2.0
# A disk that several machines share may show a new file late.
COMES_WITHIN = timedelta(minutes=5)
_SMALLER = {each.side: each for each in Rendition if each.side is not None}
_LOOKED_UP_AT_ONCE = 1_000

log = structlog.get_logger(__name__)


def make_thumbnails(shop: Shop, _event_id: UUID, payload: Mapping[str, Any]) -> None:
    """Makes every size of the image and notes that they are there; what is made already is made once more at worst.

    An image that is gone needs none. Raises UNAVAILABLE while the original of a new one cannot be had. A worker that
    does not share FILE_STORAGE_DIR with the web server will never have it: then the image is shown as it was uploaded.
    """
    image_id = UUID(payload["image"])
    with shop.database.read() as session:
        unfinished = images.find_unfinished(session, image_id)
    if unfinished is None:
        return
    original = shop.storage.open(unfinished.original)
    if original is None:
        if clock.now() - unfinished.uploaded_at < COMES_WITHIN:
            raise Unavailable("The original of an image is not in the storage yet.")
        log.warning("an original is not in the storage: do web server and worker share FILE_STORAGE_DIR?")
        return
    with original.file, shrunk(original.file, _SMALLER, patience=PATIENCE_SECONDS) as files:
        for side, file in files.items():
            shop.storage.put(Key(image_id, _SMALLER[side], Kind.WEBP), file)
    with shop.database.write() as session:
        images.note_thumbnails(session, image_id)


def ask_again(database: Database, storage: Storage) -> dict[str, int]:
    """Asks anew for thumbnails that are still not made after an hour, of originals that are there; returns how many.

    For what was given up: the worker could not see the disk, or the event became a dead letter.
    """
    with database.read() as session:
        waiting = images.list_unfinished(session, before=clock.now() - timedelta(hours=1))
    found = [each.original.image_id for each in waiting if storage.exists(each.original)]
    with database.write() as session:
        for image_id in found:
            images.want_thumbnails(session, image_id)
    return {"thumbnails asked for again": len(found)}


def forget_images(database: Database, storage: Storage) -> dict[str, int]:
    """Removes images that nobody shows, files of no image, and half-written files, each when it is older than a day.

    Returns how many of each. Whatever is killed on the way leaves files that the next hour finds.
    """
    with database.write() as session:
        unused = images.forget_unused(session)
    for image_id in unused:
        storage.delete(image_id)
    before, lost = clock.now() - images.UNUSED_FOR, 0
    for some in _parts(storage.list_images(before=before)):
        with database.read() as session:
            unknown = images.list_unknown(session, some)
        for image_id in unknown:
            storage.delete(image_id)
        lost += len(unknown)
    unfinished = storage.forget_unfinished(before=before)
    return {"unused images": len(unused), "files of no image": lost, "unfinished files": unfinished}


def _parts(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    waiting = iter(ids)
    while part := list(islice(waiting, _LOOKED_UP_AT_ONCE)):
        yield part
