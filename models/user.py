"""Accounts: customers, staff and admins."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class Role(StrEnum):
    """What kind of account it is; rights follow from it."""

    CUSTOMER = "customer"
    STAFF = "staff"
    ADMIN = "admin"


class Right(StrEnum):
    """What a member of staff may do; an admin has all of them, a customer none."""

    READ = "read"
    PRODUCTS = "products"
    DISCOUNTS = "discounts"
    ORDERS = "orders"
    REFUNDS = "refunds"
    USERS = "users"


# Stands where a hash would, and no password makes it: the account of an erased person.
NO_PASSWORD = "!"  # noqa: S105


class User(Base):
    """A person with an e-mail address (kept in lower case) and a password.

    With `deleted_at` the person is gone: the row stays as the pseudonym that orders name, and nobody logs in.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('customer', 'staff', 'admin')", name="role_known"),
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint(
            "rights <@ ARRAY['read', 'products', 'discounts', 'orders', 'refunds', 'users']", name="rights_known"
        ),
        CheckConstraint("role = 'staff' OR rights = '{}'", name="rights_are_for_staff"),
        Index("ix_users_newest", text("created_at DESC"), text("id DESC")),
        # The few who work here, among all who buy.
        Index("ix_users_staff", text("created_at DESC"), text("id DESC"), postgresql_where=text("role <> 'customer'")),
        # How an address begins, whatever the database's collation.
        Index("ix_users_email_prefix", "email", postgresql_ops={"email": "text_pattern_ops"}),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # E.164, such as +14155550123.
    phone: Mapped[str | None]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default=Role.CUSTOMER)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    # Whose prices the customer sees, unless a request names another region.
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    email_verified_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    @property
    def email_verified(self) -> bool:
        """Whether the address was proven to be this person's."""
        return self.email_verified_at is not None
