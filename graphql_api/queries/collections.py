"""Queries of collections."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.pagination import InRegion
from graphql_api.permissions import Permission
from graphql_api.types.collections import Collection, as_collections
from services.catalogue.shelves.windows import list_collections
from utils.ids import parse_id


@strawberry.input(description="Names one collection: exactly one of the two must be given.", one_of=True)
class CollectionBy:
    """A @oneOf input."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="By its slug.")


@strawberry.type
class CollectionsQuery:
    """What shoppers ask of the shop windows, and what staff see of them."""

    @root_field(Permission.ANYONE, "The published collections, in their order; a hundred at most.", shared=True)
    def collections(self, info: Info, region: InRegion = None) -> list[Collection]:
        """Read as a whole; the region is that of their products."""
        info.context.use_region(region)
        found = list_collections(info.context.catalogue)
        return as_collections(info, [each for each in found if each.is_published])

    @root_field(Permission.ANYONE, "The published collection with this id or slug, or null.", shared=True)
    def collection(
        self,
        info: Info,
        by: Annotated[CollectionBy, argument(description="Its id, or its slug.")],
        region: InRegion = None,
    ) -> Collection | None:
        """A look-up by either name; the region is that of its products."""
        info.context.use_region(region)
        wanted = by.slug if isinstance(by.slug, str) else parse_id(str(by.id), "by.id")
        found = list_collections(info.context.catalogue)
        named = [each for each in found if each.is_published and wanted in (each.id, each.slug)]
        return next(iter(as_collections(info, named)), None)

    @root_field(Permission.PRODUCTS, "All collections, published or not, in their order; a hundred at most.")
    def staff_collections(self, info: Info) -> list[Collection]:
        """Read as a whole."""
        return as_collections(info, list_collections(info.context.catalogue))
