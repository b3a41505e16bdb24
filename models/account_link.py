"""Links sent by mail that prove an address, each good once and for a while."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class LinkPurpose(StrEnum):
    """What following the link does."""

    VERIFICATION = "verification"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    EMAIL_CHANGE = "email_change"
    # No link: the address that is to hear of the change, though it may be another's name by then.
    EMAIL_CHANGE_NOTICE = "email_change_notice"


class AccountLink(Base):
    """One link. The mail carries its id, signed; without a user it was asked for an address nobody has."""

    __tablename__ = "account_links"
    __table_args__ = (
        CheckConstraint(
            "purpose IN ('verification', 'password_reset', 'email_change', 'email_change_notice')",
            name="purpose_known",
        ),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    # The address it was sent to: it proves that one and no other.
    email: Mapped[str | None]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
