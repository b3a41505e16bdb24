"""Hashes and checks passwords with Argon2id, a bounded number at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from utils.errors import Unavailable

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
_MEMORY_KIB = 19 * 1024
_PASSES = 2
_LANES = 1


class Passwords:
    """Argon2id with a bound on how many run at once, so that a rush of logins cannot eat the memory."""

    def __init__(self, at_once: int = 2, waiting: int = 3, wait_seconds: float = 5.0) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._slots = BoundedSemaphore(at_once)
        # A longer queue would hold the threads that answer everybody else.
        self._places = BoundedSemaphore(at_once + waiting)
        self._wait_seconds = wait_seconds
        # Checked in place of a missing account's hash, so that both answers take the same time.
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The encoded hash of `password`. Refuses with UNAVAILABLE when too many wait already."""
        with self._turn():
            return self._hasher.hash(password)

    def matches(self, encoded: str | None, password: str) -> bool:
        """Whether `password` made this hash; None (no such account) costs the same time and is False."""
        try:
            with self._turn():
                self._hasher.verify(self._nobody if encoded is None else encoded, password)
        except (VerificationError, InvalidHashError):
            return False
        return encoded is not None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        busy = Unavailable("Too many people are signing in at this moment. Try again in a few seconds.")
        if not self._places.acquire(blocking=False):
            raise busy
        try:
            if not self._slots.acquire(timeout=self._wait_seconds):
                raise busy
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()
