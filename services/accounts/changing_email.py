"""Changing the address of an account: the new one must be proven before it counts."""

from sqlalchemy.exc import IntegrityError

from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from models.user import Role
from services.accounts import audit, letters
from services.accounts.actor import Actor
from services.accounts.checking import checked_email
from services.accounts.erasing import erase
from services.accounts.letters import Letter
from services.accounts.linking import drop_links, follow_link, make_link
from services.accounts.reading import find_user_by_email, lock_unchanged
from services.accounts.signing_in import require_password
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.errors import EmailTaken
from utils.links import Links
from utils.passwords import Passwords

EMAIL_CHANGED = "Your address is changed. Log in with the new one from now on."
EMAIL_CHANGE_SENT = "If this address is free, we have sent a mail to it: follow the link in it."


def request_email_change(
    database: Database, passwords: Passwords, *, actor: Actor, new_email: str, password: str
) -> None:
    """Mails a link to the new address, and a notice to the present one.

    Refuses a wrong password (WRONG_CREDENTIALS) and what is no address (INVALID_INPUT). Of an address that has an
    account the caller learns nothing: the link is only not sent.
    """
    kept = checked_email(new_email, "newEmail")
    user = require_password(database, passwords, actor=actor, password=password)
    with database.write() as session:
        lock_unchanged(session, user)
        other = find_user_by_email(session, kept)
        is_free = other is None or (other.id != user.id and not other.email_verified)
        link_id = make_link(session, LinkPurpose.EMAIL_CHANGE, user.id if is_free else None, email=kept)
        letters.want(session, Letter.EMAIL_CHANGE, link_id)
        # The address stands in a row of its own: by the time the mail goes, the account may have the new one.
        notice_id = make_link(session, LinkPurpose.EMAIL_CHANGE_NOTICE, user.id, email=user.email)
        letters.want(session, Letter.EMAIL_CHANGE_NOTICE, notice_id)
        audit.note(session, AuditAction.EMAIL_CHANGE_REQUESTED, user.id, actor_id=actor.id)


def confirm_email_change(database: Database, links: Links, *, token: str, cache: Cache) -> None:
    """Gives the account the address the link was sent to; every other link of the account ends.

    An account that somebody opened with that address and never proved is erased: whoever reads its mail is here.
    Refuses a link that is not valid (LINK_INVALID), and an address that somebody took meanwhile (EMAIL_TAKEN):
    whoever followed the link reads that address's mail, so this tells them nothing new.
    """
    taken = EmailTaken("An account with this e-mail address exists.", field="email")
    try:
        with database.write() as session:
            link, user = follow_link(session, links, LinkPurpose.EMAIL_CHANGE, token=token)
            assert link.email is not None  # a link with an account has an address
            other = find_user_by_email(session, link.email)
            if other is not None and (other.email_verified or other.role != Role.CUSTOMER):
                raise taken
            if other is not None:
                erase(session, other, actor=Actor(user.id, Role(user.role)), cache=cache)
            user.email, user.email_verified_at = link.email, clock.now()
            drop_links(session, user.id)
            audit.note(session, AuditAction.EMAIL_CHANGED, user.id, actor_id=user.id)
    except IntegrityError as fault:
        raise taken from fault
