"""Proving that an address is one's own."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import Address, User
from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from models.user import NO_PASSWORD
from services.accounts import audit, letters
from services.accounts.checking import find_email
from services.accounts.letters import Letter
from services.accounts.linking import drop_links, follow_link, make_link, require_same_address
from services.accounts.reading import find_user_by_email
from utils import clock
from utils.database import Database
from utils.links import Links

VERIFIED = "Your address is verified. Thank you."
VERIFICATION_SENT = "If this address waits to be verified, we have sent a mail to it: follow the link in it."


def request_verification(database: Database, *, email: str) -> None:
    """Sends the link once more, if the address has an account that waits for it; the caller learns nothing.

    An account that was registered more than once has nobody's password: its mail asks to choose one.
    """
    kept = find_email(email)
    with database.write() as session:
        user = find_user_by_email(session, kept or "")
        waiting = user.id if user is not None and not user.email_verified else None
        is_contested = user is not None and user.password_hash == NO_PASSWORD
        purpose = LinkPurpose.PASSWORD_RESET if is_contested else LinkPurpose.VERIFICATION
        link_id = make_link(session, purpose, waiting, email=kept)
        letters.want(session, Letter.CHOOSE_PASSWORD if is_contested else Letter.VERIFICATION, link_id)


def verify_email(database: Database, links: Links, *, token: str) -> None:
    """Counts the address as proven, once.

    Refuses (LINK_INVALID) every link that is not ours, in time, unused, and for the account's present address.
    """
    with database.write() as session:
        link, user = follow_link(session, links, LinkPurpose.VERIFICATION, token=token)
        require_same_address(link, user)
        user.email_verified_at = clock.now()
        drop_links(session, user.id)
        audit.note(session, AuditAction.EMAIL_VERIFIED, user.id, actor_id=user.id)


def forget_what_was_unproven(session: Session, user: User) -> None:
    """Takes away what stood in an account before anybody proved its address: it may have been somebody else's.

    For who takes the account over with a new password; its sessions end there, too.
    """
    user.name, user.phone = user.email.partition("@")[0], None
    session.execute(delete(Address).where(Address.user_id == user.id))
