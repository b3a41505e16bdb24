"""Looking after staff: what they may do from now on, and that they do not work here any more."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from models import User
from models.audit_entry import AuditAction
from models.user import Right, Role
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.departments import hold_departments
from services.accounts.granting import (
    NO_POST,
    Post,
    checked_post,
    give_post,
    is_in_reach,
    lock_accounts,
    require_grantable,
)
from services.accounts.inviting import withdraw_beyond_reach
from services.accounts.reading import list_department_ids
from utils.cache import Cache
from utils.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class StaffChange:
    """What is to change of somebody's post; None leaves a thing as it is."""

    admin: bool | None = None
    departments: Collection[UUID] | None = None
    rights: Collection[Right] | None = None

    def of(self, held: Post) -> Post:
        """The post that this change makes of the one held; refuses what is no post (INVALID_INPUT)."""
        admin = held.role is Role.ADMIN if self.admin is None else self.admin
        kept = NO_POST if admin else held  # who becomes an admin leaves departments and rights behind
        return checked_post(
            admin=admin,
            departments=kept.departments if self.departments is None else self.departments,
            rights=kept.rights if self.rights is None else self.rights,
        )


def change_staff(session: Session, user_id: UUID, change: StaffChange, *, actor: Actor, cache: Cache) -> None:
    """Changes what a member of staff may do, and where; their sessions end. A change that changes nothing ends none.

    Refuses, as if they did not exist (NOT_FOUND), customers, and for whoever is no admin: admins, staff of other
    departments, oneself, and departments of others. Refuses giving what one has not (FORBIDDEN), what is no post
    (INVALID_INPUT), taking the last admin's place away (CONFLICT), and whoever's own rights have changed since the
    request came in (UNAUTHENTICATED).
    """
    user, held, is_last_admin = _locked(session, user_id, actor)
    post = change.of(held)
    require_grantable(actor, post, held=held)
    if post == held:
        return
    if not post.departments <= held.departments:
        hold_departments(session, post.departments)
    _move(session, user, held, post, is_last_admin=is_last_admin, actor=actor, cache=cache)
    audit.note(
        session,
        AuditAction.STAFF_CHANGED,
        user_id,
        actor_id=actor.id,
        before=_differing(held, post),
        after=_differing(post, held),
    )


def remove_staff(session: Session, user_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Makes a customer of a member of staff: memberships, rights and sessions go, and so do open invitations of theirs.

    Refuses the same people as `change_staff` (NOT_FOUND, UNAUTHENTICATED), and the last admin (CONFLICT).
    """
    user, held, is_last_admin = _locked(session, user_id, actor)
    _move(session, user, held, NO_POST, is_last_admin=is_last_admin, actor=actor, cache=cache)
    audit.note(
        session,
        AuditAction.STAFF_REMOVED,
        user_id,
        actor_id=actor.id,
        before=_differing(held, NO_POST),
        after=_differing(NO_POST, held),
    )


def _move(
    session: Session, user: User, held: Post, post: Post, *, is_last_admin: bool, actor: Actor, cache: Cache
) -> None:
    if is_last_admin and post.role is not Role.ADMIN:
        raise Conflict("The shop needs an admin: make another one first.", field="userId")
    give_post(session, user, post, cache=cache)
    if held.role is Role.ADMIN or Right.USERS in held.rights:
        inviter = Actor(user.id, post.role, post.departments, post.rights)
        withdraw_beyond_reach(session, inviter=inviter, actor=actor)


def _locked(session: Session, user_id: UUID, actor: Actor) -> tuple[User, Post, bool]:
    """The person, the post they have, and whether they are the last admin.

    An admin's act locks all admins: of two who go at once, the second one sees that the first one went.
    """
    wanted = User.id == user_id
    if actor.is_admin:
        wanted |= User.role == Role.ADMIN
    people = lock_accounts(session, actor=actor, others=wanted)
    user = people.get(user_id)
    if user is None or user.role == Role.CUSTOMER or (user_id == actor.id and not actor.is_admin):
        raise _no_such_person()
    departments = list_department_ids(session, user_id)
    held = Post(Role(user.role), frozenset(departments), frozenset(Right(each) for each in user.rights))
    if not is_in_reach(actor, held):
        raise _no_such_person()
    admins = [each.id for each in people.values() if each.role == Role.ADMIN]
    return user, held, admins == [user_id]


def _no_such_person() -> NotFound:
    return NotFound("There is no such member of staff.", field="userId")


def _differing(one: Post, other: Post) -> dict[str, object]:
    """What the first post says otherwise than the second."""
    said = other.as_json()
    return {name: value for name, value in one.as_json().items() if value != said[name]}
