"""Forgets what holds an address for nothing: invitations past their time, accounts that nobody ever proved."""

from datetime import timedelta

from sqlalchemy import delete, exists
from sqlalchemy.orm import Session

from models import Order, StaffInvitation, User, UserSession
from models.user import Role
from utils import clock

# As long as a session can last, so that nobody is thrown out of one.
UNPROVEN_FOR = timedelta(days=30)


def forget_old_invitations(session: Session) -> int:
    """Deletes invitations past their time, however they ended; returns how many."""
    outdated = delete(StaffInvitation).where(StaffInvitation.expires_at < clock.now())
    return len(session.scalars(outdated.returning(StaffInvitation.id)).all())


def forget_unproven_accounts(session: Session) -> int:
    """Deletes customers who never proved their address in 30 days, never ordered, and are signed in nowhere.

    Whoever typed a stranger's address left it with us; returns how many.
    """
    moment = clock.now()
    outdated = delete(User).where(
        User.role == Role.CUSTOMER,
        User.email_verified_at.is_(None),
        User.deleted_at.is_(None),
        User.created_at < moment - UNPROVEN_FOR,
        ~exists().where(Order.customer_id == User.id),
        ~exists().where(
            UserSession.user_id == User.id, UserSession.revoked_at.is_(None), UserSession.expires_at > moment
        ),
    )
    return len(session.scalars(outdated.returning(User.id)).all())
