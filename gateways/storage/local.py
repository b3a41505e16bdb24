"""Keeps files in a folder of this machine, or of a disk that several machines share."""

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import structlog

from gateways.storage.storage import Key, Stored
from utils.errors import Unavailable

# For the program, and for a group that may read: a web server in front of it, a program that makes backups.
FOLDER_MODE, FILE_MODE = 0o750, 0o640
# Where files stand until they are whole.
INCOMING = "incoming"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# What the system says of a file that is not there, or where a link or a file stands in place of a folder.
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_COPIED_AT_ONCE = 64 * 1024

log = structlog.get_logger(__name__)


class LocalStorage:
    """Files under `<two hex>/<id>/<name>` in one folder, which is made at the first need.

    Every step goes from an open folder to the next and follows no symbolic link, so that nothing outside the folder
    can be reached even by who can write into it. The two digits are the id's last: the first ones tell the time, and
    would be the same for years.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: Key, content: IO[bytes]) -> None:
        """Writes into a new file, which takes its place when it is safe on the disk. Refuses with UNAVAILABLE."""
        with _translated("stored"), self._opened(INCOMING, make=True) as incoming:
            name = secrets.token_hex(16)
            try:
                with os.fdopen(os.open(name, _NEW, FILE_MODE, dir_fd=incoming), "wb") as file:
                    content.seek(0)
                    shutil.copyfileobj(content, file, _COPIED_AT_ONCE)
                    file.flush()
                    os.fsync(file.fileno())
                with self._opened(*_path(key.image_id), make=True) as folder:
                    os.rename(name, key.name, src_dir_fd=incoming, dst_dir_fd=folder)
                    os.fsync(folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(name, dir_fd=incoming)
                raise

    def open(self, key: Key) -> Stored | None:
        """The file, opened, or None; a link or a folder in its place is no file."""
        with _translated("read"):
            try:
                with self._opened(*_path(key.image_id)) as folder:
                    descriptor = os.open(key.name, _READ, dir_fd=folder)
            except OSError as fault:
                if fault.errno in _NOT_THERE:
                    return None
                raise
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                os.close(descriptor)
                return None
            return Stored(os.fdopen(descriptor, "rb"), status.st_size)

    def exists(self, key: Key) -> bool:
        """Whether `open` would find a file."""
        found = self.open(key)
        if found is not None:
            found.file.close()
        return found is not None

    def delete(self, image_id: UUID) -> None:
        """Removes the image's folder with all that is in it. Refuses with UNAVAILABLE."""
        shelf, name = _path(image_id)
        with _translated("removed"), suppress(FileNotFoundError), self._opened(shelf) as above:
            # Through open folders, and over links without following them, where the system can (Linux and macOS do).
            shutil.rmtree(name, dir_fd=above)

    def list_images(self, *, before: datetime) -> Iterator[UUID]:
        """The images whose folders did not change since then. What is named otherwise than by us is passed over."""
        for shelf in self._names():
            if len(shelf) != 2:
                continue
            for name in self._names(shelf):
                with suppress(ValueError, OSError):
                    image_id = UUID(hex=name)
                    if _path(image_id) == (shelf, name) and self._changed(shelf, name) < before.timestamp():
                        yield image_id

    def forget_unfinished(self, *, before: datetime) -> int:
        """Removes files that a killed process left half written. Refuses with UNAVAILABLE."""
        forgotten = 0
        for name in self._names(INCOMING):
            with _translated("removed"), suppress(FileNotFoundError), self._opened(INCOMING) as incoming:
                status = os.stat(name, dir_fd=incoming, follow_symlinks=False)
                if status.st_mtime < before.timestamp():
                    os.unlink(name, dir_fd=incoming)
                    forgotten += 1
        return forgotten

    @contextmanager
    def _opened(self, *names: str, make: bool = False) -> Iterator[int]:
        """The folder that these names lead to, open; with `make`, those that are missing are made."""
        if make:
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        # Where the folder itself stands is its owner's choice, over a link too.
        descriptor = os.open(self._folder, _FOLDER & ~os.O_NOFOLLOW)
        try:
            for name in names:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, FOLDER_MODE, dir_fd=descriptor)
                        os.fsync(descriptor)
                below = os.open(name, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _names(self, *folder: str) -> list[str]:
        with _translated("listed"):
            try:
                with self._opened(*folder) as opened:
                    return sorted(os.listdir(opened))
            except OSError as fault:
                if fault.errno in _NOT_THERE:
                    return []
                raise

    def _changed(self, *folder: str) -> float:
        with self._opened(*folder) as opened:
            return os.fstat(opened).st_mtime


def _path(image_id: UUID) -> tuple[str, str]:
    return image_id.hex[-2:], image_id.hex


@contextmanager
def _translated(done: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        log.error(f"a file could not be {done}", fault=type(fault).__name__, errno=fault.errno)
        raise Unavailable("The shop's files cannot be reached now. Try again in a few minutes.") from fault
