"""Letters: what the shop writes to people by mail, asked for in the transaction that gives the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import AccountLink, Department, StaffInvitation, User
from models.account_link import LinkPurpose
from models.user import Role
from services import events
from services.accounts.linking import GOOD_FOR
from utils import clock
from utils.links import Links

LETTER_WANTED = "letter.wanted"
# What the token of an invitation's link is good for.
INVITATION_PURPOSE = "invitation"


class Letter(StrEnum):
    """Each kind of letter, and whose id stands in its event: a link's, an invitation's, or an account's."""

    VERIFICATION = "verification"
    CHOOSE_PASSWORD = "choose_password"  # noqa: S105
    ACCOUNT_EXISTS = "account_exists"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_NOTICE = "email_change_notice"
    SESSION_ENDED = "session_ended"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Draft:
    """What one letter says before it is put into words: its kind, where it goes, what its template shows."""

    letter: Letter
    to: str
    values: Mapping[str, object]


_PURPOSES = {
    Letter.VERIFICATION: LinkPurpose.VERIFICATION,
    Letter.CHOOSE_PASSWORD: LinkPurpose.PASSWORD_RESET,
    Letter.PASSWORD_RESET: LinkPurpose.PASSWORD_RESET,
    Letter.EMAIL_CHANGE: LinkPurpose.EMAIL_CHANGE,
}
_PAGES = {
    Letter.VERIFICATION: "verify",
    Letter.CHOOSE_PASSWORD: "reset-password",
    Letter.PASSWORD_RESET: "reset-password",
    Letter.EMAIL_CHANGE: "confirm-email",
    Letter.INVITATION: "accept-invitation",
}


def want(session: Session, letter: Letter, subject_id: UUID) -> None:
    """Asks the worker for a letter once this transaction is committed. The event holds ids, nothing of the person."""
    events.record(session, LETTER_WANTED, {"letter": letter.value, "subject": str(subject_id)})


def find_draft(session: Session, payload: Mapping[str, Any], *, links: Links, public_url: str) -> Draft | None:
    """What the letter of this event says, or None when it is not wanted any more.

    It is not wanted when its link leads nowhere, was used or is too old, when its invitation is not open, and when
    its account is gone or already has what the letter offers. Refuses (ValueError) a kind that this release does not
    know.
    """
    letter, subject_id = Letter(payload["letter"]), UUID(payload["subject"])

    def address_of(purpose: str) -> str:
        return f"{public_url}/{_PAGES[letter]}?token={links.sign(purpose, subject_id)}"

    if letter is Letter.INVITATION:
        return _invitation(session, subject_id, link=address_of(INVITATION_PURPOSE))
    if letter in _PURPOSES:
        return _with_link(session, letter, subject_id, link=address_of(_PURPOSES[letter]))
    if letter is Letter.EMAIL_CHANGE_NOTICE:
        return _notice(session, subject_id)
    user = session.get(User, subject_id)
    if user is None or user.deleted_at is not None:
        return None
    return Draft(letter, user.email, {"name": _greeted(user)})


def _with_link(session: Session, letter: Letter, link_id: UUID, *, link: str) -> Draft | None:
    purpose = _PURPOSES[letter]
    found = session.execute(
        select(AccountLink, User)
        .join(User, AccountLink.user_id == User.id)
        .where(
            AccountLink.id == link_id,
            AccountLink.purpose == purpose,
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > clock.now(),
            User.deleted_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    row, user = found
    if row.email is None or not _is_wanted(session, letter, row, user):
        return None
    # Who reads a new address is not yet proven to be this person.
    name = None if letter is Letter.EMAIL_CHANGE else _greeted(user)
    return Draft(letter, row.email, {"name": name, "link": link, "good_for": in_words(GOOD_FOR[purpose])})


def _notice(session: Session, notice_id: UUID) -> Draft | None:
    """To the address the account had when the change was asked for, whatever it has now."""
    row = session.get(AccountLink, notice_id)
    user = None if row is None or row.user_id is None else session.get(User, row.user_id)
    if row is None or row.email is None or user is None or user.deleted_at is not None:
        return None
    return Draft(Letter.EMAIL_CHANGE_NOTICE, row.email, {"name": _greeted(user)})


def _is_wanted(session: Session, letter: Letter, link: AccountLink, user: User) -> bool:
    if letter is Letter.EMAIL_CHANGE:
        # Somebody who has that address would be asked for something that cannot be.
        proven = User.email_verified_at.is_not(None)
        return session.scalars(select(User.id).where(User.email == link.email, proven)).one_or_none() is None
    waits = letter in (Letter.VERIFICATION, Letter.CHOOSE_PASSWORD)
    return link.email == user.email and not (waits and user.email_verified)


def _invitation(session: Session, invitation_id: UUID, *, link: str) -> Draft | None:
    invitation = session.get(StaffInvitation, invitation_id)
    if (
        invitation is None
        or invitation.email is None
        or invitation.accepted_at is not None
        or invitation.withdrawn_at is not None
        or invitation.expires_at <= clock.now()
    ):
        return None
    departments = select(Department.name).where(Department.id.in_(invitation.departments)).order_by(Department.name)
    inviter = select(User.name).where(User.id == invitation.invited_by, User.deleted_at.is_(None))
    return Draft(
        Letter.INVITATION,
        invitation.email,
        {
            "inviter": session.scalars(inviter).one_or_none(),
            "is_admin": invitation.role == Role.ADMIN,
            "departments": list(session.scalars(departments)),
            "link": link,
            "good_until": f"{invitation.expires_at:%d %B %Y, %H:%M} UTC".lstrip("0"),
        },
    )


def _greeted(user: User) -> str | None:
    """The name a letter begins with. None as long as the address is not proven.

    Anybody can register anybody's address under any name; what we send there must not carry a stranger's words.
    """
    return user.name if user.email_verified else None


def in_words(span: timedelta) -> str:
    """A span of whole hours or minutes for people: 24 hours, 30 minutes, 1 hour."""
    minutes = int(span.total_seconds()) // 60
    count, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
