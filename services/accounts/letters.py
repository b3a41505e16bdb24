"""Letters: what the shop writes to people by mail, asked for in the transaction that gives the reason."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from services import events

LETTER_WANTED = "letter.wanted"


class Letter(StrEnum):
    """Each kind of letter, and whose id stands in its event: a link's, an invitation's, or an account's."""

    VERIFICATION = "verification"
    ACCOUNT_EXISTS = "account_exists"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGE_NOTICE = "email_change_notice"
    SESSION_ENDED = "session_ended"
    INVITATION = "invitation"


def want(session: Session, letter: Letter, subject_id: UUID) -> None:
    """Asks the worker for a letter once this transaction is committed. The event holds ids, nothing of the person."""
    events.record(session, LETTER_WANTED, {"letter": letter.value, "subject": str(subject_id)})
