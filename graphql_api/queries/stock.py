"""Queries of stock, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_products_of
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.stock import StockAlertConnection, StockMovementConnection
from models.stock_alert import StockAlertKind
from services.catalogue.products.held import get_product_of_staff
from services.catalogue.stock.movements import MovementQuery, list_movements
from services.catalogue.stock.stock_alerts import AlertQuery, list_alerts
from utils.ids import parse_id


@strawberry.type
class StockQuery:
    """What staff ask about stock."""

    @root_field(
        Permission.PRODUCTS,
        "Every change of a product's stock, the newest first; staff ask about their own departments, admins about all.",
    )
    def stock_movements(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        first: First = 20,
        after: After = None,
    ) -> StockMovementConnection | None:
        """Relay's list."""
        context = info.context
        query = MovementQuery(parse_id(product_id, "productId"), first, after)
        get_product_of_staff(context.session, query.product_id, actor=context.actor)
        return StockMovementConnection(page=list_movements(context.session, query), query=query)

    @root_field(
        Permission.PRODUCTS,
        "Products that ran low, ran out or came back, the newest alert first; staff see those of their own "
        "departments, admins all.",
    )
    def stock_alerts(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        kind: Annotated[StockAlertKind | None, argument(description="Only alerts of this kind.")] = None,
    ) -> StockAlertConnection | None:
        """Relay's list."""
        context = info.context
        query = AlertQuery(first, after, kind)
        page = list_alerts(context.session, query, actor=context.actor)
        load_products_of(context, page.alerts, asked_paths(info._raw_info), ("edges.node.", "nodes."))
        return StockAlertConnection(page=page, query=query)
