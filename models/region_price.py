"""What products cost in regions other than the home region."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created

_ON_SALE = text("status = 'published'")


class RegionPrice(Base):
    """The price that staff set for one product in one region, in the region's currency."""

    __tablename__ = "region_prices"
    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(
        ForeignKey("regions.code", ondelete="RESTRICT"), primary_key=True, index=True
    )
    price: Mapped[Decimal]
    created_at: Mapped[Created]
    updated_at: Mapped[datetime]


class CurrentPrice(Base):
    """What a product costs in a region at present, however it came to that; no row: it is not sold there.

    Kept by triggers on products, region_prices and regions, so no writer can forget it. The home region has no rows:
    there it is the product's own price. Category and status are the product's, for the indexes of pages by price.
    """

    __tablename__ = "current_prices"
    __table_args__ = (
        Index("ix_current_prices_price", "region_code", "price", "product_id", postgresql_where=_ON_SALE),
        Index(
            "ix_current_prices_category_price",
            "region_code",
            "category_id",
            "price",
            "product_id",
            postgresql_where=_ON_SALE,
        ),
    )

    # No foreign key, which would let who changes a region wait for products held by those who wait for that change.
    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code", ondelete="CASCADE"), primary_key=True)
    price: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    category_id: Mapped[UUID]
    status: Mapped[str]
    # 'region', 'fallback' or 'product': where the price comes from.
    source: Mapped[str]
