"""What discounts are made of as the schema shows it: amounts, steps, hours, goods and codes."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import strawberry

from graphql_api import loading_discounts as loading
from graphql_api.context import Info
from graphql_api.fields import described
from graphql_api.loading import asked_paths
from graphql_api.pagination import First, PageInfo, page_info_of
from graphql_api.scalars import CurrencyCode, Measure, Money
from graphql_api.types.brands import Brand
from graphql_api.types.catalogue import Category, Product, as_categories, as_products
from graphql_api.types.collections import Collection, as_collections
from graphql_api.types.discount_kinds import Weekday
from services.pricing.calculating.facts import Targets
from services.pricing.discounts.code_reading import CodePage, CodeQuery
from utils.cursors import checked_first


@strawberry.type(description="An amount of money with its currency.")
class MoneyInCurrency:
    """Its source is `Amount`."""

    amount: Money = described("The amount, in `currency`.")
    currency: CurrencyCode = described("The currency of `amount`.")


@strawberry.type(description="From so many pieces of one product on, so many percent.")
class DiscountStep:
    """Its source is `Step`."""

    quantity: int = described("From so many pieces on.")
    percent: Measure = described("So many percent off all of them.")


@strawberry.type(description="Hours of a day of every week, by the clocks of the shop's time zone.")
class WeeklyWindow:
    """Its source is `Hours`."""

    day: Weekday = described("The day.")
    begins: str = described("From when on, such as 16:00.", name="from")
    ends: str = described("Until when, such as 20:00; 24:00 is the day's end.", name="until")


@strawberry.type(description="Goods that a discount is about. Some may have been removed from the shop since.")
class DiscountTargets:
    """Its source is `Targets`."""

    @strawberry.field(description="The ids of all products named one by one.")
    def product_ids(root: strawberry.Parent[Targets]) -> list[strawberry.ID]:
        """In the order of `products`."""
        return _ids(root.products)

    @strawberry.field(description="The ids of all categories; each stands for all below it, too.")
    def category_ids(root: strawberry.Parent[Targets]) -> list[strawberry.ID]:
        """By id."""
        return _ids(root.categories)

    @strawberry.field(description="The ids of all collections.")
    def collection_ids(root: strawberry.Parent[Targets]) -> list[strawberry.ID]:
        """By id."""
        return _ids(root.collections)

    @strawberry.field(description="The ids of all brands.")
    def brand_ids(root: strawberry.Parent[Targets]) -> list[strawberry.ID]:
        """By id."""
        return _ids(root.brands)

    @strawberry.field(description="The first products, by id, on sale or not.")
    def products(root: strawberry.Parent[Targets], info: Info, first: First = 20) -> list[Product]:
        """Read for all discounts that were listed, when the first of them is asked."""
        paths = asked_paths(info._raw_info)
        return as_products(loading.products_of(info.context, root, paths, first=checked_first(first)))

    @strawberry.field(description="The categories, in the order of the tree; each stands for all below it, too.")
    def categories(root: strawberry.Parent[Targets], info: Info) -> list[Category]:
        """Of the tree, which is read once for all."""
        found = info.context.tree.in_order if root.categories else ()
        return as_categories([each for each in found if each.id in root.categories])

    @strawberry.field(description="The collections, published or not, in their order.")
    def collections(root: strawberry.Parent[Targets], info: Info) -> list[Collection]:
        """Read as a whole."""
        return as_collections(info, loading.collections_of(info.context, root))

    @strawberry.field(description="The brands, by name.")
    def brands(root: strawberry.Parent[Targets], info: Info) -> list[Brand]:
        """Read for all discounts that were listed."""
        return cast("list[Brand]", list(loading.brands_of(info.context, root)))


@strawberry.type(description="A word that opens a discount.")
class DiscountCode:
    """A code; its source is `CodeFacts`."""

    id: strawberry.ID = described("The code's id; `removeDiscountCode` takes it.")
    code: str = described("The code, in capitals; customers may write it in any case.")
    use_limit: int | None = described("How many orders may use it; null for any number.")
    used_count: int = described("How many orders that stand used it.")
    created_by: strawberry.ID | None = described("The account that added it.")
    created_at: datetime = described("When it was added.")


@strawberry.type(description="A code at its place in the list.")
class DiscountCodeEdge:
    """A Relay edge."""

    cursor: str = described("The code's place: pass it as `after`.")
    node: DiscountCode = described("The code.")


@strawberry.type(description="A page of a discount's codes, in the order they were added (Relay Cursor Connections).")
class DiscountCodeConnection:
    """A Relay connection; codes are counted only when asked."""

    page: strawberry.Private[CodePage]
    query: strawberry.Private[CodeQuery]

    @strawberry.field(description="The codes of this page.")
    def nodes(self) -> list[DiscountCode]:
        """Records as sources of the type."""
        return as_codes(self.page.codes)

    @strawberry.field(description="The codes of this page with their cursors.")
    def edges(self) -> list[DiscountCodeEdge]:
        """One for each code."""
        rows: Any = self.page.codes
        return [DiscountCodeEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last code."""
        page, query = self.page, self.query
        return page_info_of(page.codes, query.cursor, has_next=page.has_next, after=query.after)

    @strawberry.field(description="How many codes the discount has; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counted for all discounts that were listed."""
        return loading.codes_count_of(info.context, self.query.discount_id)


def as_codes(rows: Any) -> list[DiscountCode]:
    """The records as sources of the type."""
    return cast("list[DiscountCode]", list(rows))


def _ids(ids: frozenset[UUID]) -> list[strawberry.ID]:
    return [strawberry.ID(str(each)) for each in sorted(ids)]
