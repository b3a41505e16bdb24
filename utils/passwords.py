"""Hashes and checks passwords with Argon2id, a bounded number at a time, behind everybody else's work."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, get_native_id
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from utils.errors import Unavailable

# OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
_MEMORY_KIB = 19 * 1024
_PASSES = 2
_LANES = 1
# A hash takes some 30 ms of a processor. Whoever logs in does not notice a few more; who reads a page would. Not the
# last place (19): on a machine with no time to spare, logins must go on.
_NICENESS = 15

_T = TypeVar("_T")


class Passwords:
    """Argon2id with a bound on how many run at once, so that a rush of logins eats neither memory nor processors.

    One at once in a process, of which there is about one a core. They are made in a thread of their own: memory once
    used by a thread stays with it, so few may use it; and that thread gives way to the ones that answer requests.
    """

    def __init__(self, at_once: int = 1, waiting: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        # The threads begin with the first password: they would not survive the fork of a preloaded program.
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="passwords", initializer=_give_way)
        # A longer queue would hold the threads that answer everybody else.
        self._places = BoundedSemaphore(at_once + waiting)
        # Checked in place of a missing account's hash, so that both answers take the same time.
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The encoded hash of `password`. Refuses with UNAVAILABLE when too many wait already."""
        return self._in_turn(lambda: self._hasher.hash(password))

    def matches(self, encoded: str | None, password: str) -> bool:
        """Whether `password` made this hash; None (no such account) costs the same time and is False."""
        try:
            self._in_turn(lambda: self._hasher.verify(self._nobody if encoded is None else encoded, password))
        except (VerificationError, InvalidHashError):
            return False
        return encoded is not None

    def _in_turn(self, work: Callable[[], _T]) -> _T:
        if not self._places.acquire(blocking=False):
            raise Unavailable("Too many people are signing in at this moment. Try again in a few seconds.")
        try:
            return self._threads.submit(work).result()
        finally:
            self._places.release()


def _give_way() -> None:
    # Linux alone counts niceness by thread; elsewhere it would slow the whole process.
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)
