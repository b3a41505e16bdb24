"""Collections: products that staff put together by hand, across categories and departments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class Collection(Base):
    """A shop window. `version` rises with every change by staff."""

    __tablename__ = "collections"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    is_published: Mapped[bool] = mapped_column(Boolean)
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("images.id", ondelete="RESTRICT"), index=True)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[Created]
    updated_at: Mapped[datetime]


class CollectionProduct(Base):
    """A product stands in a collection, at its place."""

    __tablename__ = "collection_products"
    __table_args__ = (Index("ix_collection_products_place", "collection_id", "position", "product_id"),)

    collection_id: Mapped[UUID] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(Integer)
