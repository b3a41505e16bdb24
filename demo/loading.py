"""Loads the demo data into a shop: what is missing is added, what is there is left alone."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import click
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.arrivals import Taken, make_room, take_in
from demo.cast import PASSWORD
from demo.germany import add_missing_prices
from demo.goods import GOODS, Good
from demo.many import many_goods
from demo.offers import add_missing_offers
from demo.past_orders import add_missing_orders
from demo.people import add_missing_people, refuse_in_production
from demo.windows import add_missing_windows
from services.catalogue import changes
from services.pricing.tags import DISCOUNTS, customer_tag
from utils import clock
from wiring import Shop

# Large enough that a round trip costs nothing, small enough that memory does not grow with the number of goods.
_CHUNK = 5_000
# The hand-made goods came over the last weeks, a few hours apart; the many came before them.
_BETWEEN_GOODS = timedelta(hours=3)
_BETWEEN_MANY = timedelta(seconds=20)
_NO_TIME_LIMIT = text("SET LOCAL statement_timeout = 0")
_ANALYZE = text("ANALYZE products, stock_movements")


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many of each were added; what was there before is not counted."""

    people: int
    goods: int
    many: int


def load(shop: Shop, products: int | None = None) -> Loaded:
    """Adds the cast and the goods and, with `products`, the first so many of an endless row of goods made up by rule.

    One transaction: all of it or nothing. A second run adds nothing, and changes nothing that a person changed; a
    product that was destroyed comes back, one that was withdrawn does not. Shows a progress bar on stderr for
    `products`. Raises DemoRefused in production, and NOT_FOUND where departments and categories were not seeded.
    """
    refuse_in_production(shop.settings)
    password_hash = shop.passwords.hash(PASSWORD)  # slow on purpose, so before the transaction
    currency, moment = shop.settings.currency, clock.now()
    taken, taken_of_many = Taken(), Taken()
    with shop.database.write() as session:
        people = add_missing_people(session, password_hash=password_hash)
        session.execute(_NO_TIME_LIMIT)
        make_room(session)
        take_in(session, _goods_with_times(moment), currency=currency, taken=taken)
        if products:
            _take_in_many(session, products, currency, moment - len(GOODS) * _BETWEEN_GOODS, taken_of_many)
        windows = add_missing_windows(session)
        customer = add_missing_orders(session, currency=currency)
        tags = [
            *windows.tags,
            *([DISCOUNTS] if add_missing_offers(session) else []),
            *([customer_tag(customer)] if customer is not None else []),
        ]
        if categories := taken.categories | taken_of_many.categories:
            session.execute(_ANALYZE)
        if add_missing_prices(session):
            changes.announce_everything(session, shop.cache)
        if categories or tags:
            # A new product is in no cached answer yet; the lists it enters are.
            changes.announce(session, shop.cache, products=windows.products, categories=categories, also=tags)
    return Loaded(people=people, goods=taken.count, many=taken_of_many.count)


def _goods_with_times(moment: datetime) -> Iterator[tuple[Good, datetime]]:
    """The hand-made goods in an order that mixes the shelves, so that "newest first" shows more than apples."""
    mixed = sorted(GOODS, key=lambda good: good.product_id)
    return ((good, moment - number * _BETWEEN_GOODS) for number, good in enumerate(mixed))


def _take_in_many(session: Session, count: int, currency: str, moment: datetime, taken: Taken) -> None:
    goods = ((good, moment - number * _BETWEEN_MANY) for number, good in enumerate(many_goods(count)))
    with click.progressbar(length=count, label="Loading products", file=sys.stderr) as bar:
        while chunk := list(islice(goods, _CHUNK)):
            take_in(session, chunk, currency=currency, taken=taken)
            bar.update(len(chunk))
