"""Prices over time: what each product cost since when, never changed; and what it will cost, by the clock."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id, Serial


class PriceReason(StrEnum):
    """Why a price began, or why one of a region ended."""

    INITIAL = "initial"
    CHANGED = "changed"
    SCHEDULED = "scheduled"
    IMPORTED = "imported"
    REMOVED = "removed"


class PriceChange(Base):
    """From `effective_from` on the product cost so much, until its next row. A trigger forbids changing rows."""

    __tablename__ = "price_changes"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("reason IN ('initial', 'changed', 'scheduled', 'imported', 'removed')", name="reason_known"),
        CheckConstraint("price IS NOT NULL OR reason = 'removed'", name="price_unless_removed"),
        CheckConstraint("region_code IS NOT NULL OR reason <> 'removed'", name="removed_in_a_region"),
        Index("ix_price_changes_product", "product_id", text("effective_from DESC"), text("id DESC")),
    )

    id: Mapped[Serial]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    # Where it was the price; None: everywhere that has none of its own.
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code", ondelete="RESTRICT"))
    # Where a region's own price was removed, what the product fell back to there; None: it was not sold there any more.
    price: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(String(3))
    effective_from: Mapped[datetime]
    reason: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]


_PENDING = text("applied_at IS NULL AND cancelled_at IS NULL")


class ScheduledPrice(Base):
    """A price that begins at a moment to come. Whoever first reads or sells after it writes it to the product."""

    __tablename__ = "scheduled_prices"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        Index("ix_scheduled_prices_pending", "starts_at", postgresql_where=_PENDING),
        Index(
            "uq_scheduled_prices_moment",
            "product_id",
            "region_code",
            "starts_at",
            unique=True,
            postgresql_where=_PENDING,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    # Where it will be the price; None: everywhere that has none of its own.
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code", ondelete="RESTRICT"))
    price: Mapped[Decimal]
    starts_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    applied_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    # The price that it ends, if the two were scheduled together: that one counts for a while, until this one begins.
    ends_id: Mapped[UUID | None] = mapped_column(ForeignKey("scheduled_prices.id", ondelete="CASCADE"), index=True)
