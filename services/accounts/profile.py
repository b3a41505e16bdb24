"""What people say of themselves: name and telephone number."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import User
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.checking import checked_name, checked_phone
from utils.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What is to be new. None: stays as it is; an empty phone number is removed."""

    name: str | None = None
    phone: str | None = None


def update_profile(session: Session, change: ProfileChange, *, actor: Actor) -> None:
    """Changes the actor's name and telephone number.

    Refuses a name or a number we do not take (INVALID_INPUT). The audit log learns which fields changed, not how.
    """
    user = lock_account(session, actor.id)
    wanted: dict[str, str | None] = {}
    if change.name is not None:
        wanted["name"] = checked_name(change.name)
    if change.phone is not None:
        wanted["phone"] = checked_phone(change.phone)
    changed = [field for field, value in wanted.items() if getattr(user, field) != value]
    for field in changed:
        setattr(user, field, wanted[field])
    if changed:
        audit.note(session, AuditAction.PROFILE_CHANGED, user.id, actor_id=actor.id, after={"fields": changed})


def lock_account(session: Session, user_id: UUID) -> User:
    """The account of who is acting, locked against every change of it; orders may be placed meanwhile.

    Refuses (UNAUTHENTICATED) an account that was deleted while this request was under way.
    """
    user = session.scalars(
        select(User).where(User.id == user_id, User.deleted_at.is_(None)).with_for_update(key_share=True)
    ).one_or_none()
    if user is None:
        raise Unauthenticated("This account does not exist any more.")
    return user
