"""The address book of an account."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class Address(Base):
    """One postal address; of an account's addresses at most one is the default for each use."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index("uq_addresses_default_shipping", "user_id", unique=True, postgresql_where=text("is_default_shipping")),
        Index("uq_addresses_default_billing", "user_id", unique=True, postgresql_where=text("is_default_billing")),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str]
    company: Mapped[str | None]
    line1: Mapped[str]
    line2: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    # ISO 3166-1 alpha-2.
    country: Mapped[str] = mapped_column(String(2))
    phone: Mapped[str | None]
    is_default_shipping: Mapped[bool]
    is_default_billing: Mapped[bool]
    created_at: Mapped[Created]
