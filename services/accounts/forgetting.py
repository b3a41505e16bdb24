"""Forgets invitations that nobody can accept any more: an address stands in each of them."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import StaffInvitation
from utils import clock


def forget_old_invitations(session: Session) -> int:
    """Deletes invitations past their time, however they ended; returns how many."""
    outdated = delete(StaffInvitation).where(StaffInvitation.expires_at < clock.now())
    return len(session.scalars(outdated.returning(StaffInvitation.id)).all())
