"""Prices over time as the schema shows them, for staff."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from graphql_api.pagination import PageInfo, page_info_of
from graphql_api.scalars import CurrencyCode, Money
from graphql_api.types.catalogue import Product, as_product
from models import ScheduledPrice as ScheduledRow
from models.price import PriceReason
from services.catalogue.prices.price_history import HistoryPage, HistoryQuery
from services.catalogue.prices.region_prices import PriceInRegion, PriceSource
from services.catalogue.prices.scheduled_prices import ScheduledPage, ScheduledQuery

describe_enum(
    PriceReason,
    description="Why a price began.",
    each={
        PriceReason.INITIAL: "The product came into the catalogue with it.",
        PriceReason.CHANGED: "Somebody set it.",
        PriceReason.SCHEDULED: "Its moment came.",
        PriceReason.IMPORTED: "It came with an import.",
        PriceReason.REMOVED: "The region's own price was taken away: this is what the product fell back to there.",
    },
)


@strawberry.type(description="What a product costs in a region at present. In the home region it is the product's own.")
class RegionPrice:
    """A price in a region; its source is `PriceInRegion`."""

    id: strawberry.ID = described("One name for this product in this region.")
    product_id: strawberry.ID = described("Which product.")
    region_code: str = described("The code of the region.")
    price: Money = described("The price of one piece there, in `currency`.")
    currency: CurrencyCode = described("The region's currency.")
    source: PriceSource = described("Where it comes from.")
    set_at: datetime | None = described("When it was set for just this region; null if it was not.")

    @strawberry.field(description="The product.")
    def product(root: strawberry.Parent[PriceInRegion], info: Info) -> Product:
        """Loaded ahead by the field that gave the price (graphql_api/loading.py)."""
        return as_product(info.context.products[root.product_id])


@strawberry.type(description="What a product cost from a moment on, until its next price. Written once, never changed.")
class PriceChange:
    """A price; its source is the table's row."""

    id: strawberry.ID = described("The number of its row.")
    product_id: strawberry.ID = described("Which product.")
    region_code: str | None = described("The region it was the price in; null: wherever there was none of its own.")
    price: Money | None = described(
        "The price of one piece, in `currency`; null (REMOVED only) where it was not sold from then on."
    )
    currency: CurrencyCode = described("The currency of `price`.")
    effective_from: datetime = described("From when on it was so.")
    reason: PriceReason = described("Why it began.")
    actor_id: strawberry.ID | None = described("The account that decided it; null where nobody did.")
    created_at: datetime = described("When its row was written; later than `effectiveFrom` for a scheduled price.")


@strawberry.type(description="A price at its place in the history.")
class PriceChangeEdge:
    """A Relay edge."""

    cursor: str = described("The price's place: pass it as `after`.")
    node: PriceChange = described("The price.")


@strawberry.type(description="A page of a product's prices, the latest first (Relay Cursor Connections).")
class PriceChangeConnection:
    """A Relay connection."""

    page: strawberry.Private[HistoryPage]
    query: strawberry.Private[HistoryQuery]

    @strawberry.field(description="The prices of this page.")
    def nodes(self) -> list[PriceChange]:
        """Rows as sources of the type."""
        return cast("list[PriceChange]", self.page.changes)

    @strawberry.field(description="The prices of this page with their cursors.")
    def edges(self) -> list[PriceChangeEdge]:
        """One for each price."""
        rows: Any = self.page.changes
        return [PriceChangeEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last price."""
        page, query = self.page, self.query
        return page_info_of(page.changes, query.cursor, has_next=page.has_next, after=query.after)


@strawberry.type(description="A price that begins at a moment, by the clock alone.")
class ScheduledPrice:
    """A scheduled price; its source is the table's row."""

    id: strawberry.ID = described("Its id; `cancelScheduledPrice` takes it.")
    product_id: strawberry.ID = described("Which product.")
    region_code: str | None = described("The region it is for; null: wherever there is none of its own.")
    price: Money = described("The price of one piece from then on, in the currency of the region, else of the product.")
    starts_at: datetime = described("When it begins.")
    created_by: strawberry.ID | None = described("The account that scheduled it.")
    created_at: datetime = described("When it was scheduled.")
    applied_at: datetime | None = described("When it was written to the product, at its moment or just after it.")
    cancelled_at: datetime | None = described("When it was called off.")

    @strawberry.field(description="The product.")
    def product(root: strawberry.Parent[ScheduledRow], info: Info) -> Product:
        """Loaded ahead by the field that gave the price (graphql_api/loading.py)."""
        return as_product(info.context.products[root.product_id])


@strawberry.type(description="A scheduled price at its place in the list.")
class ScheduledPriceEdge:
    """A Relay edge."""

    cursor: str = described("The price's place: pass it as `after`.")
    node: ScheduledPrice = described("The price.")


@strawberry.type(description="A page of the prices to come, the soonest first (Relay Cursor Connections).")
class ScheduledPriceConnection:
    """A Relay connection."""

    page: strawberry.Private[ScheduledPage]
    query: strawberry.Private[ScheduledQuery]

    @strawberry.field(description="The prices of this page.")
    def nodes(self) -> list[ScheduledPrice]:
        """Rows as sources of the type."""
        return as_scheduled(self.page.prices)

    @strawberry.field(description="The prices of this page with their cursors.")
    def edges(self) -> list[ScheduledPriceEdge]:
        """One for each price."""
        rows: Any = self.page.prices
        return [ScheduledPriceEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last price."""
        page, query = self.page, self.query
        return page_info_of(page.prices, query.cursor, has_next=page.has_next, after=query.after)


def as_region_prices(found: Any) -> list[RegionPrice]:
    """The records as sources of the type."""
    return cast("list[RegionPrice]", found)


def as_scheduled(rows: Any) -> list[ScheduledPrice]:
    """The rows as sources of the type."""
    return cast("list[ScheduledPrice]", rows)
