"""Delivers one event to a server outside, with no lock and no transaction open while that server is spoken to."""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import structlog

from gateways.mail.mail import MailRefused
from gateways.payments.products import StripeRefused
from utils import clock
from utils.errors import Unavailable
from wiring import Shop
from workers import outbox
from workers.listeners import AUDIENCE, Errand
from workers.outbox import LONGEST_PAUSE, MOST_ATTEMPTS, SOON, Due

# Longer than a mail takes with the longest of timeouts; a worker killed in mid-delivery is made up for after that.
SENDING_FOR = timedelta(minutes=5)
# For so long a server that is away is nobody's fault. After that each attempt counts, and ten are the end.
PATIENCE = timedelta(days=3)

log = structlog.get_logger(__name__)


class _Failure(NamedTuple):
    """Why an event was not delivered. The words of a fault stay out of it: mail servers quote addresses in theirs."""

    error: str
    is_nobodys_fault: bool = False
    is_final: bool = False


def deliver(
    shop: Shop, event_id: UUID, *, leased_until: datetime, outside: Mapping[str, Errand] = AUDIENCE.outside
) -> bool:
    """Does the errand of this event and deletes it; says whether it did.

    Does nothing when the event is gone or its lease is another's. A worker that dies on the way leaves a lease behind,
    and the relay hands the event over again when that ends: at least once.
    """
    with shop.database.write() as session:
        event = outbox.claim(session, event_id, leased_until=leased_until, until=clock.now() + SENDING_FOR)
    if event is None:
        return False
    failure = _attempt(shop, event, outside)
    with shop.database.write() as session:
        if failure is None:
            outbox.forget_delivered(session, [event.id])
        elif failure.is_final:
            outbox.give_up(session, event.id, error=failure.error)
        elif failure.is_nobodys_fault and clock.now() - event.created_at < PATIENCE:
            pause = _growing_pause(event)
            outbox.put_off(session, event.id, attempts=event.attempts - 1, error=failure.error, pause=pause)
        else:
            outbox.put_off(session, event.id, attempts=event.attempts, error=failure.error)
    return failure is None


def _attempt(shop: Shop, event: Due, outside: Mapping[str, Errand]) -> _Failure | None:
    about = {"event_id": str(event.id), "event_name": event.name, "attempts": event.attempts}
    if event.attempts > MOST_ATTEMPTS:
        # Only attempts that ended with the worker's death were counted and never put down.
        log.error("an event was given up, because the worker died of it again and again", **about)
        return _Failure("WorkerDied", is_final=True)
    try:
        outside[event.name](shop, event.id, event.payload)
    except Unavailable as fault:
        error = _told(fault, fault.details.get("status"))
        log.warning("an event was put off, because a server is away", **about, fault=error)
        return _Failure(error, is_nobodys_fault=True)
    except (MailRefused, StripeRefused) as fault:
        error = _told(fault, fault.status)
        log.error("an event was given up, because the server refused it", **about, fault=error)
        return _Failure(error, is_final=True)
    except Exception as fault:
        error = _told(fault, None)
        frames = [f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(fault.__traceback__)]
        log.error("an event could not be delivered", **about, fault=error, at=frames)
        return _Failure(error)
    return None


def _told(fault: Exception, status: object) -> str:
    name = type(fault).__name__
    return name if status is None else f"{name} {status}"


def _growing_pause(event: Due) -> timedelta:
    """Half the time that the event has waited: a second at first, and ten minutes at most."""
    return min(max((clock.now() - event.created_at) / 2, SOON), LONGEST_PAUSE)
