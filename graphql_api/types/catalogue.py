"""Products and categories as the schema shows them."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.fields import describe_enum, described, reading
from graphql_api.pagination import PageInfo
from graphql_api.scalars import CurrencyCode, Money
from models import Category as CategoryRow
from models.product import ProductStatus
from services.catalogue.pages import PageQuery, ProductSort
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reading import Page, count_products

describe_enum(
    ProductStatus,
    description="Whether shoppers see a product.",
    each={
        ProductStatus.PUBLISHED: "On sale.",
        ProductStatus.WITHDRAWN: "Not sold any more; the orders that have it still show it.",
    },
)
describe_enum(
    ProductSort,
    description="In which order products are listed; equal ones by id.",
    each={
        ProductSort.NEWEST: "The newest first.",
        ProductSort.PRICE_ASC: "The cheapest first.",
        ProductSort.PRICE_DESC: "The dearest first.",
        ProductSort.NAME: "By name, as its characters sort.",
    },
)


@strawberry.type(description="A part of the shop with its own staff.")
class Department:
    """A department."""

    id: strawberry.ID = described("The department's id.")
    slug: str = described("Its short name, for addresses and commands.")
    name: str = described("Its name.")


@strawberry.type(description="A shelf of the shop. A product stands in exactly one category.")
class Category:
    """A category; its source is the table's row."""

    id: strawberry.ID = described("The category's id.")
    slug: str = described("Its short name, for addresses.")
    name: str = described("Its name.")
    parent_id: strawberry.ID | None = described("The id of the category above it; null at the top.")
    department: Department = described("The department that cares for it.")


@strawberry.type(description="A thing the shop sells, with its own price and stock.")
class Product:
    """A product; its source is `ProductFacts`."""

    id: strawberry.ID = described("The product's id.")
    product_id: str = reading("id", str, "The product's id, under the name earlier clients know.")
    slug: str = described("Its short name, for addresses; unique.")
    name: str = described("Its name.")
    description: str = described("What it is, in a sentence or two; may be empty.")
    unit: str = described("What one piece of it is: each, 500 g, 6 x 330 ml.")
    price: Money = described("The price of one piece, in `currency`.")
    currency: CurrencyCode = described("The currency of `price`.")
    stock_count: int = described("How many pieces are there.")
    status: ProductStatus = described("Whether shoppers see it.")
    created_at: datetime = described("When it came into the catalogue.")
    last_updated: datetime = reading("updated_at", datetime, "When its row changed last, its stock included.")

    @strawberry.field(description="The category it stands in.")
    def category(root: strawberry.Parent[ProductFacts], info: Info) -> Category:
        """Loaded ahead by the field that listed the product (graphql_api/loading.py)."""
        return as_category(info.context.categories[root.category_id])


@strawberry.type(description="A product at its place in a list.")
class ProductEdge:
    """A Relay edge."""

    cursor: str = described("The product's place: pass it as `after`.")
    node: Product = described("The product.")


@strawberry.type(description="A page of products (Relay Cursor Connections).")
class ProductConnection:
    """A Relay connection; cursors are made, and products counted, only when asked."""

    page: strawberry.Private[Page]
    query: strawberry.Private[PageQuery]

    nodes: list[Product] = reading("page.products", list[Product], "The products of this page.")

    @strawberry.field(description="The products of this page with their cursors.")
    def edges(self) -> list[ProductEdge]:
        """One for each product."""
        return [ProductEdge(cursor=self.query.cursor(facts), node=as_product(facts)) for facts in self.page.products]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last product."""
        products = self.page.products
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.query.after is not None,
            start_cursor=self.query.cursor(products[0]) if products else None,
            end_cursor=self.query.cursor(products[-1]) if products else None,
        )

    @strawberry.field(description="How many products the filter lets through on all pages; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counts in PostgreSQL."""
        return count_products(info.context.session, self.query)


@strawberry.input(description="Names one product: exactly one of the two must be given.", one_of=True)
class ProductBy:
    """A @oneOf input."""

    id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="By its id.")
    slug: str | None = strawberry.field(default=strawberry.UNSET, description="By its slug.")


@strawberry.input(description="Which products to list; every condition given must hold.")
class ProductFilter:
    """Conditions on products."""

    category_id: UUID | None = strawberry.field(
        default=None, description="Only products of this category and of all categories below it."
    )
    price_min: Money | None = strawberry.field(default=None, description="Only products that cost at least this.")
    price_max: Money | None = strawberry.field(default=None, description="Only products that cost at most this.")


def as_product(facts: ProductFacts) -> Product:
    """The record as a source of the type: fields read its attributes, nothing is copied."""
    return cast("Product", facts)


def as_products(facts: Any) -> list[Product]:
    """The records as sources of the type."""
    return cast("list[Product]", facts)


def as_category(row: CategoryRow) -> Category:
    """The row as a source of the type."""
    return cast("Category", row)
