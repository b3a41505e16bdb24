"""Queries of prices over time, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_products_of
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.prices import PriceChangeConnection, ScheduledPriceConnection
from services.catalogue.prices.price_history import HistoryQuery, list_prices
from services.catalogue.prices.scheduled_prices import ScheduledQuery, list_scheduled
from services.catalogue.products.held import get_product_of_staff
from utils.ids import parse_id


@strawberry.type
class PricesQuery:
    """What staff ask about prices."""

    @root_field(
        Permission.PRODUCTS,
        "What a product cost since when, the latest first; staff ask about their own departments, admins about all.",
    )
    def price_history(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        first: First = 20,
        after: After = None,
    ) -> PriceChangeConnection | None:
        """Relay's list; a price whose moment has come is in it."""
        context = info.context
        query = HistoryQuery(parse_id(product_id, "productId"), first, after)
        session = context.catalogue.session
        get_product_of_staff(session, query.product_id, actor=context.actor)
        return PriceChangeConnection(page=list_prices(session, query), query=query)

    @root_field(
        Permission.PRODUCTS,
        "The prices that are to begin, the soonest first; staff see those of their own departments, admins all.",
    )
    def scheduled_prices(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        product_id: Annotated[str | None, argument(description="Only those of this product.")] = None,
    ) -> ScheduledPriceConnection | None:
        """Relay's list."""
        context = info.context
        query = ScheduledQuery(first, after, None if product_id is None else parse_id(product_id, "productId"))
        if query.product_id is not None:
            get_product_of_staff(context.session, query.product_id, actor=context.actor)
        page = list_scheduled(context.session, query, actor=context.actor)
        load_products_of(context, page.prices, asked_paths(info._raw_info), ("edges.node.", "nodes."))
        return ScheduledPriceConnection(page=page, query=query)
