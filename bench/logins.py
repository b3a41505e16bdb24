"""What a rush of logins does to everybody else: each hashes a password, which costs 19 MiB and time on purpose."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median

from bench import machine, requests
from bench.grounds import Grounds
from bench.load import insist, pace

AT_ONCE = 8
EVERY_SECONDS = 0.01
_LEAD_SECONDS = 0.5
# Whoever was told that too many are signing in.
_PAUSE_SECONDS = 0.5
# More logins than one of the 8 makes in a round.
_PEOPLE_APART = 97


@dataclass(frozen=True, slots=True)
class Rush:
    """The 99th percentile of other requests beside logins over that without; logins a second; the largest worker."""

    ratio: float
    idle_p99_ms: float
    rush_p99_ms: float
    logins_a_second: float
    megabytes: float


def rush(grounds: Grounds, *, count: int, seconds: float) -> Rush:
    """A page from Redis, a hundred times a second, without and with 8 logins at once, in turns."""
    page = requests.page().as_http()
    pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=_LEAD_SECONDS)
    idle, beside, rates = list[float](), list[float](), list[float]()
    for number in range(count):
        idle.append(pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=seconds))
        p99, rate = _beside_logins(grounds, page, number * AT_ONCE * _PEOPLE_APART, seconds)
        beside.append(p99)
        rates.append(rate)
    return Rush(
        ratio=median(slow / fast for slow, fast in zip(beside, idle, strict=True)),
        idle_p99_ms=median(idle),
        rush_p99_ms=median(beside),
        logins_a_second=median(rates),
        megabytes=machine.memory(grounds.shop.worker_pids).megabytes,
    )


def _beside_logins(grounds: Grounds, page: bytes, begin: int, seconds: float) -> tuple[float, float]:
    # In a process of its own: the one that measures must not wait for itself.
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        process.submit(int).result()
        logins = process.submit(_log_in_many, grounds.shop.port, begin, seconds + 2 * _LEAD_SECONDS)
        pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=_LEAD_SECONDS)
        p99 = pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=seconds)
        return p99, logins.result() / (seconds + 2 * _LEAD_SECONDS)


def _log_in_many(port: int, begin: int, seconds: float) -> int:
    """How many of 8 people's logins, one after the other for each, were answered; who is refused waits a little."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        each = [
            threads.submit(
                insist,
                port,
                requests.logins(begin + number * _PEOPLE_APART),
                seconds=seconds,
                pause_seconds=_PAUSE_SECONDS,
            )
            for number in range(AT_ONCE)
        ]
        return sum(one.result() for one in each)
