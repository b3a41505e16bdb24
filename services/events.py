"""News for other domains: written to the outbox in the transaction that made it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import OutboxEvent
from utils import clock
from utils.ids import new_id


def record(session: Session, name: str, payload: Mapping[str, Any]) -> UUID:
    """Writes one event; the worker hands it to whoever listens once this transaction is committed. Returns its id."""
    event_id, moment = new_id(), clock.now()
    session.execute(
        insert(OutboxEvent).values(
            id=event_id, name=name, payload=dict(payload), created_at=moment, available_at=moment
        )
    )
    return event_id
