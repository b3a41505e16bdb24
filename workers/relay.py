"""The outbox relay: hands each event to its listeners at least once, and sets aside what cannot be delivered."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import OutboxEvent
from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers.listeners import LISTENERS, Listener

BATCH = 100
MOST_ATTEMPTS = 10
_LONGEST_PAUSE = timedelta(minutes=10)
_LONGEST_ERROR = 2000

log = structlog.get_logger(__name__)


class Due(NamedTuple):
    """An event as it is handed to listeners."""

    id: UUID
    name: str
    payload: Mapping[str, Any]
    attempts: int


def relay_all(shop: Shop, listeners: Mapping[str, Sequence[Listener]] = LISTENERS) -> int:
    """Hands on every event that is due, batch by batch; returns how many were delivered."""
    delivered = 0
    while True:
        found, done = relay_batch(shop, listeners)
        delivered += done
        # Nothing went through: a server is away, and the next beat is soon.
        if found < BATCH or not done:
            return delivered


def relay_batch(shop: Shop, listeners: Mapping[str, Sequence[Listener]] = LISTENERS) -> tuple[int, int]:
    """Takes up to a batch of due events, oldest first; returns how many were found and how many were delivered.

    One transaction: the listeners' effects and the deletion of the rows are committed together, so that a killed worker
    leaves every event to the next one. Rows another worker holds are passed over (SKIP LOCKED).
    """
    due = (
        select(OutboxEvent.id, OutboxEvent.name, OutboxEvent.payload, OutboxEvent.attempts)
        .where(OutboxEvent.dead_at.is_(None), OutboxEvent.available_at <= clock.now())
        .order_by(OutboxEvent.available_at, OutboxEvent.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with shop.database.write() as session:
        events = [Due._make(row) for row in session.execute(due)]
        delivered = [event.id for event in events if _deliver(shop, session, event, listeners)]
        session.execute(delete(OutboxEvent).where(OutboxEvent.id.in_(delivered)))
    return len(events), len(delivered)


def _deliver(shop: Shop, session: Session, event: Due, listeners: Mapping[str, Sequence[Listener]]) -> bool:
    try:
        with session.begin_nested():
            # An unknown name fails as well: it may be news of a newer release, whose worker will know it.
            for listen in listeners[event.name]:
                listen(shop, session, event.id, event.payload)
    except Unavailable as fault:
        # A server is away, which is nobody's fault: try again soon, for as long as it takes.
        _put_off(session, event.id, attempts=event.attempts, pause=timedelta(seconds=1), fault=fault)
        return False
    except Exception as fault:
        attempts = event.attempts + 1
        log.exception(
            "an event could not be delivered", event_id=str(event.id), event_name=event.name, attempts=attempts
        )
        pause = min(timedelta(seconds=2**attempts), _LONGEST_PAUSE)
        _put_off(session, event.id, attempts=attempts, pause=pause, fault=fault)
        return False
    return True


def _put_off(session: Session, event_id: UUID, *, attempts: int, pause: timedelta, fault: Exception) -> None:
    moment = clock.now()
    session.execute(
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id)
        .values(
            attempts=attempts,
            available_at=moment + pause,
            last_error=f"{type(fault).__name__}: {fault}"[:_LONGEST_ERROR],
            dead_at=moment if attempts >= MOST_ATTEMPTS else None,
        )
    )


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
