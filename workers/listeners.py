"""Who listens to which news of the outbox, sorted by what listening touches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.stock_alert import StockAlertKind
from services.accounts import letters, sessions
from services.catalogue import changes, stripe_products
from services.catalogue.images import images
from services.catalogue.importing.jobs import IMPORT_WANTED
from services.catalogue.products import product_news
from services.catalogue.stock import stock_alerts, stock_marks
from services.orders.moving import ORDER_STATUS_CHANGED
from wiring import Shop
from workers.imports import carry_out_import
from workers.post import send_letter
from workers.stripe_sync import listen_for_import, listen_for_product, push_wanted, sync_wanted
from workers.thumbnails import make_thumbnails
from workers.tiers import listen_for_order_status

# What it does in the database is committed together with the event's delivery; it speaks to no other server.
Listener = Callable[[Shop, Session, UUID, Mapping[str, Any]], None]
# It speaks to a server, while no transaction is open. The event's id is the same at every attempt.
Errand = Callable[[Shop, UUID, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Audience:
    """Each event's name stands in one of the three. A listener that needs two of them records another event.

    `inside` works in PostgreSQL only. `nearby` speaks to Redis, which answers at once or not at all: the relay itself
    does it. `outside` speaks to servers that may be slow: each event is a task of its own.
    """

    inside: Mapping[str, Sequence[Listener]] = field(default_factory=dict)
    nearby: Mapping[str, Errand] = field(default_factory=dict)
    outside: Mapping[str, Errand] = field(default_factory=dict)


def _tell_cache_again(shop: Shop, event_id: UUID, payload: Mapping[str, Any]) -> None:
    changes.repeat(shop.cache, event_id=event_id, payload=payload)


def _end_sessions_again(shop: Shop, event_id: UUID, payload: Mapping[str, Any]) -> None:
    sessions.repeat_end(shop.cache, event_id=event_id, session_ids=payload["sessions"])


def _write_stock_alert(kind: StockAlertKind) -> Listener:
    def listen(_shop: Shop, session: Session, event_id: UUID, payload: Mapping[str, Any]) -> None:
        stock_alerts.write_alert(session, kind, event_id=event_id, payload=payload)

    return listen


AUDIENCE = Audience(
    inside={
        **{name: [_write_stock_alert(kind)] for kind, name in stock_marks.NAMES.items()},
        product_news.PRODUCT_CHANGED: [listen_for_product],
        product_news.PRODUCTS_IMPORTED: [listen_for_import],
        ORDER_STATUS_CHANGED: [listen_for_order_status],
    },
    nearby={changes.CATALOGUE_CHANGED: _tell_cache_again, sessions.SESSIONS_ENDED: _end_sessions_again},
    outside={
        letters.LETTER_WANTED: send_letter,
        images.IMAGE_UPLOADED: make_thumbnails,
        IMPORT_WANTED: carry_out_import,
        stripe_products.PUSH_WANTED: push_wanted,
        stripe_products.SYNC_WANTED: sync_wanted,
    },
)
