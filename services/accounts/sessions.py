"""Sessions: one for each device that is signed in, how they begin, go on and end, and whether one still lives."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import RefreshToken, User, UserSession
from models.user import Right, Role
from services import events
from services.accounts.actor import Actor
from services.accounts.reading import list_department_ids
from utils import clock
from utils.cache import Cache, Fetched
from utils.database import after_commit
from utils.errors import Unauthenticated
from utils.ids import new_id
from utils.tokens import Claims, Tokens

SESSIONS_ENDED = "sessions.ended"
# However often it is used: OWASP ASVS 5.0, 7.3.2.
LONGEST_SESSION = timedelta(days=30)
# What a stranger's program may call itself, at most.
_LONGEST_USER_AGENT = 200
_LIVE = b"1"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a request came from, as far as it tells."""

    user_agent: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account, the access token that speaks for it, and the refresh token for the next one."""

    access_token: str
    refresh_token: str
    refresh_expires_at: datetime
    user: User
    session_id: UUID


@dataclass(frozen=True, slots=True)
class SessionKeeper:
    """What opening and refreshing sessions needs: the keys, the cache, and how long a refresh token is good."""

    tokens: Tokens
    cache: Cache
    refresh_lifetime: timedelta


def open_session(session: Session, user: User, *, keeper: SessionKeeper, device: Device) -> SignedIn:
    """Begins a session of this account on this device."""
    session_id, moment = new_id(), clock.now()
    session.add(
        UserSession(
            id=session_id,
            user_id=user.id,
            created_at=moment,
            last_used_at=moment,
            expires_at=moment + min(keeper.refresh_lifetime, LONGEST_SESSION),
            user_agent=_user_agent(device),
            network=device.network,
        )
    )
    session.flush()  # its tokens name it
    after_commit(session, remembering(keeper.cache, session_id))
    return hand_out(session, user, session_id, began=moment, keeper=keeper)


def hand_out(session: Session, user: User, session_id: UUID, *, began: datetime, keeper: SessionKeeper) -> SignedIn:
    """A new pair of tokens of this session, which began at `began`."""
    refresh, moment = secrets.token_urlsafe(32), clock.now()
    expires = min(moment + keeper.refresh_lifetime, began + LONGEST_SESSION)
    session.add(RefreshToken(token_hash=hash_of(refresh), session_id=session_id, created_at=moment, expires_at=expires))
    session.flush()  # what the database refuses must be refused here, not at the commit
    departments = list_department_ids(session, user.id) if user.role == Role.STAFF else ()
    access = keeper.tokens.issue(
        Claims(
            subject=user.id,
            session_id=session_id,
            role=user.role,
            departments=frozenset(departments),
            rights=frozenset(user.rights),
            verified=user.email_verified,
            region=user.region_code,
        )
    )
    return SignedIn(access, refresh, expires, user, session_id)


def used_again(session: Session, stay: UserSession, *, until: datetime, device: Device) -> None:
    """Notes that the session was used now, from where, and that it lasts until then."""
    stay.last_used_at, stay.expires_at = clock.now(), until
    stay.user_agent, stay.network = _user_agent(device), device.network
    session.flush()  # what the database refuses must be refused here, not at the commit


def _user_agent(device: Device) -> str | None:
    return device.user_agent[:_LONGEST_USER_AGENT] if device.user_agent else None


def hash_of(refresh_token: str) -> bytes:
    """How a refresh token is kept. It is 256 random bits, so a plain hash hides it."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()


def actor_of(tokens: Tokens, token: str) -> Actor:
    """Who bears this token. Refuses (UNAUTHENTICATED) every token that is not ours and in time.

    Whether its session still lives is another question: see `require_live`.
    """
    claims = tokens.read(token)
    try:
        role, rights = Role(claims.role), frozenset(Right(each) for each in claims.rights)
    except ValueError:
        raise Unauthenticated("The access token is not valid or has expired. Log in again.") from None
    return Actor(
        id=claims.subject,
        role=role,
        departments=claims.departments,
        rights=rights,
        session_id=claims.session_id,
        verified=claims.verified,
    )


def require_live(cache: Cache, session_id: UUID, *, reading: Callable[[], Session]) -> Fetched:
    """Refuses (UNAUTHENTICATED) a session that was ended; returns what the cache said, on which an answer may depend.

    Redis is asked; PostgreSQL, through `reading`, only when Redis does not know or is away. The entry is as exact
    as a product's: ending a session renews its version, and an absent one is a miss.
    """
    name = _tag(session_id)
    found = cache.fetch({name: name})
    if name in found.hits:
        return found
    living = select(UserSession.id).where(
        UserSession.id == session_id, UserSession.revoked_at.is_(None), UserSession.expires_at > clock.now()
    )
    if reading().scalars(living).one_or_none() is None:
        raise Unauthenticated("This session has ended. Log in again.")
    cache.store({name: _LIVE}, found.tickets)
    return found


def remembering(cache: Cache, session_id: UUID) -> Callable[[], None]:
    """What to do after the commit of a new session, so that its first request need not ask PostgreSQL."""
    name = _tag(session_id)
    tickets = cache.fetch({name: name}).tickets
    return lambda: cache.store({name: _LIVE}, tickets)


def list_sessions(session: Session, user_id: UUID) -> Sequence[UserSession]:
    """The account's living sessions, the one used last first."""
    return session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > clock.now(),
        )
        .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    ).all()


def end_session(session: Session, session_id: UUID, *, user_id: UUID, cache: Cache) -> bool:
    """Ends one session of this account; false if the account has no such session that lives."""
    return bool(_end(session, [UserSession.id == session_id, UserSession.user_id == user_id], cache=cache))


def end_all_sessions(session: Session, user_id: UUID, *, cache: Cache, but: UUID | None = None) -> int:
    """Ends every session of this account, `but` one if named; returns how many."""
    conditions = [UserSession.user_id == user_id]
    if but is not None:
        conditions.append(UserSession.id != but)
    return _end(session, conditions, cache=cache)


def forget_old_sessions(session: Session) -> int:
    """Deletes sessions that expired, and those that ended a day ago, with their tokens; returns how many."""
    moment = clock.now()
    outdated = (UserSession.expires_at < moment) | (UserSession.revoked_at < moment - timedelta(days=1))
    return len(session.scalars(delete(UserSession).where(outdated).returning(UserSession.id)).all())


def repeat_end(cache: Cache, *, event_id: UUID, session_ids: Sequence[str]) -> None:
    """What the worker does with the event: ends the sessions in Redis too, unless the writer was seen to do so.

    Raises UNAVAILABLE when Redis is away, so that the event stays due.
    """
    if not cache.is_done(str(event_id)):
        cache.renew([_tag(UUID(each)) for each in session_ids], done=str(event_id))


def _end(session: Session, conditions: Sequence[object], *, cache: Cache) -> int:
    ended = session.scalars(
        update(UserSession)
        .where(*conditions, UserSession.revoked_at.is_(None))  # type: ignore[arg-type]
        .values(revoked_at=clock.now())
        .returning(UserSession.id)
    ).all()
    if ended:
        event_id = events.record(session, SESSIONS_ENDED, {"sessions": [str(each) for each in ended]})
        after_commit(session, lambda: cache.renew([_tag(each) for each in ended], done=str(event_id)))
    return len(ended)


def _tag(session_id: UUID) -> str:
    return f"session:{session_id}"
