"""What staff say of a product they make or change."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID

import strawberry

from graphql_api.scalars import Measure, Money
from models.product import ContentUnit, ProductStatus, TaxClass
from services.catalogue.products.changing import ProductChange
from services.catalogue.products.families import Option
from services.catalogue.products.making import ProductDraft
from services.catalogue.products.product_values import LONGEST_SKU, MOST_TAGS
from utils.left_out import LEFT_OUT, LeftOut

T = TypeVar("T")

VERSION = "The version it was read at; if it has another by now, the answer is CONFLICT. Left out: whatever it is."
_GONE = "Left out: stays; null: taken away."
_SLUG = "lower-case letters and digits with hyphens between"
_TAGS = f"Words to find it by, at most {MOST_TAGS}; case and spaces around them say nothing."
_DESCRIPTION = "What it is, in Markdown (CommonMark without HTML)."


@strawberry.input(description="What a product is in one option of its family.")
class OptionInput:
    """One of the family's options."""

    name: str = strawberry.field(description="The option, as the family names it.")
    value: str = strawberry.field(description="What the product is in it.")


@strawberry.input(description="What a new product is to be.")
class ProductInput:
    """Only price and stock must be given."""

    price: Money = strawberry.field(description="The price of one piece, in the shop's currency.")
    stock_count: int = strawberry.field(description="How many pieces there are; 0 or more.")
    name: str | None = strawberry.field(default=None, description="Its name; a placeholder by default.")
    slug: str | None = strawberry.field(
        default=None, description=f"Its short name for addresses, {_SLUG}; made of its name by default."
    )
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    unit: str | None = strawberry.field(default=None, description="What one piece of it is; `each` by default.")
    category_id: UUID | None = strawberry.field(
        default=None, description="The category it stands in; the shop's default one if none is named."
    )
    status: ProductStatus | None = strawberry.field(
        default=None, description="Whether shoppers see it; PUBLISHED by default."
    )
    brand: str | None = strawberry.field(
        default=None, description="Who makes it, by name; a brand of that name is made if there is none."
    )
    sku: str | None = strawberry.field(
        default=None, description=f"The shop's own name for it, at most {LONGEST_SKU} characters of ASCII; unique."
    )
    barcode: str | None = strawberry.field(
        default=None,
        description="Its GTIN of 8, 12, 13 or 14 digits with the check digit; unique in any of its lengths.",
    )
    tags: list[str] | None = strawberry.field(default=None, description=_TAGS)
    tax_class: TaxClass | None = strawberry.field(
        default=None, description="Which of a region's rates of tax it bears; STANDARD by default."
    )
    content_amount: Measure | None = strawberry.field(
        default=None, description="How much one piece holds; with `contentUnit` it makes `unitPrice`."
    )
    content_unit: ContentUnit | None = strawberry.field(
        default=None, description="In what `contentAmount` is measured."
    )
    publish_from: datetime | None = strawberry.field(default=None, description="On sale from then on.")
    publish_until: datetime | None = strawberry.field(default=None, description="On sale until then.")
    family_id: UUID | None = strawberry.field(default=None, description="The family it is a variant in.")
    options: list[OptionInput] | None = strawberry.field(
        default=None, description="What it is in each option of that family, no more and no fewer."
    )
    low_stock_at: int | None = strawberry.field(
        default=None, description="At so few pieces or fewer somebody wants to know."
    )

    def draft(self) -> ProductDraft:
        """The same for the catalogue."""
        return ProductDraft(
            price=self.price,
            stock_count=self.stock_count,
            name=self.name,
            slug=self.slug,
            description=self.description,
            unit=self.unit,
            category_id=self.category_id,
            status=self.status or ProductStatus.PUBLISHED,
            brand=self.brand,
            sku=self.sku,
            barcode=self.barcode,
            tags=self.tags or (),
            tax_class=self.tax_class or TaxClass.STANDARD,
            content_amount=self.content_amount,
            content_unit=self.content_unit,
            publish_from=self.publish_from,
            publish_until=self.publish_until,
            family_id=self.family_id,
            options=_options(self.options) or (),
            low_stock_at=self.low_stock_at,
        )


@strawberry.input(description="What is to change of a product; what is left out stays as it is.")
class ProductUpdateInput:
    """A change of one product."""

    product_id: str = strawberry.field(description="Which product.")
    version: int | None = strawberry.field(default=None, description=VERSION)
    price: Money | None = strawberry.field(default=None, description="The new price of one piece.")
    stock_count: int | None = strawberry.field(
        default=None, description="How many pieces there are now; the difference goes into the ledger of stock."
    )
    name: str | None = strawberry.field(default=None, description="The new name; the slug stays.")
    slug: str | None = strawberry.field(
        default=None, description=f"The new short name, {_SLUG}; the old one leads nowhere from then on."
    )
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    unit: str | None = strawberry.field(default=None, description="What one piece is from now on.")
    category_id: UUID | None = strawberry.field(default=None, description="The category it moves to.")
    status: ProductStatus | None = strawberry.field(default=None, description="Whether shoppers see it.")
    tags: list[str] | None = strawberry.field(default=None, description=f"{_TAGS} An empty list: none.")
    tax_class: TaxClass | None = strawberry.field(default=None, description="Which rate of tax it bears from now on.")
    options: list[OptionInput] | None = strawberry.field(
        default=None, description="What it is in each option of its family, or of the one it joins."
    )
    brand: str | None = strawberry.field(default=strawberry.UNSET, description=f"Who makes it. {_GONE}")
    sku: str | None = strawberry.field(default=strawberry.UNSET, description=f"The shop's own name for it. {_GONE}")
    barcode: str | None = strawberry.field(default=strawberry.UNSET, description=f"Its GTIN. {_GONE}")
    content_amount: Measure | None = strawberry.field(
        default=strawberry.UNSET, description=f"How much one piece holds. {_GONE} Its unit goes with it."
    )
    content_unit: ContentUnit | None = strawberry.field(
        default=strawberry.UNSET, description=f"In what that is measured. {_GONE} The amount goes with it."
    )
    publish_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description=f"On sale from then on. {_GONE}"
    )
    publish_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description=f"On sale until then. {_GONE}"
    )
    family_id: UUID | None = strawberry.field(
        default=strawberry.UNSET, description=f"The family it joins; it leaves its own. {_GONE}"
    )
    low_stock_at: int | None = strawberry.field(
        default=strawberry.UNSET, description=f"At so few pieces or fewer somebody wants to know. {_GONE}"
    )

    def change(self) -> ProductChange:
        """The same for the catalogue."""
        return ProductChange(
            version=self.version,
            price=self.price,
            stock_count=self.stock_count,
            name=self.name,
            slug=self.slug,
            description=self.description,
            unit=self.unit,
            category_id=self.category_id,
            status=self.status,
            tags=self.tags,
            tax_class=self.tax_class,
            options=_options(self.options),
            brand=left_out(self.brand),
            sku=left_out(self.sku),
            barcode=left_out(self.barcode),
            content_amount=left_out(self.content_amount),
            content_unit=left_out(self.content_unit),
            publish_from=left_out(self.publish_from),
            publish_until=left_out(self.publish_until),
            family_id=left_out(self.family_id),
            low_stock_at=left_out(self.low_stock_at),
        )


def left_out(value: T) -> T | LeftOut:
    """The value, in the house's own word where nothing was said."""
    return LEFT_OUT if cast("object", value) is strawberry.UNSET else value


def _options(given: Sequence[OptionInput] | None) -> list[Option] | None:
    return None if given is None else [Option(each.name, each.value) for each in given]
