"""Products and categories as the schema shows them."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api.caller_prices import reasons_of
from graphql_api.context import Info
from graphql_api.fields import READS, described, reading
from graphql_api.scalars import CurrencyCode, Measure, Money
from graphql_api.types.brands import Brand
from graphql_api.types.images import Image, ProductImage
from graphql_api.types.pricing import AppliedDiscount, NearMiss, PriceTrace, as_discounts, as_near_misses, as_trace
from graphql_api.types.product_parts import Family, ProductOption, UnitPrice, as_family
from models.product import ContentUnit, ProductStatus, TaxClass
from services.catalogue.product_facts import ProductFacts
from services.catalogue.shelves.tree import CategoryFacts
from services.pricing.unit_prices import unit_price
from utils.markup import to_html


@strawberry.type(description="A part of the shop with its own staff.")
class Department:
    """A department."""

    id: strawberry.ID = described("The department's id.")
    slug: str = described("Its short name, for addresses and commands.")
    name: str = described("Its name.")


@strawberry.type(description="A shelf of the shop. A product stands in exactly one category.")
class Category:
    """A category; its source is `CategoryFacts`. What stands around it is looked up in the tree, read once for all."""

    id: strawberry.ID = described("The category's id.")
    slug: str = described("Its short name, for addresses.")
    name: str = described("Its name.")
    parent_id: strawberry.ID | None = described("The id of the category above it; null at the top.")
    description: str = described("What stands here, as plain text; may be empty.")
    position: int = described("Its place among those with the same parent, from 0 on.")
    version: int = described("Rises with every change of it by staff.")
    department: Department = described("The department that cares for it.")
    image: Image | None = described("A picture for it.")

    @strawberry.field(description="The category above it; null at the top.")
    def parent(root: strawberry.Parent[CategoryFacts], info: Info) -> "Category | None":
        """Of the tree."""
        return None if root.parent_id is None else as_category(info.context.category(root.parent_id))

    @strawberry.field(description="The categories right below it, in their order.")
    def children(root: strawberry.Parent[CategoryFacts], info: Info) -> list["Category"]:
        """Of the tree."""
        return as_categories(info.context.tree.children(root.id))

    @strawberry.field(description="The way to it: from the category at the top down to this one, which is the last.")
    def breadcrumbs(root: strawberry.Parent[CategoryFacts], info: Info) -> list["Category"]:
        """Of the tree."""
        return as_categories(info.context.tree.breadcrumbs(root))


@strawberry.type(description="A thing the shop sells, with its own price and stock.")
class Product:
    """A product; its source is `ProductFacts`."""

    id: strawberry.ID = described("The product's id.")
    product_id: str = reading("id", str, "The product's id, under the name earlier clients know.")
    slug: str = described("Its short name, for addresses; unique.")
    name: str = described("Its name.")
    description: str = described("What it is, in Markdown as staff wrote it; may be empty.")
    unit: str = described("What one piece of it is: each, 500 g, 6 x 330 ml.")
    price: Money = described(
        "The list price of one piece in the request's region, in `currency`; `yourPrice` has the discounts in it."
    )
    list_price: Money = reading("price", Money, "The same as `price`, under the name that says what it is.")
    currency: CurrencyCode = described("The currency of `price`.")
    stock_count: int = described("How many pieces are there.")
    in_stock: bool = described("Whether at least one piece is there.")
    status: ProductStatus = described("Whether shoppers see it.")
    brand: Brand | None = described("Who makes it.")
    sku: str | None = described("Its stock-keeping unit: the shop's own name for it, unique.")
    barcode: str | None = described("Its GTIN, as it was written; no other product has it, in any of its lengths.")
    tags: list[str] = described("Words to find it by, in lower case.")
    tax_class: TaxClass = described("Which of a region's rates of tax it bears.")
    content_amount: Measure | None = described("How much one piece holds, in `contentUnit`.")
    content_unit: ContentUnit | None = described("In what `contentAmount` is measured.")
    images: list[ProductImage] = described("Pictures of it, the first one for lists.")
    options: list[ProductOption] = described("What it is in each option of its family; empty without one.")
    publish_from: datetime | None = described("On sale from then on; null for always.")
    publish_until: datetime | None = described("On sale until then; null for always.")
    low_stock_at: int | None = described("At so few pieces or fewer its stock is low; null if nobody wants to know.")
    version: int = described("Rises with every change by staff; give it back with a change to refuse lost ones.")
    created_at: datetime = described("When it came into the catalogue.")
    last_updated: datetime = reading("updated_at", datetime, "When its row changed last, its stock included.")

    @strawberry.field(
        description="The lowest price of the 30 days before the last change of price, if that was a reduction; null "
        "otherwise. What is announced as a reduction must be counted from it (Directive 98/6/EC, Article 6a); where it "
        "is not above `price`, there is none to announce."
    )
    def prior_price(root: strawberry.Parent[ProductFacts], info: Info) -> Money | None:
        """Loaded ahead by the field that listed the product (graphql_api/loading.py)."""
        return cast("Money | None", info.context.prior_prices[root.id])

    @strawberry.field(
        description="What one piece costs the caller by itself: with every discount on products that counts for them "
        "now. Discounts on whole orders are not in it: `quote` has those.",
        metadata={READS: "shown.price"},
    )
    def your_price(root: strawberry.Parent[ProductFacts], info: Info) -> Money:
        """Loaded ahead by the field that listed the product (graphql_api/caller_prices.py), and told on pages."""
        return cast("Money", info.context.prices[root.id].price)

    @strawberry.field(
        description="The discounts that make `yourPrice` less than `price`, in the order they count.",
        metadata={READS: "shown.discounts"},
    )
    def discounts(root: strawberry.Parent[ProductFacts], info: Info) -> list[AppliedDiscount]:
        """Loaded ahead as well."""
        return as_discounts(info.context.prices[root.id].discounts)

    @strawberry.field(
        description="Discounts on products that lack nothing but more pieces or a larger amount of this one; see "
        "NearMiss. Null where there is no `priceTrace`. Counts like one request for each product."
    )
    def near_misses(root: strawberry.Parent[ProductFacts], info: Info) -> list[NearMiss] | None:
        """Loaded ahead as well."""
        found = reasons_of(info.context, root.id)
        return None if found is None else as_near_misses(found.near_misses)

    @strawberry.field(
        description="Why one piece costs the caller what it does, step by step, taxes included; null for a product "
        "whose price is not in the region's currency, or is more than an amount can hold with its taxes. Counts like "
        "one request for each product; where the limit has no room for all of a list, all are null, and RATE_LIMITED "
        "is said once."
    )
    def price_trace(root: strawberry.Parent[ProductFacts], info: Info) -> PriceTrace | None:
        """Loaded ahead as well."""
        found = reasons_of(info.context, root.id)
        return None if found is None else as_trace(found)

    @strawberry.field(description="The category it stands in.")
    def category(root: strawberry.Parent[ProductFacts], info: Info) -> Category:
        """Of the tree, which is read once for all."""
        return as_category(info.context.category(root.category_id))

    @strawberry.field(
        description="`description` as HTML for any page: a few tags, and links to http, https and mailto only."
    )
    def description_html(root: strawberry.Parent[ProductFacts]) -> str:
        """Made once for as long as the text stays the same."""
        return to_html(root.description)

    @strawberry.field(description="What it costs by the measure; null where its content is not known.")
    def unit_price(root: strawberry.Parent[ProductFacts]) -> UnitPrice | None:
        """Counted from `price` and the content."""
        found = unit_price(
            root.price, root.currency, content_amount=root.content_amount, content_unit=root.content_unit
        )
        return cast("UnitPrice | None", found)

    @strawberry.field(description="The family it is a variant in; null if it is none.")
    def family(root: strawberry.Parent[ProductFacts], info: Info) -> Family | None:
        """Loaded ahead by the field that listed the product (graphql_api/loading.py)."""
        found = None if root.family_id is None else info.context.families[root.family_id]
        return None if found is None else as_family(found)

    @strawberry.field(description="The other products of its family that are on sale, by the values of their options.")
    def variants(root: strawberry.Parent[ProductFacts], info: Info) -> list["Product"]:
        """Loaded ahead by the field that listed the product (graphql_api/loading.py)."""
        siblings = () if root.family_id is None else info.context.variants[root.family_id]
        return as_products([each for each in siblings if each.id != root.id])


def as_product(facts: ProductFacts) -> Product:
    """The record as a source of the type: fields read its attributes, nothing is copied."""
    return cast("Product", facts)


def as_products(facts: Any) -> list[Product]:
    """The records as sources of the type."""
    return cast("list[Product]", facts)


def as_category(facts: CategoryFacts) -> Category:
    """The record as a source of the type."""
    return cast("Category", facts)


def as_categories(facts: Any) -> list[Category]:
    """The records as sources of the type."""
    return cast("list[Category]", list(facts))
