"""Products: what the shop sells, each with its own price and stock."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id
from models.category import Category


class ProductStatus(StrEnum):
    """Whether shoppers see the product."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


_ON_SALE = text("status = 'published'")


class Product(Base):
    """A sellable thing. `stock_count` is what the ledger of stock movements adds up to."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("stock_count >= 0", name="stock_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("status IN ('published', 'withdrawn')", name="status_known"),
        # Keyset pages read these in either direction and stop after `first` rows.
        Index("ix_products_newest", text("created_at DESC"), text("id DESC"), postgresql_where=_ON_SALE),
        Index("ix_products_price", "price", "id", postgresql_where=_ON_SALE),
        Index("ix_products_name", "name", "id", postgresql_where=_ON_SALE),
        Index(
            "ix_products_category_newest",
            "category_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=_ON_SALE,
        ),
        Index("ix_products_category_price", "category_id", "price", "id", postgresql_where=_ON_SALE),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str]
    unit: Mapped[str]
    price: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    stock_count: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(default=ProductStatus.PUBLISHED)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[Created]
    updated_at: Mapped[datetime]

    category: Mapped[Category] = relationship(lazy="raise")
