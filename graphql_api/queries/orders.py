"""Queries of orders."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_orders, order_options
from graphql_api.permissions import Permission
from graphql_api.types.orders import Order, as_order
from services.orders import reading
from services.orders.reading import MOST_ORDERS
from utils.ids import find_id


@strawberry.type
class OrdersQuery:
    """What customers and staff ask about orders."""

    @root_field(
        Permission.SIGNED_IN,
        f"The newest orders, at most `first` (1 to {MOST_ORDERS}): one's own, everybody's for staff with the "
        "right READ.",
    )
    def get_orders(
        self,
        info: Info,
        first: Annotated[int, argument(description=f"How many, from 1 to {MOST_ORDERS}.")] = MOST_ORDERS,
    ) -> list[Order]:
        """The first document's list."""
        context, paths = info.context, asked_paths(info._raw_info)
        orders = reading.list_orders(context.session, actor=context.actor, first=first, load=order_options(paths))
        load_for_orders(context, orders, paths)
        return cast("list[Order]", orders)

    @root_field(
        Permission.SIGNED_IN,
        "The order with this id, or null: one's own, any for staff with the right READ. Somebody else's is as if it "
        "did not exist.",
    )
    def get_order_by_id(
        self, info: Info, order_id: Annotated[str, argument(description="The order's id.")]
    ) -> Order | None:
        """The first document's look-up; what is no id finds nothing."""
        context, paths, wanted = info.context, asked_paths(info._raw_info), find_id(order_id)
        if wanted is None:
            return None
        found = reading.find_order(context.session, wanted, actor=context.actor, load=order_options(paths))
        if found is None:
            return None
        load_for_orders(context, [found], paths)
        return as_order(found)
