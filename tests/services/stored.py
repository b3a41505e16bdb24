"""The files of a shop, and proof that a refused act left rows and files as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from gateways.storage.local import LocalStorage
from models import Image
from services.catalogue.images import images
from tests.services.evidence import nothing_changed
from tests.services.pictures import picture
from tests.support import ADMIN, actor_for
from utils import clock
from utils.ids import new_id
from wiring import Shop


def with_folder(shop: Shop, folder: Path) -> Shop:
    """The shop with files of its own, of a megabyte at most."""
    settings = shop.settings.model_copy(
        update={"own_file_storage_dir": folder, "upload_max_megabytes": 1, "own_public_url": "https://shop.example"}
    )
    return replace(shop, storage=LocalStorage(folder), settings=settings)


def files_of(shop: Shop) -> dict[str, bytes]:
    """Every file in the shop's folder, half-written ones too, by its path."""
    folder = shop.settings.file_storage_dir
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def nothing_happened(shop: Shop) -> Iterator[None]:
    """Asserts that the block left every row and every file as it was."""
    before = files_of(shop)
    with nothing_changed(shop.database):
        yield
    assert files_of(shop) == before


def image_row(shop: Shop, **values: object) -> UUID:
    """An image that has a row only."""
    image_id = new_id()
    facts = {"content_type": "image/png", "width": 40, "height": 30, "byte_count": 99, "created_at": clock.now()}
    with shop.database.write() as session:
        session.add(Image(id=image_id, **(facts | values)))
    return image_id


def uploaded(shop: Shop, path: Path, content: bytes | None = None, *, who: str | None = None) -> UUID:
    """An image that was uploaded, by way of a file at `path`."""
    content = picture() if content is None else content
    path.write_bytes(content)
    actor = ADMIN if who is None else actor_for(shop, who)
    with (
        path.open("rb") as file,
        images.stored(shop.storage, file, byte_count=len(content), largest=1_000_000) as image,
        shop.database.write() as session,
    ):
        images.add_image(session, image, actor=actor)
    return image.id
