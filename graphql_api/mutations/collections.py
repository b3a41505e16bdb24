"""Mutations of collections, for staff."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.mutations.product_inputs import VERSION, left_out
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.types.collections import Collection, as_collections
from models import Collection as CollectionRow
from services.catalogue.changes import announce
from services.catalogue.shelves import collections, filling
from services.catalogue.shelves.collections import LONGEST_NAME, CollectionChange, CollectionDraft
from services.catalogue.shelves.filling import MOST_PRODUCTS
from services.catalogue.shelves.windows import list_collections
from services.catalogue.tags import COLLECTIONS
from utils.ids import parse_id

_NAME = f"Its name, of at most {LONGEST_NAME} characters."
_WHICH = "Which collection."
_DESCRIPTION = "What it is about, as plain text."


@strawberry.input(description="What a new collection is to be.")
class CollectionInput:
    """It begins without products, and unpublished unless told otherwise."""

    name: str = strawberry.field(description=_NAME)
    slug: str | None = strawberry.field(default=None, description="Its slug; made of its name by default.")
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    position: int | None = strawberry.field(default=None, description="Its place among the others; last by default.")
    is_published: bool = strawberry.field(default=False, description="Whether shoppers see it.")
    image_id: UUID | None = strawberry.field(default=None, description="A picture for it, as `uploadImage` gave it.")

    def draft(self) -> CollectionDraft:
        """The same for the catalogue."""
        return CollectionDraft(
            name=self.name,
            slug=self.slug,
            description=self.description or "",
            position=self.position,
            is_published=self.is_published,
            image_id=self.image_id,
        )


@strawberry.input(description="What is to change of a collection; what is left out stays as it is.")
class CollectionUpdateInput:
    """A change of one collection."""

    collection_id: str = strawberry.field(description=_WHICH)
    version: int | None = strawberry.field(default=None, description=VERSION)
    name: str | None = strawberry.field(default=None, description="The new name; the slug stays.")
    slug: str | None = strawberry.field(default=None, description="The new slug.")
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    position: int | None = strawberry.field(default=None, description="Its new place among the others.")
    is_published: bool | None = strawberry.field(default=None, description="Whether shoppers see it.")
    image_id: UUID | None = strawberry.field(
        default=strawberry.UNSET, description="A picture for it. Left out: stays; null: taken away."
    )

    def change(self) -> CollectionChange:
        """The same for the catalogue."""
        return CollectionChange(
            name=self.name,
            slug=self.slug,
            description=self.description,
            position=self.position,
            is_published=self.is_published,
            image_id=left_out(self.image_id),
            version=self.version,
        )


@strawberry.type
class CollectionsMutation:
    """What staff of any department do to collections."""

    @root_field(Permission.PRODUCTS, f"Makes a collection without products. {ONCE}")
    def create_collection(
        self, info: Info, input: Annotated[CollectionInput, argument(description="The collection.")]
    ) -> Collection | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        with context.database.write() as session:
            made = made_once(
                info,
                session,
                asdict(draft),
                lambda: collections.create_collection(session, draft, actor=context.actor, cache=context.cache),
                of=CollectionRow,
                announce_again=lambda _: announce(session, context.cache, also=[COLLECTIONS]),
            )
        return _read_again(info, made)

    @root_field(
        Permission.PRODUCTS, "Changes what a collection is called, where it stands, and whether shoppers see it."
    )
    def update_collection(
        self,
        info: Info,
        input: Annotated[CollectionUpdateInput, argument(description="The collection and the change.")],
    ) -> Collection | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(input.collection_id, "collectionId")
        with context.database.write() as session:
            collections.update_collection(session, wanted, input.change(), actor=context.actor, cache=context.cache)
        return _read_again(info, wanted)

    @root_field(Permission.PRODUCTS, "Removes a collection; its products stay in the shop. True when done.")
    def delete_collection(self, info: Info, collection_id: Annotated[str, argument(description=_WHICH)]) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(collection_id, "collectionId")
        with context.database.write() as session:
            collections.delete_collection(session, wanted, actor=context.actor, cache=context.cache)
        return True

    @root_field(
        Permission.PRODUCTS,
        f"Puts products at a collection's end, {MOST_PRODUCTS} in all at most; those in it stay where they are.",
    )
    def add_to_collection(
        self,
        info: Info,
        collection_id: Annotated[str, argument(description=_WHICH)],
        product_ids: Annotated[list[UUID], argument(description="Which products, in this order.")],
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Collection | None:
        """Answers with a fresh read."""
        return _fill(info, filling.add_to_collection, collection_id, product_ids, version)

    @root_field(Permission.PRODUCTS, "Takes products out of a collection; those not in it are passed over.")
    def remove_from_collection(
        self,
        info: Info,
        collection_id: Annotated[str, argument(description=_WHICH)],
        product_ids: Annotated[list[UUID], argument(description="Which products.")],
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Collection | None:
        """Answers with a fresh read."""
        return _fill(info, filling.remove_from_collection, collection_id, product_ids, version)

    @root_field(
        Permission.PRODUCTS, f"Lets these products stand in a collection, at most {MOST_PRODUCTS}, in this order."
    )
    def set_collection_products(
        self,
        info: Info,
        collection_id: Annotated[str, argument(description=_WHICH)],
        product_ids: Annotated[list[UUID], argument(description="The whole list; an empty one for none.")],
        version: Annotated[int | None, argument(description=VERSION)] = None,
    ) -> Collection | None:
        """Answers with a fresh read."""
        return _fill(info, filling.set_collection_products, collection_id, product_ids, version)


def _fill(
    info: Info, act: Callable[..., None], collection_id: str, product_ids: list[UUID], version: int | None
) -> Collection | None:
    context, wanted = info.context, parse_id(collection_id, "collectionId")
    with context.database.write() as session:
        act(session, wanted, product_ids, version=version, actor=context.actor, cache=context.cache)
    return _read_again(info, wanted)


def _read_again(info: Info, collection_id: UUID) -> Collection | None:
    found: list[Any] = [each for each in list_collections(info.context.afresh()) if each.id == collection_id]
    return next(iter(as_collections(info, found)), None)
