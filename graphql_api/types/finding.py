"""How products are found, as the schema shows it: filters, orders, pages and look-ups."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import strawberry

from graphql_api.context import Context, Info
from graphql_api.fields import describe_enum, described, reading
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.pagination import PageInfo
from graphql_api.scalars import Money
from graphql_api.types.brands import Brand
from graphql_api.types.catalogue import Category, Product, as_category, as_product
from services.catalogue.finding import facets
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.finding.suggesting import Suggested, SuggestionKind
from services.catalogue.finding.terms import written
from services.catalogue.reading import Page, count_products, list_shown_by_id

describe_enum(
    ProductSort,
    description="In which order products are listed; equal ones by id.",
    each={
        ProductSort.NEWEST: "The newest first.",
        ProductSort.PRICE_ASC: "By list price, the cheapest first; discounts change nothing of it.",
        ProductSort.PRICE_DESC: "By list price, the dearest first; discounts change nothing of it.",
        ProductSort.NAME: "By name, as its characters sort.",
        ProductSort.POPULARITY: "Those first that stand in the most orders of the last 90 days, counted once an hour.",
        ProductSort.RELEVANCE: "Those first that match the term best; it needs a `term` in the filter.",
        ProductSort.COLLECTION: "As staff put them into the collection; it needs a `collectionId` in the filter.",
    },
)


describe_enum(
    SuggestionKind,
    description="What a suggestion leads to.",
    each={
        SuggestionKind.PRODUCT: "A product on sale.",
        SuggestionKind.BRAND: "A brand with products on sale.",
        SuggestionKind.CATEGORY: "A category.",
    },
)


@strawberry.type(description="A product at its place in a list.")
class ProductEdge:
    """A Relay edge."""

    cursor: str = described("The product's place: pass it as `after`.")
    node: Product = described("The product.")


@strawberry.type(description="How many products of a list stand in a category.")
class CategoryCount:
    """A facet; its source is the record of services/catalogue/finding/facets.py."""

    count: int = described("How many stand in this very category, without those below it.")

    @strawberry.field(description="The category.")
    def category(root: strawberry.Parent[facets.CategoryCount], info: Info) -> Category:
        """Of the tree, which is read once for all."""
        return as_category(info.context.category(root.category_id))


@strawberry.type(description="How many products of a list are of a brand.")
class BrandCount:
    """A facet; its source is the record of services/catalogue/finding/facets.py."""

    brand: Brand = described("The brand.")
    count: int = described("How many are of it.")


@strawberry.type(description="How many products of a list cost about so much.")
class PriceBand:
    """A facet; its source is the record of services/catalogue/finding/facets.py."""

    low: Money = strawberry.field(name="from", description="What they cost at least.")
    high: Money | None = strawberry.field(
        name="to", description="What they cost less than; null where no band follows."
    )
    count: int = described("How many there are.")


@strawberry.type(description="How many products of a list have a tag.")
class TagCount:
    """A facet; its source is the record of services/catalogue/finding/facets.py."""

    tag: str = described("The tag.")
    count: int = described("How many have it.")


@strawberry.type(description="What the products of a list are, in numbers.")
class Facets:
    """Facets of all pages of a list; its source is the record of services/catalogue/finding/facets.py."""

    categories: list[CategoryCount] = described(
        f"The categories in which they stand, those with the most first, at most {facets.MOST_CATEGORIES}."
    )
    brands: list[BrandCount] = described(
        f"The brands they are of, those with the most first, at most {facets.MOST_BRANDS}; counted without the "
        "filter's `brandIds`, so that others can be offered beside those chosen."
    )
    prices: list[PriceBand] = described(
        "How many cost from 0 to 1, 2, 5, 10, 20, 50 and so on, in the region's currency; empty bands are left out. "
        "Counted without the filter's `priceMin` and `priceMax`, so that others can be offered."
    )
    tags: list[TagCount] = described(
        f"The tags they have, those of the most products first, at most {facets.MOST_TAGS}."
    )
    in_stock: int = described("How many are in stock.")
    is_complete: bool = described(
        f"Whether all were counted: for each facet at most {facets.MOST_COUNTED:,} are, and of a search a thousand."
    )


@strawberry.type(description="Something in the shop whose name somebody began to type.")
class Suggestion:
    """A suggestion; its source is `Suggested`."""

    text: str = described("Its name.")
    kind: SuggestionKind = described("What it leads to.")

    @strawberry.field(description="The product, if it is one.")
    def product(root: strawberry.Parent[Suggested], info: Info) -> Product | None:
        """Loaded ahead by `suggestions`."""
        found = info.context.products.get(root.id)
        return None if found is None else as_product(found)

    @strawberry.field(description="The brand, if it is one.")
    def brand(root: strawberry.Parent[Suggested]) -> Brand | None:
        """It came with the suggestion."""
        return cast("Brand | None", root.brand)

    @strawberry.field(description="The category, if it is one.")
    def category(root: strawberry.Parent[Suggested], info: Info) -> Category | None:
        """Of the tree, which is read once for all."""
        found = info.context.tree.find(root.id)
        return None if found is None else as_category(found)


@strawberry.type
class _Paged:
    """What a page of products knows in every connection; cursors are made only when asked."""

    page: strawberry.Private[Page]
    query: strawberry.Private[PageQuery]

    nodes: list[Product] = reading("page.products", list[Product], "The products of this page.")

    @strawberry.field(description="The products of this page with their cursors.")
    def edges(self) -> list[ProductEdge]:
        """One for each product."""
        pairs = zip(self.query.cursors(self.page.products, self.page.search), self.page.products, strict=True)
        return [ProductEdge(cursor=cursor, node=as_product(facts)) for cursor, facts in pairs]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last product."""
        products = self.page.products
        start, end = self.query.cursors(products, self.page.search, at=(0, -1)) if products else (None, None)
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.query.after is not None,
            start_cursor=start,
            end_cursor=end,
        )


@strawberry.type(description="A page of products as staff see them (Relay Cursor Connections).")
class StaffProductConnection(_Paged):
    """A Relay connection."""


@strawberry.type(description="A page of products (Relay Cursor Connections).")
class ProductConnection(_Paged):
    """A Relay connection; products are counted only when asked."""

    @strawberry.field(
        description="How many products there are on all pages; counted only when asked. A search finds at most a "
        "thousand, and the one it names exactly."
    )
    def total_count(self, info: Info) -> int:
        """Counts in PostgreSQL."""
        return count_products(info.context.catalogue, self.query, self.page.search)

    @strawberry.field(
        description="What was searched in place of the term, which found nothing: the last word to its end, or words "
        "of five letters or more without a slip. Null when the term itself was searched."
    )
    def corrected_term(self) -> str | None:
        """Alternatives for one word stand with `or` between them."""
        search = self.page.search
        return None if search is None or search.instead is None else written(search.instead)

    @strawberry.field(
        description="The products of all pages of this list, in numbers; counted only when asked, and only what is "
        "asked for."
    )
    def facets(self, info: Info) -> Facets:
        """Counts in PostgreSQL, by one statement."""
        wanted = asked_paths(info._raw_info)
        counted = facets.count_facets(info.context.catalogue, self.query, wanted, found=self.page.search)
        return cast("Facets", counted)


@strawberry.input(description="Names one product: exactly one of these must be given.", one_of=True)
class ProductBy:
    """A @oneOf input."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="By its slug.")
    sku: str | None = strawberry.field(
        default=strawberry.UNSET, description="By its stock-keeping unit, in any case of its letters."
    )
    barcode: str | None = strawberry.field(
        default=strawberry.UNSET, description="By its barcode, a GTIN in any of its lengths."
    )


@strawberry.input(description="Which products to list; every condition given must hold.")
class ProductFilter:
    """Conditions on products."""

    category_id: UUID | None = strawberry.field(
        default=None, description="Only products of this category and of all categories below it."
    )
    price_min: Money | None = strawberry.field(
        default=None, description="Only products that cost at least this, in the region's currency."
    )
    price_max: Money | None = strawberry.field(
        default=None, description="Only products that cost at most this, in the region's currency."
    )
    brand_ids: list[UUID] | None = strawberry.field(
        default=None, description="Only products of one of these brands, at most 50; an empty list says nothing."
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="Only products with all of these tags, at most 20."
    )
    in_stock: bool | None = strawberry.field(default=None, description="If true, only products that are in stock.")
    collection_id: UUID | None = strawberry.field(
        default=None, description="Only products of this collection, if shoppers see it."
    )
    term: str | None = strawberry.field(
        default=None,
        description="Only products with all of these words in name, brand, tags or description, in whatever form; or "
        "the product whose stock-keeping unit or barcode it is. At most 200 characters and ten words; no character has "
        "a meaning of its own. At most a thousand matches are looked at.",
    )

    def said(self) -> dict[str, Any]:
        """The same for the catalogue."""
        return {
            "category_id": self.category_id,
            "price_min": self.price_min,
            "price_max": self.price_max,
            "brand_ids": tuple(self.brand_ids or ()),
            "tags": tuple(self.tags or ()),
            "in_stock": bool(self.in_stock),
            "collection_id": self.collection_id,
            "term": self.term,
        }


def named_by(by: ProductBy) -> tuple[str, str]:
    """By which of its names, and by which value, a product is named."""
    given = {"id": by.id, "slug": by.slug, "sku": by.sku, "barcode": by.barcode}
    return next((kind, str(value)) for kind, value in given.items() if isinstance(value, str))


def load_for_suggestions(context: Context, found: Sequence[Suggested], paths: frozenset[str]) -> None:
    """Loads the products that suggestions lead to, if the document asks for them."""
    by_kind = {kind: [each.id for each in found if each.kind is kind] for kind in SuggestionKind}
    if "product" in paths and by_kind[SuggestionKind.PRODUCT]:
        # What was suggested is sold there; one that went meanwhile is left out.
        region = context.region_code
        products = list_shown_by_id(context.catalogue, by_kind[SuggestionKind.PRODUCT], region=region)
        context.products.update(products)
        load_for_products(context, products.values(), paths, "product.", region=region)
