"""Posts: what somebody is in the shop, who may give which, and what follows when one is given."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, false, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import StaffMembership, User, UserSession
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.reading import list_department_ids
from services.accounts.sessions import end_all_sessions
from utils.cache import Cache
from utils.errors import Forbidden, InvalidInput, NotFound, Unauthenticated


@dataclass(frozen=True, slots=True)
class Post:
    """An admin's, a customer's, or that of staff in some departments with some rights."""

    role: Role
    departments: frozenset[UUID] = frozenset()
    rights: frozenset[Right] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """The post as the audit log has it."""
        return {
            "role": self.role.value,
            "departments": sorted(str(each) for each in self.departments),
            "rights": sorted(each.value for each in self.rights),
        }


NO_POST = Post(Role.CUSTOMER)


def checked_post(*, admin: bool, departments: Collection[UUID], rights: Collection[Right]) -> Post:
    """A post of staff or of an admin.

    Refuses (INVALID_INPUT) staff without a department, and an admin with departments or rights: admins have all.
    """
    if admin and (departments or rights):
        raise InvalidInput("An admin has all departments and rights: name none.", field="admin")
    if not admin and not departments:
        raise InvalidInput("A member of staff works in one department or more: name them.", field="departmentIds")
    return Post(Role.ADMIN if admin else Role.STAFF, frozenset(departments), frozenset(rights))


def is_in_reach(actor: Actor, post: Post) -> bool:
    """Whether the actor may look after whoever has this post.

    Admins may after all; others with the right USERS after staff whose departments are all among their own.
    """
    if actor.is_admin:
        return True
    return actor.may(Right.USERS) and post.role is Role.STAFF and set() < post.departments <= actor.departments


def require_grantable(actor: Actor, post: Post, *, held: Post = NO_POST) -> None:
    """Refuses to let the actor give what the actor has not; what the person `held` before may stay.

    Making an admin and a right the actor has not are FORBIDDEN; a department of others is as if it did not exist
    (NOT_FOUND).
    """
    if actor.is_admin:
        return
    if post.role is Role.ADMIN:
        raise Forbidden("Only an admin makes admins.", field="admin")
    if not post.departments <= actor.departments:
        raise no_such_department()
    if not post.rights - held.rights <= actor.rights:
        raise Forbidden("You cannot give a right that you do not have.", field="rights")


def lock_accounts(session: Session, *, actor: Actor, others: ColumnElement[bool] | None = None) -> dict[UUID, User]:
    """Locks the actor's account, together with `others`; those that are not erased, by id.

    Every act upon people and departments begins with it. A token says what was true when the request came in; whoever
    takes a post away holds the same lock, so what the actor may do is decided by who comes first. All are locked by
    id, so two who act on each other never wait for each other. Refuses (UNAUTHENTICATED) an actor who does not have
    all that the token says any more, or whose session has ended.
    """
    # No share lock: many at once would keep whoever takes the post away waiting. Orders that name the account go on.
    chosen = select(User).where((User.id == actor.id) | (false() if others is None else others))
    locked = chosen.where(User.deleted_at.is_(None)).order_by(User.id).with_for_update(key_share=True)
    people = {each.id: each for each in session.scalars(locked.execution_options(populate_existing=True))}
    user = people.get(actor.id)
    if user is None or not _is_still(session, user, actor):
        raise Unauthenticated("Your rights have changed. Log in again.")
    return people


def _is_still(session: Session, user: User, actor: Actor) -> bool:
    """Asked in statements of their own, after the lock: what the locking one sees may be older than its wait."""
    if actor.session_id is not None:
        living = exists().where(
            UserSession.id == actor.session_id, UserSession.user_id == actor.id, UserSession.revoked_at.is_(None)
        )
        if not session.scalars(select(living)).one():
            return False
    if user.role != actor.role or not actor.rights <= set(user.rights):
        return False
    return not actor.departments or actor.departments <= set(list_department_ids(session, actor.id))


def no_such_department() -> NotFound:
    """The refusal of a department that does not exist, or is not the actor's."""
    return NotFound("There is no such department.", field="departmentIds")


def give_post(session: Session, user: User, post: Post, *, cache: Cache) -> None:
    """Gives a locked account this post, and ends its sessions: tokens carry the rights of the former one."""
    user.role, user.rights = post.role, sorted(each.value for each in post.rights)
    session.flush()  # what the database refuses must be refused here, not at the commit
    others = StaffMembership.department_id.not_in(post.departments)
    session.execute(delete(StaffMembership).where(StaffMembership.user_id == user.id, others))
    if post.departments:
        rows = [{"user_id": user.id, "department_id": each} for each in sorted(post.departments)]
        session.execute(insert(StaffMembership).values(rows).on_conflict_do_nothing())
    end_all_sessions(session, user.id, cache=cache)
