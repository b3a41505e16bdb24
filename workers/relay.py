"""The outbox relay: hands each event to its listeners at least once, and sets aside what cannot be delivered."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers import outbox
from workers.delivery import deliver
from workers.listeners import AUDIENCE, Audience
from workers.outbox import BATCH, Due

# How long a batch's changes of Redis may take at most; what a killed relay had in hand is due again after that.
NEARBY_FOR = timedelta(seconds=5)
# How long a task may wait for its turn; one that a flushed queue has lost is sent again after that.
HANDED_OVER_FOR = timedelta(minutes=2)

# Sends a task that delivers this event under this lease.
HandOver = Callable[[UUID, datetime], None]

log = structlog.get_logger(__name__)


class _Batch(NamedTuple):
    """What one transaction took: events it delivered itself, and those it leased."""

    found: int
    delivered: int
    nearby: Sequence[Due]
    outside: Sequence[Due]
    leased_until: datetime


def relay_all(shop: Shop, audience: Audience = AUDIENCE, *, hand_over: HandOver | None = None) -> int:
    """Hands on every event that is due, batch by batch; returns how many went through.

    `hand_over` sends the task for an event of the outside; without it the errand is done here and now.
    """
    through = 0
    while True:
        found, done = relay_batch(shop, audience, hand_over=hand_over)
        through += done
        # Nothing went through: a server is away, and the next beat is soon.
        if found < BATCH or not done:
            return through


def relay_batch(shop: Shop, audience: Audience = AUDIENCE, *, hand_over: HandOver | None = None) -> tuple[int, int]:
    """Takes up to a batch of due events, oldest first; returns how many were found and how many went through.

    In one transaction the listeners of the inside have their effects and the rows are deleted, so that a killed worker
    leaves every event to the next one. The others are leased in it; Redis and the queue are spoken to after it, while
    no row is locked.
    """
    try:
        batch = _taken(shop, audience, one_by_one=False)
    except Exception:
        # One event spoils its batch: again from the start, so that each fails for itself.
        batch = _taken(shop, audience, one_by_one=True)
    nearby = _done_nearby(shop, batch, audience) if batch.nearby else 0
    outside = _handed_over(shop, batch, audience, hand_over) if batch.outside else 0
    return batch.found, batch.delivered + nearby + outside


def _taken(shop: Shop, audience: Audience, *, one_by_one: bool) -> _Batch:
    deliver_inside = _deliver_one_by_one if one_by_one else _deliver_together
    with shop.database.write() as session:
        events = outbox.take_due(session)
        nearby = [each for each in events if each.name in audience.nearby]
        outside = [each for each in events if each.name in audience.outside]
        inside = [each for each in events if each.name not in audience.nearby and each.name not in audience.outside]
        delivered = deliver_inside(shop, session, inside, audience)
        moment = clock.now()
        outbox.forget_delivered(session, delivered)
        outbox.lease(session, nearby, until=moment + NEARBY_FOR)
        outbox.lease(session, outside, until=moment + HANDED_OVER_FOR)
    return _Batch(len(events), len(delivered), nearby, outside, moment + HANDED_OVER_FOR)


def _deliver_together(shop: Shop, session: Session, events: Sequence[Due], audience: Audience) -> list[UUID]:
    for event in events:
        # An unknown name fails as well: it may be news of a newer release, whose worker will know it.
        for listen in audience.inside[event.name]:
            listen(shop, session, event.id, event.payload)
    return [each.id for each in events]


def _deliver_one_by_one(shop: Shop, session: Session, events: Sequence[Due], audience: Audience) -> list[UUID]:
    delivered = []
    for event in events:
        try:
            with session.begin_nested():
                _deliver_together(shop, session, [event], audience)
        except Unavailable as fault:
            outbox.put_off_soon(session, [event], _told(fault))
        except Exception as fault:
            _put_off(session, event, fault)
        else:
            delivered.append(event.id)
    return delivered


def _done_nearby(shop: Shop, batch: _Batch, audience: Audience) -> int:
    """Does the errands to Redis. When it is away the rest of the batch is not tried: each would wait for it anew."""
    done: list[UUID] = []
    failed: list[tuple[Due, Exception]] = []
    away: Unavailable | None = None
    for event in batch.nearby:
        try:
            audience.nearby[event.name](shop, event.id, event.payload)
        except Unavailable as fault:
            away = fault
            break
        except Exception as fault:
            failed.append((event, fault))
        else:
            done.append(event.id)
    with shop.database.write() as session:
        outbox.forget_delivered(session, done)
        for event, reason in failed:
            _put_off(session, event, reason)
        if away is not None:
            outbox.put_off_soon(session, batch.nearby[len(done) + len(failed) :], _told(away))
    return len(done)


def _handed_over(shop: Shop, batch: _Batch, audience: Audience, hand_over: HandOver | None) -> int:
    for number, event in enumerate(batch.outside):
        try:
            if hand_over is None:
                deliver(shop, event.id, leased_until=batch.leased_until, outside=audience.outside)
            else:
                hand_over(event.id, batch.leased_until)
        except Exception as fault:
            log.warning("the queue took no task; the relay sends it again", fault=type(fault).__name__)
            with shop.database.write() as session:
                outbox.put_off_soon(session, batch.outside[number:], type(fault).__name__)
            return number
    return len(batch.outside)


def _put_off(session: Session, event: Due, fault: Exception) -> None:
    attempts = event.attempts + 1
    about = {"event_id": str(event.id), "event_name": event.name, "attempts": attempts}
    log.error("an event could not be delivered", **about, exc_info=fault)
    outbox.put_off(session, event.id, attempts=attempts, error=_told(fault))


def _told(fault: Exception) -> str:
    # The first line: in its others PostgreSQL quotes values of the row.
    return f"{type(fault).__name__}: {fault}".partition("\n")[0]
