"""Finding accounts, for those who look after people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import Session

from models import StaffMembership, User
from models.audit_entry import AuditAction
from models.user import Role
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.checking import find_email
from services.accounts.granting import Post, is_in_reach, lock_accounts
from services.accounts.reading import list_department_ids
from services.accounts.sessions import end_all_sessions
from utils import text
from utils.cache import Cache
from utils.cursors import checked_first, cursor_of, moment_and_id_of
from utils.errors import NotFound

_LIST = "users"
_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class PeopleQuery:
    """A page of `first` (1 to 100) accounts after a cursor, the newest first.

    `email` is an address or how it begins. Refuses (INVALID_INPUT) other lengths, and cursors of another list.
    """

    actor: Actor
    first: int = 20
    after: str | None = None
    role: Role | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.conditions()
        if self.after is not None:
            moment_and_id_of(self.after, _LIST)

    def cursor(self, user: User) -> str:
        """The opaque name of this account's place."""
        return cursor_of(_LIST, user.created_at, user.id)

    def conditions(self) -> list[ColumnElement[bool]]:
        """What an account must be to stand on any page of this list."""
        found = _visible_to(self.actor)
        if self.role is not None:
            found.append(User.role == self.role)
        if self.email is not None:
            given = text.line(self.email, "email", longest=_LONGEST_EMAIL)
            found.append(User.email.startswith(find_email(given) or given.lower(), autoescape=True))
        return found

    def statement(self) -> Select[Any]:
        """The rows of this page and one more, which tells whether there is a next page."""
        chosen = select(User).where(*self.conditions())
        if self.after is not None:
            chosen = chosen.where(tuple_(User.created_at, User.id) < tuple_(*moment_and_id_of(self.after, _LIST)))
        return chosen.order_by(User.created_at.desc(), User.id.desc()).limit(self.first + 1)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Accounts in their order, and whether more follow."""

    users: Sequence[User]
    has_next: bool


def list_people(session: Session, query: PeopleQuery) -> PeoplePage:
    """One page of the accounts that the actor may see."""
    rows = session.scalars(query.statement()).all()
    return PeoplePage(rows[: query.first], has_next=len(rows) > query.first)


def count_people(session: Session, query: PeopleQuery) -> int:
    """How many accounts the query lets through, on all pages."""
    return session.scalars(select(func.count()).select_from(User).where(*query.conditions())).one()


def find_person(session: Session, user_id: UUID, *, actor: Actor) -> User | None:
    """The account with this id; None when there is none, and just so when the actor may not see it."""
    return session.scalars(select(User).where(User.id == user_id, *_visible_to(actor))).one_or_none()


def end_sessions_of(session: Session, user_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Logs somebody out everywhere, such as a customer whose telephone was stolen.

    Refuses, as if they did not exist (NOT_FOUND), accounts that the actor does not see, and for whoever is no admin:
    staff who are not in reach, and oneself. Refuses an actor whose own rights have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor, others=User.id == user_id)
    person = find_person(session, user_id, actor=actor)
    if person is None or not _may_log_out(session, actor, person):
        raise NotFound("There is no such account.", field="userId")
    ended = end_all_sessions(session, user_id, cache=cache)
    audit.note(session, AuditAction.SESSIONS_ENDED_BY_STAFF, user_id, actor_id=actor.id, after={"sessions": ended})


def _may_log_out(session: Session, actor: Actor, person: User) -> bool:
    if actor.is_admin or person.role == Role.CUSTOMER:
        return True
    post = Post(Role(person.role), frozenset(list_department_ids(session, person.id)))
    return person.id != actor.id and is_in_reach(actor, post)


def _visible_to(actor: Actor) -> list[ColumnElement[bool]]:
    """Admins see all accounts; others see customers, and staff with whom they share a department."""
    seen: list[ColumnElement[bool]] = [User.deleted_at.is_(None)]
    if not actor.is_admin:
        colleague = exists().where(
            StaffMembership.user_id == User.id, StaffMembership.department_id.in_(actor.departments)
        )
        seen.append((User.role == Role.CUSTOMER) | ((User.role == Role.STAFF) & colleague))
    return seen
