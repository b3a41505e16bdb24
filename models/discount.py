"""Discounts: what they take off, from which goods, for whom, when, and how they stand beside one another."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id


class DiscountKind(StrEnum):
    """How a discount counts what it takes off."""

    PERCENT = "percent"
    AMOUNT = "amount"
    BUY_X_GET_Y = "buy_x_get_y"
    QUANTITY_STEPS = "quantity_steps"
    FREE_SHIPPING = "free_shipping"


class DiscountClass(StrEnum):
    """What a discount takes from: lines of goods, the goods of an order together, or what bringing them costs."""

    PRODUCT = "product"
    ORDER = "order"
    SHIPPING = "shipping"


class Tier(StrEnum):
    """How good a customer is, by successful orders."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


class TargetSide(StrEnum):
    """Whether goods of this target are reduced, or must be bought for others to be."""

    REDUCED = "reduced"
    BOUGHT = "bought"


class Discount(Base):
    """A rule that takes something off prices. `version` rises with every change by staff.

    Amounts are kept by currency, windows as [day of the week from 0 for Monday, minutes from, minutes until] in the
    shop's time zone, steps as [pieces, percent]; services/pricing/discounts checks all of them.
    """

    __tablename__ = "discounts"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('percent', 'amount', 'buy_x_get_y', 'quantity_steps', 'free_shipping')", name="kind_known"
        ),
        CheckConstraint("applies_to IN ('product', 'order', 'shipping')", name="applies_to_known"),
        CheckConstraint("(kind = 'free_shipping') = (applies_to = 'shipping')", name="shipping_is_free_or_not"),
        CheckConstraint("applies_to = 'product' OR kind IN ('percent', 'amount', 'free_shipping')", name="kind_fits"),
        CheckConstraint("(percent IS NOT NULL) = (kind IN ('percent', 'buy_x_get_y'))", name="percent_where_due"),
        CheckConstraint("percent > 0 AND percent <= 100", name="percent_in_range"),
        CheckConstraint("(amounts <> '{}') = (kind = 'amount')", name="amounts_where_due"),
        CheckConstraint("(steps <> '[]') = (kind = 'quantity_steps')", name="steps_where_due"),
        CheckConstraint("(buy_quantity IS NOT NULL) = (kind = 'buy_x_get_y')", name="buy_where_due"),
        CheckConstraint("(get_quantity IS NOT NULL) = (kind = 'buy_x_get_y')", name="get_where_due"),
        CheckConstraint("buy_quantity > 0 AND get_quantity > 0", name="quantities_positive"),
        CheckConstraint("starts_at < ends_at", name="lasts_a_while"),
        CheckConstraint("total_limit > 0 AND per_customer_limit > 0", name="limits_positive"),
        CheckConstraint("used_count >= 0 AND used_count <= total_limit", name="used_within_limit"),
        CheckConstraint("tiers <@ ARRAY['bronze', 'silver', 'gold']", name="tiers_known"),
        CheckConstraint("combines_with <@ ARRAY['product', 'order', 'shipping']", name="combines_with_known"),
        Index("ix_discounts_newest", text("created_at DESC"), text("id DESC")),
        Index("ix_discounts_active", "ends_at", postgresql_where=text("is_active")),
    )

    id: Mapped[Id]
    name: Mapped[str]
    kind: Mapped[str]
    applies_to: Mapped[str]
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    amounts: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    steps: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    buy_quantity: Mapped[int | None] = mapped_column(Integer)
    get_quantity: Mapped[int | None] = mapped_column(Integer)
    # Whether it takes from all goods; otherwise from its targets only, even if none of them is left.
    all_goods: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Whether the pieces to buy are of goods of their own (side 'bought'), and not of those that are reduced.
    bought_apart: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    # Who it is for, and when; empty or null: no such condition.
    tiers: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    region_codes: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    for_named_customers: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    first_order_only: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    min_amounts: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    min_quantity: Mapped[int | None] = mapped_column(Integer)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    windows: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    needs_code: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    total_limit: Mapped[int | None] = mapped_column(Integer)
    per_customer_limit: Mapped[int | None] = mapped_column(Integer)
    # Counted where there is a total limit only, by whoever takes a use.
    used_count: Mapped[int] = mapped_column(Integer, server_default="0")
    priority: Mapped[int] = mapped_column(Integer, server_default="100")
    exclusive_group: Mapped[str | None]
    combines_with: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    updated_at: Mapped[datetime]

    targets: Mapped[list["DiscountTarget"]] = relationship(lazy="raise", order_by="DiscountTarget.id")


class DiscountTarget(Base):
    """Goods that a discount is about: one product, a category with all below it, a collection, or a brand."""

    __tablename__ = "discount_targets"
    __table_args__ = (
        CheckConstraint("side IN ('reduced', 'bought')", name="side_known"),
        CheckConstraint("num_nonnulls(product_id, category_id, collection_id, brand_id) = 1", name="one_thing"),
        UniqueConstraint(
            "discount_id",
            "side",
            "product_id",
            "category_id",
            "collection_id",
            "brand_id",
            name="uq_discount_targets_thing",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    discount_id: Mapped[UUID] = mapped_column(ForeignKey("discounts.id", ondelete="CASCADE"))
    side: Mapped[str] = mapped_column(server_default="reduced")
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), index=True)
    collection_id: Mapped[UUID | None] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), index=True)
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)


class DiscountCustomer(Base):
    """A customer whom a discount names."""

    __tablename__ = "discount_customers"

    discount_id: Mapped[UUID] = mapped_column(ForeignKey("discounts.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)


class DiscountCode(Base):
    """A word that opens a discount, kept in capitals; with a limit of its own, if it has one."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        CheckConstraint("code = upper(code)", name="code_in_capitals"),
        CheckConstraint("use_limit > 0", name="limit_positive"),
        CheckConstraint("used_count >= 0 AND used_count <= use_limit", name="used_within_limit"),
    )

    id: Mapped[Id]
    discount_id: Mapped[UUID] = mapped_column(ForeignKey("discounts.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    use_limit: Mapped[int | None] = mapped_column(Integer)
    used_count: Mapped[int] = mapped_column(Integer, server_default="0")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]


class DiscountUse(Base):
    """An order that a discount made cheaper, by how much, and by which code."""

    __tablename__ = "discount_uses"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)

    discount_id: Mapped[UUID] = mapped_column(ForeignKey("discounts.id", ondelete="RESTRICT"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True, index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"), index=True)
    code_id: Mapped[UUID | None] = mapped_column(ForeignKey("discount_codes.id", ondelete="RESTRICT"), index=True)
    amount: Mapped[Decimal]
    created_at: Mapped[Created]


class DiscountCustomerUse(Base):
    """How often one customer used a discount that each may use so many times only."""

    __tablename__ = "discount_customer_uses"
    __table_args__ = (CheckConstraint("used_count >= 0", name="used_not_negative"),)

    discount_id: Mapped[UUID] = mapped_column(ForeignKey("discounts.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    used_count: Mapped[int] = mapped_column(Integer)
