"""Events for the relay's tests, and listeners that leave their mark in the database."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services import events
from utils.database import Database
from wiring import Shop
from workers.listeners import Audience, Listener

NEWS = "tests.news"


class Kept(NamedTuple):
    """What the outbox says of an event."""

    attempts: int
    seconds_put_off: float
    is_dead: bool
    last_error: str | None


def record(shop: Shop, count: int = 1, **payload: Any) -> list[UUID]:
    """So many events, due at once."""
    with shop.database.write() as session:
        return [events.record(session, NEWS, {"number": number, **payload}) for number in range(count)]


def kept(shop: Shop) -> dict[UUID, Kept]:
    """What is in the outbox; `seconds_put_off` is from the last attempt, rounded by the caller."""
    chosen = text(
        "SELECT id, attempts, extract(epoch FROM available_at - now()) AS pause, dead_at IS NOT NULL AS dead, "
        "last_error FROM outbox_events ORDER BY id"
    )
    with shop.database.read() as session:
        rows = session.execute(chosen).all()
    return {row.id: Kept(row.attempts, float(row.pause), row.dead, row.last_error) for row in rows}


def make_due(shop: Shop) -> None:
    """Lets the pauses of all events pass."""
    with shop.database.write() as session:
        session.execute(text("UPDATE outbox_events SET available_at = now()"))


@contextmanager
def marks(database: Database) -> Iterator[Callable[[], list[UUID]]]:
    """A table in which `mark` writes; calling the result tells which events were marked, and how often."""
    with database.write() as session:
        session.execute(text("CREATE TABLE relay_marks (id bigserial PRIMARY KEY, event_id uuid NOT NULL)"))

    def found() -> list[UUID]:
        with database.read() as session:
            return list(session.scalars(text("SELECT event_id FROM relay_marks ORDER BY id")))

    try:
        yield found
    finally:
        with database.write() as session:
            session.execute(text("DROP TABLE relay_marks"))


def mark(_shop: Shop, session: Session, event_id: UUID, _payload: Mapping[str, Any]) -> None:
    """A listener whose effect is a row."""
    session.execute(text("INSERT INTO relay_marks (event_id) VALUES (:id)"), {"id": event_id})


def heard_by(*listeners: Listener) -> Audience:
    """These listeners, for the tests' events."""
    return Audience(inside={NEWS: listeners})
