"""Idempotency keys: which request of which caller made which thing."""

from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created


class IdempotencyKey(Base):
    """One caller's key for one field: the hash of the arguments it came with, and the id of what it made."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    arguments_hash: Mapped[bytes] = mapped_column(LargeBinary)
    result_id: Mapped[UUID]
    created_at: Mapped[Created] = mapped_column(index=True)
