"""The cast: five accounts that the documents, the tests and every newcomer use."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import StaffMembership, User
from models.user import Role
from services.accounts.reading import get_department_by_slug
from utils import clock
from utils.config import Settings

# Printed in the README and on the screen: it opens nothing but demo accounts.
PASSWORD = "Market-Demo-1"  # noqa: S105


class DemoRefused(Exception):
    """Demo data was asked for in production, where accounts with a known password are open doors."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast; staff work in `department_slug`."""

    id: UUID
    name: str
    email: str
    role: Role
    department_slug: str | None = None


CAST: tuple[Person, ...] = (
    # The id that the documents of the first API order with.
    Person(UUID("a94102ff-32e3-4240-b251-dd8934065961"), "Alice Moreno", "alice@example.com", Role.CUSTOMER),
    Person(UUID("b0b00000-0000-4000-8000-000000000002"), "Bob Lindqvist", "bob@example.com", Role.CUSTOMER),
    Person(UUID("c4a00000-0000-4000-8000-000000000003"), "Charlie Okafor", "charlie@example.com", Role.CUSTOMER),
    Person(UUID("5a300000-0000-4000-8000-000000000004"), "Sam Patel", "sam@example.com", Role.STAFF, "marketplace"),
    Person(UUID("da9a0000-0000-4000-8000-000000000005"), "Dana Weiss", "dana@example.com", Role.ADMIN),
)


def refuse_in_production(settings: Settings) -> None:
    """Raises DemoRefused where the environment is production."""
    if settings.environment == "production":
        raise DemoRefused("Demo data has accounts with a known password; it is never loaded in production.")


def add_missing_people(session: Session, *, password_hash: str) -> int:
    """Opens the accounts that are not there and returns how many; one that is there stays as its owner left it.

    Refuses (NOT_FOUND) when the departments were not seeded.
    """
    return sum(_add(session, person, password_hash) for person in CAST)


def _add(session: Session, person: Person, password_hash: str) -> bool:
    opened = session.execute(
        insert(User)
        .values(
            id=person.id,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            role=person.role,
            created_at=clock.now(),
        )
        # Whoever has the id or took the address keeps it.
        .on_conflict_do_nothing()
        .returning(User.id)
    ).first()
    if opened is not None and person.department_slug is not None:
        department = get_department_by_slug(session, person.department_slug)
        session.execute(insert(StaffMembership).values(user_id=person.id, department_id=department.id))
    return opened is not None
