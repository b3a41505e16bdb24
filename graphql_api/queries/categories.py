"""Queries of the tree of categories."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.catalogue import Category, as_categories, as_category
from utils.ids import parse_id


@strawberry.input(description="Names one category: exactly one of the two must be given.", one_of=True)
class CategoryBy:
    """A @oneOf input."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="By its slug.")


@strawberry.type
class CategoriesQuery:
    """What shoppers ask of the shelves."""

    @root_field(
        Permission.ANYONE,
        "All categories, at most a thousand: those at the top first, then level by level, each level in its order.",
        shared=True,
    )
    def categories(self, info: Info) -> list[Category]:
        """The tree, flat: each names its parent."""
        return as_categories(info.context.tree.in_order)

    @root_field(Permission.ANYONE, "The category with this id or slug, or null.", shared=True)
    def category(
        self, info: Info, by: Annotated[CategoryBy, argument(description="Its id, or its slug.")]
    ) -> Category | None:
        """A look-up by either name."""
        tree = info.context.tree
        found = tree.find_by_slug(by.slug) if isinstance(by.slug, str) else tree.find(parse_id(str(by.id), "by.id"))
        return None if found is None else as_category(found)
