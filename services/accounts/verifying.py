"""Proving that an address is one's own."""

from sqlalchemy import delete

from models import Address
from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from services.accounts import audit, letters
from services.accounts.checking import find_email
from services.accounts.letters import Letter
from services.accounts.linking import drop_links, follow_link, make_link, require_same_address
from services.accounts.reading import find_user_by_email
from services.accounts.sessions import end_all_sessions
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.links import Links

VERIFIED = "Your address is verified. Thank you."
VERIFICATION_SENT = "If this address waits to be verified, we have sent a mail to it: follow the link in it."


def request_verification(database: Database, *, email: str) -> None:
    """Sends the link once more, if the address has an account that waits for it; the caller learns nothing."""
    kept = find_email(email)
    with database.write() as session:
        user = find_user_by_email(session, kept or "")
        waiting = user.id if user is not None and not user.email_verified else None
        link_id = make_link(session, LinkPurpose.VERIFICATION, waiting, email=kept)
        letters.want(session, Letter.VERIFICATION, link_id)


def verify_email(database: Database, links: Links, *, token: str, cache: Cache) -> None:
    """Counts the address as proven, once.

    If the link is of a later attempt to register than the account, that attempt's name and password come with it,
    and what the earlier one left (sessions, phone, addresses) goes. Refuses (LINK_INVALID) every link that is not
    ours, in time, unused, and for the account's present address.
    """
    with database.write() as session:
        link, user = follow_link(session, links, LinkPurpose.VERIFICATION, token=token)
        require_same_address(link, user)
        user.email_verified_at = clock.now()
        if link.password_hash is not None and link.name is not None and link.password_hash != user.password_hash:
            user.name, user.password_hash, user.phone = link.name, link.password_hash, None
            session.execute(delete(Address).where(Address.user_id == user.id))
            end_all_sessions(session, user.id, cache=cache)
        drop_links(session, user.id)
        audit.note(session, AuditAction.EMAIL_VERIFIED, user.id, actor_id=user.id)
