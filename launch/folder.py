"""The folder where servers keep their data: one user at a time, one password, nothing readable by others."""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from launch.errors import LaunchError

THROW_AWAY_PREFIX = "shop-servers-"
# A throw-away folder this old whose lock is free was left by a killed run. Younger ones may be about to be locked.
ABANDONED_SECONDS = 60.0


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Hold a folder, made if missing, for one process; LaunchError when another one holds it or we may not write."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _open_lock(folder / "lock")
    except OSError as error:
        raise LaunchError(f"Cannot keep data in {folder} ({error.strerror}); set LOCAL_DATA_DIR to a folder.") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchError(
                f"Another run (process {holder(folder)}) is using {folder}. Stop it first (Ctrl-C in its window, or "
                f"`kill {holder(folder)}`), or give this one another folder with LOCAL_DATA_DIR."
            ) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield folder.resolve()
    finally:
        os.close(descriptor)


def holder(folder: Path) -> str:
    """The id of the process that holds the folder, or a question mark in the instant before it has written it."""
    return (folder / "lock").read_text().strip() or "?"


def is_claimed(folder: Path) -> bool:
    """Whether some process holds the folder now."""
    lock = folder / "lock"
    return lock.exists() and not _is_free(lock)


@contextlib.contextmanager
def throw_away() -> Iterator[Path]:
    """A claimed folder among the temporary files, removed at the end; also removes those that killed runs left."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=THROW_AWAY_PREFIX))
    try:
        with claimed(folder) as claimed_folder:
            yield claimed_folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def after_the_last(lock: Path, patience: float) -> Iterator[int]:
    """Wait until no process of an earlier life holds `lock`, and hold it: hand the descriptor on to the next life.

    A server and all its children inherit the descriptor, so the lock is free exactly when the last of them is gone;
    an id in a file would not tell, for ids are used again. LaunchError after `patience` seconds.
    """
    descriptor = _open_lock(lock)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LaunchError(
                        f"Processes of an earlier run still hold {lock} after {patience:.0f} s."
                    ) from None
                time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)


def password_of(folder: Path) -> str:
    """The servers' password: made at the first start, the same ever after, readable by the owner only."""
    path = folder / "password"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        write_secret(fresh, secrets.token_urlsafe(24))
        fresh.rename(path)
    return path.read_text()


def write_secret(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
        file.write(text)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_free(lock: Path) -> bool:
    descriptor = _open_lock(lock)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{THROW_AWAY_PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or another process sweeps too
            locks = list(folder.glob("*lock"))
            age = time.time() - folder.stat().st_mtime
            if folder.stat().st_uid == os.geteuid() and age > ABANDONED_SECONDS and all(map(_is_free, locks)):
                shutil.rmtree(folder)
