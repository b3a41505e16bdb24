"""The ledger of stock: every change of a product's stock is one row, written once and never changed."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Serial


class MovementReason(StrEnum):
    """Why the stock of a product changed."""

    INITIAL = "initial"
    ADJUSTMENT = "adjustment"
    ORDER = "order"
    RECEIVED = "received"
    RETURNED = "returned"
    COUNTED = "counted"
    DAMAGED = "damaged"
    LOST = "lost"
    IMPORTED = "imported"
    CANCELLED = "cancelled"


class StockMovement(Base):
    """So many pieces came (positive) or went (negative). A trigger of the first migration forbids changing rows."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        CheckConstraint(
            "reason IN ('initial', 'adjustment', 'order', 'received', 'returned', 'counted', 'damaged', 'lost',"
            " 'imported', 'cancelled')",
            name="reason_known",
        ),
        Index("ix_stock_movements_product_id", "product_id", text("id DESC")),
        CheckConstraint("(reason IN ('order', 'cancelled')) = (order_id IS NOT NULL)", name="order_named"),
    )

    id: Mapped[Serial]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    quantity: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id", ondelete="RESTRICT"), index=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    # What the person who counted has to say; never of an order.
    note: Mapped[str | None]
    created_at: Mapped[Created]
