"""Opens the cast's accounts in a shop that is not in production."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from demo.cast import CAST, Person
from models import StaffMembership, User
from services.accounts.reading import get_department_by_slug
from utils import clock
from utils.config import Settings


class DemoRefused(Exception):
    """Demo data was asked for in production, where accounts with a known password are open doors."""


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
            rights=list(person.rights),
            created_at=clock.now(),
            email_verified_at=clock.now(),
        )
        # Whoever has the id or took the address keeps it.
        .on_conflict_do_nothing()
        .returning(User.id)
    ).first()
    if opened is not None and person.department_slug is not None:
        department = get_department_by_slug(session, person.department_slug)
        session.execute(insert(StaffMembership).values(user_id=person.id, department_id=department.id))
    return opened is not None
