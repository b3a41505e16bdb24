"""Mutations of the address book."""

from dataclasses import asdict
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.addresses import Address
from services import idempotency
from services.accounts import addresses
from services.accounts.addresses import LONGEST, MOST_ADDRESSES, AddressChange
from utils.ids import parse_id

_COUNTRY = "The country's code of ISO 3166-1 with two letters, such as US."
_PHONE = "A telephone number for the carrier, with its country code."
_REMOVED = "Left out: stays; null or empty: removed."


def _text(name: str, description: str, **options: object) -> str:
    """A field of an input, whose description ends with the longest text it takes."""
    made: str = strawberry.field(description=f"{description} At most {LONGEST[name]} characters.", **options)  # type: ignore[call-overload]
    return made


@strawberry.input(description="An address to be.")
class AddressInput:
    """A new address of the caller."""

    recipient: str = _text("recipient", "The name of the person it is for.")
    line1: str = _text("line1", "Street and number.")
    city: str = _text("city", "The town.")
    country: str = strawberry.field(description=_COUNTRY)
    company: str | None = _text("company", "The company, if it goes to one.", default=None)
    line2: str | None = _text("line2", "What else finds the door.", default=None)
    state: str | None = _text("state", "State, province or county.", default=None)
    postal_code: str | None = _text("postal_code", "The postal code.", default=None)
    phone: str | None = strawberry.field(default=None, description=_PHONE)
    is_default_shipping: bool = strawberry.field(
        default=False, description="Goods go here if nothing else is said; the first address always is the default."
    )
    is_default_billing: bool = strawberry.field(
        default=False, description="Bills go here if nothing else is said; the first address always is the default."
    )

    def wanted(self) -> AddressChange:
        """The same for the address book."""
        return AddressChange(**vars(self))


@strawberry.input(description="What is to change in an address; what is left out stays.")
class AddressUpdateInput:
    """A change of an address of the caller."""

    recipient: str | None = _text("recipient", "The name of the person it is for.", default=None)
    line1: str | None = _text("line1", "Street and number.", default=None)
    city: str | None = _text("city", "The town.", default=None)
    country: str | None = strawberry.field(default=None, description=_COUNTRY)
    company: str | None = _text("company", f"The company. {_REMOVED}", default=strawberry.UNSET)
    line2: str | None = _text("line2", f"What else finds the door. {_REMOVED}", default=strawberry.UNSET)
    state: str | None = _text("state", f"State, province or county. {_REMOVED}", default=strawberry.UNSET)
    postal_code: str | None = _text("postal_code", f"The postal code. {_REMOVED}", default=strawberry.UNSET)
    phone: str | None = strawberry.field(default=strawberry.UNSET, description=f"{_PHONE} {_REMOVED}")
    is_default_shipping: bool | None = strawberry.field(
        default=None,
        description="True: goods go here from now on. A default cannot be un-set: make another address the default.",
    )
    is_default_billing: bool | None = strawberry.field(
        default=None,
        description="True: bills go here from now on. A default cannot be un-set: make another address the default.",
    )

    def change(self) -> AddressChange:
        """The same for the address book, which knows an empty text for what is removed, and None for what stays."""
        given = vars(self)
        removed = {name: "" for name in ("company", "line2", "state", "postal_code", "phone") if given[name] is None}
        left_out = {name: None for name, value in given.items() if value is strawberry.UNSET}
        return AddressChange(**{**given, **removed, **left_out})


@strawberry.type
class AddressesMutation:
    """What people do to their address books."""

    @root_field(
        Permission.SIGNED_IN,
        f"Adds an address to the caller's book of at most {MOST_ADDRESSES}; the first one is the default for goods and "
        "for bills. A repetition with the same `Idempotency-Key` header answers with the first one's address.",
    )
    def add_address(
        self, info: Info, input: Annotated[AddressInput, argument(description="The address.")]
    ) -> Address | None:
        """Answers with a fresh read; null for a repetition whose address was removed since."""
        context, wanted = info.context, input.wanted()
        with context.database.write() as session:
            address_id = addresses.add_address(session, wanted, actor=context.actor, request=_request(info, wanted))
        return _read_again(info, address_id)

    @root_field(
        Permission.SIGNED_IN,
        "Changes one of the caller's addresses. One that is made a default takes the place of the one that was.",
    )
    def update_address(
        self,
        info: Info,
        address_id: Annotated[str, argument(description="Which address; see `myAddresses`.")],
        input: Annotated[AddressUpdateInput, argument(description="The change.")],
    ) -> Address | None:
        """Refuses any other id (NOT_FOUND); answers with a fresh read."""
        context, wanted = info.context, parse_id(address_id, "addressId")
        with context.database.write() as session:
            addresses.update_address(session, wanted, input.change(), actor=context.actor)
        return _read_again(info, wanted)

    @root_field(
        Permission.SIGNED_IN,
        "Removes one of the caller's addresses; what it was the default for passes to the newest that is left.",
    )
    def remove_address(
        self, info: Info, address_id: Annotated[str, argument(description="Which address; see `myAddresses`.")]
    ) -> bool | None:
        """True, or an error (NOT_FOUND)."""
        context, wanted = info.context, parse_id(address_id, "addressId")
        with context.database.write() as session:
            addresses.remove_address(session, wanted, actor=context.actor)
        return True


def _request(info: Info, wanted: AddressChange) -> idempotency.Request | None:
    context = info.context
    if context.idempotency_key is None:
        return None
    # Two fields of one document share the header's key: their names in the answer keep them apart.
    return idempotency.Request(
        caller=str(context.actor.id),
        key=context.idempotency_key,
        field="addAddress" if info.path.key == info.field_name else f"addAddress:{info.path.key}",
        arguments=asdict(wanted),
    )


def _read_again(info: Info, address_id: UUID) -> Address | None:
    context = info.context
    found = addresses.find_address(context.fresh_session(), address_id, user_id=context.actor.id)
    return cast("Address | None", found)
