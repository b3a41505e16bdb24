"""The worker as it is, with a listener and a plain task besides that have one and the same effect: a committed row."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from bench.outbox import NEWS, TASK
from utils.database import run
from wiring import Shop
from workers.celery_app import celery_app, shop
from workers.listeners import AUDIENCE

_MARK = "INSERT INTO bench_marks (event_id) VALUES (%(id)s)"


def mark(_shop: Shop, session: Session, event_id: UUID, _payload: Mapping[str, Any]) -> None:
    """The effect."""
    run(session, _MARK, {"id": event_id})


@celery_app.task(name=TASK)
def bench_mark(event_id: str) -> None:
    """The same effect, in a transaction of its own."""
    with shop().database.write() as session:
        mark(shop(), session, UUID(event_id), {})


# A bench may listen where the program does not.
cast(dict[str, Any], AUDIENCE.inside)[NEWS] = (mark,)
