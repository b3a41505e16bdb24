"""Where limits count: in Redis for all processes together, and while it is away in the process's own memory."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import structlog
from limits.storage import RedisStorage

from utils import clock

T = TypeVar("T")

# After a failure, counts go to memory for so long before Redis is tried again.
REST_SECONDS = 1.0
# How many windows a process remembers by itself; with 100 moments in each, about 30 MB.
MOST_KEYS = 10_000

log = structlog.get_logger(__name__)


class RedisOrMemory(RedisStorage):
    """A storage for flask-limiter, under the scheme `redis-or-memory:`; its options name the Redis as `url`.

    It never fails and never waits longer than one timeout: while Redis is away, each process counts for itself, from
    zero, so that a limit may be reached once in each process. It counts moments (the moving window), by this
    machine's clock; Redis keeps them as long as the window is.
    """

    STORAGE_SCHEME = ["redis-or-memory"]

    def __init__(self, _uri: str, *, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._memory = Memory()
        self._rests_until = 0.0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts `amount` acts if that leaves the window at its limit or below; else counts nothing, and is False."""
        in_redis = super().acquire_entry
        return self._either(
            lambda: bool(in_redis(key, limit, expiry, amount)),
            lambda: self._memory.acquire(key, limit, expiry, amount),
        )

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The moment of the oldest act in the window, and how many acts there are."""
        in_redis = super().get_moving_window
        return self._either(
            lambda: in_redis(key, limit, expiry),
            lambda: self._memory.window(key, expiry),
        )

    def _either(self, in_redis: Callable[[], T], in_memory: Callable[[], T]) -> T:
        if time.monotonic() >= self._rests_until:
            try:
                return in_redis()
            except self.base_exceptions as fault:
                log.warning("redis is away; limits are counted in memory", fault=type(fault).__name__)
                self._rests_until = time.monotonic() + REST_SECONDS
        return in_memory()


class Memory:
    """Moving windows of one process. When there are too many, the one used longest ago is forgotten."""

    def __init__(self) -> None:
        self._windows: dict[str, list[float]] = {}
        self._lock = Lock()

    def acquire(self, key: str, limit: int, expiry: int, amount: int) -> bool:
        """Counts `amount` acts if that leaves the window at its limit or below; else counts nothing, and is False."""
        moment = clock.now().timestamp()
        with self._lock:
            window = [each for each in self._windows.pop(key, ()) if each > moment - expiry]
            granted = len(window) + amount <= limit
            self._windows[key] = window + [moment] * amount if granted else window
            while len(self._windows) > MOST_KEYS:
                del self._windows[next(iter(self._windows))]
        return granted

    def window(self, key: str, expiry: int) -> tuple[float, int]:
        """The moment of the oldest act in the window (now, if there is none), and how many acts there are."""
        moment = clock.now().timestamp()
        with self._lock:
            window = [each for each in self._windows.get(key, ()) if each > moment - expiry]
        return (window[0], len(window)) if window else (moment, 0)
