"""How the price of an order came about: the facts it was counted from, and every step of the counting."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created


class PricingRules(Base):
    """The discounts as they stood when orders were priced, by the digest of their text; many orders share a row."""

    __tablename__ = "pricing_rules"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    # As text, so that the digest stays that of what is kept.
    rules: Mapped[str]
    created_at: Mapped[Created]


class OrderPricing(Base):
    """What an order's prices were counted from, and the explanation that was given."""

    __tablename__ = "order_pricing"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    rules_digest: Mapped[bytes] = mapped_column(ForeignKey("pricing_rules.digest", ondelete="RESTRICT"), index=True)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    explanation: Mapped[dict[str, Any]] = mapped_column(JSONB)
