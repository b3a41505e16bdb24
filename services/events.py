"""News for other domains: written to the outbox in the transaction that made it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from utils import clock
from utils.database import run
from utils.ids import new_id

_RECORD = """
INSERT INTO outbox_events (id, name, payload, created_at, available_at)
VALUES (%(id)s, %(name)s, CAST(%(payload)s AS jsonb), %(moment)s, %(moment)s)
"""


def record(session: Session, name: str, payload: Mapping[str, Any], *, due: datetime | None = None) -> UUID:
    """Writes one event; the worker hands it to whoever listens once this transaction is committed. Returns its id.

    With `due` it is news of that moment, and waits until then.
    """
    event_id = new_id()
    values = {"id": event_id, "name": name, "payload": orjson.dumps(payload).decode(), "moment": due or clock.now()}
    run(session, _RECORD, values)
    return event_id
