"""Queries of the catalogue."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Protocol, TypeVar, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.caller_prices import told
from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.pagination import After, First, InRegion
from graphql_api.permissions import Permission
from graphql_api.types.catalogue import Product, as_product, as_products
from graphql_api.types.finding import (
    ProductBy,
    ProductConnection,
    ProductFilter,
    StaffProductConnection,
    Suggestion,
    load_for_suggestions,
    named_by,
)
from models.product import ProductStatus
from services.catalogue import reading
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.finding.staff_reading import StaffQuery, find_staff_product, list_staff_page
from services.catalogue.finding.suggesting import MOST_SUGGESTIONS, suggest
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import Page
from utils.cursors import MOST_PER_PAGE
from utils.ids import find_id, parse_id

StaffRegion = Annotated[
    str | None,
    argument(
        description="Only what has a price in the region with this code, with that price; if it is left out "
        "everything, with the products' own prices, whatever the header `X-Region` names."
    ),
]


@strawberry.type
class CatalogueQuery:
    """What shoppers ask of the catalogue."""

    @root_field(
        Permission.ANYONE,
        f"The newest products on sale, at most `first` (1 to {MOST_PER_PAGE}); `products` pages through all of them.",
        shared=True,
    )
    def get_products(
        self,
        info: Info,
        first: First = MOST_PER_PAGE,
        region: InRegion = None,
    ) -> list[Product]:
        """The first document's list."""
        context = info.context
        context.use_region(region)
        page = reading.list_page(context.catalogue, PageQuery(first=first, region=context.region_code))
        load_for_products(context, page.products, asked_paths(info._raw_info), region=context.region_code)
        return as_products(told(context, page.products))

    @root_field(Permission.ANYONE, "The product on sale with this id, or null.", shared=True)
    def get_products_by_id(
        self, info: Info, id: Annotated[str, argument(description="The product's id.")], region: InRegion = None
    ) -> Product | None:
        """The first document's look-up; what is no id finds nothing."""
        info.context.use_region(region)
        product_id = find_id(id)
        return None if product_id is None else _by_id(info, product_id)

    @root_field(Permission.ANYONE, "The product on sale that is named so, or null.", shared=True)
    def product(
        self,
        info: Info,
        by: Annotated[ProductBy, argument(description="Its id, slug, SKU or barcode.")],
        region: InRegion = None,
    ) -> Product | None:
        """A look-up by any name."""
        context = info.context
        context.use_region(region)
        kind, value = named_by(by)
        find = _BY_NAME.get(kind)
        if find is None:
            return _by_id(info, parse_id(value, "by.id"))
        found = find(context.catalogue, value, region=context.region_code)
        return _answer(info, found, region=context.region_code)

    @root_field(Permission.ANYONE, "Products on sale, page by page, in a stable order.", shared=True)
    def products(
        self,
        info: Info,
        first: First = 20,
        after: Annotated[
            str | None, argument(description="Only those after this cursor, from the same filter and sort.")
        ] = None,
        filter: Annotated[ProductFilter | None, argument(description="Which products; all by default.")] = None,
        sort: Annotated[
            ProductSort | None,
            argument(
                description="In which order; by default RELEVANCE if the filter has a term, COLLECTION if it has a "
                "collection, else NEWEST."
            ),
        ] = None,
        region: InRegion = None,
    ) -> ProductConnection:
        """Relay's list."""
        context, chosen = info.context, filter or ProductFilter()
        context.use_region(region)
        otherwise = ProductSort.NEWEST if chosen.collection_id is None else ProductSort.COLLECTION
        if (chosen.term or "").strip():
            otherwise = ProductSort.RELEVANCE
        said = {**chosen.said(), "region": context.region_code}
        query = PageQuery(first=first, after=after, sort=sort or otherwise, **said)
        page = reading.list_page(context.catalogue, query)
        return _connection(info, page, query, ProductConnection)

    @root_field(
        Permission.ANYONE,
        "Categories, brands and products whose names go on as somebody began to type, in this order; nothing for less "
        "than two letters.",
        shared=True,
    )
    def suggestions(
        self,
        info: Info,
        term: Annotated[str, argument(description="What was typed so far, at most 200 characters.")],
        first: Annotated[int, argument(description=f"How many at most, from 1 to {MOST_SUGGESTIONS}.")] = 8,
        region: InRegion = None,
    ) -> list[Suggestion]:
        """While somebody types."""
        info.context.use_region(region)
        found = suggest(info.context.catalogue, term, first=first, region=info.context.region_code)
        load_for_suggestions(info.context, found, asked_paths(info._raw_info))
        return cast("list[Suggestion]", found)

    @root_field(
        Permission.PRODUCTS,
        "Products as staff see them, the newest first, page by page: also drafts, withdrawn ones, and those that are "
        "on sale at other times only.",
    )
    def staff_products(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        filter: Annotated[ProductFilter | None, argument(description="Which products; all by default.")] = None,
        statuses: Annotated[
            list[ProductStatus] | None, argument(description="Only products of these; of all by default.")
        ] = None,
        region: StaffRegion = None,
    ) -> StaffProductConnection:
        """Relay's list, never from the cache of shoppers' pages nor into it."""
        context, said = info.context, (filter or ProductFilter()).said()
        if region is not None:
            context.use_region(region)
            said["region"] = context.region_code
        query = StaffQuery(first=first, after=after, statuses=tuple(statuses or ProductStatus), **said)
        page = list_staff_page(context.catalogue, query)
        return _connection(info, page, query, StaffProductConnection)

    @root_field(Permission.PRODUCTS, "The product that is named so, on sale or not, or null.")
    def staff_product(
        self, info: Info, by: Annotated[ProductBy, argument(description="Its id, slug, SKU or barcode.")]
    ) -> Product | None:
        """A look-up by any name."""
        kind, value = named_by(by)
        reader = info.context.catalogue
        product_id = parse_id(value, "by.id") if kind == "id" else find_staff_product(reader, kind, value)
        if product_id is None:
            return None
        return _answer(info, reading.list_products_by_id(reader, [product_id]).get(product_id))


class _Find(Protocol):
    def __call__(self, reader: Reader, value: str, /, *, region: str | None) -> ProductFacts | None: ...


_BY_NAME: Mapping[str, _Find] = {
    "slug": reading.find_product_by_slug,
    "sku": reading.find_product_by_sku,
    "barcode": reading.find_product_by_barcode,
}
_Connection = TypeVar("_Connection", ProductConnection, StaffProductConnection)


def _connection(info: Info, page: Page, query: PageQuery, kind: type[_Connection]) -> _Connection:
    paths = asked_paths(info._raw_info)
    for prefix in ("edges.node.", "nodes."):
        load_for_products(info.context, page.products, paths, prefix, region=query.region)
    return kind(page=replace(page, products=told(info.context, page.products)), query=query)


def _by_id(info: Info, product_id: UUID) -> Product | None:
    region = info.context.region_code
    return _answer(info, reading.find_product(info.context.catalogue, product_id, region=region), region=region)


def _answer(info: Info, found: ProductFacts | None, *, region: str | None = None) -> Product | None:
    if found is None:
        return None
    load_for_products(info.context, [found], asked_paths(info._raw_info), region=region)
    return as_product(found)
