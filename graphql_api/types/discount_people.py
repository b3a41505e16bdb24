"""Whom a discount names, and who used it, as the schema shows them to staff."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api import loading_discounts as loading
from graphql_api.context import Info
from graphql_api.fields import described
from graphql_api.pagination import PageInfo, page_info_of
from graphql_api.scalars import CurrencyCode, Money
from graphql_api.types.accounts import User
from graphql_api.types.staff import as_user, as_users
from services.pricing.discounts.named_reading import NamedPage, NamedQuery
from services.pricing.discounts.use_reading import UsePage, UseQuery


@strawberry.type(description="A customer whom a discount names, at their place in the list.")
class DiscountCustomerEdge:
    """A Relay edge."""

    cursor: str = described("The customer's place: pass it as `after`.")
    node: User = described("The customer's account.")


@strawberry.type(
    description="A page of the customers a discount names, by the ids of their accounts (Relay Cursor Connections)."
)
class DiscountCustomerConnection:
    """A Relay connection; customers are counted only when asked."""

    page: strawberry.Private[NamedPage]
    query: strawberry.Private[NamedQuery]

    @strawberry.field(description="The customers of this page.")
    def nodes(self) -> list[User]:
        """Rows as sources of the type."""
        return as_users(self.page.customers)

    @strawberry.field(description="The customers of this page with their cursors.")
    def edges(self) -> list[DiscountCustomerEdge]:
        """One for each customer."""
        return [DiscountCustomerEdge(cursor=self.query.cursor(row), node=as_user(row)) for row in self.page.customers]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last customer."""
        page, query = self.page, self.query
        return page_info_of(page.customers, query.cursor, has_next=page.has_next, after=query.after)

    @strawberry.field(description="How many customers the discount names; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counted for all discounts that were listed."""
        return loading.customers_count_of(info.context, self.query.discount_id)


@strawberry.type(description="That an order used a discount.")
class DiscountUse:
    """A use; its source is `UseFacts`."""

    order_id: strawberry.ID = described("The order; `getOrderById` shows it.")
    customer_id: strawberry.ID = described("The account that ordered.")
    code: str | None = described("The code by which it was used; null for a discount that came by itself.")
    amount: Money = described("So much it took off, in `currency`.")
    currency: CurrencyCode = described("The currency of `amount`, which is the order's.")
    created_at: datetime = described("When the order was placed.")


@strawberry.type(description="A use of a discount at its place in the list.")
class DiscountUseEdge:
    """A Relay edge."""

    cursor: str = described("The use's place: pass it as `after`.")
    node: DiscountUse = described("The use.")


@strawberry.type(description="A page of a discount's uses, the newest first (Relay Cursor Connections).")
class DiscountUseConnection:
    """A Relay connection; uses are counted only when asked."""

    page: strawberry.Private[UsePage]
    query: strawberry.Private[UseQuery]

    @strawberry.field(description="The uses of this page.")
    def nodes(self) -> list[DiscountUse]:
        """Records as sources of the type."""
        return cast("list[DiscountUse]", list(self.page.uses))

    @strawberry.field(description="The uses of this page with their cursors.")
    def edges(self) -> list[DiscountUseEdge]:
        """One for each use."""
        rows: Any = self.page.uses
        return [DiscountUseEdge(cursor=self.query.cursor(row), node=row) for row in rows]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last use."""
        page, query = self.page, self.query
        return page_info_of(page.uses, query.cursor, has_next=page.has_next, after=query.after)

    @strawberry.field(description="How many uses there are on all pages; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counted for all discounts that were listed."""
        return loading.uses_of(info.context, self.query.discount_id)
