"""Mutations of orders."""

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_orders, order_options
from graphql_api.permissions import Permission
from graphql_api.repeating import request_of
from graphql_api.types.orders import Order, as_order
from services.accounts.actor import existing_account
from services.orders.placing import LARGEST_QUANTITY, MOST_LINES, Line, place_order
from services.orders.reading import find_placed_order
from utils.ids import parse_id


@strawberry.input(description="One line of an order to be.")
class OrderItemInput:
    """A product and how many of it."""

    product_id: str = strawberry.field(description="Which product.")
    quantity: int = strawberry.field(description=f"How many pieces, from 1 to {LARGEST_QUANTITY}.")


@strawberry.input(description="An order to be. Prices are not part of it: the server computes them.")
class CreateOrderInput:
    """What to order, and for whom."""

    items: list[OrderItemInput] = strawberry.field(
        description=f"What to order: 1 to {MOST_LINES} lines; lines of one product are added up."
    )
    customer_id: str | None = strawberry.field(
        default=None,
        description="For whom: the caller, who is the default; staff with the right ORDERS may name any customer.",
    )


@strawberry.type
class OrdersMutation:
    """What customers do to orders."""

    @root_field(
        Permission.SIGNED_IN,
        "Places an order: takes the stock and freezes the prices, all or nothing. A repetition with the same "
        "idempotency key (this argument, or the header `Idempotency-Key`) answers with the first one's order. Where "
        "the shop demands it, the caller's e-mail address must be proven (EMAIL_NOT_VERIFIED).",
    )
    def create_order(
        self,
        info: Info,
        input: Annotated[CreateOrderInput, argument(description="The order.")],
        idempotency_key: Annotated[
            str | None, argument(description="Your name for this request, so that a double click orders once.")
        ] = None,
    ) -> Order | None:
        """Answers with a fresh read."""
        context = info.context
        lines = [Line(parse_id(item.product_id, "productId"), item.quantity) for item in input.items]
        customer_id = context.actor.id if input.customer_id is None else parse_id(input.customer_id, "customerId")
        arguments = {
            "customerId": str(customer_id),
            "items": [[str(line.product_id), line.quantity] for line in lines],
        }
        with existing_account(), context.database.write() as session:
            order_id = place_order(
                session,
                lines,
                actor=context.actor,
                customer_id=customer_id,
                cache=context.cache,
                request=request_of(info, key=idempotency_key, arguments=arguments),
                verified_only=context.shop.settings.verification_required,
            )
        return _read_again(info, order_id)


def _read_again(info: Info, order_id: UUID) -> Order | None:
    context, paths = info.context, asked_paths(info._raw_info)
    found = find_placed_order(context.fresh_session(), order_id, load=order_options(paths))
    if found is None:
        return None
    load_for_orders(context, [found], paths)
    return as_order(found)
