"""Events through the outbox beside plain Celery tasks with the same effect, by one worker process of ours."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from celery import Celery
from sqlalchemy import text

from bench.grounds import PROJECT, Grounds
from launch.processes import Children
from launch.programs import worker_command
from services import events
from utils.ids import new_id
from wiring import Shop

NEWS = "bench.news"
TASK = "bench_mark"
_MAKE_TABLE = "CREATE TABLE IF NOT EXISTS bench_marks (event_id uuid PRIMARY KEY)"
_PATIENCE_SECONDS = 120.0
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.01


class Delivered(NamedTuple):
    """Effects committed a second: of events, of plain tasks, and the middle of the rounds' ratios."""

    events: float
    tasks: float
    ratio: float


def measured(grounds: Grounds, *, rounds: int, count: int) -> Delivered:
    """In turns: so many events, then as many tasks, each lot waiting as a whole before the worker sees it."""
    queue = Celery("bench", broker=grounds.servers.redis, set_as_current=False)
    with grounds.opened() as shop, _worker(grounds, shop):
        with shop.database.write() as session:
            session.execute(text(_MAKE_TABLE))
        _rate(shop, lambda: _record(shop, count // 4), count // 4)  # warms the worker up
        pairs = [
            (
                _rate(shop, lambda: _record(shop, count), count),
                _rate(shop, lambda number=number: _send(queue, f"bench-{number}", count), count),  # type: ignore[misc]
            )
            for number in range(rounds)
        ]
    return Delivered(
        events=median(by_event for by_event, _ in pairs),
        tasks=median(by_task for _, by_task in pairs),
        ratio=median(by_event / by_task for by_event, by_task in pairs),
    )


def _record(shop: Shop, count: int) -> None:
    with shop.database.write() as session:
        for _ in range(count):
            events.record(session, NEWS, {})


def _send(queue: Celery, name: str, count: int) -> None:
    """The messages first, under a name that nobody reads yet."""
    for _ in range(count):
        queue.send_task(TASK, (str(new_id()),), queue=name)
    queue.control.add_consumer(name)


def _rate(shop: Shop, begin: Callable[[], None], count: int) -> float:
    """Effects a second, from the first that is seen to the last; so the clock's second between beats is not in it."""
    with shop.database.write() as session:
        session.execute(text("TRUNCATE bench_marks"))
    begin()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    first: tuple[int, float] | None = None
    while True:
        with shop.database.read() as session:
            seen = int(session.execute(text("SELECT count(*) FROM bench_marks")).scalar_one())
        moment = time.monotonic()
        if first is None and seen:
            first = seen, moment
        if first is not None and seen >= count:
            return (count - first[0]) / (moment - first[1])
        if moment > deadline:
            raise RuntimeError(f"the worker did {seen} of {count} within {_PATIENCE_SECONDS:.0f} s")
        time.sleep(_LOOK_SECONDS)


@contextmanager
def _worker(grounds: Grounds, shop: Shop) -> Iterator[None]:
    """One worker process with its clock, as `serve` starts it."""
    with TemporaryDirectory(prefix="shop-bench-") as folder, Children() as children:
        command = worker_command(shop.settings, Path(folder) / "beat-schedule")
        ours = [word.replace("workers.celery_app", "bench.outbox_worker") for word in command]
        log = Path(folder) / "worker.log"
        with log.open("wb") as output:
            process = children.start(
                ours, death_signal=signal.SIGTERM, env=grounds.environment, cwd=PROJECT, output=output
            )
        try:
            yield
        except RuntimeError as fault:
            raise RuntimeError(f"{fault}:\n{log.read_text()}") from None
        finally:
            children.end(process, signal.SIGTERM, _STOP_SECONDS)
