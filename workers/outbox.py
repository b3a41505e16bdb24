"""Rows of the outbox: taken when due, leased to whoever speaks to a server, put off, and deleted when delivered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import OutboxEvent
from utils import clock

BATCH = 100
MOST_ATTEMPTS = 10
# What waits for a server that is away tries again so soon, again and again.
SOON = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)
_LONGEST_ERROR = 2000
_COLUMNS = (OutboxEvent.id, OutboxEvent.name, OutboxEvent.payload, OutboxEvent.attempts, OutboxEvent.created_at)


class Due(NamedTuple):
    """An event as it is handed to listeners."""

    id: UUID
    name: str
    payload: Mapping[str, Any]
    attempts: int
    created_at: datetime


def take_due(session: Session) -> list[Due]:
    """Up to a batch of due events, the oldest first, locked; those another worker holds are passed over."""
    due = (
        select(*_COLUMNS)
        .where(OutboxEvent.dead_at.is_(None), OutboxEvent.available_at <= clock.now())
        .order_by(OutboxEvent.available_at, OutboxEvent.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return [Due._make(row) for row in session.execute(due)]


def lease(session: Session, events: Sequence[Due], *, until: datetime) -> None:
    """Keeps the events from everybody else until then. Whoever leased them and dies gives them back so."""
    if events:
        leased = update(OutboxEvent).where(OutboxEvent.id.in_([each.id for each in events]))
        session.execute(leased.values(available_at=until))


def claim(session: Session, event_id: UUID, *, leased_until: datetime, until: datetime) -> Due | None:
    """The event of this lease under a new one, its attempt counted; None when the lease is not the present one.

    So of several tasks for one event, in whichever order they come, one at most sends it.
    """
    claimed = session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.available_at == leased_until, OutboxEvent.dead_at.is_(None))
        .values(available_at=until, attempts=OutboxEvent.attempts + 1)
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if claimed is None else Due._make(claimed)


def forget_delivered(session: Session, event_ids: Sequence[UUID]) -> None:
    """Deletes events that were delivered."""
    if event_ids:
        session.execute(delete(OutboxEvent).where(OutboxEvent.id.in_(event_ids)))


def put_off_soon(session: Session, events: Sequence[Due], error: str) -> None:
    """Makes the events due again in a moment. A server is away, which is nobody's fault: no attempt is counted."""
    if events:
        late = update(OutboxEvent).where(OutboxEvent.id.in_([each.id for each in events]))
        session.execute(late.values(available_at=clock.now() + SOON, last_error=error[:_LONGEST_ERROR]))


def put_off(session: Session, event_id: UUID, *, attempts: int, error: str, pause: timedelta | None = None) -> None:
    """Makes the event due again after this pause, by default one that doubles with each attempt; the last is the end.

    `attempts` counts this one, if it counts.
    """
    moment = clock.now()
    is_last = attempts >= MOST_ATTEMPTS
    session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id)
        .values(
            attempts=attempts,
            available_at=moment + (pause or min(timedelta(seconds=2**attempts), LONGEST_PAUSE)),
            last_error=error[:_LONGEST_ERROR],
            dead_at=moment if is_last else None,
        )
    )


def give_up(session: Session, event_id: UUID, *, error: str) -> None:
    """Makes a dead letter of the event at once."""
    dead = update(OutboxEvent).where(OutboxEvent.id == event_id)
    session.execute(dead.values(dead_at=clock.now(), last_error=error[:_LONGEST_ERROR]))


def list_dead(session: Session) -> Sequence[OutboxEvent]:
    """The events that were given up, oldest first."""
    return session.scalars(
        select(OutboxEvent).where(OutboxEvent.dead_at.is_not(None)).order_by(OutboxEvent.dead_at, OutboxEvent.id)
    ).all()


def replay(session: Session, event_ids: Sequence[UUID] | None) -> int:
    """Makes dead events due again, all of them for None; returns how many."""
    revived = (
        update(OutboxEvent)
        .where(OutboxEvent.dead_at.is_not(None))
        .values(dead_at=None, attempts=0, available_at=clock.now())
        .returning(OutboxEvent.id)
    )
    if event_ids is not None:
        revived = revived.where(OutboxEvent.id.in_(event_ids))
    return len(session.scalars(revived).all())
