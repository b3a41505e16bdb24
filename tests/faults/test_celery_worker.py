"""The real worker with its clock: it delivers events by itself, and goes on after kill -9."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from launch import Servers
from launch.programs import worker_command
from tests.cache.shoppers import killed, price, reprice
from tests.faults.away import AWAY, Away, frozen
from tests.faults.own import Program, running, variables_of
from tests.faults.rivals import count_rows, eventually
from tests.support import make_products
from utils.errors import Unavailable
from wiring import Shop

A_FEW_SECONDS = 20.0  # what a loaded machine may take to start the worker; one beat is a second


@contextmanager
def worker(shop: Shop, folder: Path) -> Iterator[Program]:
    command = worker_command(shop.settings, folder / "beat-schedule")
    with running(command, variables_of(shop), folder / "worker.log") as program:
        yield program


def stale(shop: Shop, amount: int) -> UUID:
    """A product whose new price the cache was never told: its writer died."""
    [tea] = make_products(shop, 1, price="10")
    assert price(shop, tea) == 10
    reprice(killed(shop), tea, amount)
    assert price(shop, tea) == 10
    return tea


def delivered(shop: Shop, program: Program) -> None:
    def empty() -> bool:
        assert program.process.poll() is None, program.log.read_text()
        return count_rows(shop.database, "outbox_events") == 0

    eventually(empty, "the worker delivered", A_FEW_SECONDS)


def test_it_delivers_and_goes_on_after_kill_9(faulty_shop: Shop, tmp_path: Path) -> None:
    shop = faulty_shop
    first = stale(shop, 7)
    with worker(shop, tmp_path) as program:
        delivered(shop, program)
        assert price(shop, first) == 7
        second = stale(shop, 6)  # while it runs
        delivered(shop, program)
        assert price(shop, second) == 6
        program.kill()
        third = stale(shop, 5)
        assert count_rows(shop.database, "outbox_events") == 4  # nobody is there
    with worker(shop, tmp_path) as program:
        delivered(shop, program)
        assert price(shop, third) == 5


@AWAY
def test_it_goes_on_when_redis_is_back(own_servers: Servers, faulty_shop: Shop, tmp_path: Path, away: Away) -> None:
    """Redis is also the worker's own queue: it must find its way back to it."""
    shop = faulty_shop
    [tea] = make_products(shop, 1, price="10")
    with worker(shop, tmp_path) as program:
        delivered(shop, program)
        with away(own_servers.valkey):
            reprice(shop, tea, 7)
            with pytest.raises(Unavailable):
                shop.cache.ping()
        delivered(shop, program)
        assert price(shop, tea) == 7


@pytest.mark.long
def test_it_goes_on_after_a_long_freeze(own_servers: Servers, faulty_shop: Shop, tmp_path: Path) -> None:
    """Frozen right after a task was committed, when the worker is about to acknowledge its message."""
    shop = faulty_shop
    [tea] = make_products(shop, 1, price="10")
    with worker(shop, tmp_path) as program:
        for amount in (9, 8, 7):
            delivered(shop, program)
            with frozen(own_servers.valkey):
                reprice(shop, tea, amount)
                time.sleep(15)  # longer than any timeout of a client
            delivered(shop, program)
            assert price(shop, tea) == amount
            reprice(shop, tea, amount + 10)
