"""Families: products that differ by their options only (500 g or 1 kg, red or blue)."""

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class Family(Base):
    """What variants share. `options` names what they differ by; a product gives its values in the same order.

    `version` rises with every change of its name or options, and not when a product joins it or leaves.
    """

    __tablename__ = "families"
    __table_args__ = (CheckConstraint("cardinality(options) BETWEEN 1 AND 5", name="some_options"),)

    id: Mapped[Id]
    name: Mapped[str]
    options: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[Created]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
