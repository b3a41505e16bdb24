"""Mutations of prices by region and over time, for staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_products_of
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.scalars import Money
from graphql_api.types.prices import RegionPrice, ScheduledPrice, as_region_prices, as_scheduled
from models import ScheduledPrice as ScheduledRow
from services.accounts.actor import existing_account
from services.catalogue.prices import region_prices, schedule
from services.catalogue.prices.collisions import MOST_PENDING
from services.catalogue.prices.schedule import MOST_YEARS
from services.catalogue.prices.scheduled_prices import list_scheduled_by_id, list_scheduled_together
from utils.ids import parse_id


@strawberry.type
class PricesMutation:
    """What staff decide about prices of regions, and about prices to come."""

    @root_field(
        Permission.PRODUCTS,
        "Lets a product cost another price in one region from now on; regions that fall back to this one follow, "
        "unless they have their own. Answers with what the product costs in each region. The home region has the "
        "product's own price, which `updateProduct` sets. Staff do so in their own departments, admins in all.",
    )
    def set_region_price(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        region: Annotated[str, argument(description="The region's code.")],
        price: Annotated[Money, argument(description="The price of one piece, in the region's currency.")],
    ) -> list[RegionPrice] | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(product_id, "productId")
        with existing_account(), context.database.write() as session:
            region_prices.set_region_price(
                session, wanted, region=region, price=price, actor=context.actor, cache=context.cache
            )
        return _in_regions(info, wanted)

    @root_field(
        Permission.PRODUCTS,
        "Takes a product's price for one region away: it costs there what the region falls back to, or is not sold "
        "there any more. Prices to come stay. Answers with what the product costs in each region. Staff do so in their "
        "own departments, admins in all.",
    )
    def remove_region_price(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        region: Annotated[str, argument(description="The region's code.")],
    ) -> list[RegionPrice] | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(product_id, "productId")
        with existing_account(), context.database.write() as session:
            region_prices.remove_region_price(session, wanted, region=region, actor=context.actor, cache=context.cache)
        return _in_regions(info, wanted)

    @root_field(
        Permission.PRODUCTS,
        "Lets a product cost another price from a moment on, by the clock alone; answers with what was scheduled, one "
        f"price or two. A product has at most {MOST_PENDING} prices to come, each at a moment of its own, and as many "
        f"more in each region. {ONCE} Staff do so in their own departments, admins in all.",
    )
    def schedule_price(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        price: Annotated[
            Money, argument(description="The price of one piece, in the currency of the region, else of the product.")
        ],
        starts_at: Annotated[
            datetime | None,
            argument(
                name="from",
                description=f"When it begins: now if left out, never earlier, at most {MOST_YEARS} years ahead, and "
                "never between `from` and `until` of another price.",
            ),
        ] = None,
        until: Annotated[
            datetime | None,
            argument(description="When `priceAfter` begins. No other price of the product may begin in between."),
        ] = None,
        price_after: Annotated[
            Money | None,
            argument(
                description="The price from `until` on. Left out: what the product costs now, as a price of its own; "
                "it does not follow later changes. Needed where it is not sold now."
            ),
        ] = None,
        region: Annotated[
            str | None,
            argument(
                description="The code of the region that is to have the price; not the home region's. Left out: the "
                "product's own price."
            ),
        ] = None,
    ) -> list[ScheduledPrice] | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(product_id, "productId")
        given: dict[str, Any] = {"price": price, "starts_at": starts_at, "ends_at": until, "price_after": price_after}
        acting: dict[str, Any] = {"actor": context.actor, "cache": context.cache}
        if region is not None:
            given["region"] = region
        with existing_account(), context.database.write() as session:
            scheduled = made_once(
                info,
                session,
                {"productId": str(wanted), **given},
                lambda: schedule.schedule_price(session, wanted, **given, **acting)[0],
                of=ScheduledRow,
                announce_again=lambda known: schedule.announce_again(session, known, cache=context.cache),
            )
        return _shown(info, list_scheduled_together(context.fresh_session(), scheduled))

    @root_field(
        Permission.PRODUCTS,
        "Calls off a price that has not begun. One that was scheduled for the end of it stays: it is called off by its "
        "own id. Staff do so in their own departments, admins in all.",
    )
    def cancel_scheduled_price(
        self, info: Info, scheduled_price_id: Annotated[str, argument(description="Which scheduled price.")]
    ) -> ScheduledPrice | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(scheduled_price_id, "scheduledPriceId")
        with existing_account(), context.database.write() as session:
            schedule.cancel_scheduled_price(session, wanted, actor=context.actor, cache=context.cache)
        found = _shown(info, list_scheduled_by_id(context.fresh_session(), wanted))
        return found[0] if found else None


def _in_regions(info: Info, product_id: UUID) -> list[RegionPrice]:
    context = info.context
    found = region_prices.list_region_prices(context.fresh_session(), product_id)
    load_products_of(context, found, asked_paths(info._raw_info), ("",))
    return as_region_prices(found)


def _shown(info: Info, rows: Sequence[ScheduledRow]) -> list[ScheduledPrice]:
    load_products_of(info.context, rows, asked_paths(info._raw_info), ("",))
    return as_scheduled(rows)
