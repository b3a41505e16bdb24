"""The history of an order: one row for every step it took."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Serial


class OrderStep(Base):
    """The order entered this status at this moment, by the act of this account."""

    __tablename__ = "order_steps"
    __table_args__ = (CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'refunded')", name="status_known"),)

    id: Mapped[Serial]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    status: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
