"""Queries of regions."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.regions import Region


@strawberry.type
class RegionsQuery:
    """Where the shop sells."""

    @root_field(Permission.ANYONE, "The regions the shop sells to, by name.", shared=True)
    def regions(self, info: Info) -> list[Region]:
        """All of them."""
        return cast("list[Region]", info.context.regions.in_order)

    @root_field(Permission.ANYONE, "The region with this code, or null.", shared=True)
    def region(self, info: Info, code: Annotated[str, argument(description="Its code, in capitals.")]) -> Region | None:
        """Found among all."""
        return cast("Region | None", info.context.regions.find(code))

    @root_field(
        Permission.ANYONE, "The region that a country belongs to; null where the shop does not sell.", shared=True
    )
    def region_of_country(
        self,
        info: Info,
        country: Annotated[str, argument(description="A code of ISO 3166-1 with two letters, such as DE.")],
    ) -> Region | None:
        """Case and spaces around the code say nothing."""
        return cast("Region | None", info.context.regions.of_country(country.strip().upper()))
