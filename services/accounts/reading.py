"""Reading accounts."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from models import Department, StaffMembership, User
from utils.database import run
from utils.errors import NotFound, WrongCredentials

_ACCOUNT = """
SELECT id, email, email_verified_at IS NOT NULL AS email_verified, name, phone, role, rights, region_code, created_at
FROM users WHERE id = %(id)s AND deleted_at IS NULL
"""


def find_account(session: Session, user_id: UUID) -> Row[Any] | None:
    """What a person sees of the own account, or None when it is gone. Cheap: every page asks for it."""
    return run(session, _ACCOUNT, {"id": user_id}).one_or_none()


def find_user(session: Session, user_id: UUID) -> User | None:
    """The account with this id, or None."""
    return session.get(User, user_id)


def find_user_by_email(session: Session, email: str) -> User | None:
    """The account with this address as it is kept (lower case), or None."""
    return session.scalars(select(User).where(User.email == email)).one_or_none()


def lock_unchanged(session: Session, read: User) -> User:
    """The account, locked. Refuses (WRONG_CREDENTIALS) one whose password is another than when it was read."""
    locked = session.scalars(
        select(User)
        .where(User.id == read.id, User.password_hash == read.password_hash, User.deleted_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if locked is None:
        raise WrongCredentials("The password was changed meanwhile.")
    return locked


def list_department_ids(session: Session, user_id: UUID) -> tuple[UUID, ...]:
    """The departments in which the account works, by id."""
    return tuple(
        session.scalars(
            select(StaffMembership.department_id)
            .where(StaffMembership.user_id == user_id)
            .order_by(StaffMembership.department_id)
        )
    )


def get_department_by_slug(session: Session, slug: str) -> Department:
    """The department with this slug; refuses an unknown one (NOT_FOUND)."""
    found = session.scalars(select(Department).where(Department.slug == slug)).one_or_none()
    if found is None:
        raise NotFound("There is no department of this name.", field="department")
    return found
