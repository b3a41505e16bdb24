"""Remembers what was made of things, bounded by what the things weigh and not by their number."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Things by their keys that weigh at most `most` together; the oldest is forgotten first.

    One that weighs more by itself is kept alone. What is kept under a key never changes.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: dict[K, tuple[V, int]] = {}
        self._weight = 0
        self._lock = Lock()

    def __getitem__(self, key: K) -> V:
        return self._known[key][0]

    def get(self, key: K) -> V | None:
        """What is kept under the key, or None."""
        known = self._known.get(key)
        return None if known is None else known[0]

    def keep(self, key: K, thing: V, *, weight: int) -> V:
        """Keeps a thing, unless another thread was quicker; returns what is kept."""
        with self._lock:
            if key not in self._known:
                self._known[key] = thing, weight
                self._weight += weight
                while self._weight > self._most and len(self._known) > 1:
                    self._weight -= self._known.pop(next(iter(self._known)))[1]
            return self._known[key][0]


class Remembered(Generic[K, V]):
    """A pure function of one argument that answers from memory what it was asked before.

    Of what it remembers the arguments weigh at most `most` together, as `weigh` has it.
    """

    def __init__(self, make: Callable[[K], V], *, weigh: Callable[[K], int], most: int) -> None:
        self._make, self._weigh = make, weigh
        self._known: Bounded[K, V] = Bounded(most=most)

    def __call__(self, key: K) -> V:
        """What the function makes of `key`; the same object each time while it is remembered."""
        try:
            return self._known[key]
        except KeyError:
            return self._known.keep(key, self._make(key), weight=self._weigh(key))
