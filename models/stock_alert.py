"""News of the shelves: a product ran low, ran out, or came back."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class StockAlertKind(StrEnum):
    """What happened to a product's stock."""

    LOW = "low"
    OUT = "out"
    BACK = "back"


class StockAlert(Base):
    """The stock of a product passed a mark; written by the worker from the event of that."""

    __tablename__ = "stock_alerts"
    __table_args__ = (CheckConstraint("kind IN ('low', 'out', 'back')", name="kind_known"),)

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    stock_count: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[Created]
