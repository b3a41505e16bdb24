"""Posts: what somebody is in the shop, who may give which, and what follows when one is given."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import StaffMembership, User
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.sessions import end_all_sessions
from utils.cache import Cache
from utils.errors import Forbidden, InvalidInput, NotFound


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
