"""Which tier each customer is in, and how it came to that."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Serial


class CustomerTier(Base):
    """The tier of a customer by successful orders; whoever has no row is in the lowest, with none of them."""

    __tablename__ = "customer_tiers"
    __table_args__ = (
        CheckConstraint("tier IN ('bronze', 'silver', 'gold')", name="tier_known"),
        CheckConstraint("successful_orders >= 0", name="orders_not_negative"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    tier: Mapped[str]
    successful_orders: Mapped[int] = mapped_column(Integer)


class TierChange(Base):
    """The customer's tier became another one at this moment. Rows are only added."""

    __tablename__ = "tier_changes"
    __table_args__ = (
        CheckConstraint("before IN ('bronze', 'silver', 'gold')", name="before_known"),
        CheckConstraint("after IN ('bronze', 'silver', 'gold') AND after <> before", name="after_known"),
        CheckConstraint("reason IN ('order', 'repair')", name="reason_known"),
        Index("ix_tier_changes_customer", "customer_id", text("id DESC")),
    )

    id: Mapped[Serial]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    before: Mapped[str]
    after: Mapped[str]
    successful_orders: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    created_at: Mapped[Created]
