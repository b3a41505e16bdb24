"""Stock alerts: what staff are told when a product ran low, ran out or came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Category, Product, StockAlert
from models.stock_alert import StockAlertKind
from services.accounts.actor import Actor
from utils.cursors import checked_first, cursor_of, id_place_of
from utils.database import run

_LIST = "stockAlerts"
# Under the event's id: told twice, it is written once. Of a product that is gone, nobody needs to know. An id begins
# with its moment, and so does the alert.
_WRITE = """
INSERT INTO stock_alerts (id, product_id, kind, stock_count, created_at)
SELECT %(id)s, id, %(kind)s, %(stock_count)s, to_timestamp(%(milliseconds)s / 1000.0) FROM products
WHERE id = CAST(%(product_id)s AS uuid)
ON CONFLICT (id) DO NOTHING
"""


def write_alert(session: Session, kind: StockAlertKind, *, event_id: UUID, payload: Mapping[str, Any]) -> None:
    """What the worker does with the event of a mark (stock_marks.py)."""
    values = {
        "id": event_id,
        "kind": kind.value,
        "product_id": payload["product"],
        "stock_count": payload["stockCount"],
        "milliseconds": event_id.int >> 80,
    }
    run(session, _WRITE, values)


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """A page of `first` (1 to 100) alerts after a cursor, the newest first, of one kind or of all.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    first: int = 20
    after: str | None = None
    kind: StockAlertKind | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        if self.after is not None:
            id_place_of(self.after, _LIST)

    def cursor(self, alert: StockAlert) -> str:
        """The opaque name of this alert's place."""
        return cursor_of(_LIST, alert.id)


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Alerts, the newest first, and whether more follow."""

    alerts: Sequence[StockAlert]
    has_next: bool


def list_alerts(session: Session, query: AlertQuery, *, actor: Actor) -> AlertPage:
    """One page of the alerts of the actor's departments; of all for an admin."""
    chosen = select(StockAlert)
    if not actor.is_admin:
        theirs = Category.department_id.in_(actor.departments)
        chosen = chosen.join(Product, Product.id == StockAlert.product_id)
        chosen = chosen.join(Category, Category.id == Product.category_id).where(theirs)
    if query.kind is not None:
        chosen = chosen.where(StockAlert.kind == query.kind)
    if query.after is not None:
        chosen = chosen.where(StockAlert.id < id_place_of(query.after, _LIST))
    rows = session.scalars(chosen.order_by(StockAlert.id.desc()).limit(query.first + 1)).all()
    return AlertPage(rows[: query.first], has_next=len(rows) > query.first)
