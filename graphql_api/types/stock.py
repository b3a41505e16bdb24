"""Movements of stock and alerts as the schema shows them, for staff."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from graphql_api.pagination import PageInfo, page_info_of
from graphql_api.types.catalogue import Product, as_product
from models import StockAlert as AlertRow
from models.stock_alert import StockAlertKind
from models.stock_movement import MovementReason
from services.catalogue.stock.adjusting import StockReason as StockReason
from services.catalogue.stock.movements import MovementPage, MovementQuery
from services.catalogue.stock.stock_alerts import AlertPage, AlertQuery

_BY_HAND = {
    "RECEIVED": "Pieces came from a supplier.",
    "RETURNED": "Pieces came back.",
    "COUNTED": "Somebody counted, and there were more or fewer.",
    "DAMAGED": "Pieces cannot be sold any more.",
    "LOST": "Pieces are not where they should be.",
    "ADJUSTMENT": "For another reason; also when the stock of a product was set to a number.",
}
describe_enum(
    StockReason,
    description="Why somebody adjusts the stock of a product.",
    each={reason: _BY_HAND[reason.name] for reason in StockReason},
)
describe_enum(
    MovementReason,
    description="Why the stock of a product changed.",
    each={
        MovementReason.INITIAL: "The product came into the catalogue with so many.",
        MovementReason.ORDER: "They were ordered.",
        MovementReason.IMPORTED: "An import said how many there are.",
        MovementReason.CANCELLED: "An order was cancelled, and its pieces came back.",
        **{reason: _BY_HAND[reason.name] for reason in MovementReason if reason.name in _BY_HAND},
    },
)
describe_enum(
    StockAlertKind,
    description="Which mark the stock of a product passed.",
    each={
        StockAlertKind.LOW: "So few are left that the product's `lowStockAt` is reached.",
        StockAlertKind.OUT: "None is left.",
        StockAlertKind.BACK: "There are some again.",
    },
)


@strawberry.type(description="One change of a product's stock. Written once, never changed; all of them add up to it.")
class StockMovement:
    """A movement; its source is the table's row."""

    id: strawberry.ID = described("The number of its row.")
    product_id: strawberry.ID = described("Which product.")
    quantity: int = described("How many pieces came; negative for those that went.")
    reason: MovementReason = described("Why.")
    order_id: strawberry.ID | None = described("The order that took them.")
    actor_id: strawberry.ID | None = described("The account that did it; null where nobody did.")
    note: str | None = described("What that person had to say.")
    created_at: datetime = described("When.")


@strawberry.type(description="A movement at its place in the ledger.")
class StockMovementEdge:
    """A Relay edge."""

    cursor: str = described("The movement's place: pass it as `after`.")
    node: StockMovement = described("The movement.")


@strawberry.type(description="A page of a product's movements, the newest first (Relay Cursor Connections).")
class StockMovementConnection:
    """A Relay connection."""

    page: strawberry.Private[MovementPage]
    query: strawberry.Private[MovementQuery]

    @strawberry.field(description="The movements of this page.")
    def nodes(self) -> list[StockMovement]:
        """Rows as sources of the type."""
        return cast("list[StockMovement]", self.page.movements)

    @strawberry.field(description="The movements of this page with their cursors.")
    def edges(self) -> list[StockMovementEdge]:
        """One for each movement."""
        rows: Any = self.page.movements
        return [StockMovementEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last movement."""
        page, query = self.page, self.query
        return page_info_of(page.movements, query.cursor, has_next=page.has_next, after=query.after)


@strawberry.type(description="The stock of a product passed a mark.")
class StockAlert:
    """An alert; its source is the table's row."""

    id: strawberry.ID = described("The alert's id.")
    product_id: strawberry.ID = described("Which product.")
    kind: StockAlertKind = described("Which mark.")
    stock_count: int = described("How many pieces there were just then.")
    created_at: datetime = described("When.")

    @strawberry.field(description="The product, as it is now.")
    def product(root: strawberry.Parent[AlertRow], info: Info) -> Product:
        """Loaded ahead by the field that gave the alert (graphql_api/loading.py)."""
        return as_product(info.context.products[root.product_id])


@strawberry.type(description="An alert at its place in the list.")
class StockAlertEdge:
    """A Relay edge."""

    cursor: str = described("The alert's place: pass it as `after`.")
    node: StockAlert = described("The alert.")


@strawberry.type(description="A page of alerts, the newest first (Relay Cursor Connections).")
class StockAlertConnection:
    """A Relay connection."""

    page: strawberry.Private[AlertPage]
    query: strawberry.Private[AlertQuery]

    @strawberry.field(description="The alerts of this page.")
    def nodes(self) -> list[StockAlert]:
        """Rows as sources of the type."""
        return cast("list[StockAlert]", self.page.alerts)

    @strawberry.field(description="The alerts of this page with their cursors.")
    def edges(self) -> list[StockAlertEdge]:
        """One for each alert."""
        rows: Any = self.page.alerts
        return [StockAlertEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last alert."""
        page, query = self.page, self.query
        return page_info_of(page.alerts, query.cursor, has_next=page.has_next, after=query.after)
