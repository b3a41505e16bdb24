"""The outbox: news written in the transaction that made it, handed on by the worker afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class OutboxEvent(Base):
    """One piece of news. Delivered rows are deleted; one with `dead_at` waits for a person."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index("ix_outbox_events_due", "available_at", "id", postgresql_where=text("dead_at IS NULL")),)

    id: Mapped[Id]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Created]
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    last_error: Mapped[str | None]
    dead_at: Mapped[datetime | None]
