"""What people say of themselves: name, telephone number, and whose prices they want to see."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Region, User
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.checking import checked_name, checked_phone
from utils.errors import Unauthenticated
from utils.left_out import LEFT_OUT, LeftOut
from utils.region_codes import no_region


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What is to be new. None: stays as it is, but takes the region away; an empty phone number is removed."""

    name: str | None = None
    phone: str | None = None
    region: str | LeftOut | None = LEFT_OUT


def update_profile(session: Session, change: ProfileChange, *, actor: Actor) -> None:
    """Changes the actor's name, telephone number and region. Tokens name the region from the next ones on.

    Refuses a name or a number we do not take, and an unknown region (INVALID_INPUT). The audit log learns which fields
    changed, not how.
    """
    user = lock_account(session, actor.id)
    wanted: dict[str, str | None] = {}
    if change.name is not None:
        wanted["name"] = checked_name(change.name)
    if change.phone is not None:
        wanted["phone"] = checked_phone(change.phone)
    if not isinstance(change.region, LeftOut):
        if change.region is not None and change.region not in session.scalars(select(Region.code)).all():
            raise no_region(change.region, "region")
        wanted["region_code"] = change.region
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
