"""Prices over time in tests: acts of staff, what the tables say of them, and what shoppers are told."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from models import PriceChange, Product, ScheduledPrice
from services.accounts.actor import Actor
from services.catalogue.prices import schedule
from services.catalogue.prices.settling import settle_all
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import find_product
from services.catalogue.stock.adjusting import StockReason, adjust_stock
from services.idempotency import Request
from tests.support import ADMIN
from utils.database import Database
from wiring import Shop


def schedule_price(
    shop: Shop,
    product: UUID,
    price: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    *,
    after: str | None = None,
    region: str | None = None,
    actor: Actor = ADMIN,
) -> list[UUID]:
    """Schedules a price in a transaction of its own; the ids of what was scheduled."""
    with shop.database.write() as session:
        return schedule.schedule_price(
            session,
            product,
            price=Decimal(price),
            starts_at=starts_at,
            ends_at=ends_at,
            price_after=None if after is None else Decimal(after),
            region=region,
            actor=actor,
            cache=shop.cache,
        )


def cancel(shop: Shop, scheduled: UUID, *, actor: Actor = ADMIN) -> None:
    """Calls off a scheduled price."""
    with shop.database.write() as session:
        schedule.cancel_scheduled_price(session, scheduled, actor=actor, cache=shop.cache)


def adjust(
    shop: Shop,
    product: UUID,
    quantity: int,
    reason: StockReason = StockReason.COUNTED,
    *,
    actor: Actor = ADMIN,
    note: str | None = None,
    version: int | None = None,
    request: Request | None = None,
) -> None:
    """Adjusts the stock of a product."""
    with shop.database.write() as session:
        adjust_stock(
            session,
            product,
            quantity,
            reason=reason,
            note=note,
            version=version,
            actor=actor,
            cache=shop.cache,
            request=request,
        )


def set_low_mark(shop: Shop, product: UUID, low_stock_at: int) -> None:
    """At so few pieces the product's stock is low."""
    with shop.database.write() as session:
        session.get_one(Product, product).low_stock_at = low_stock_at


def told_of(shop: Shop, product: UUID, *, region: str | None = None) -> ProductFacts | None:
    """What a shopper who asks now is told, as a request reads it: by the cache, settling what is due."""
    with shop.database.read() as session:
        reader = Reader(lambda: session, shop.cache, settle=lambda: settle_all(shop.database, shop.cache))
        return find_product(reader, product, region=region)


def told_price(shop: Shop, product: UUID) -> str | None:
    """The price in what such a shopper is told."""
    found = told_of(shop, product)
    return None if found is None else f"{found.price:.2f}"


def history_of(database: Database, product: UUID) -> list[tuple[str, datetime, str, UUID | None]]:
    """What the product cost, the earliest first: price, since when, why, who decided it."""
    with database.read() as session:
        chosen = select(PriceChange).where(PriceChange.product_id == product)
        rows = session.scalars(chosen.order_by(PriceChange.effective_from, PriceChange.id))
        return [(f"{row.price:.2f}", row.effective_from, row.reason, row.actor_id) for row in rows]


def scheduled_of(database: Database, product: UUID) -> list[Any]:
    """The scheduled prices of the product, the earliest first."""
    with database.read() as session:
        chosen = select(ScheduledPrice).where(ScheduledPrice.product_id == product)
        return list(session.scalars(chosen.order_by(ScheduledPrice.starts_at, ScheduledPrice.id)))
