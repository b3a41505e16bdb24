"""Queries of the tiers of customers, for staff; one's own stand in `me`."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.tiers import CustomerTier
from services.pricing.tiers.reading import list_standings
from utils.ids import find_id


@strawberry.type
class TiersQuery:
    """What staff ask about the tiers of customers."""

    @root_field(Permission.READ, "Where a customer stands, or null where there is no such account.")
    def customer_tier(
        self, info: Info, customer_id: Annotated[str, argument(description="The customer's account.")]
    ) -> CustomerTier | None:
        """What is no id finds nothing."""
        wanted = find_id(customer_id)
        found = None if wanted is None else list_standings(info.context.session, [wanted]).get(wanted)
        return cast("CustomerTier | None", found)
