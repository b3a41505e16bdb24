"""What a rush of logins does to everybody else: each hashes a password, which costs 19 MiB and time on purpose."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from bench import machine, requests
from bench.grounds import Grounds
from bench.load import drive, pace

AT_ONCE = 8
EVERY_SECONDS = 0.01
_LEAD_SECONDS = 0.5


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
    page, people = requests.page().as_http(), requests.logins()
    pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=_LEAD_SECONDS)
    idle, beside, rates = list[float](), list[float](), list[float]()
    for _ in range(count):
        idle.append(pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=seconds))
        p99, rate = _beside_logins(grounds, page, people, seconds)
        beside.append(p99)
        rates.append(rate)
    return Rush(
        ratio=median(slow / fast for slow, fast in zip(beside, idle, strict=True)),
        idle_p99_ms=median(idle),
        rush_p99_ms=median(beside),
        logins_a_second=median(rates),
        megabytes=machine.memory(grounds.shop.worker_pids).megabytes,
    )


def _beside_logins(grounds: Grounds, page: bytes, people: Iterator[bytes], seconds: float) -> tuple[float, float]:
    with ThreadPoolExecutor(max_workers=1) as thread:
        logins = thread.submit(
            drive,
            grounds.shop.port,
            people,
            connections=AT_ONCE,
            seconds=seconds + 2 * _LEAD_SECONDS,
            refusals=True,
        )
        pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=_LEAD_SECONDS)
        p99 = pace(grounds.shop.port, page, every_seconds=EVERY_SECONDS, seconds=seconds)
        return p99, logins.result().rate
