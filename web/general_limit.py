"""The general limit of a caller: so many requests a minute, counted so that it costs next to nothing.

A journey to Redis for every request would cost more than many requests do. So a process takes requests out of Redis
ahead and hands them out itself: one, then two, four and so on for a caller who goes on, up to a thirtieth of the
limit. What it holds unused is void after a minute, and always less than what it has handed out, however many processes
there are; what was handed out and given back it holds besides, until the minute is over in which it was taken: so long
Redis counts it. With P processes a caller gets in any minute at most the limit and P thirtieths of it; at least the
limit less P thirtieths, and never less than half: with 600 a minute and two processes, 560 to 640.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.strategies import RateLimiter

from utils import clock
from utils.errors import RateLimited

# The most a process takes at once is this part of the limit.
PART = 30
# Very high limits are counted in units of several requests: Redis keeps a moment for each.
_MOST_MOMENTS = 1000
_WINDOW_SECONDS = 60.0
# Callers whom a process remembers; about 5 MB. The one that came longest ago is forgotten first, and takes a new block.
MOST_CALLERS = 20_000


@dataclass(slots=True)
class _Account:
    """What a process may still hand out to a caller, and until when; `closed`: nothing before then."""

    left: int = 0
    until: float = 0.0
    taken: int = 0
    closed: bool = False
    # Held while requests are taken: threads that all took some for the same caller would soon have taken them all.
    lock: Lock = field(default_factory=Lock)


class GeneralLimit:
    """Counts the requests of each caller."""

    def __init__(self, limiter: RateLimiter, *, per_minute: int) -> None:
        self._limiter = limiter
        self._unit = math.ceil(per_minute / _MOST_MOMENTS)
        self._item = RateLimitItemPerMinute(per_minute // self._unit, namespace="requests")
        self._most = max(1, self._item.amount // PART)
        self._accounts: dict[str, _Account] = {}
        self._lock = Lock()

    def spend(self, caller: str, count: int, key_of: Callable[[str], str]) -> float:
        """Counts so many requests of this caller, in Redis under what `key_of` makes of it.

        The answer is the moment until which they can be given back. Refuses (RATE_LIMITED) beyond the limit: if there
        is no room for a single one, without asking Redis until there is again. What counts as several and has no room
        leaves room for smaller things.
        """
        account = self._accounts.get(caller) or self._opened(caller)
        with account.lock:
            moment = clock.now().timestamp()
            if account.until <= moment:
                account.left, account.taken, account.closed = 0, 0, False
            if account.closed:
                raise refusal(account.until - moment)
            if account.left < count:
                self._take(account, key_of(caller), count - account.left)
            account.left -= count
            return account.until

    def give_back(self, caller: str, count: int, until: float) -> None:
        """Lets the caller have requests again that `spend` counted, if the moment that it answered is not over.

        This process hands them out again; Redis is not asked.
        """
        account = self._accounts.get(caller)
        if account is None or clock.now().timestamp() >= until:
            return
        with account.lock:
            # Nothing is held for longer than it would have been where it was taken: then Redis has forgotten it.
            account.until = min(account.until, until) if account.left else until
            account.closed = False
            account.left += count

    def _take(self, account: _Account, key: str, count: int) -> None:
        needed = math.ceil(count / self._unit)
        ahead = max(needed, min(2 * account.taken, self._most))
        # At the end of the limit there may be enough for this request, and not for more.
        granted = next(
            (each for each in dict.fromkeys((ahead, needed)) if self._limiter.hit(self._item, key, cost=each)), 0
        )
        wait = _WINDOW_SECONDS if granted else wait_for(self._limiter, self._item, key)
        if granted or (needed == 1 and not account.left):
            account.closed = not granted
            until = clock.now().timestamp() + wait
            # What is left was taken earlier, and is not held for longer by what comes to it.
            account.until = min(account.until, until) if account.left else until
        if not granted:
            raise refusal(wait)
        account.taken = granted
        account.left += granted * self._unit

    def _opened(self, caller: str) -> _Account:
        with self._lock:
            account = self._accounts.setdefault(caller, _Account())
            while len(self._accounts) > MOST_CALLERS:
                del self._accounts[next(iter(self._accounts))]
        return account


def wait_for(limiter: RateLimiter, item: RateLimitItem, key: str) -> float:
    """In how many seconds the oldest act leaves the window, so that there is room for one."""
    return max(0.0, limiter.get_window_stats(item, key).reset_time - clock.now().timestamp())


def refusal(wait: float) -> RateLimited:
    """The refusal that asks to come again after so many seconds, whole ones and at least one."""
    seconds = max(1, math.ceil(wait))
    return RateLimited(f"That was too often. Try again in {_told(seconds)}.", retryAfter=seconds)


def _told(seconds: int) -> str:
    amount, unit = (seconds, "second") if seconds < 120 else (math.ceil(seconds / 60), "minute")
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
