"""Thumbnails are made once their image is committed, whatever dies on the way; what nobody needs goes after a day."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image as Pillow
from sqlalchemy import select, update

from gateways.storage.storage import Key, Kind, Rendition
from models import Category, Collection, Image, Product
from services.catalogue.images import reencoding
from services.catalogue.products.showing import Shown, set_category_image, set_product_images
from tests.services.acting import category_id
from tests.services.pictures import picture
from tests.services.stored import files_of, image_row, uploaded, with_folder
from tests.support import ADMIN
from tests.workers.events import kept, make_due
from utils import clock
from utils.ids import new_id
from wiring import Shop
from workers.relay import relay_all
from workers.thumbnails import ask_again, forget_images

Make = Callable[..., UUID]
SIZES = {"160.webp": (160, 120), "480.webp": (480, 360), "1080.webp": (1080, 810)}


@pytest.fixture
def shop(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with files of its own."""
    return with_folder(shop, tmp_path / "media")


@pytest.fixture
def large(shop: Shop, tmp_path: Path) -> UUID:
    """An image that was uploaded."""
    return uploaded(shop, tmp_path / "picture", picture("JPEG", (1600, 1200)))


def made_at(shop: Shop, image: UUID) -> object:
    """When the image's thumbnails were noted as made."""
    with shop.database.read() as session:
        return session.scalars(select(Image.thumbnails_made_at).where(Image.id == image)).one()


def sizes_of(shop: Shop) -> dict[str, tuple[int, int]]:
    """The thumbnails there are, by their names."""
    found = {Path(path).name: content for path, content in files_of(shop).items() if path.endswith(".webp")}
    return {name: Pillow.open(io.BytesIO(content)).size for name, content in found.items()}


def test_the_worker_makes_every_size_and_notes_it(shop: Shop, large: UUID) -> None:
    assert (sizes_of(shop), made_at(shop, large)) == ({}, None)
    assert relay_all(shop) == 1
    assert (sizes_of(shop), kept(shop)) == (SIZES, {})
    assert made_at(shop, large) is not None


def test_a_worker_that_died_before_it_noted_them_makes_them_again(shop: Shop, large: UUID) -> None:
    # given what a worker leaves that dies after the second file, with its event
    for rendition in (Rendition.CARD, Rendition.PAGE):
        shop.storage.put(Key(large, rendition, Kind.WEBP), io.BytesIO(b"of the one who died"))
    assert relay_all(shop) == 1
    assert (sizes_of(shop), kept(shop)) == (SIZES, {})


def test_what_is_made_is_not_made_again(shop: Shop, large: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencoding, "_PROGRAM", Path("/nowhere"))
    with shop.database.write() as session:
        session.execute(update(Image).values(thumbnails_made_at=clock.now()))
    assert relay_all(shop) == 1
    assert (sizes_of(shop), kept(shop)) == ({}, {})


def test_an_image_that_is_gone_needs_none(shop: Shop, large: UUID) -> None:
    with shop.database.write() as session:
        session.delete(session.get_one(Image, large))
    shop.storage.delete(large)
    assert relay_all(shop) == 1
    assert (files_of(shop), kept(shop)) == ({}, {})


def test_while_the_original_is_not_there_the_event_waits_and_costs_no_attempt(shop: Shop, large: UUID) -> None:
    # given a worker whose disk shows new files late
    original = Key(large, Rendition.ORIGINAL, Kind.JPEG)
    stored = shop.storage.open(original)
    assert stored is not None
    with stored.file:
        shop.storage.delete(large)
        for _ in range(12):
            make_due(shop)
            relay_all(shop)
        (waiting,) = kept(shop).values()
        assert (waiting.attempts, waiting.is_dead, waiting.last_error) == (0, False, "Unavailable")
        # when it can see it
        shop.storage.put(original, stored.file)
    make_due(shop)
    assert relay_all(shop) == 1
    assert sizes_of(shop) == SIZES


def test_a_worker_that_never_sees_the_original_leaves_it_at_that_until_it_does(shop: Shop, large: UUID) -> None:
    # given a worker on another disk than the web server's
    original = Key(large, Rendition.ORIGINAL, Kind.JPEG)
    stored = shop.storage.open(original)
    assert stored is not None
    with stored.file:
        shop.storage.delete(large)
        with shop.database.write() as session:
            session.execute(update(Image).values(created_at=clock.now() - timedelta(minutes=61)))
        relay_all(shop)
        assert (kept(shop), ask_again(shop.database, shop.storage)) == ({}, {"thumbnails asked for again": 0})
        # when the disk is there
        shop.storage.put(original, stored.file)
    assert ask_again(shop.database, shop.storage) == {"thumbnails asked for again": 1}
    relay_all(shop)
    assert (sizes_of(shop), kept(shop)) == (SIZES, {})
    assert ask_again(shop.database, shop.storage) == {"thumbnails asked for again": 0}


def test_while_another_picture_is_worked_on_the_event_waits(
    shop: Shop, large: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.thumbnails.PATIENCE_SECONDS", 0.01)
    with reencoding._turn:
        relay_all(shop)
    assert (sizes_of(shop), len(kept(shop))) == ({}, 1)
    make_due(shop)
    assert relay_all(shop) == 1
    assert sizes_of(shop) == SIZES


OLD, YOUNG = timedelta(days=1, seconds=5), timedelta(hours=23)


def test_images_that_nobody_shows_go_after_a_day_with_their_files(shop: Shop, product: Make, tmp_path: Path) -> None:
    # given old images, each shown by another kind of thing, an old one and a young one that nothing shows
    of_product, of_category, of_collection, unused, young = (uploaded(shop, tmp_path / "picture") for _ in range(5))
    tea, moment = product(), clock.now()
    with shop.database.write() as session:
        set_product_images(session, tea, [Shown(of_product)], actor=ADMIN, cache=shop.cache)
        set_category_image(session, category_id(shop, "fruit"), of_category, actor=ADMIN, cache=shop.cache)
        words = {"slug": "c", "name": "C", "description": "", "position": 0, "is_published": False}
        session.add(Collection(**words, image_id=of_collection, updated_at=moment))
        session.execute(update(Image).where(Image.id != young).values(created_at=moment - OLD))
        session.execute(update(Image).where(Image.id == young).values(created_at=moment - YOUNG))
    # when
    forgotten = [forget_images(shop.database, shop.storage) for _ in range(2)]
    # then
    assert forgotten == [
        {"unused images": 1, "files of no image": 0, "unfinished files": 0},
        {"unused images": 0, "files of no image": 0, "unfinished files": 0},
    ]
    with shop.database.read() as session:
        assert set(session.scalars(select(Image.id))) == {of_product, of_category, of_collection, young}
    left = {path.split("/")[1] for path in files_of(shop)}
    assert left == {each.hex for each in (of_product, of_category, of_collection, young)}
    assert unused.hex not in left


def test_files_of_no_image_go_after_a_day(shop: Shop, tmp_path: Path) -> None:
    # given what a web server leaves that dies between the file and the row: yesterday, and just now
    lost, young = new_id(), new_id()
    known = uploaded(shop, tmp_path / "picture")
    for each in (lost, young):
        shop.storage.put(Key(each, Rendition.ORIGINAL, Kind.PNG), io.BytesIO(b"picture"))
    folder = shop.settings.file_storage_dir
    (folder / "incoming" / "0123").write_bytes(b"half")
    moment = (clock.now() - OLD).timestamp()
    for path in (folder / lost.hex[-2:] / lost.hex, folder / known.hex[-2:] / known.hex, folder / "incoming" / "0123"):
        os.utime(path, (moment, moment))
    # then
    assert forget_images(shop.database, shop.storage) == {
        "unused images": 0,
        "files of no image": 1,
        "unfinished files": 1,
    }
    assert {path.split("/")[1] for path in files_of(shop)} == {known.hex, young.hex}


def test_an_image_that_somebody_is_about_to_show_stays(committing_shop: Shop, tmp_path: Path) -> None:
    shop = with_folder(committing_shop, tmp_path / "media")
    image = image_row(shop, created_at=clock.now() - OLD)
    try:
        with shop.database.write() as session:
            # given a transaction that shows it and is not committed yet
            set_category_image(session, category_id(shop, "fruit"), image, actor=ADMIN, cache=shop.cache)
            assert forget_images(shop.database, shop.storage)["unused images"] == 0
        assert forget_images(shop.database, shop.storage)["unused images"] == 0
    finally:
        with shop.database.write() as session:
            session.execute(update(Category).values(image_id=None))
        assert forget_images(shop.database, shop.storage)["unused images"] == 1


def test_a_product_that_goes_leaves_its_image_to_be_forgotten(shop: Shop, product: Make, tmp_path: Path) -> None:
    tea, image = product(), uploaded(shop, tmp_path / "picture")
    with shop.database.write() as session:
        set_product_images(session, tea, [Shown(image)], actor=ADMIN, cache=shop.cache)
        session.execute(update(Image).values(created_at=clock.now() - OLD))
        session.delete(session.get_one(Product, tea))
    assert forget_images(shop.database, shop.storage)["unused images"] == 1
    assert files_of(shop) == {}
