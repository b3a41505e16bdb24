"""Coming in, staying and leaving: a password against tokens, and a refresh token against the next ones."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import RefreshToken, User, UserSession
from models.audit_entry import AuditAction
from models.user import NO_PASSWORD
from services.accounts import audit, letters
from services.accounts.actor import Actor
from services.accounts.checking import LONGEST_PASSWORD, find_email
from services.accounts.letters import Letter
from services.accounts.reading import find_user_by_email
from services.accounts.sessions import (
    Device,
    SessionKeeper,
    SignedIn,
    end_all_sessions,
    end_session,
    hand_out,
    hash_of,
    open_session,
    used_again,
)
from utils import clock
from utils.cache import Cache
from utils.database import Database
from utils.errors import NotFound, Unauthenticated, WrongCredentials
from utils.passwords import Passwords

_WRONG = "No account has this e-mail address with this password."
_NOT_GOOD = "The refresh token is not valid any more. Log in again."


def log_in(
    database: Database, passwords: Passwords, *, email: str, password: str, keeper: SessionKeeper, device: Device
) -> SignedIn:
    """Checks the password and opens a session.

    Refuses with WRONG_CREDENTIALS, in the same words and time whether the account exists or not. The password is
    checked while no database connection is held: the hash takes long on purpose.
    """
    with database.read() as session:
        user = find_user_by_email(session, find_email(email) or "")
    checked = find_matching(passwords, user, password)
    with database.write() as session:
        # Read again: a password changed in the meantime has ended all sessions, and must not let this one in.
        current = None if checked is None else _unchanged(session, checked)
        if current is not None:
            signed_in = open_session(session, current, keeper=keeper, device=device)
            named = {"session": str(signed_in.session_id)}
            audit.note(session, AuditAction.LOGGED_IN, current.id, actor_id=current.id, after=named)
            return signed_in
        audit.note(session, AuditAction.LOGIN_FAILED, None if user is None else user.id, actor_id=None)
    raise WrongCredentials(_WRONG)


def find_matching(passwords: Passwords, user: User | None, password: str) -> User | None:
    """The account if this is its password, else None; as slow for no account as for one."""
    is_possible = user is not None and user.password_hash != NO_PASSWORD and len(password) <= LONGEST_PASSWORD
    possible = user.password_hash if user is not None and is_possible else None
    return user if passwords.matches(possible, password[:LONGEST_PASSWORD]) else None


def require_password(database: Database, passwords: Passwords, *, actor: Actor, password: str) -> User:
    """The actor's account. Refuses (WRONG_CREDENTIALS) a password that is not its own.

    What is done with the account afterwards must see that its password is still the same.
    """
    with database.read() as session:
        user = session.get(User, actor.id)
    checked = find_matching(passwords, user, password)
    if checked is None:
        note_refused_password(database, actor.id, actor_id=actor.id)
        raise WrongCredentials("This is not your password.")
    return checked


def note_refused_password(database: Database, user_id: UUID, *, actor_id: UUID | None) -> None:
    """Notes, in a transaction of its own, that a wrong password was given where an account's was asked for."""
    with database.write() as session:
        audit.note(session, AuditAction.PASSWORD_REFUSED, user_id, actor_id=actor_id)


def refresh(database: Database, *, refresh_token: str, keeper: SessionKeeper, device: Device) -> SignedIn:
    """New tokens for a refresh token, which serves once.

    Refuses (UNAUTHENTICATED) any other. One that was used before is in two hands, and nobody can say whose is the
    right one: the whole session ends, and its owner gets a mail (RFC 9700, 4.14.2).
    """
    with database.write() as session:
        found = session.execute(
            select(RefreshToken, UserSession)
            .join(UserSession, RefreshToken.session_id == UserSession.id)
            .where(RefreshToken.token_hash == hash_of(refresh_token))
            # Both rows, so that the session is seen as it is now and not as it was before we waited for the token.
            .with_for_update()
        ).one_or_none()
        moment = clock.now()
        if found is not None and found[1].revoked_at is None and found[0].expires_at > moment:
            token, stay = found
            if token.used_at is None:
                token.used_at = moment
                return _go_on(session, stay, keeper=keeper, device=device)
            end_session(session, stay.id, user_id=stay.user_id, cache=keeper.cache)
            letters.want(session, Letter.SESSION_ENDED, stay.user_id)
            named = {"session": str(stay.id)}
            audit.note(session, AuditAction.REFRESH_TOKEN_REPLAYED, stay.user_id, actor_id=None, before=named)
    raise Unauthenticated(_NOT_GOOD)


def log_out(session: Session, *, actor: Actor, cache: Cache) -> None:
    """Ends the actor's own session."""
    if actor.session_id is not None and end_session(session, actor.session_id, user_id=actor.id, cache=cache):
        _note_end(session, actor.id, actor.session_id)


def log_out_everywhere(session: Session, *, actor: Actor, cache: Cache) -> None:
    """Ends all sessions of the actor's account, this one among them."""
    ended = end_all_sessions(session, actor.id, cache=cache)
    audit.note(session, AuditAction.LOGGED_OUT_EVERYWHERE, actor.id, actor_id=actor.id, after={"sessions": ended})


def log_out_elsewhere(session: Session, session_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Ends one of the actor's sessions. Refuses any other id (NOT_FOUND), as if it did not exist."""
    if not end_session(session, session_id, user_id=actor.id, cache=cache):
        raise NotFound("You have no such session.", field="sessionId")
    _note_end(session, actor.id, session_id)


def log_out_with(session: Session, *, refresh_token: str, cache: Cache) -> None:
    """Ends the session of this refresh token, if it is one of ours; for whoever has no access token any more."""
    stay = session.scalars(
        select(UserSession)
        .join(RefreshToken, RefreshToken.session_id == UserSession.id)
        .where(RefreshToken.token_hash == hash_of(refresh_token), UserSession.revoked_at.is_(None))
    ).one_or_none()
    if stay is not None and end_session(session, stay.id, user_id=stay.user_id, cache=cache):
        _note_end(session, stay.user_id, stay.id)


def _note_end(session: Session, user_id: UUID, session_id: UUID) -> None:
    named = {"session": str(session_id)}
    audit.note(session, AuditAction.LOGGED_OUT, user_id, actor_id=user_id, before=named)


def _unchanged(session: Session, checked: User) -> User | None:
    return session.scalars(
        select(User)
        .where(User.id == checked.id, User.password_hash == checked.password_hash, User.deleted_at.is_(None))
        .with_for_update(read=True)
    ).one_or_none()


def _go_on(session: Session, stay: UserSession, *, keeper: SessionKeeper, device: Device) -> SignedIn:
    user = session.get_one(User, stay.user_id)
    signed_in = hand_out(session, user, stay.id, began=stay.created_at, keeper=keeper)
    used_again(session, stay, until=signed_in.refresh_expires_at, device=device)
    return signed_in
