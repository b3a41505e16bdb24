"""Images: what staff uploaded, re-encoded; and which products show which, in their order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Created, Id


class Image(Base):
    """One picture. Its files lie in the storage under names made of its id; nothing of a client's name is kept."""

    __tablename__ = "images"
    __table_args__ = (
        CheckConstraint("content_type IN ('image/jpeg', 'image/png', 'image/webp')", name="content_type_known"),
        CheckConstraint("width > 0 AND height > 0", name="has_a_size"),
        # What has no thumbnails yet.
        Index("ix_images_without_thumbnails", "created_at", postgresql_where=text("thumbnails_made_at IS NULL")),
    )

    id: Mapped[Id]
    content_type: Mapped[str]
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    byte_count: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    thumbnails_made_at: Mapped[datetime | None]


class ProductImage(Base):
    """A product shows a picture, at its place among the product's others."""

    __tablename__ = "product_images"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="RESTRICT"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer)
    # What it shows, for those who cannot see it; may be empty.
    alt: Mapped[str]

    image: Mapped[Image] = relationship(lazy="raise")
