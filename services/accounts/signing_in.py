"""Coming in: an e-mail address and a password against an access token."""

from dataclasses import dataclass
from uuid import UUID

from models import User
from models.user import Role
from services.accounts.actor import Actor
from services.accounts.reading import find_user_by_email, list_department_ids
from services.accounts.registering import LONGEST_PASSWORD, checked_email, checked_password, register
from utils.database import Database
from utils.errors import InvalidInput, Unauthenticated, WrongCredentials
from utils.passwords import Passwords
from utils.tokens import Tokens


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and the token that speaks for it."""

    access_token: str
    user: User


def log_in(database: Database, passwords: Passwords, tokens: Tokens, *, email: str, password: str) -> SignedIn:
    """Checks the password and issues a token.

    Refuses with WRONG_CREDENTIALS, in the same words and time whether the account exists or not. The password is
    checked while no database connection is held: the hash takes long on purpose.
    """
    user: User | None = None
    departments: tuple[UUID, ...] = ()
    kept = _address_or_none(email)
    if kept is not None:
        with database.read() as session:
            user = find_user_by_email(session, kept)
            departments = list_department_ids(session, user.id) if user and user.role == Role.STAFF else ()
    possible = user.password_hash if user is not None and len(password) <= LONGEST_PASSWORD else None
    if not passwords.matches(possible, password[:LONGEST_PASSWORD]) or user is None:
        raise WrongCredentials("No account has this e-mail address with this password.")
    return SignedIn(tokens.issue(subject=user.id, role=user.role, departments=departments), user)


def register_and_log_in(
    database: Database, passwords: Passwords, tokens: Tokens, *, name: str, email: str, password: str
) -> SignedIn:
    """Opens a customer's account and logs it in. Refuses as `register` does."""
    password_hash = passwords.hash(checked_password(password))
    with database.write() as session:
        user_id = register(session, name=name, email=email, password_hash=password_hash)
        user = session.get_one(User, user_id)
    return SignedIn(tokens.issue(subject=user_id, role=user.role), user)


def actor_of(tokens: Tokens, token: str) -> Actor:
    """Who bears this token. Refuses (UNAUTHENTICATED) every token that is not ours and in time."""
    claims = tokens.read(token)
    try:
        role = Role(claims.role)
    except ValueError:
        raise Unauthenticated("The access token is not valid or has expired. Log in again.") from None
    return Actor(id=claims.subject, role=role, departments=claims.departments)


def _address_or_none(email: str) -> str | None:
    try:
        return checked_email(email)
    except InvalidInput:
        return None
