"""Invitations to work here, sent by mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Id


class StaffInvitation(Base):
    """What the invited person will be: an admin, or staff of these departments with these rights."""

    __tablename__ = "staff_invitations"
    __table_args__ = (
        CheckConstraint("role IN ('staff', 'admin')", name="role_known"),
        # Whoever is not asked any more is not kept.
        CheckConstraint(
            "(email IS NOT NULL) = (accepted_at IS NULL AND withdrawn_at IS NULL)", name="email_while_open"
        ),
        # One open invitation for an address: a new one takes the place of the old.
        Index(
            "uq_staff_invitations_open",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    email: Mapped[str | None]
    role: Mapped[str]
    departments: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
