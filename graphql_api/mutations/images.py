"""Mutations of images, for staff."""

from hashlib import file_digest
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.scalars import Upload
from graphql_api.types.catalogue import Category, Product, as_product
from graphql_api.types.images import Image, as_image
from graphql_api.uploads import MEGABYTE
from models import Image as ImageRow
from services.accounts.actor import existing_account
from services.catalogue.images import images
from services.catalogue.products import showing
from services.catalogue.products.showing import LONGEST_ALT, MOST_IMAGES, Shown
from services.catalogue.reading import list_products_by_id
from services.catalogue.shelves.tree import read_tree
from utils.ids import parse_id

_VERSION = "The version it was read at; if it has another by now, the answer is CONFLICT. Left out: whatever it is."


@strawberry.input(description="An image that a product shows.")
class ProductImageInput:
    """One of the product's images."""

    image_id: UUID = strawberry.field(description="Which image, as `uploadImage` gave it.")
    alt: str = strawberry.field(
        default="", description=f"What it shows, for those who cannot see it: at most {LONGEST_ALT} characters."
    )


@strawberry.type
class ImagesMutation:
    """What staff do with pictures."""

    @root_field(
        Permission.PRODUCTS,
        "Takes in a picture in JPEG, PNG or WebP, to be shown by a product, a category or a collection; one that "
        "nothing shows after a day is forgotten. It is made anew, without what its file said beside the picture; its "
        f"smaller sizes follow. {ONCE}",
    )
    def upload_image(
        self,
        info: Info,
        file: Annotated[Upload, argument(description="The picture's file, of UPLOAD_MAX_MEGABYTES at most.")],
    ) -> Image | None:
        """Answers with a fresh read."""
        context, actor = info.context, info.context.actor
        context.close()  # the connection is not held while the picture is worked on
        largest = context.shop.settings.upload_max_megabytes * MEGABYTE
        file.file.seek(0)
        digest = file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]  # IO[bytes] is what it wants
        with (
            images.stored(context.shop.storage, file.file, byte_count=file.byte_count, largest=largest) as image,
            existing_account(),
            context.database.write() as session,
        ):
            made = made_once(
                info,
                session,
                {"file": digest},
                lambda: images.add_image(session, image, actor=actor),
                of=ImageRow,
            )
        if made != image.id:
            context.shop.storage.delete(image.id)  # the repetition's file, of which there is no row
        found = images.find_image(context.fresh_session(), made)
        return None if found is None else as_image(found)

    @root_field(
        Permission.PRODUCTS,
        f"Lets a product show these images in this order, at most {MOST_IMAGES}, and no others; staff do so in their "
        "own departments, admins in all.",
    )
    def set_product_images(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        images: Annotated[list[ProductImageInput], argument(description="The images; an empty list for none.")],
        version: Annotated[int | None, argument(description=_VERSION)] = None,
    ) -> Product | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(product_id, "productId")
        shown = [Shown(each.image_id, each.alt) for each in images]
        with context.database.write() as session:
            showing.set_product_images(
                session, wanted, shown, actor=context.actor, cache=context.cache, version=version
            )
        facts = list_products_by_id(context.afresh(), [wanted]).get(wanted)
        if facts is None:
            return None
        load_for_products(context, [facts], asked_paths(info._raw_info))
        return as_product(facts)

    @root_field(
        Permission.PRODUCTS,
        "Lets a category show an image, or none; staff do so in their own departments, admins in all.",
    )
    def set_category_image(
        self,
        info: Info,
        category_id: Annotated[str, argument(description="Which category.")],
        image_id: Annotated[UUID | None, argument(description="Which image; null takes the present one away.")] = None,
        version: Annotated[int | None, argument(description=_VERSION)] = None,
    ) -> Category | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(category_id, "categoryId")
        with context.database.write() as session:
            showing.set_category_image(
                session, wanted, image_id, actor=context.actor, cache=context.cache, version=version
            )
        return cast("Category | None", read_tree(context.afresh()).find(wanted))
