"""Departments of the shop, and who works in which."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Department(Base):
    """A part of the shop with its own staff and its own categories."""

    __tablename__ = "departments"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class StaffMembership(Base):
    """One staff member works in one department; a person may have several."""

    __tablename__ = "staff_memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[UUID] = mapped_column(
        ForeignKey("departments.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
