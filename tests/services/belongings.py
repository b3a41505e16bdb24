"""What of a person can stand where: every column of every table sorted by hand, and a canary for each personal one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, Column, LargeBinary, String, Text, Uuid, select
from sqlalchemy.orm import Session

from models import (
    AccountLink,
    Address,
    Base,
    Department,
    IdempotencyKey,
    OutboxEvent,
    RefreshToken,
    StaffInvitation,
    StaffMembership,
    User,
    UserSession,
)
from models.account_link import LinkPurpose
from models.user import Right, Role
from services.accounts.letters import LETTER_WANTED, Letter
from utils import clock
from utils.ids import new_id

# Tables that say nothing of people, whatever columns they get.
NOT_PERSONAL_TABLES = {
    "categories": "the shop's own words",
    "departments": "the shop's own words",
    "products": "what the shop sells",
    "brands": "who makes it",
    "families": "the shop's own words",
    "collections": "the shop's own words",
    "regions": "where the shop sells",
    "search_words": "words of goods, brands and tags",
    "search_word_variants": "the same without one letter",
    "product_images": "the shop's own words",
    "import_jobs": "files of products, and what is wrong with them",
    "stripe_products": "what was told of products",
    "price_changes": "what goods cost",
    "scheduled_prices": "what goods will cost",
    "stock_alerts": "what became of the stock of goods",
    "region_countries": "where the shop sells",
    "tax_rates": "which taxes there are",
    "region_prices": "what goods cost",
    "current_prices": "what goods cost",
    "discounts": "the shop's own words",
    "discount_targets": "what goods they are for",
    "discount_codes": "the shop's own words; whom they are for stands in discount_customers",
    "pricing_rules": "discounts as they were",
    "periodic_runs": "when the shop did its own work",
}
# Columns of the other tables that no personal value can stand in.
NOT_PERSONAL_COLUMNS = {
    "users.role": "one of three words",
    "users.rights": "each one of a few words",
    "users.region_code": "a code of the shop",
    "account_links.purpose": "one of a few words",
    "addresses.country": "one of 249 codes",
    "staff_invitations.role": "one of two words",
    "staff_invitations.rights": "each one of a few words",
    "idempotency_keys.caller": "the account's id, which is the pseudonym",
    "idempotency_keys.field": "a field of the schema, with the caller's alias",
    "orders.currency": "a code",
    "orders.region_code": "a code of the shop",
    "orders.status": "one of a few words",
    "order_pricing.rules_digest": "a digest of discounts, which many orders share",
    "order_pricing.inputs": "ids, numbers, goods and the codes that were given; of the customer the id (a pseudonym), "
    "the tier, whether there were orders before, and of the discounts that were considered which name the customer and "
    "how often the customer used them",
    "order_pricing.explanation": "how the total was counted from these, the tier among them",
    "customer_tiers.tier": "one of three words",
    "tier_changes.before": "one of three words",
    "tier_changes.after": "one of three words",
    "tier_changes.reason": "one of two words",
    "order_items.product_name": "the product as it was bought",
    "order_steps.status": "one of a few words",
    "stock_movements.reason": "one of a few words",
    "stock_movements.note": "what staff say of goods; the ledger is append-only, and the field asks for nothing else",
    "images.content_type": "one of three words",
    "audit_entries.action": "one of a few words",
    "audit_entries.subject_type": "one of a few words",
    "audit_entries.before": "ids, names of fields, facts of products; append-only, so nothing personal may come here",
    "audit_entries.after": "the same",
    "audit_entries.request_id": "made by us, or a UUID that the caller's program chose",
    "outbox_events.name": "one of a few words",
    "outbox_events.payload": "ids only; the canaries' test looks into it all the same",
}
# Where an account stands by its id: what becomes of it when the person goes.
NAMES_AN_ACCOUNT = {
    "account_links.user_id": "erased",
    "addresses.user_id": "erased",
    "staff_memberships.user_id": "erased",
    "user_sessions.user_id": "erased",
    "staff_invitations.invited_by": "pseudonym",
    "customer_tiers.customer_id": "erased",
    "tier_changes.customer_id": "erased",
    "discount_customers.customer_id": "erased",
    "discount_customer_uses.customer_id": "erased",
    # With the code that was given.
    "discount_uses.customer_id": "pseudonym",
    "discounts.created_by": "pseudonym",
    "discount_codes.created_by": "pseudonym",
    "tax_rates.created_by": "pseudonym",
    "orders.customer_id": "pseudonym",
    "order_steps.actor_id": "pseudonym",
    "stock_movements.actor_id": "pseudonym",
    "price_changes.actor_id": "pseudonym",
    "scheduled_prices.created_by": "pseudonym",
    "images.uploaded_by": "pseudonym",
    "import_jobs.actor_id": "pseudonym",
    "audit_entries.actor_id": "pseudonym",
    "audit_entries.subject_id": "pseudonym",
}
# Other ids that are no foreign keys.
NAMES_SOMETHING_ELSE = {
    "idempotency_keys.result_id": "what the request made",
    "current_prices.product_id": "what is sold; triggers remove the row with it",
    "current_prices.category_id": "where the product stands",
    "staff_invitations.departments": "where the invited is to work",
}


def columns() -> Iterator[Column[Any]]:
    """Every column of every table."""
    for table in Base.metadata.sorted_tables:
        yield from table.columns


def named(column: Column[Any]) -> str:
    """A column's name with its table's."""
    return f"{column.table.name}.{column.name}"


def can_hold_words(column: Column[Any]) -> bool:
    """Whether text can stand in the column, plain or in a structure or in bytes."""
    inner = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return isinstance(inner, Text | String | JSON | LargeBinary)


def personal_columns() -> set[str]:
    """The columns in which something of a person can stand."""
    wordy = {column for column in columns() if can_hold_words(column)}
    return {named(each) for each in wordy if each.table.name not in NOT_PERSONAL_TABLES} - set(NOT_PERSONAL_COLUMNS)


def columns_that_name_accounts() -> set[str]:
    """Foreign keys to accounts, and ids that say nowhere what they are the id of."""
    found = set()
    for column in columns():
        inner = column.type.item_type if isinstance(column.type, ARRAY) else column.type
        if not isinstance(inner, Uuid) or (column.primary_key and not column.foreign_keys):
            continue
        if not column.foreign_keys or any(key.column.table.name == "users" for key in column.foreign_keys):
            found.add(named(column))
    return found - set(NAMES_SOMETHING_ELSE)


@dataclass
class Canaries:
    """Values that stand nowhere else, by the column, or by what was said to the API."""

    values: dict[str, str | bytes] = field(default_factory=dict)
    first: int = 100

    def text(self, name: str) -> str:
        """A word, of which no form of writing changes a letter but its case."""
        return self._keep(name, f"Canary{self._next()}zq")

    def email(self, name: str) -> str:
        """An address."""
        return self._keep(name, f"canary{self._next()}zq@example.com")

    def phone(self, name: str) -> str:
        """A number of a telephone."""
        return self._keep(name, f"+14155552{self._next()}")

    def hash(self, name: str) -> bytes:
        """Bytes."""
        value = f"Canary{self._next()}zq".encode()
        self.values[name] = value
        return value

    def needles(self) -> dict[str, list[bytes]]:
        """What to look for, in lower case: the word itself, or in place of bytes also how PostgreSQL shows them."""
        return {name: _needles(value) for name, value in self.values.items()}

    def _next(self) -> int:
        return self.first + len(self.values)

    def _keep(self, name: str, value: str) -> str:
        self.values[name] = value
        return value


def _needles(value: str | bytes) -> list[bytes]:
    if isinstance(value, bytes):
        return [value.lower(), value.hex().encode()]
    # Without what is around it: "+" and "@" are written otherwise here and there.
    return [value.lower().removesuffix("@example.com").lstrip("+").encode()]


def plant(session: Session, user_id: UUID, *, password_hash: str = "Canary099zq", first: int = 100) -> Canaries:
    """Fills every personal column of every row that a person can have, with a value that stands nowhere else.

    The account is made a member of staff whose address is proven. Nobody logs in with the password hash by default.
    """
    planted, moment = Canaries(first=first), clock.now()
    user = session.get_one(User, user_id)
    user.email, user.name = planted.email("users.email"), planted.text("users.name")
    user.phone, user.email_verified_at = planted.phone("users.phone"), moment
    user.role, user.rights = Role.STAFF, [Right.READ]
    planted.values["users.password_hash"] = user.password_hash = password_hash
    session.flush()
    department = session.scalars(select(Department.id).order_by(Department.slug).limit(1)).one()
    link, stay, event = new_id(), new_id(), new_id()
    session.add_all(
        [
            StaffMembership(user_id=user_id, department_id=department),
            _link(planted, link, user_id),
            _address(planted, user_id),
            UserSession(
                id=stay,
                user_id=user_id,
                last_used_at=moment,
                expires_at=moment + timedelta(days=1),
                user_agent=planted.text("user_sessions.user_agent"),
                network=planted.text("user_sessions.network"),
            ),
            IdempotencyKey(
                caller=str(user_id),
                key=planted.text("idempotency_keys.key"),
                field="createOrder",
                arguments_hash=planted.hash("idempotency_keys.arguments_hash"),
                result_id=new_id(),
            ),
            _invitation(user.email, department, user_id),
            # A letter that could not be delivered, and the reason names its reader.
            OutboxEvent(
                id=event,
                name=LETTER_WANTED,
                payload={"letter": Letter.PASSWORD_RESET.value, "subject": str(link)},
                available_at=moment + timedelta(hours=1),
                attempts=1,
                last_error=planted.text("outbox_events.last_error"),
            ),
        ]
    )
    planted.values["staff_invitations.email"] = user.email
    session.flush()
    hashed = planted.hash("refresh_tokens.token_hash")
    session.add(RefreshToken(token_hash=hashed, session_id=stay, expires_at=moment + timedelta(days=1)))
    session.flush()
    return planted


def _link(planted: Canaries, link_id: UUID, user_id: UUID) -> AccountLink:
    return AccountLink(
        id=link_id,
        user_id=user_id,
        purpose=LinkPurpose.VERIFICATION,
        email=planted.email("account_links.email"),
        expires_at=clock.now() + timedelta(hours=1),
    )


def _invitation(email: str, department: UUID, invited_by: UUID) -> StaffInvitation:
    return StaffInvitation(
        email=email,
        role=Role.STAFF,
        departments=[department],
        rights=[Right.READ],
        invited_by=invited_by,
        expires_at=clock.now() + timedelta(days=1),
    )


def _address(planted: Canaries, user_id: UUID) -> Address:
    words = ("recipient", "company", "line1", "line2", "city", "state", "postal_code")
    return Address(
        user_id=user_id,
        **{name: planted.text(f"addresses.{name}") for name in words},
        country="GB",
        phone=planted.phone("addresses.phone"),
        is_default_shipping=False,
        is_default_billing=False,
    )
