"""Regions the shop sells to, each with its currency."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Region(Base):
    """A country or group of countries, by its code, with the currency people pay in there."""

    __tablename__ = "regions"
    __table_args__ = (CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str]
    currency: Mapped[str] = mapped_column(String(3))
