"""Discounts as the schema shows them to staff."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api import loading_discounts as loading
from graphql_api.context import Info
from graphql_api.fields import described, guarded_field, reading
from graphql_api.loading import asked_paths
from graphql_api.pagination import After, First, PageInfo, page_info_of
from graphql_api.permissions import Permission
from graphql_api.scalars import Measure
from graphql_api.types.discount_kinds import DiscountClass, DiscountKind, Tier
from graphql_api.types.discount_parts import (
    DiscountCodeConnection,
    DiscountStep,
    DiscountTargets,
    MoneyInCurrency,
    WeeklyWindow,
)
from graphql_api.types.discount_people import DiscountCustomerConnection, DiscountUseConnection
from models import Discount as DiscountRow
from services.pricing.discounts.code_reading import CodeQuery
from services.pricing.discounts.named_reading import NamedQuery
from services.pricing.discounts.reading import DiscountPage, DiscountQuery, count_discounts
from services.pricing.discounts.records import amounts_of, steps_of, windows_of
from services.pricing.discounts.use_reading import UseQuery


@strawberry.type(description="A rule that takes something off prices, as staff see it.")
class Discount:
    """A discount; its source is the table's row, noted by the field that gave it (graphql_api/loading_discounts.py)."""

    id: strawberry.ID = described("The discount's id.")
    name: str = described("Its name, which customers are shown.")
    kind: DiscountKind = described("How it counts what it takes off.")
    applies_to: DiscountClass = described("What it takes from.")
    is_active: bool = described("Whether it counts, within its time.")
    percent: Measure | None = described("So many percent off; of PERCENT and BUY_X_GET_Y.")
    buy_quantity: int | None = described("So many pieces to buy; of BUY_X_GET_Y.")
    get_quantity: int | None = described("So many pieces for less; of BUY_X_GET_Y.")
    all_goods: bool = described("Whether it is for all goods; otherwise for its `targets` only.")
    tiers: list[Tier] = described("The tiers it is for; empty for all.")
    region_codes: list[str] = described("The codes of the regions it is for; empty for all.")
    for_named_customers: bool = described("Whether it is only for customers whom it names.")
    first_order_only: bool = described("Whether it is for a customer's first order.")
    min_quantity: int | None = described("It counts from so many pieces of its goods on.")
    starts_at: datetime | None = described("From when on it counts; null for always.")
    ends_at: datetime | None = described("Until when it counts; null for always.")
    needs_code: bool = described("Whether it counts with one of its codes only.")
    total_limit: int | None = described("How many orders may use it; null for any number.")
    per_customer_limit: int | None = described("How many orders of one customer may use it; null for any number.")
    priority: int = described("From 0 to 1000: of discounts that stand together, the lower one is taken off first.")
    exclusive_group: str | None = described("Of those of one group and class, at most one counts.")
    combines_with: list[DiscountClass] = described("Beside discounts of which classes it may count.")
    version: int = described("Rises with every change by staff; give it back with a change to refuse lost ones.")
    created_by: strawberry.ID | None = described("The account that made it.")
    created_at: datetime = described("When it was made.")
    last_updated: datetime = reading("updated_at", datetime, "When staff changed it last.")

    @strawberry.field(description="So much off, by currency; of AMOUNT. In other currencies it does not count.")
    def amounts(root: strawberry.Parent[DiscountRow]) -> list[MoneyInCurrency]:
        """By the names of the currencies."""
        return cast("list[MoneyInCurrency]", list(amounts_of(root.amounts)))

    @strawberry.field(description="Percents by quantity, rising; of QUANTITY_STEPS.")
    def steps(root: strawberry.Parent[DiscountRow]) -> list[DiscountStep]:
        """As the row keeps them."""
        return cast("list[DiscountStep]", list(steps_of(root)))

    @strawberry.field(description="The goods it takes from, or asks conditions of; null for all goods.")
    def targets(root: strawberry.Parent[DiscountRow], info: Info) -> DiscountTargets | None:
        """Read for all discounts that were listed."""
        return cast("DiscountTargets | None", loading.sides_of(info.context, root.id)[0])

    @strawberry.field(description="The goods that must be bought, of BUY_X_GET_Y; null for the same as are reduced.")
    def bought_targets(root: strawberry.Parent[DiscountRow], info: Info) -> DiscountTargets | None:
        """Read for all discounts that were listed."""
        return cast("DiscountTargets | None", loading.sides_of(info.context, root.id)[1])

    @strawberry.field(description="It counts from so much on, by currency, at list prices of its goods.")
    def min_amounts(root: strawberry.Parent[DiscountRow]) -> list[MoneyInCurrency]:
        """By the names of the currencies."""
        return cast("list[MoneyInCurrency]", list(amounts_of(root.min_amounts)))

    @strawberry.field(description="The hours of the week at which it counts, from Monday on; empty for always.")
    def windows(root: strawberry.Parent[DiscountRow]) -> list[WeeklyWindow]:
        """As the row keeps them."""
        return cast("list[WeeklyWindow]", list(windows_of(root)))

    @strawberry.field(description="How many customers it names; counted only when asked.")
    def customers_count(root: strawberry.Parent[DiscountRow], info: Info) -> int:
        """Counted for all discounts that were listed."""
        return loading.customers_count_of(info.context, root.id)

    @strawberry.field(description="How many orders that stand it made cheaper; counted only when asked.")
    def used_count(root: strawberry.Parent[DiscountRow], info: Info) -> int:
        """Counted for all discounts that were listed."""
        return loading.uses_of(info.context, root.id)

    @strawberry.field(description="Its codes, in the order they were added.")
    def codes(
        root: strawberry.Parent[DiscountRow], info: Info, first: First = 20, after: After = None
    ) -> DiscountCodeConnection:
        """Read for all discounts that were listed; only a page after a cursor is read by itself."""
        query = CodeQuery(root.id, first, after)
        return DiscountCodeConnection(page=loading.codes_of(info.context, query), query=query)

    @guarded_field(Permission.ADMIN, "The customers it names, by the ids of their accounts.")
    def customers(
        root: strawberry.Parent[DiscountRow], info: Info, first: First = 20, after: After = None
    ) -> DiscountCustomerConnection | None:
        """Read for all discounts that were listed; only a page after a cursor is read by itself."""
        query = NamedQuery(root.id, first, after)
        page = loading.customers_of(info.context, query, asked_paths(info._raw_info))
        return DiscountCustomerConnection(page=page, query=query)

    @guarded_field(
        Permission.READ, "The orders that stand and that it made cheaper, the newest first; a cancelled one is none."
    )
    def uses(
        root: strawberry.Parent[DiscountRow], info: Info, first: First = 20, after: After = None
    ) -> DiscountUseConnection | None:
        """Read for all discounts that were listed; only a page after a cursor is read by itself."""
        query = UseQuery(root.id, first, after)
        return DiscountUseConnection(page=loading.uses_page_of(info.context, query), query=query)


@strawberry.type(description="A discount at its place in the list.")
class DiscountEdge:
    """A Relay edge."""

    cursor: str = described("The discount's place: pass it as `after`.")
    node: Discount = described("The discount.")


@strawberry.type(description="A page of discounts, the newest first (Relay Cursor Connections).")
class DiscountConnection:
    """A Relay connection; discounts are counted only when asked."""

    page: strawberry.Private[DiscountPage]
    query: strawberry.Private[DiscountQuery]

    @strawberry.field(description="The discounts of this page.")
    def nodes(self) -> list[Discount]:
        """Rows as sources of the type."""
        return cast("list[Discount]", self.page.discounts)

    @strawberry.field(description="The discounts of this page with their cursors.")
    def edges(self) -> list[DiscountEdge]:
        """One for each discount."""
        rows: Any = self.page.discounts
        return [DiscountEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last discount."""
        page, query = self.page, self.query
        return page_info_of(page.discounts, query.cursor, has_next=page.has_next, after=query.after)

    @strawberry.field(description="How many discounts there are on all pages; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counts in PostgreSQL."""
        return count_discounts(info.context.session, self.query)


def as_discount(info: Info, row: DiscountRow | None) -> Discount | None:
    """The row as a source of the type, noted as the only one."""
    if row is not None:
        loading.note_discounts(info.context, [row])
    return cast("Discount | None", row)
