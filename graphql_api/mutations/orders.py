"""Mutations of orders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.charges import charge_order
from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.guesses import counted_guesses
from graphql_api.loading import asked_paths, load_for_orders, order_options
from graphql_api.permissions import Permission
from graphql_api.repeating import request_of
from graphql_api.types.orders import Order, OrderItemInput, as_order
from services.accounts.actor import existing_account
from services.orders.placing import MOST_LINES, Line, place_order
from services.orders.pricing_placed import Terms
from services.orders.reading import find_placed_order
from services.pricing.discounts.codes import MOST_CODES, well_formed
from utils.ids import parse_id


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
    discount_codes: list[str] | None = strawberry.field(
        default=None,
        description=f"Codes for discounts, at most {MOST_CODES}; capitals and small letters are one. One that does not "
        "count refuses the order (DISCOUNT_*), unless others merely take off more. An unknown one counts like twenty "
        "requests against the caller's limit.",
    )
    region: str | None = strawberry.field(
        default=None,
        description="The code of the region to buy in; by default that of the header X-Region, else the customer's, "
        "else the home region.",
    )


@strawberry.type
class OrdersMutation:
    """What customers do to orders."""

    @root_field(
        Permission.SIGNED_IN,
        "Places an order: takes the stock and the uses of discounts, and freezes the prices, all or nothing. A "
        "repetition with the same idempotency key (this argument, or the header `Idempotency-Key`) answers with the "
        "first one's order. Where the shop demands it, the caller's e-mail address must be proven "
        "(EMAIL_NOT_VERIFIED). It counts against the caller's limit like one request for each ten lines begun, "
        "repeated or not.",
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
        terms = _terms(context, input, customer_id)
        charge_order(context, len({line.product_id for line in lines[:MOST_LINES]}))
        with (
            # Of several unknown codes a refused order names the first.
            counted_guesses(context, terms.codes, told=1) as guesses,
            existing_account(),
            context.database.write() as session,
        ):
            order_id = place_order(
                session,
                lines,
                actor=context.actor,
                customer_id=customer_id,
                cache=context.cache,
                request=request_of(info, key=idempotency_key, arguments=_said(context, input, lines, customer_id)),
                verified_only=context.shop.settings.verification_required,
                terms=replace(terms, looked_up=guesses.looked_up),
            )
        return _read_again(info, order_id)


def _terms(context: Context, order: CreateOrderInput, customer_id: UUID) -> Terms:
    """Where nobody says a region, the caller's own orders are in the one whose prices the caller is shown."""
    time_zone, codes = context.shop.settings.time_zone, order.discount_codes or []
    if customer_id != context.actor.id and context.said_region(order.region) is None:
        return Terms(time_zone, codes=codes, in_customers_region=True)
    region = context.use_region(order.region)
    return Terms(time_zone, None if region is None else region.code, codes)


def _said(context: Context, order: CreateOrderInput, lines: Sequence[Line], customer_id: UUID) -> dict[str, Any]:
    """What a repetition must say again: the arguments, and the region of the header, since prices are by it.

    Not what follows from a token or an account: those may be others when the repetition comes.
    """
    said: dict[str, Any] = {
        "customerId": str(customer_id),
        "items": [[str(line.product_id), line.quantity] for line in lines],
    }
    # Left out where nothing is said: a repetition may come to a newer release than the first.
    if order.discount_codes:
        said["discountCodes"] = well_formed(order.discount_codes)
    region = context.said_region(order.region)
    if region is not None:
        said["region"] = region
    return said


def _read_again(info: Info, order_id: UUID) -> Order | None:
    context, paths = info.context, asked_paths(info._raw_info)
    found = find_placed_order(context.fresh_session(), order_id, load=order_options(paths))
    if found is None:
        return None
    load_for_orders(context, [found], paths)
    return as_order(found)
