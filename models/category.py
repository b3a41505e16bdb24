"""Categories of the catalogue, in a tree, each in the care of one department."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id
from models.department import Department


class Category(Base):
    """A shelf of the shop: products stand in exactly one."""

    __tablename__ = "categories"
    __table_args__ = (CheckConstraint("parent_id <> id", name="not_its_own_parent"),)

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    department_id: Mapped[UUID] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"), index=True)
    description: Mapped[str] = mapped_column(server_default="")
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("images.id", ondelete="RESTRICT"), index=True)
    # Rises with every change by staff.
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"), index=True)

    department: Mapped[Department] = relationship(lazy="raise")
