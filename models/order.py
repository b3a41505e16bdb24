"""Orders: what a customer bought, with every price as it was at that moment."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id
from models.order_item import OrderItem
from models.order_step import OrderStep

order_numbers = Sequence("order_numbers", start=10001, metadata=Base.metadata)


class OrderStatus(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Order(Base):
    """An order of one customer. Its number comes from a sequence: rising, not gapless."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'refunded')", name="status_known"),
        CheckConstraint("total_amount >= 0", name="total_not_negative"),
        CheckConstraint("net_goods >= 0 AND net_shipping >= 0 AND tax_total >= 0", name="parts_not_negative"),
        CheckConstraint("net_goods + net_shipping + tax_total = total_amount", name="parts_are_the_total"),
        CheckConstraint("discount_total >= 0", name="discount_not_negative"),
        Index("ix_orders_customer_newest", "customer_id", text("created_at DESC"), text("id DESC")),
        # Successful ones, for the customer's tier.
        Index("ix_orders_successful", "customer_id", postgresql_where=text("status = 'paid'")),
        Index("ix_orders_newest", text("created_at DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(BigInteger, server_default=order_numbers.next_value(), unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    currency: Mapped[str] = mapped_column(String(3))
    total_amount: Mapped[Decimal]
    # Without taxes, whether the region shows prices with them or not.
    net_goods: Mapped[Decimal]
    net_shipping: Mapped[Decimal]
    tax_total: Mapped[Decimal]
    # As prices are shown in the region: all that discounts took off, from goods and from shipping.
    discount_total: Mapped[Decimal]
    # Orders of before there were regions have none.
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code", ondelete="RESTRICT"))
    status: Mapped[str] = mapped_column(default=OrderStatus.PENDING)
    created_at: Mapped[Created]
    updated_at: Mapped[datetime]

    items: Mapped[list[OrderItem]] = relationship(lazy="raise", order_by=OrderItem.position)
    history: Mapped[list[OrderStep]] = relationship(lazy="raise", order_by=OrderStep.id)
