"""Leases: a busy process asks Redis once in 5 ms, and no writer says that it is done while one is out."""

import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Thread
from typing import Any

import pytest
import redis

from launch.processes import free_port
from utils import leases
from utils.cache import Cache
from utils.errors import Unavailable
from utils.leases import EPOCH, LEASES, Epochs
from wiring import Shop

OLD, NEW = b"o" * 12, b"n" * 12
# What a writer waits for a mark it has not seen before.
WAIT = 0.006


class Clock:
    """Stands where it is put; whoever sleeps moves it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Takes no time."""
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of leases."""
    found = Clock()
    monkeypatch.setattr(leases, "time", found)
    return found


@pytest.fixture
def line(committing_shop: Shop) -> Iterator[Cache]:
    """The line of another process to the cache."""
    with closing(Cache(str(committing_shop.settings.cache_redis_url))) as found:
        yield found


@pytest.fixture
def busy(clock: Clock, line: Cache, redis_client: redis.Redis) -> Epochs:
    """A process whose last request was a moment ago, and which has seen no change for a second."""
    redis_client.set(EPOCH, OLD)
    epochs = Epochs(line)
    epochs.read()
    clock.now += 1
    epochs.read()
    assert redis_client.get(LEASES) is None
    clock.now += 0.001
    return epochs


def test_a_busy_process_takes_the_epoch_as_it_was_for_five_milliseconds(
    clock: Clock, busy: Epochs, redis_client: redis.Redis
) -> None:
    assert busy.read().endswith(OLD)
    mark = redis_client.get(LEASES)
    assert mark is not None
    redis_client.set(EPOCH, NEW)  # as no writer of ours does
    clock.now += 0.0049
    assert busy.read().endswith(OLD)
    clock.now += 0.0002
    assert busy.read().endswith(NEW)
    # It was about to take another lease, and let it be when it saw the change.
    clock.now += 0.001
    second = redis_client.get(LEASES)
    assert second not in (mark, None)
    redis_client.set(EPOCH, OLD)
    assert busy.read().endswith(OLD)
    assert redis_client.get(LEASES) == second


def test_who_asks_seldom_takes_none(clock: Clock, busy: Epochs, redis_client: redis.Redis) -> None:
    for _ in range(5):
        clock.now += 0.02
        busy.read()

    assert redis_client.get(LEASES) is None


def test_a_writer_waits_for_leases_it_has_not_seen_and_for_no_others(
    clock: Clock, busy: Epochs, line: Cache, redis_client: redis.Redis
) -> None:
    line.renew([], done="first")  # nothing is known of what was before
    assert clock.slept == [WAIT]
    line.renew([], done="second")
    assert clock.slept == [WAIT]
    clock.now += 1
    busy.read()
    clock.now += 0.2
    for _ in range(2):
        clock.now += 0.001
        busy.read()
    line.renew([], done="third")
    line.renew([], done="fourth")
    assert clock.slept == [WAIT, WAIT]


def test_a_second_writer_waits_for_what_is_left(
    clock: Clock, line: Cache, monkeypatch: pytest.MonkeyPatch, redis_client: redis.Redis
) -> None:
    other = leases.LeasesOfOthers()
    monkeypatch.setattr(clock, "sleep", clock.slept.append)  # two threads wait at once
    other.wait_out(b"mark")
    clock.now += 0.004
    other.wait_out(b"mark")
    clock.now += 0.002
    other.wait_out(b"mark")
    assert [round(each, 6) for each in clock.slept] == [0.006, 0.002]


@pytest.mark.parametrize("lost", ["flush", "evicted"])
def test_a_writer_that_finds_no_mark_waits(clock: Clock, line: Cache, redis_client: redis.Redis, lost: str) -> None:
    line.renew([], done="first")
    line.renew([], done="second")
    if lost == "flush":
        redis_client.flushdb()
    else:
        redis_client.delete(LEASES)
    line.renew([], done="third")
    assert clock.slept == [WAIT, WAIT]


def test_a_writer_waits_before_it_says_that_redis_is_away(clock: Clock) -> None:
    with closing(Cache(f"redis://127.0.0.1:{free_port()}/0")) as line, pytest.raises(Unavailable):
        line.renew([], done="first")

    assert clock.slept == [WAIT]


def test_without_an_epoch_there_is_no_lease(clock: Clock, line: Cache, redis_client: redis.Redis) -> None:
    epochs = Epochs(line)
    for _ in range(5):
        clock.now += 0.001
        assert epochs.read() == b""
        redis_client.delete(EPOCH)


def test_nobody_is_told_the_old_epoch_after_a_writer_is_done(
    committing_shop: Shop, line: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real clocks: three busy readers, each with leases of its own, and two hundred changes."""
    monkeypatch.setattr(leases, "_CALM_SECONDS", 0.0)
    ended, leased = Event(), [0]
    told: list[tuple[float, bytes]] = []

    def read(epochs: Epochs) -> None:
        while not ended.is_set():
            asked = time.perf_counter()
            epoch = epochs.read()
            leased[0] += time.perf_counter() - asked < 0.000_01
            told.append((asked, epoch))
            time.sleep(0.0002)

    line.renew([], done="begin")
    readers = [Thread(target=read, args=(Epochs(line),)) for _ in range(3)]
    for reader in readers:
        reader.start()
    changed: list[tuple[float, Any]] = []
    try:
        for number in range(200):
            line.renew([], done=str(number))
            changed.append((time.perf_counter(), line.versions(["x"]).epoch))
    finally:
        ended.set()
        for reader in readers:
            reader.join()
    numbers = {epoch: number for number, (_, epoch) in enumerate(changed)}
    moments = [moment for moment, _ in changed]
    for asked, epoch in told:
        done = bisect_left(moments, asked)
        assert done == 0 or numbers[epoch] >= done - 1
    assert leased[0] > 100
