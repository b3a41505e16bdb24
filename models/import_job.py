"""Imports of products: what was sent, how far the worker is, and what it found."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class ImportFormat(StrEnum):
    """How a file of products is written."""

    CSV = "csv"
    JSONL = "jsonl"


class ImportStatus(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class ImportJob(Base):
    """One file. It lies in PostgreSQL, where every worker reaches it, and is let go when the job has ended."""

    __tablename__ = "import_jobs"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'jsonl')", name="format_known"),
        CheckConstraint("status IN ('waiting', 'running', 'done', 'refused', 'failed')", name="status_known"),
    )

    id: Mapped[Id]
    format: Mapped[str]
    is_dry_run: Mapped[bool] = mapped_column(Boolean)
    # Whether good lines are kept when others are refused.
    is_partial: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str]
    source: Mapped[bytes | None] = mapped_column(LargeBinary)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lines: Mapped[int] = mapped_column(Integer, server_default="0")
    created: Mapped[int] = mapped_column(Integer, server_default="0")
    updated: Mapped[int] = mapped_column(Integer, server_default="0")
    unchanged: Mapped[int] = mapped_column(Integer, server_default="0")
    refused: Mapped[int] = mapped_column(Integer, server_default="0")
    # The first of them: {line, field, code, message}.
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
