"""Queries of prices over time, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_products_of
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.prices import PriceChangeConnection, RegionPrice, ScheduledPriceConnection, as_region_prices
from services.catalogue.prices.price_history import HistoryQuery, list_prices
from services.catalogue.prices.region_prices import list_region_prices
from services.catalogue.prices.regions import get_region
from services.catalogue.prices.scheduled_prices import ScheduledQuery, list_scheduled
from services.catalogue.products.held import get_product_of_staff
from utils.ids import parse_id
from utils.left_out import LEFT_OUT, LeftOut


@strawberry.type
class PricesQuery:
    """What staff ask about prices."""

    @root_field(
        Permission.PRODUCTS,
        "What a product cost since when, the latest first: by its own price, or by those set for a region. Staff ask "
        "about their own departments, admins about all.",
    )
    def price_history(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        first: First = 20,
        after: After = None,
        region: Annotated[
            str | None,
            argument(
                description="By the prices set for the region with this code, with their removals; left out, or at "
                "home, by its own."
            ),
        ] = None,
    ) -> PriceChangeConnection | None:
        """Relay's list; a price whose moment has come is in it."""
        context = info.context
        session = context.catalogue.session
        place = None if region is None else _foreign(info, region)
        query = HistoryQuery(parse_id(product_id, "productId"), first, after, place)
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
        region: Annotated[
            str | None,
            argument(
                description="Only those for the region with this code; for the home region, those of products' own "
                "prices. Left out: all of them."
            ),
        ] = None,
    ) -> ScheduledPriceConnection | None:
        """Relay's list."""
        context = info.context
        place: str | LeftOut | None = LEFT_OUT if region is None else _foreign(info, region)
        query = ScheduledQuery(first, after, None if product_id is None else parse_id(product_id, "productId"), place)
        if query.product_id is not None:
            get_product_of_staff(context.session, query.product_id, actor=context.actor)
        page = list_scheduled(context.session, query, actor=context.actor)
        load_products_of(context, page.prices, asked_paths(info._raw_info), ("edges.node.", "nodes."))
        return ScheduledPriceConnection(page=page, query=query)

    @root_field(
        Permission.PRODUCTS,
        "What a product costs at present in each region but the home region, by the region's code; where it is not "
        "sold, it is left out. Staff ask about their own departments, admins about all.",
    )
    def product_region_prices(
        self, info: Info, product_id: Annotated[str, argument(description="Which product.")]
    ) -> list[RegionPrice] | None:
        """Of a shop's regions."""
        context, wanted = info.context, parse_id(product_id, "productId")
        session = context.catalogue.session
        get_product_of_staff(session, wanted, actor=context.actor)
        found = list_region_prices(session, wanted)
        load_products_of(context, found, asked_paths(info._raw_info), ("",))
        return as_region_prices(found)


def _foreign(info: Info, region: str) -> str | None:
    """The code of a region by which prices are kept; None for the home region, whose prices are the products' own."""
    found = get_region(info.context.session, region)
    return None if found.is_home else found.code
