"""Queries of the address book."""

from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.addresses import Address
from services.accounts.addresses import MOST_ADDRESSES, list_addresses


@strawberry.type
class AddressesQuery:
    """What people ask about their address books."""

    @root_field(
        Permission.SIGNED_IN,
        f"The caller's addresses, at most {MOST_ADDRESSES}: the default for goods, that for bills, then the newest.",
    )
    def my_addresses(self, info: Info) -> list[Address]:
        """Nobody sees anybody else's."""
        return cast("list[Address]", list_addresses(info.context.session, info.context.actor.id))
