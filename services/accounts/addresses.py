"""The address book: at most 50 addresses of an account, one of them the default for goods and one for bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from babel import Locale
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import Address
from services import idempotency
from services.accounts.actor import Actor
from services.accounts.checking import checked_phone
from services.accounts.profile import lock_account
from utils import text
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

MOST_ADDRESSES = 50
# The longest text of each part.
LONGEST = {"recipient": 100, "company": 100, "line1": 200, "line2": 200, "city": 100, "state": 100, "postal_code": 20}
# Two letters that CLDR lists beside those of ISO 3166-1: islands reserved for the post, unions, and test data.
_NOT_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
_IN_SCHEMA = {
    "postal_code": "postalCode",
    "is_default_shipping": "isDefaultShipping",
    "is_default_billing": "isDefaultBilling",
}
_USES = ("is_default_shipping", "is_default_billing")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChange:
    """What an address is to say. None: stays as it is, or is empty in a new one; an empty text is removed.

    `is_default_shipping` and `is_default_billing`: True takes the place from whichever address has it.
    """

    recipient: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None
    is_default_shipping: bool | None = None
    is_default_billing: bool | None = None


def list_addresses(session: Session, user_id: UUID) -> Sequence[Address]:
    """The account's addresses: the defaults first (that for goods before that for bills), then the newest."""
    return session.scalars(
        select(Address)
        .where(Address.user_id == user_id)
        .order_by(
            Address.is_default_shipping.desc(),
            Address.is_default_billing.desc(),
            Address.created_at.desc(),
            Address.id.desc(),
        )
    ).all()


def find_address(session: Session, address_id: UUID, *, user_id: UUID) -> Address | None:
    """This account's address with this id; None for any other, whosever it is."""
    return session.scalars(select(Address).where(Address.id == address_id, Address.user_id == user_id)).one_or_none()


def add_address(
    session: Session, wanted: AddressChange, *, actor: Actor, request: idempotency.Request | None = None
) -> UUID:
    """Adds an address to the actor's book and returns its id; the first one is the default for both uses.

    The repetition of a `request` returns the first one's id. Refuses what an address cannot say (INVALID_INPUT), the
    51st address and a re-used key (CONFLICT).
    """
    address_id, said = new_id(), _checked(wanted, is_new=True)
    if request is not None:
        made = idempotency.begin(session, request, makes=address_id)
        if made is not None:
            return made
    lock_account(session, actor.id)
    count = session.scalars(select(func.count()).where(Address.user_id == actor.id)).one()
    if count >= MOST_ADDRESSES:
        raise Conflict(f"An address book has at most {MOST_ADDRESSES} addresses. Remove one first.")
    defaults = {use: count == 0 or getattr(wanted, use) is True for use in _USES}
    _take_defaults(session, actor.id, [use for use in _USES if defaults[use]])
    session.add(Address(id=address_id, user_id=actor.id, **said, **defaults))
    session.flush()  # what the database refuses must be refused here, not at the commit
    return address_id


def update_address(session: Session, address_id: UUID, change: AddressChange, *, actor: Actor) -> None:
    """Changes one of the actor's addresses.

    Refuses every other id in one sentence (NOT_FOUND), what an address cannot say (INVALID_INPUT), and to un-set a
    default (CONFLICT): an address book that has addresses has one for each use, so another is made the default.
    """
    said = _checked(change, is_new=False)
    address = _lock(session, address_id, actor)
    for use in _USES:
        if getattr(change, use) is False and getattr(address, use):
            raise Conflict("Make another address the default instead.", field=_IN_SCHEMA[use])
    taken = [use for use in _USES if getattr(change, use) is True and not getattr(address, use)]
    _take_defaults(session, actor.id, taken)
    for name, value in {**said, **dict.fromkeys(taken, True)}.items():
        setattr(address, name, value)
    session.flush()  # what the database refuses must be refused here, not at the commit


def remove_address(session: Session, address_id: UUID, *, actor: Actor) -> None:
    """Removes one of the actor's addresses; what it was the default for passes to the newest that is left.

    Refuses every other id in one sentence (NOT_FOUND).
    """
    address = _lock(session, address_id, actor)
    uses = {use: True for use in _USES if getattr(address, use)}
    session.delete(address)
    session.flush()  # its place must be free before another takes it
    if uses:
        newest = (
            select(Address.id)
            .where(Address.user_id == actor.id)
            .order_by(Address.created_at.desc(), Address.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        session.execute(update(Address).where(Address.id == newest).values(uses))


def _lock(session: Session, address_id: UUID, actor: Actor) -> Address:
    """The actor's address, under the lock of the account: nobody else changes the book meanwhile."""
    lock_account(session, actor.id)
    found = find_address(session, address_id, user_id=actor.id)
    if found is None:
        raise NotFound("You have no such address.", field="addressId")
    return found


def _take_defaults(session: Session, user_id: UUID, uses: Sequence[str]) -> None:
    """Leaves no address of the account the default for these uses."""
    for use in uses:
        column = getattr(Address, use)
        session.execute(update(Address).where(Address.user_id == user_id, column).values({use: False}))


def _checked(wanted: AddressChange, *, is_new: bool) -> Mapping[str, str | None]:
    """What is said, in the form it is kept in, by column. Refuses (INVALID_INPUT) what an address cannot say."""
    said: dict[str, str | None] = {}
    for name in ("recipient", "line1", "city"):
        value = getattr(wanted, name)
        if is_new or value is not None:
            said[name] = text.line(value or "", name, longest=LONGEST[name])
    for name in ("company", "line2", "state", "postal_code"):
        value = getattr(wanted, name)
        if value is not None:
            field = _IN_SCHEMA.get(name, name)
            said[name] = text.line(value, field, longest=LONGEST[name]) if value.strip() else None
    if is_new or wanted.country is not None:
        said["country"] = _checked_country(wanted.country or "")
    if wanted.phone is not None:
        said["phone"] = checked_phone(wanted.phone)
    return said


def _checked_country(code: str) -> str:
    """The code in capitals. Refuses what is no country of ISO 3166-1 alpha-2."""
    kept = code.strip().upper()
    # Letters of other scripts have capitals of ours: a sharp s would be South Sudan.
    if not code.isascii() or kept not in known_countries():
        raise InvalidInput("country must be a code of ISO 3166-1 with two letters, such as US.", field="country")
    return kept


@cache
def known_countries() -> frozenset[str]:
    """The codes of ISO 3166-1 alpha-2, from Unicode CLDR."""
    territories = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in territories if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES
