"""Queries of the catalogue."""

from typing import Annotated, cast
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, category_options, load_for_products
from graphql_api.permissions import Permission
from graphql_api.types.catalogue import (
    Category,
    Product,
    ProductBy,
    ProductConnection,
    ProductFilter,
    as_product,
    as_products,
)
from services.catalogue import reading
from services.catalogue.categories import list_categories
from services.catalogue.pages import MOST_PER_PAGE, PageQuery, ProductSort
from services.catalogue.product_facts import ProductFacts
from utils.ids import find_id, parse_id


@strawberry.type
class CatalogueQuery:
    """What shoppers ask of the catalogue."""

    @root_field(
        Permission.ANYONE,
        f"The newest products on sale, at most `first` (1 to {MOST_PER_PAGE}); `products` pages through all of them.",
    )
    def get_products(
        self,
        info: Info,
        first: Annotated[int, argument(description=f"How many, from 1 to {MOST_PER_PAGE}.")] = MOST_PER_PAGE,
    ) -> list[Product]:
        """The first document's list."""
        context = info.context
        page = reading.list_page(context.session, context.cache, PageQuery(first=first))
        load_for_products(context, page.products, asked_paths(info._raw_info))
        return as_products(page.products)

    @root_field(Permission.ANYONE, "The product on sale with this id, or null.")
    def get_products_by_id(
        self, info: Info, id: Annotated[str, argument(description="The product's id.")]
    ) -> Product | None:
        """The first document's look-up; what is no id finds nothing."""
        product_id = find_id(id)
        return None if product_id is None else _by_id(info, product_id)

    @root_field(Permission.ANYONE, "The product on sale with this id or slug, or null.")
    def product(
        self, info: Info, by: Annotated[ProductBy, argument(description="Its id, or its slug.")]
    ) -> Product | None:
        """A look-up by either name."""
        if isinstance(by.slug, str):
            found = reading.find_product_by_slug(info.context.session, by.slug)
            return _answer(info, found)
        return _by_id(info, parse_id(str(by.id), "by.id"))

    @root_field(Permission.ANYONE, "Products on sale, page by page, in a stable order.")
    def products(
        self,
        info: Info,
        first: Annotated[int, argument(description=f"How many, from 1 to {MOST_PER_PAGE}.")] = 20,
        after: Annotated[
            str | None, argument(description="Only those after this cursor, from the same filter and sort.")
        ] = None,
        filter: Annotated[ProductFilter | None, argument(description="Which products; all by default.")] = None,
        sort: Annotated[ProductSort, argument(description="In which order.")] = ProductSort.NEWEST,
    ) -> ProductConnection:
        """Relay's list."""
        context = info.context
        query = _page_query(first, after, filter or ProductFilter(), sort)
        page = reading.list_page(context.session, context.cache, query)
        paths = asked_paths(info._raw_info)
        for prefix in ("edges.node.", "nodes."):
            load_for_products(context, page.products, paths, prefix)
        return ProductConnection(page=page, query=query)

    @root_field(Permission.ANYONE, "All categories, parents before children.")
    def categories(self, info: Info) -> list[Category]:
        """The tree, flat: each names its parent."""
        load = category_options(asked_paths(info._raw_info))
        return cast("list[Category]", list_categories(info.context.session, load=load))


def _page_query(first: int, after: str | None, chosen: ProductFilter, sort: ProductSort) -> PageQuery:
    return PageQuery(
        first=first,
        after=after,
        sort=sort,
        category_id=chosen.category_id,
        price_min=chosen.price_min,
        price_max=chosen.price_max,
    )


def _by_id(info: Info, product_id: UUID) -> Product | None:
    context = info.context
    return _answer(info, reading.find_product(context.session, context.cache, product_id))


def _answer(info: Info, found: ProductFacts | None) -> Product | None:
    if found is None:
        return None
    load_for_products(info.context, [found], asked_paths(info._raw_info))
    return as_product(found)
