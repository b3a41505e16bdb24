"""Erasing a person: what is personal goes, and a pseudonym stays for the books."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, false, or_, select
from sqlalchemy.orm import Session

from models import (
    AccountLink,
    Address,
    CustomerTier,
    DiscountCustomer,
    DiscountCustomerUse,
    IdempotencyKey,
    OutboxEvent,
    RefreshToken,
    StaffInvitation,
    StaffMembership,
    TierChange,
    User,
    UserSession,
)
from models.audit_entry import AuditAction
from models.user import NO_PASSWORD, Role
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.inviting import withdraw_beyond_reach
from services.accounts.letters import LETTER_WANTED
from services.accounts.reading import lock_unchanged
from services.accounts.sessions import end_all_sessions
from services.accounts.signing_in import require_password
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.errors import Conflict
from utils.passwords import Passwords

PSEUDONYM = "Deleted account"


def delete_account(database: Database, passwords: Passwords, *, actor: Actor, password: str, cache: Cache) -> None:
    """Erases the actor: nobody logs in as this account again, and its orders name a pseudonym.

    Sessions die at once, and the address is free for a new account. Refuses a wrong password (WRONG_CREDENTIALS), and
    the last admin (CONFLICT): somebody must be able to let others in.
    """
    user = require_password(database, passwords, actor=actor, password=password)
    with database.write() as session:
        if user.role == Role.ADMIN:
            _require_another_admin(session, user.id)
        locked = lock_unchanged(session, user)
        if locked.role != user.role:
            raise Conflict("This account was given another role meanwhile. Try again.")
        erase(session, locked, actor=actor, cache=cache)
        audit.note(session, AuditAction.ACCOUNT_DELETED, user.id, actor_id=user.id, before={"role": user.role})


def pseudonymous_email(user_id: UUID) -> str:
    """The address of an erased account; the domain is one that can never receive mail (RFC 2606)."""
    return f"deleted-{user_id}@deleted.invalid"


def _require_another_admin(session: Session, user_id: UUID) -> None:
    """Locks all admins, by id, and refuses (CONFLICT) when there is no other: two may wish to go at one moment."""
    admins = session.scalars(
        select(User.id).where(User.role == Role.ADMIN, User.deleted_at.is_(None)).order_by(User.id).with_for_update()
    ).all()
    if not set(admins) - {user_id}:
        raise Conflict("You are the last admin. Make somebody else an admin first.")


def erase(session: Session, user: User, *, actor: Actor, cache: Cache) -> None:
    """Takes everything personal from an account, by the act of `actor`; what orders name is left, under a pseudonym."""
    # What they offered while they worked here must not let anybody in after them.
    withdraw_beyond_reach(session, inviter=Actor(user.id, Role.CUSTOMER), actor=actor)
    _erase_sessions(session, user.id, cache=cache)
    _erase_letters(session, user)
    session.execute(delete(AccountLink).where(AccountLink.id.in_(_links(user))))
    session.execute(delete(StaffInvitation).where(StaffInvitation.id.in_(_invitations(user))))
    session.execute(delete(StaffMembership).where(StaffMembership.user_id == user.id))
    session.execute(delete(Address).where(Address.user_id == user.id))
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.caller == str(user.id)))
    # Whoever counts a tier holds the account first, as this does (services/pricing/tiers).
    for table in (CustomerTier, TierChange, DiscountCustomer, DiscountCustomerUse):
        session.execute(delete(table).where(table.customer_id == user.id))
    user.email, user.name, user.phone = pseudonymous_email(user.id), PSEUDONYM, None
    user.password_hash, user.email_verified_at, user.deleted_at = NO_PASSWORD, None, clock.now()
    user.role, user.rights, user.region_code = Role.CUSTOMER, [], None
    session.flush()  # what the database refuses must be refused here, not at the commit


def _erase_sessions(session: Session, user_id: UUID, *, cache: Cache) -> None:
    """Ends every session, here and in Redis, and leaves nothing of them.

    Tokens before sessions: a refresh that runs at this moment has locked its token, and wants the session next.
    """
    own = select(UserSession.id).where(UserSession.user_id == user_id)
    session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(own)))
    end_all_sessions(session, user_id, cache=cache)
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))


def _erase_letters(session: Session, user: User) -> None:
    """Takes letters that wait for this person out of the outbox: nobody is left to read them.

    The notes of why one could not be delivered go with them. A letter under way in this moment is passed over.
    """
    links: Sequence[UUID] = session.scalars(_links(user)).all()
    invitations: Sequence[UUID] = session.scalars(_invitations(user)).all()
    subjects = [str(each) for each in (user.id, *links, *invitations)]
    waiting = (
        select(OutboxEvent.id)
        .where(OutboxEvent.name == LETTER_WANTED, OutboxEvent.payload["subject"].astext.in_(subjects))
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(OutboxEvent).where(OutboxEvent.id.in_(waiting)))


def _links(user: User) -> Select[UUID]:
    """The account's links; and those of others to its address, which somebody wished to change to."""
    own = AccountLink.user_id == user.id
    return select(AccountLink.id).where(or_(own, AccountLink.email == user.email) if user.email_verified else own)


def _invitations(user: User) -> Select[UUID]:
    """The invitations to the address, if it was proven: else it may be another person's, who waits for it."""
    return select(StaffInvitation.id).where(StaffInvitation.email == user.email if user.email_verified else false())
