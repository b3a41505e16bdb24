"""Pictures as the schema shows them."""

from enum import Enum
from typing import Annotated, cast

import strawberry
from strawberry import argument

from gateways.storage.storage import Key, Kind, Rendition
from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from services.catalogue.product_facts import ImageFacts


class ImageSize(Enum):
    """How large a picture is wanted."""

    THUMBNAIL = Rendition.THUMBNAIL
    CARD = Rendition.CARD
    PAGE = Rendition.PAGE
    ORIGINAL = Rendition.ORIGINAL


describe_enum(
    ImageSize,
    description="How large a picture is wanted. None is made larger than it is, nor cut.",
    each={
        ImageSize.THUMBNAIL: "For a line of a list: at most 160 pixels a side, WebP.",
        ImageSize.CARD: "For a card among others: at most 480 pixels a side, WebP.",
        ImageSize.PAGE: "For a page of its own: at most 1080 pixels a side, WebP.",
        ImageSize.ORIGINAL: "As it was uploaded, without what its file said beside the picture.",
    },
)


@strawberry.type(description="A picture. Under one address it never changes.")
class Image:
    """A picture; its source is `ImageFacts`."""

    id: strawberry.ID = described("The picture's id.")
    alt: str = described("What it shows, for those who cannot see it; may be empty.")
    width: int = described("How many pixels wide the original is.")
    height: int = described("How many pixels high the original is.")
    content_type: str = described("The media type of the original: image/jpeg, image/png or image/webp.")

    @strawberry.field(description="Where the picture is to be had, without a token; to be kept for a year.")
    def url(
        root: strawberry.Parent[ImageFacts],
        info: Info,
        size: Annotated[
            ImageSize,
            argument(description="How large; until that size is made, moments after the upload, it is the original."),
        ] = ImageSize.ORIGINAL,
    ) -> str:
        """An address of this shop."""
        kind = Kind(root.content_type) if size is ImageSize.ORIGINAL else Kind.WEBP
        return info.context.shop.settings.public_url + Key(root.id, size.value, kind).path


def as_image(facts: ImageFacts) -> Image:
    """The record as a source of the type."""
    return cast("Image", facts)
