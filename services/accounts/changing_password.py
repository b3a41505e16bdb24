"""Changing a password: by who knows the old one, or by who can read the account's mail."""

from sqlalchemy.orm import Session

from models import User
from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from services.accounts import audit, letters
from services.accounts.actor import Actor
from services.accounts.checking import checked_password, find_email
from services.accounts.letters import Letter
from services.accounts.linking import drop_links, follow_link, make_link, require_same_address
from services.accounts.reading import find_user_by_email, lock_unchanged
from services.accounts.sessions import end_all_sessions
from services.accounts.signing_in import require_password
from services.accounts.verifying import forget_what_was_unproven
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.links import Links
from utils.passwords import Passwords

RESET_DONE = "Your password is changed. Log in with the new one."
RESET_SENT = "If this address has an account, we have sent a mail to it: follow the link in it."


def change_password(
    database: Database, passwords: Passwords, *, actor: Actor, current: str, new: str, cache: Cache
) -> None:
    """Sets the actor's password and ends all sessions but this one.

    Refuses a wrong current password (WRONG_CREDENTIALS) and a new one we do not take (INVALID_INPUT).
    """
    user = require_password(database, passwords, actor=actor, password=current)
    password_hash = passwords.hash(checked_password(new, email=user.email, field="newPassword"))
    with database.write() as session:
        locked = lock_unchanged(session, user)
        _set(session, locked, password_hash)
        end_all_sessions(session, user.id, cache=cache, but=actor.session_id)
        audit.note(session, AuditAction.PASSWORD_CHANGED, user.id, actor_id=actor.id)


def request_password_reset(database: Database, *, email: str) -> None:
    """Mails a link to set a new password, if the address has an account; the caller learns nothing."""
    kept = find_email(email)
    with database.write() as session:
        user = find_user_by_email(session, kept or "")
        user_id = None if user is None else user.id
        link_id = make_link(session, LinkPurpose.PASSWORD_RESET, user_id, email=kept)
        letters.want(session, Letter.PASSWORD_RESET, link_id)
        audit.note(session, AuditAction.PASSWORD_RESET_REQUESTED, user_id, actor_id=None)


def reset_password(
    database: Database, passwords: Passwords, links: Links, *, token: str, new: str, cache: Cache
) -> None:
    """Sets the password of the account the link is for, and ends all its sessions.

    Whoever reads the account's mail has proven the address, too; what stood in the account before that goes. Refuses a
    link that is not valid (LINK_INVALID) and a password we do not take (INVALID_INPUT); the link is then still good.
    """
    links.read(LinkPurpose.PASSWORD_RESET, token)  # before the hash: made-up links must cost nothing
    password_hash = passwords.hash(checked_password(new, field="newPassword"))
    with database.write() as session:
        link, user = follow_link(session, links, LinkPurpose.PASSWORD_RESET, token=token)
        require_same_address(link, user)
        checked_password(new, email=user.email, field="newPassword")
        if not user.email_verified:
            forget_what_was_unproven(session, user)
            user.email_verified_at = clock.now()
        _set(session, user, password_hash)
        end_all_sessions(session, user.id, cache=cache)
        audit.note(session, AuditAction.PASSWORD_RESET, user.id, actor_id=user.id)


def _set(session: Session, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    drop_links(session, user.id)
    letters.want(session, Letter.PASSWORD_CHANGED, user.id)
