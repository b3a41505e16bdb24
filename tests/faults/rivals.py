"""Rivals: acts that run at the same time, or in the middle of one another at a chosen statement."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event, text

from services.catalogue.stock.stock import list_discrepancies
from utils.database import Database
from utils.prepared import _KEPT as KEPT

T = TypeVar("T")

# Far above what anything here takes; reached only when something hangs.
PATIENCE_SECONDS = 30.0


def together(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs the acts in a thread each, let go at one moment; what each returned or raised, in their order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(PATIENCE_SECONDS)
        try:
            return act()
        except Exception as refusal:
            return refusal

    with ThreadPoolExecutor(max_workers=len(acts)) as threads:
        return [done.result() for done in [threads.submit(run, act) for act in acts]]


@contextmanager
def beside() -> Iterator[Callable[[Callable[[], T]], "Future[T]"]]:
    """Starts acts in threads of their own: `with beside() as start: rival = start(act)`; waits for them at the end."""
    with ThreadPoolExecutor(max_workers=8) as threads:
        yield threads.submit


@contextmanager
def interrupted(engine: Engine, *, after: str, by: Callable[[], object]) -> Iterator[None]:
    """Runs `by` once, right after the first statement in which `after` stands, whoever executes it.

    Of a statement that is prepared the execution is meant, not the preparation.
    """
    pending = [by]

    def look(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        prepared = {call: text for (text, _), call in connection.info.get(KEPT, {}).items()}
        if after in prepared.get(statement, statement) and not statement.startswith("PREPARE ") and pending:
            pending.pop()()

    event.listen(engine, "after_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "after_cursor_execute", look)
    assert not pending, f"no statement with {after!r} was executed"


def eventually(holds: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits, looking again and again, until it holds; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.005)


def until_blocked(database: Database, count: int = 1) -> None:
    """Waits until so many transactions of this database wait for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def blocked() -> bool:
        with database.reading_engine.connect() as connection:
            return bool(connection.execute(waiting).scalar_one() >= count)

    eventually(blocked, f"{count} blocked transactions")


def count_rows(database: Database, table: str) -> int:
    """How many rows the table has."""
    with database.read() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def assert_clean(database: Database) -> None:
    """Every stock count equals its ledger, and every order is whole: lines, total, a step, and the stock it took."""
    broken = text(
        """
        SELECT orders.id FROM orders
        WHERE NOT EXISTS (SELECT FROM order_items WHERE order_id = orders.id)
           OR (SELECT count(*) FROM order_steps WHERE order_id = orders.id) <> 1
           OR orders.total_amount <> (SELECT sum(line_total) FROM order_items WHERE order_id = orders.id)
           OR EXISTS (
                SELECT FROM (SELECT product_id, quantity FROM order_items WHERE order_id = orders.id) AS line
                FULL JOIN (SELECT product_id, quantity FROM stock_movements WHERE order_id = orders.id) AS taken
                    USING (product_id)
                WHERE line.quantity IS DISTINCT FROM -taken.quantity)
        """
    )
    with database.read() as session:
        assert list_discrepancies(session) == []
        assert session.execute(broken).all() == []


def outcomes(results: Sequence[Any]) -> dict[str, int]:
    """How many of the results are of which type, refusals by their class's name: {"UUID": 10, "OutOfStock": 30}."""
    names = [type(each).__name__ for each in results]
    return {name: names.count(name) for name in dict.fromkeys(names)}
