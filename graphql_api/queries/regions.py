"""Queries of regions."""

from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.regions import Region
from services.pricing.regions import list_regions


@strawberry.type
class RegionsQuery:
    """Where the shop sells."""

    @root_field(Permission.ANYONE, "The countries the shop sells to, by name.")
    def regions(self, info: Info) -> list[Region]:
        """All of them."""
        return cast("list[Region]", list_regions(info.context.session))
