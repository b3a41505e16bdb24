"""Opening an account."""

from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import StaffMembership, User
from models.account_link import LinkPurpose
from models.audit_entry import AuditAction
from models.user import NO_PASSWORD, Right, Role
from services.accounts import audit, letters
from services.accounts.checking import checked_email, checked_name, checked_password, checked_phone
from services.accounts.letters import Letter
from services.accounts.linking import drop_links, make_link
from utils import clock
from utils.database import Database
from utils.errors import EmailTaken
from utils.ids import new_id
from utils.passwords import Passwords

# The same for a new and for a known address.
REGISTERED = "Thank you. If this address can be registered, we have sent a mail to it: follow the link in it."


def register_customer(
    database: Database, passwords: Passwords, *, name: str, email: str, password: str, phone: str | None = None
) -> None:
    """Opens a customer's account, whose address is proven by a link that is mailed to it.

    For an address that has an account, the caller learns nothing: the same is done in the same time, and the mail
    says so. An account whose address was never proven, and that is registered again, has from then on nobody's
    password: its links end, and the mail asks its reader to choose one. So nobody can prepare an account for somebody
    else, by coming before them or after.
    """
    checked = checked_name(name), checked_email(email), checked_phone(phone)
    password_hash = passwords.hash(checked_password(password, email=checked[1]))
    with database.write() as session:
        _register(session, checked[0], checked[1], phone=checked[2], password_hash=password_hash)


def _register(session: Session, name: str, email: str, *, phone: str | None, password_hash: str) -> None:
    known = select(User.id, User.email_verified_at).where(User.email == email).with_for_update()
    opened = _insert(session, name, email, phone=phone, password_hash=password_hash)
    found = session.execute(known).one_or_none()
    if found is None:  # whoever had the address gave it up at this moment
        opened = _insert(session, name, email, phone=phone, password_hash=password_hash)
        found = session.execute(known).one()
    waits = found.email_verified_at is None
    contested = found.id if waits and opened is None else None
    # For every address, though only a contested account is found by it: all take the same time.
    session.execute(
        update(User).where(User.id == bindparam("contested")).values(password_hash=NO_PASSWORD),
        {"contested": contested},
    )
    drop_links(session, contested)
    purpose = LinkPurpose.VERIFICATION if contested is None else LinkPurpose.PASSWORD_RESET
    link_id = make_link(session, purpose, found.id if waits else None, email=email)
    if not waits:
        letters.want(session, Letter.ACCOUNT_EXISTS, found.id)
    else:
        letters.want(session, Letter.VERIFICATION if contested is None else Letter.CHOOSE_PASSWORD, link_id)
    audit.note(session, AuditAction.REGISTERED, found.id, actor_id=None, after={"new": opened is not None})


def open_account(
    session: Session,
    *,
    name: str,
    email: str,
    password_hash: str,
    role: Role,
    departments: tuple[UUID, ...] = (),
    rights: tuple[Right, ...] = (),
) -> UUID:
    """Opens an account whose address counts as proven, and returns its id. Refuses a taken address (EMAIL_TAKEN).

    The hash is made by the caller, outside this transaction: it takes long on purpose.
    """
    opened = _insert(
        session,
        checked_name(name),
        checked_email(email),
        phone=None,
        password_hash=password_hash,
        role=role,
        rights=list(rights),
        email_verified_at=clock.now(),
    )
    if opened is None:
        raise EmailTaken("An account with this e-mail address exists.", field="email")
    session.add_all(StaffMembership(user_id=opened, department_id=each) for each in departments)
    session.flush()  # the memberships must stand before the caller goes on
    return opened


def _insert(session: Session, name: str, email: str, **values: object) -> UUID | None:
    return session.scalars(
        insert(User)
        .values(id=new_id(), name=name, email=email, created_at=clock.now(), **values)
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User.id)
    ).one_or_none()
