"""Products: what the shop sells, each with its own price and stock."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id
from models.category import Category


class ProductStatus(StrEnum):
    """Whether shoppers see the product."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class TaxClass(StrEnum):
    """Which of a region's rates of tax the product bears."""

    STANDARD = "standard"
    REDUCED = "reduced"
    ZERO = "zero"


class ContentUnit(StrEnum):
    """In what the content of one piece is measured."""

    G = "g"
    KG = "kg"
    ML = "ml"
    L = "l"
    CM = "cm"
    M = "m"
    M2 = "m2"
    PIECE = "piece"


def _one_of(values: type[StrEnum]) -> str:
    return ", ".join(f"'{each}'" for each in values)


_ON_SALE = text("status = 'published'")
_PRICE, _NAME = ("price", "id"), ("name", "id")
_NEWEST = (text("created_at DESC"), text("id DESC"))
_POPULAR = (text("popularity DESC"), text("id DESC"))


class Product(Base):
    """A sellable thing. `stock_count` is what the ledger of stock movements adds up to.

    `version` rises with every change by staff, and not with a sale. No column that an order changes stands in an
    index, so that orders stay cheap (PostgreSQL's heap-only updates).
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("stock_count >= 0", name="stock_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint(f"status IN ({_one_of(ProductStatus)})", name="status_known"),
        CheckConstraint(f"tax_class IN ({_one_of(TaxClass)})", name="tax_class_known"),
        CheckConstraint(f"content_unit IN ({_one_of(ContentUnit)})", name="content_unit_known"),
        CheckConstraint("(content_amount IS NULL) = (content_unit IS NULL)", name="content_whole"),
        CheckConstraint("content_amount > 0", name="content_positive"),
        CheckConstraint("publish_from < publish_until", name="published_for_a_while"),
        CheckConstraint("(family_id IS NULL) = (cardinality(option_values) = 0)", name="options_of_a_family"),
        CheckConstraint("low_stock_at >= 0", name="low_stock_not_negative"),
        # Keyset pages read these in either direction and stop after `first` rows.
        Index("ix_products_newest", *_NEWEST, postgresql_where=_ON_SALE),
        Index("ix_products_price", *_PRICE, postgresql_where=_ON_SALE),
        Index("ix_products_name", *_NAME, postgresql_where=_ON_SALE),
        Index("ix_products_popular", *_POPULAR, postgresql_where=_ON_SALE),
        Index("ix_products_category_newest", "category_id", *_NEWEST, postgresql_where=_ON_SALE),
        # Facets are counted from this one alone.
        Index(
            "ix_products_category_price",
            "category_id",
            *_PRICE,
            postgresql_where=_ON_SALE,
            postgresql_include=["brand_id", "publish_from", "publish_until"],
        ),
        Index("ix_products_category_name", "category_id", *_NAME, postgresql_where=_ON_SALE),
        Index("ix_products_category_popular", "category_id", *_POPULAR, postgresql_where=_ON_SALE),
        Index("ix_products_brand_newest", "brand_id", *_NEWEST, postgresql_where=_ON_SALE),
        Index("ix_products_tags", "tags", postgresql_using="gin", postgresql_where=_ON_SALE),
        Index("ix_products_search", "search", postgresql_using="gin", postgresql_where=_ON_SALE),
        # Suggestions while somebody types the beginning of a name; in the order of bytes (see the migration).
        Index("ix_products_folded_name", text("search_fold(name)"), postgresql_where=_ON_SALE),
        # What only staff see.
        Index("ix_products_hidden", *_NEWEST, postgresql_where=text("status <> 'published'")),
        # What appears or goes by the clock.
        Index("ix_products_publish_from", "publish_from", postgresql_where=text("publish_from IS NOT NULL")),
        Index("ix_products_publish_until", "publish_until", postgresql_where=text("publish_until IS NOT NULL")),
        Index("uq_products_sku", text("upper(sku)"), unique=True),
        # A GTIN of 8, 12 or 13 digits is the one of 14 with noughts before it (GS1 General Specifications, 3.3.2).
        Index("uq_products_barcode", text("lpad(barcode, 14, '0')"), unique=True),
        Index("uq_products_variant", "family_id", "option_values", unique=True),
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
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    sku: Mapped[str | None]
    barcode: Mapped[str | None]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brands.id", ondelete="RESTRICT"), index=True)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    tax_class: Mapped[str] = mapped_column(server_default=TaxClass.STANDARD)
    # What one piece holds, for the price of a kilogram or a litre.
    content_amount: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    content_unit: Mapped[str | None]
    publish_from: Mapped[datetime | None]
    publish_until: Mapped[datetime | None]
    family_id: Mapped[UUID | None] = mapped_column(ForeignKey("families.id", ondelete="RESTRICT"))
    option_values: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    # At so few pieces or fewer the stock is low; None: nobody wants to know.
    low_stock_at: Mapped[int | None] = mapped_column(Integer)
    # Orders of the last 90 days that have it, as last counted by the worker.
    popularity: Mapped[int] = mapped_column(Integer, server_default="0")
    # Made by a trigger from name, brand, tags and description.
    search: Mapped[str] = mapped_column(TSVECTOR, server_default="")

    category: Mapped[Category] = relationship(lazy="raise")
