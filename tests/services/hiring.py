"""People made for one test: staff of any kind, customers and admins, each signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from models import AuditEntry, Department, StaffMembership, User
from models.user import NO_PASSWORD, Right, Role
from services.accounts.actor import Actor
from services.accounts.granting import Post
from services.accounts.registering import open_account
from services.accounts.sessions import Device, actor_of, open_session
from utils import clock
from utils.database import Database
from wiring import Shop


@dataclass(frozen=True)
class Hired:
    """Somebody with a living session."""

    email: str
    actor: Actor
    access_token: str
    refresh_token: str

    @property
    def id(self) -> UUID:
        """The account's id."""
        return self.actor.id

    @property
    def headers(self) -> dict[str, str]:
        """What the person's requests carry."""
        return {"Authorization": f"Bearer {self.access_token}"}


def hire(
    shop: Shop,
    name: str,
    *rights: Right,
    departments: tuple[str, ...] = ("marketplace",),
    role: Role = Role.STAFF,
    password_hash: str = NO_PASSWORD,
) -> Hired:
    """Opens an account and signs it in: hire(shop, "kim", Right.READ, departments=("groceries",))."""
    email = f"{name}@example.com"
    with shop.database.write() as session:
        user_id = open_account(
            session,
            name=name.title(),
            email=email,
            password_hash=password_hash,
            role=role,
            departments=tuple(department_id(shop, slug) for slug in departments) if role is Role.STAFF else (),
            rights=rights,
        )
        user = session.get_one(User, user_id)
        signed_in = open_session(session, user, keeper=shop.keeper, device=Device())
    return Hired(email, actor_of(shop.tokens, signed_in.access_token), signed_in.access_token, signed_in.refresh_token)


def department_id(shop: Shop, slug: str) -> UUID:
    """The id of the department with this slug."""
    with shop.database.read() as session:
        return session.scalars(select(Department.id).where(Department.slug == slug)).one()


def departments(shop: Shop, *slugs: str) -> frozenset[UUID]:
    """The ids of these departments."""
    return frozenset(department_id(shop, slug) for slug in slugs)


@contextmanager
def departments_as_before(shop: Shop) -> Iterator[None]:
    """Removes the departments that the block really made; other tests know which ones there are."""
    with shop.database.read() as session:
        known = session.scalars(select(Department.id)).all()
    yield
    with shop.database.write() as session:
        session.execute(delete(Department).where(Department.id.not_in(known)))


def post_of(database: Database, user_id: UUID) -> Post:
    """What the account is now, as PostgreSQL has it."""
    with database.read() as session:
        user = session.get_one(User, user_id)
        worked_in = session.scalars(select(StaffMembership.department_id).where(StaffMembership.user_id == user_id))
        return Post(Role(user.role), frozenset(worked_in), frozenset(Right(each) for each in user.rights))


def erase(shop: Shop, user_id: UUID) -> None:
    """Makes the account one of an erased person."""
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == user_id).values(deleted_at=clock.now()))


def entries(database: Database) -> list[AuditEntry]:
    """The audit log, the oldest entry first."""
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
