"""Brands: who makes a thing, under one spelling."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class Brand(Base):
    """A maker's name. It comes with the first product that bears it; two spellings that differ in case are one."""

    __tablename__ = "brands"
    __table_args__ = (
        Index("uq_brands_name", text("lower(name)"), unique=True),
        # Suggestions while somebody types the beginning of a name; in the order of bytes (see the migration).
        Index("ix_brands_folded", text("search_fold(name)")),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[Created]
