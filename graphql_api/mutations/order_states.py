"""Mutations of what becomes of orders, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import describe_enum, root_field
from graphql_api.loading import asked_paths, load_for_orders, order_options
from graphql_api.permissions import Permission
from graphql_api.types.orders import Order, as_order
from models.order import OrderStatus
from services.accounts.actor import existing_account
from services.orders.moving import record_order_status
from services.orders.reading import find_placed_order
from utils.ids import parse_id

describe_enum(
    OrderStatus,
    description="Where an order stands; `Order.status` says it in lower case.",
    each={
        OrderStatus.PENDING: "It was placed, and is not paid. Nothing becomes pending again.",
        OrderStatus.PAID: "It is paid; from pending. It counts for the customer's tier.",
        OrderStatus.CANCELLED: "It is called off, and its pieces are back in the stock; from pending or paid.",
        OrderStatus.REFUNDED: "All of the money went back; the goods did not come back by that. From paid.",
    },
)


@strawberry.type
class OrderStatesMutation:
    """What staff do to orders that were placed."""

    @root_field(
        Permission.ORDER_STATUS,
        "Records what became of an order; no money moves by it. REFUNDED takes the right REFUNDS, the others ORDERS. "
        "A cancelled order gives its stock and the uses of its discounts back. The status it has already changes "
        "nothing, so that it may be repeated; one it cannot come to is refused (CONFLICT).",
    )
    def record_order_status(
        self,
        info: Info,
        order_id: Annotated[str, argument(description="Which order.")],
        status: Annotated[OrderStatus, argument(description="What became of it.")],
    ) -> Order | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(order_id, "orderId")
        with existing_account(), context.database.write() as session:
            record_order_status(session, wanted, status, actor=context.actor, cache=context.cache)
        paths = asked_paths(info._raw_info)
        found = find_placed_order(context.fresh_session(), wanted, load=order_options(paths))
        if found is None:
            return None
        load_for_orders(context, [found], paths)
        return as_order(found)
