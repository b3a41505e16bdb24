"""Queries of quotes."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.charges import charge_quote
from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.guesses import counted_guesses
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.permissions import Permission
from graphql_api.types.quotes import Quote, QuoteInput, as_quote
from models.user import Right
from services.orders.placing import Line, merged
from services.orders.pricing_placed import Terms
from services.orders.quoting import quote
from utils.ids import parse_id


@strawberry.type
class QuotesQuery:
    """What shoppers ask before they order."""

    @root_field(
        Permission.ANYONE,
        "What these goods would cost the caller, with these codes, in this region, now; and what an order of them "
        "would be refused for. It changes and reserves nothing. It counts against the caller's limit like one request "
        "for each ten lines begun.",
    )
    def quote(
        self, info: Info, input: Annotated[QuoteInput, argument(description="Which goods, by which codes, where.")]
    ) -> Quote | None:
        """For guests and customers; never kept for anybody else."""
        context, paths = info.context, asked_paths(info._raw_info)
        wanted = merged([Line(parse_id(item.product_id, "productId"), item.quantity) for item in input.items])
        caller = context.caller
        region = context.use_region(input.region)
        codes = input.discount_codes or ()
        charge_quote(context, len(wanted))
        with counted_guesses(context, codes) as guesses:
            found = quote(
                context.catalogue,
                wanted,
                Terms(
                    context.shop.settings.time_zone,
                    None if region is None else region.code,
                    codes,
                    looked_up=guesses.looked_up,
                ),
                region=region or context.regions.home,
                customer_id=None if caller is None else caller.id,
                in_full=caller is not None and caller.may(Right.READ),
            )
        load_for_products(context, [line.product for line in found.lines], paths, "items.product.")
        return as_quote(found)
