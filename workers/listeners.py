"""Who listens to which news of the outbox."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue import changes
from wiring import Shop

# What a listener does in the database is committed together with the event's delivery; the event's id is the same at
# every attempt, for what it does elsewhere.
Listener = Callable[[Shop, Session, UUID, Mapping[str, Any]], None]


def _tell_cache_again(shop: Shop, _session: Session, event_id: UUID, payload: Mapping[str, Any]) -> None:
    changes.repeat(shop.cache, event_id=event_id, payload=payload)


LISTENERS: dict[str, tuple[Listener, ...]] = {changes.CATALOGUE_CHANGED: (_tell_cache_again,)}
