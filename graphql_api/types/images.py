"""Pictures as the schema shows them."""

from enum import Enum
from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from gateways.storage.storage import Key, Kind, Rendition
from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from services.catalogue.product_facts import ImageFacts, ProductImageFacts


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


_URL = "Where the picture is to be had, without a token; to be kept for a year."
_WIDTH, _HEIGHT = (f"How many pixels {each} the original is." for each in ("wide", "high"))
_CONTENT_TYPE = "The media type of the original: image/jpeg, image/png or image/webp."
_Size = Annotated[
    ImageSize,
    argument(description="How large; until that size is made, moments after the upload, it is the original."),
]


@strawberry.type(description="A picture that was uploaded. Under one address it never changes.")
class Image:
    """A picture; its source is `ImageFacts`. What belongs to one use of it must not stand here: clients keep by id."""

    id: strawberry.ID = described("The picture's id.")
    width: int = described(_WIDTH)
    height: int = described(_HEIGHT)
    content_type: str = described(_CONTENT_TYPE)

    @strawberry.field(description=_URL)
    def url(root: strawberry.Parent[ImageFacts], info: Info, size: _Size = ImageSize.ORIGINAL) -> str:
        """An address of this shop."""
        return _address(info, root.id, root.content_type, size)


@strawberry.type(description="A picture as one product shows it.")
class ProductImage:
    """A picture at a product; its source is `ProductImageFacts`."""

    id: strawberry.ID = described("The id of the picture at this product; at another one it has another.")
    image_id: strawberry.ID = described("Which picture, as `setProductImages` takes it.")
    alt: str = described("What it shows at this product, for those who cannot see it; may be empty.")
    width: int = described(_WIDTH)
    height: int = described(_HEIGHT)
    content_type: str = described(_CONTENT_TYPE)

    @strawberry.field(description=_URL)
    def url(root: strawberry.Parent[ProductImageFacts], info: Info, size: _Size = ImageSize.ORIGINAL) -> str:
        """An address of this shop."""
        return _address(info, root.image_id, root.content_type, size)


def as_image(facts: ImageFacts) -> Image:
    """The record as a source of the type."""
    return cast("Image", facts)


def _address(info: Info, image_id: UUID, content_type: str, size: ImageSize) -> str:
    kind = Kind(content_type) if size is ImageSize.ORIGINAL else Kind.WEBP
    return info.context.shop.settings.public_url + Key(image_id, size.value, kind).path
