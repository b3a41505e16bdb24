"""The folder of files: whole or not there, found by keys of ours alone, and nothing outside it is ever touched."""

import io
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateways.storage.local import LocalStorage
from gateways.storage.storage import NAMES, Key, Kind, Rendition
from utils import clock
from utils.errors import Unavailable
from utils.ids import new_id

IMAGE = UUID("0198c0de-0000-7000-8000-0000000000ab")
KEY = Key(IMAGE, Rendition.CARD, Kind.WEBP)
PLACE = "ab/0198c0de0000700080000000000000ab/480.webp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files are to be kept; it does not exist yet."""
    return tmp_path / "deep" / "media"


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    """The storage of that folder."""
    return LocalStorage(folder)


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """What the system takes from the modes of new files, as a rule."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def files(folder: Path) -> list[str]:
    """Every file in the folder, by its path."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def read(storage: LocalStorage, key: Key = KEY) -> bytes | None:
    """The content of a file, or None."""
    found = storage.open(key)
    if found is None:
        return None
    with found.file:
        content = found.file.read()
    assert found.byte_count == len(content)
    return content


@pytest.mark.usefixtures("usual_mask")
def test_what_is_put_is_found_and_is_nobody_elses_to_write(storage: LocalStorage, folder: Path) -> None:
    assert (read(storage), storage.exists(KEY)) == (None, False)
    content = io.BytesIO(b"picture")
    content.seek(3)
    storage.put(KEY, content)
    assert (read(storage), storage.exists(KEY)) == (b"picture", True)
    assert files(folder) == [PLACE]
    modes = {stat.filemode(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes == {"drwxr-x---", "-rw-r-----"}


def test_a_second_file_takes_the_place_of_the_first_for_whoever_comes_later(storage: LocalStorage) -> None:
    storage.put(KEY, io.BytesIO(b"first"))
    reading = storage.open(KEY)
    assert reading is not None
    storage.put(KEY, io.BytesIO(b"second"))
    with reading.file:
        assert reading.file.read() == b"first"
    assert read(storage) == b"second"


class _Breaking(io.BytesIO):
    """A file whose reading fails in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError("the disk is gone")
        return super().read(3)


def test_what_fails_in_the_middle_was_never_there(storage: LocalStorage, folder: Path) -> None:
    storage.put(KEY, io.BytesIO(b"first"))
    with pytest.raises(Unavailable):
        storage.put(KEY, _Breaking(b"second"))
    assert read(storage) == b"first"
    assert files(folder) == [PLACE]


def test_every_image_has_its_own_files(storage: LocalStorage) -> None:
    other = Key(new_id(), Rendition.CARD, Kind.WEBP)
    for number, key in enumerate((KEY, other, Key(IMAGE, Rendition.ORIGINAL, Kind.PNG))):
        storage.put(key, io.BytesIO(b"%d" % number))
    storage.delete(IMAGE)
    storage.delete(IMAGE)
    storage.delete(new_id())
    assert (read(storage), read(storage, other)) == (None, b"1")
    assert not storage.exists(Key(IMAGE, Rendition.ORIGINAL, Kind.PNG))


def test_a_key_is_made_of_an_id_and_words_of_ours() -> None:
    for parts in (
        ("../../etc", Rendition.CARD, Kind.WEBP),
        (str(IMAGE), Rendition.CARD, Kind.WEBP),
        (IMAGE, "../../passwd", Kind.WEBP),
        (IMAGE, Rendition.CARD, "image/svg+xml"),
        (type("Id", (UUID,), {"hex": "../etc"})(IMAGE.hex), Rendition.CARD, Kind.WEBP),
    ):
        with pytest.raises(TypeError):
            Key(*parts)
    assert sorted(NAMES) == ["1080.webp", "160.webp", "480.webp", "original.jpg", "original.png", "original.webp"]
    assert all(Key(IMAGE, *parts).name == name for name, parts in NAMES.items())


@pytest.mark.parametrize("level", ["shelf", "image", "file"])
def test_no_link_leads_outside(storage: LocalStorage, folder: Path, tmp_path: Path, level: str) -> None:
    # given somebody who can write into the folder, and wants what stands beside it
    outside = tmp_path / "outside"
    secret = outside / "0198c0de0000700080000000000000ab" / "480.webp"
    secret.parent.mkdir(parents=True)
    secret.write_bytes(b"secret")
    shelf = folder / "ab"
    folder.mkdir(parents=True)
    if level == "shelf":
        shelf.symlink_to(outside)
    elif level == "image":
        shelf.mkdir()
        (shelf / secret.parent.name).symlink_to(secret.parent)
    else:
        (shelf / secret.parent.name).mkdir(parents=True)
        (shelf / secret.parent.name / "480.webp").symlink_to(secret)
    # then it can be read, and written, and removed by nobody
    assert (read(storage), storage.exists(KEY)) == (None, False)
    if level == "file":
        storage.put(KEY, io.BytesIO(b"ours"))
        assert read(storage) == b"ours"
        storage.delete(IMAGE)
    else:
        with pytest.raises(Unavailable):
            storage.put(KEY, io.BytesIO(b"ours"))
        with pytest.raises(Unavailable):
            storage.delete(IMAGE)
        assert list(storage.list_images(before=clock.now() + timedelta(days=1))) == []
    assert (secret.read_bytes(), [str(each) for each in outside.rglob("*.webp")]) == (b"secret", [str(secret)])


def test_what_is_no_file_is_not_opened(storage: LocalStorage, folder: Path) -> None:
    place = folder / PLACE
    place.mkdir(parents=True)
    assert read(storage) is None
    place.rmdir()
    os.mkfifo(place)
    assert read(storage) is None


def test_a_folder_that_may_not_be_written_is_told_to_the_caller_as_busy(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file where the folder should be")
    storage = LocalStorage(tmp_path / "media")
    with pytest.raises(Unavailable):
        storage.put(KEY, io.BytesIO(b"picture"))
    assert read(storage) is None


def aged(path: Path) -> None:
    """Lets the file or folder be two days old."""
    moment = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(path, (moment, moment))


def test_the_list_has_what_is_old_and_ours(storage: LocalStorage, folder: Path) -> None:
    before = clock.now() - timedelta(days=1)
    assert list(storage.list_images(before=before)) == []
    young = new_id()
    storage.put(KEY, io.BytesIO(b"old"))
    storage.put(Key(young, Rendition.CARD, Kind.WEBP), io.BytesIO(b"young"))
    strange = [folder / "ab" / "backup", folder / "ac" / IMAGE.hex, folder / "cd" / ("x" * 32), folder / "lost+found"]
    for path in strange:
        path.mkdir(parents=True)
    for path in [folder / PLACE, *strange]:
        aged(path.parent if path.name == "480.webp" else path)
    assert list(storage.list_images(before=before)) == [IMAGE]


def test_what_a_killed_process_left_half_written_is_forgotten_after_a_day(storage: LocalStorage, folder: Path) -> None:
    assert storage.forget_unfinished(before=clock.now()) == 0
    storage.put(KEY, io.BytesIO(b"picture"))
    left = folder / "incoming" / "0123456789abcdef"
    left.write_bytes(b"pict")
    assert storage.forget_unfinished(before=clock.now() - timedelta(days=1)) == 0
    aged(left)
    assert storage.forget_unfinished(before=clock.now() - timedelta(days=1)) == 1
    assert files(folder) == [PLACE]
