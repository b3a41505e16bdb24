"""Prices of regions in tests: acts of staff, what the table says, and what shoppers there are told."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import Region
from services.accounts.actor import Actor
from services.catalogue.prices import region_prices
from services.catalogue.prices.price_history import HistoryQuery, list_prices
from services.catalogue.stock.stock import LockedProduct, lock_products
from services.pricing.region_facts import ONE, Regions, region_of
from tests.services.pricing import schedule_price, told_of
from tests.support import ADMIN
from utils import clock
from utils.database import Database, run
from wiring import Shop

_COSTS = "SELECT region_code, price, source FROM current_prices WHERE product_id = :product"
# The rule of models/region.py once more, product by product.
_SHOULD_COST = """
SELECT p.id, r.code, r.currency, CASE WHEN own.price IS NOT NULL THEN own.price
    WHEN other.currency = r.currency AND fallen.price IS NOT NULL THEN fallen.price
    WHEN p.currency = r.currency THEN p.price END AS price, p.category_id, p.status
FROM products AS p CROSS JOIN regions AS r
LEFT JOIN region_prices AS own ON own.product_id = p.id AND own.region_code = r.code
LEFT JOIN regions AS other ON other.code = r.fallback_code
LEFT JOIN region_prices AS fallen ON fallen.product_id = p.id AND fallen.region_code = r.fallback_code
WHERE NOT r.is_home
"""
_WRONG = f"""
SELECT count(*) FROM (SELECT * FROM ({_SHOULD_COST}) AS should WHERE price IS NOT NULL) AS should
FULL JOIN current_prices AS c ON c.product_id = should.id AND c.region_code = should.code
WHERE (c.price, c.currency, c.category_id, c.status)
    IS DISTINCT FROM (should.price, should.currency, should.category_id, should.status)
"""


def set_price(shop: Shop, product: UUID, region: str, price: str, *, actor: Actor = ADMIN) -> None:
    """Sets what the product costs in the region."""
    with shop.database.write() as session:
        region_prices.set_region_price(
            session, product, region=region, price=Decimal(price), actor=actor, cache=shop.cache
        )


def remove_price(shop: Shop, product: UUID, region: str, *, actor: Actor = ADMIN) -> None:
    """Takes the region's price away."""
    with shop.database.write() as session:
        region_prices.remove_region_price(session, product, region=region, actor=actor, cache=shop.cache)


def schedule_in(
    shop: Shop,
    product: UUID,
    region: str | None,
    price: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    *,
    after: str | None = None,
) -> list[UUID]:
    """Schedules a price of the region; its arguments stand in the order of `set_price`."""
    return schedule_price(shop, product, price, starts_at, ends_at, after=after, region=region)


def fall_back(shop: Shop, region: str, to: str | None) -> None:
    """Lets a region fall back to another; without a word to the cache."""
    with shop.database.write() as session:
        session.execute(
            text("UPDATE regions SET fallback_code = :to WHERE code = :region"), {"region": region, "to": to}
        )


def costs(shop: Shop, product: UUID) -> dict[str, str]:
    """By region, what the product costs and where that comes from, as the table of prices says."""
    with shop.database.read() as session:
        rows = session.execute(text(_COSTS), {"product": product})
        return {row.region_code: f"{row.price:.2f} {row.source}" for row in rows}


def count_wrong_prices(database: Database) -> int:
    """How many rows of the table of current prices are not what the rule says, or missing, or too many."""
    with database.read() as session:
        wrong: int = session.execute(text(_WRONG)).scalar_one()
        return wrong


def kept_otherwise(database: Database) -> set[tuple[Any, ...]]:
    """The rows of that table that would not be there if its own functions made all of it anew, and those that would."""
    everything = text("SELECT * FROM current_prices")
    with database.engine.connect() as connection:
        kept = {tuple(row) for row in connection.execute(everything)}
        connection.execute(text("DELETE FROM current_prices"))
        connection.execute(text("SELECT keep_current_prices(NULL)"))
        anew = {tuple(row) for row in connection.execute(everything)}
        connection.rollback()
    return kept ^ anew


def told_in(shop: Shop, product: UUID, region: str | None) -> str | None:
    """The price and its currency in what a shopper of the region is told."""
    found = told_of(shop, product, region=region)
    return None if found is None else f"{found.price:.2f} {found.currency}"


def regions_now(session: Session) -> Regions:
    """All regions as the session sees them, past the cache, by name."""
    listed = session.scalars(select(Region.code).order_by(Region.name.collate("C"), Region.code))
    return Regions([region_of(run(session, ONE, {"now": clock.now(), "code": code}).scalar_one()) for code in listed])


def history(shop: Shop, product: UUID, region: str | None) -> list[tuple[str | None, str, datetime, str]]:
    """What was the price there, the earliest first."""
    with shop.database.read() as session:
        rows = list_prices(session, HistoryQuery(product, 100, None, region)).changes
    return [
        (None if row.price is None else f"{row.price:.2f}", row.currency, row.effective_from, row.reason)
        for row in reversed(rows)
    ]


def locked(shop: Shop, product: UUID, region: str | None) -> LockedProduct:
    """The product as an order there locks it."""
    with shop.database.write() as session:
        return lock_products(session, {product: 1}, cache=shop.cache, region=region).products[0]
