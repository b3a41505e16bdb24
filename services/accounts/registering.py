"""Opening an account."""

from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import StaffMembership, User
from models.user import Role
from utils import clock, text
from utils.errors import EmailTaken, InvalidInput
from utils.ids import new_id

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
LONGEST_NAME = 100


def checked_email(email: str) -> str:
    """The address in the one form it is kept in: lower case, its domain in Unicode. Refuses what is no address."""
    if len(email) > 254:
        raise InvalidInput("email must have at most 254 characters.", field="email")
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise InvalidInput("email must be an e-mail address.", field="email") from None


def checked_password(password: str) -> str:
    """The password as it came. Refuses one of fewer than 8 or more than 128 characters."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", field="password"
        )
    return password


def register(
    session: Session,
    *,
    name: str,
    email: str,
    password_hash: str,
    role: Role = Role.CUSTOMER,
    departments: tuple[UUID, ...] = (),
) -> UUID:
    """Opens an account and returns its id. Refuses a taken e-mail address (EMAIL_TAKEN).

    The hash is made by the caller, outside this transaction: it takes long on purpose.
    """
    user_id = new_id()
    opened = session.execute(
        insert(User)
        .values(
            id=user_id,
            email=checked_email(email),
            name=text.line(name, "name", longest=LONGEST_NAME),
            password_hash=password_hash,
            role=role,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User.id)
    ).first()
    if opened is None:
        raise EmailTaken("An account with this e-mail address exists. Log in instead.", field="email")
    for department_id in departments:
        session.add(StaffMembership(user_id=user_id, department_id=department_id))
    session.flush()  # the memberships must stand before the caller goes on
    return user_id
