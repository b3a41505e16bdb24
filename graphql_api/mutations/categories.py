"""Mutations of the tree of categories, for staff."""

from dataclasses import asdict
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.mutations.product_inputs import VERSION, left_out
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.types.catalogue import Category
from models import Category as CategoryRow
from services.catalogue.changes import announce
from services.catalogue.shelves import categories
from services.catalogue.shelves.categories import LONGEST_NAME, CategoryChange, CategoryDraft, CategoryMove
from services.catalogue.shelves.shelves import DEEPEST
from services.catalogue.tags import TREE
from utils.ids import parse_id

_NAME = f"Its name, of at most {LONGEST_NAME} characters."
_DEPARTMENTS = "staff do so in their own departments, admins in all."


@strawberry.input(description="What a new category is to be.")
class CategoryInput:
    """It comes last among its siblings."""

    name: str = strawberry.field(description=_NAME)
    slug: str | None = strawberry.field(default=None, description="Its slug; made of its name by default.")
    description: str | None = strawberry.field(default=None, description="What stands here, as plain text.")
    parent_id: UUID | None = strawberry.field(default=None, description="The category above it; none by default.")
    department_id: UUID | None = strawberry.field(
        default=None, description="The department that cares for it; by default the one that cares for its parent."
    )

    def draft(self) -> CategoryDraft:
        """The same for the catalogue."""
        return CategoryDraft(
            name=self.name,
            slug=self.slug,
            description=self.description or "",
            parent_id=self.parent_id,
            department_id=self.department_id,
        )


@strawberry.input(description="What is to change of a category; what is left out stays as it is.")
class CategoryUpdateInput:
    """A change of one category."""

    category_id: str = strawberry.field(description="Which category.")
    version: int | None = strawberry.field(default=None, description=VERSION)
    name: str | None = strawberry.field(default=None, description="The new name; the slug stays.")
    slug: str | None = strawberry.field(default=None, description="The new slug; the default category keeps its own.")
    description: str | None = strawberry.field(default=None, description="What stands here, as plain text.")
    department_id: UUID | None = strawberry.field(
        default=None, description="The department that cares for it from now on; the caller must work in both."
    )

    def change(self) -> CategoryChange:
        """The same for the catalogue."""
        return CategoryChange(
            name=self.name,
            slug=self.slug,
            description=self.description,
            department_id=self.department_id,
            version=self.version,
        )


@strawberry.input(description="Where a category goes, with all that stands below it.")
class MoveCategoryInput:
    """A move of one category, or another place among its siblings."""

    category_id: str = strawberry.field(description="Which category.")
    version: int | None = strawberry.field(default=None, description=VERSION)
    parent_id: UUID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The category it goes below. Left out: it stays below the one it has; null: it goes to the top.",
    )
    position: int | None = strawberry.field(
        default=None,
        description="Its place among those with the same parent, from 0 on; the last one by default, or the present "
        "one if it stays below the parent it has.",
    )

    def move(self) -> CategoryMove:
        """The same for the catalogue."""
        return CategoryMove(parent_id=left_out(self.parent_id), position=self.position, version=self.version)


@strawberry.type
class CategoriesMutation:
    """What staff do to the shelves."""

    @root_field(
        Permission.PRODUCTS,
        f"Makes a category, at most {DEEPEST} deep; {_DEPARTMENTS} The parent must be of such a department as well. "
        f"{ONCE}",
    )
    def create_category(
        self, info: Info, input: Annotated[CategoryInput, argument(description="The category.")]
    ) -> Category | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        with context.database.write() as session:
            made = made_once(
                info,
                session,
                asdict(draft),
                lambda: categories.create_category(session, draft, actor=context.actor, cache=context.cache),
                of=CategoryRow,
                announce_again=lambda _: announce(session, context.cache, also=[TREE]),
            )
        return _read_again(context, made)

    @root_field(Permission.PRODUCTS, f"Changes what a category is called and who cares for it; {_DEPARTMENTS}")
    def update_category(
        self, info: Info, input: Annotated[CategoryUpdateInput, argument(description="The category and the change.")]
    ) -> Category | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(input.category_id, "categoryId")
        with context.database.write() as session:
            categories.update_category(session, wanted, input.change(), actor=context.actor, cache=context.cache)
        return _read_again(context, wanted)

    @root_field(
        Permission.PRODUCTS,
        "Puts a category below another one, to the top, or to another place among its siblings; staff do so where "
        "both it and its new parent are of their departments, admins everywhere.",
    )
    def move_category(
        self, info: Info, input: Annotated[MoveCategoryInput, argument(description="The category and its new place.")]
    ) -> Category | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(input.category_id, "categoryId")
        with context.database.write() as session:
            categories.move_category(session, wanted, input.move(), actor=context.actor, cache=context.cache)
        return _read_again(context, wanted)

    @root_field(
        Permission.PRODUCTS,
        "Removes a category in which no product and no category stands, the default one excepted; true when done. "
        "Staff do so in their own departments, admins in all.",
    )
    def delete_category(
        self, info: Info, category_id: Annotated[str, argument(description="Which category.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(category_id, "categoryId")
        with context.database.write() as session:
            categories.delete_category(session, wanted, actor=context.actor, cache=context.cache)
        return True


def _read_again(context: Context, category_id: UUID) -> Category | None:
    context.afresh()
    return cast("Category | None", context.tree.find(category_id))
