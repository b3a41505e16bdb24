"""What tests of accounts share: registering, proving, coming in, and what the letters would have said."""

from uuid import UUID

from sqlalchemy import select

from demo.cast import PASSWORD
from models import AccountLink, AuditEntry, OutboxEvent, User, UserSession
from models.account_link import LinkPurpose
from services.accounts.letters import LETTER_WANTED
from services.accounts.registering import register_customer
from services.accounts.sessions import Device, SignedIn
from services.accounts.signing_in import log_in, refresh
from utils.database import Database
from wiring import Shop

ERIN = "erin@example.com"
GOOD_PASSWORD = "correct horse"
TELEPHONE = Device(user_agent="Telephone/1.0", network="192.0.2.7")


def registered(
    shop: Shop, *, name: str = "Erin", email: str = ERIN, password: str = GOOD_PASSWORD, phone: str | None = None
) -> None:
    """Registers a customer."""
    register_customer(shop.database, shop.passwords, name=name, email=email, password=password, phone=phone)


def come_in(shop: Shop, email: str = ERIN, password: str = GOOD_PASSWORD) -> SignedIn:
    """A login."""
    return log_in(shop.database, shop.passwords, email=email, password=password, keeper=shop.keeper, device=TELEPHONE)


def cast_comes_in(shop: Shop, email: str) -> SignedIn:
    """A login of one of the cast."""
    return come_in(shop, email, PASSWORD)


def go_on(shop: Shop, refresh_token: str) -> SignedIn:
    """A refresh."""
    return refresh(shop.database, refresh_token=refresh_token, keeper=shop.keeper, device=TELEPHONE)


def account(shop: Shop, email: str = ERIN) -> User:
    """The account of this address."""
    with shop.database.read() as session:
        return session.scalars(select(User).where(User.email == email)).one()


def letters(database: Database) -> list[tuple[str, UUID]]:
    """The letters that are wanted, oldest first: kind and whose id stands in it."""
    with database.read() as session:
        rows = session.scalars(
            select(OutboxEvent.payload).where(OutboxEvent.name == LETTER_WANTED).order_by(OutboxEvent.id)
        )
        return [(row["letter"], UUID(row["subject"])) for row in rows]


def links(database: Database) -> list[AccountLink]:
    """All links, oldest first."""
    with database.read() as session:
        return list(session.scalars(select(AccountLink).order_by(AccountLink.id)))


def newest_token(shop: Shop, purpose: LinkPurpose) -> str:
    """What stands in the newest link of this purpose."""
    return shop.links.sign(purpose, [each for each in links(shop.database) if each.purpose == purpose][-1].id)


def sessions_of(database: Database, user_id: UUID) -> list[UserSession]:
    """The account's sessions, oldest first, the ended ones too; not the one every test has."""
    with database.read() as session:
        chosen = select(UserSession).where(UserSession.user_id == user_id, UserSession.id != user_id)
        return list(session.scalars(chosen.order_by(UserSession.id)))


def noted(database: Database) -> list[tuple[str, UUID | None, UUID | None]]:
    """The audit log, oldest first: action, subject, actor."""
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject_id, row.actor_id) for row in rows]
