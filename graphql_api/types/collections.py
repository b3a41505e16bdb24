"""Collections as the schema shows them."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import described
from graphql_api.loading import asked_paths, load_shown
from graphql_api.pagination import First
from graphql_api.types.catalogue import Product, as_products
from graphql_api.types.images import Image
from services.catalogue.shelves.windows import CollectionFacts
from utils.cursors import checked_first


@strawberry.type(description="Products that staff put together by hand, from any department.")
class Collection:
    """A collection; its source is `CollectionFacts`."""

    id: strawberry.ID = described("The collection's id.")
    slug: str = described("Its short name, for addresses; unique.")
    name: str = described("Its name.")
    description: str = described("What it is about, as plain text; may be empty.")
    position: int = described("Its place among the others; equal ones by slug.")
    is_published: bool = described("Whether shoppers see it.")
    version: int = described("Rises with every change of it by staff.")
    last_updated: datetime = described("When staff changed it last.")
    image: Image | None = described("A picture for it.")

    @strawberry.field(
        description="Its first products that are on sale, in the order staff gave them. `products` of the root pages "
        "through all of them in this order, by `filter: {collectionId}`."
    )
    def products(
        root: strawberry.Parent[CollectionFacts],
        info: Info,
        first: First = 20,
    ) -> list[Product]:
        """Read for all collections that were listed, when the first of them is asked."""
        paths = asked_paths(info._raw_info)
        return as_products(load_shown(info.context, root.id, paths, first=checked_first(first)))


def as_collections(info: Info, facts: Any) -> list[Collection]:
    """The records as sources of the type; their products are loaded together."""
    info.context.collections.update(each.id for each in facts)
    return cast("list[Collection]", list(facts))
