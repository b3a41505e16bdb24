"""The prior price of a reduction in a region, against a model that remembers what the product cost there each day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
import time_machine

from services.catalogue.prices.prior_price import PricePoint, list_prior_prices, prior_price
from services.catalogue.prices.settling import settle_locked
from services.catalogue.reader import reading
from services.catalogue.reading import find_product
from tests.services.acting import change
from tests.services.regional import fall_back, remove_price, schedule_in, set_price
from wiring import Shop

Make = Callable[..., UUID]
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
REGIONS = ("DE", "IE", "FR")


def shown(shop: Shop, product: UUID, region: str | None) -> Decimal | None:
    with shop.database.read() as session:
        found = find_product(reading(session, shop.cache), product, region=region)
    return None if found is None else found.price


def prior(shop: Shop, product: UUID, region: str | None) -> Decimal | None:
    price = shown(shop, product, region)
    assert price is not None
    with shop.database.read() as session:
        return list_prior_prices(session, {product: price}, region=region)[product]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_was_set_it_is_the_lowest_there_of_thirty_days(shop: Shop, product: Make, seed: int) -> None:
    # given regions of one currency with the product, one of which falls back to another
    chance = Random(seed)
    fall_back(shop, "IE", "DE")
    own: dict[str, bool] = dict.fromkeys(REGIONS, False)
    removed: set[str] = set()
    with time_machine.travel(START, tick=False) as clock:
        tea = product(price="5", currency="EUR")
        costs: dict[str | None, list[PricePoint]] = {each: [] for each in (None, *REGIONS)}
        for day in range(60):
            clock.move_to(START + day * DAY)
            region, price = chance.choice(REGIONS), str(chance.randrange(1, 9))
            act = chance.choice(["own", "set", "set", "remove", "nothing", "nothing"])
            # What counted between two prices of its own a region's history does not tell: here each has one such time.
            if act == "set" and (own[region] or region not in removed):
                set_price(shop, tea, region, price)
                own[region] = True
            elif act == "remove" and own[region]:
                remove_price(shop, tea, region)
                own[region] = False
                removed.add(region)
            elif act == "own":
                change(shop, "dana", tea, price=Decimal(price))
            for each, history in costs.items():
                now = shown(shop, tea, each)
                assert now is not None
                history.append(PricePoint(now, "EUR", START + day * DAY))
                assert prior(shop, tea, each) == prior_price(history), (each, day)


def test_a_reduction_by_the_clock_counts_from_its_moment(shop: Shop, product: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        tea = product(price="20")
        set_price(shop, tea, "DE", "10")
        schedule_in(shop, tea, "DE", "8", START + 40 * DAY)
        clock.move_to(START + 41 * DAY)
        told = shown(shop, tea, "DE")
        with shop.database.write() as session:
            settle_locked(session, shop.cache, [tea], moment=START + 41 * DAY)
        assert [told, shown(shop, tea, "DE")] == [10, 8]
        assert prior(shop, tea, "DE") == 10
        assert prior(shop, tea, None) is None


def test_a_time_without_a_price_is_no_price(shop: Shop, product: Make) -> None:
    with time_machine.travel(START, tick=False) as clock:
        tea = product(price="20")
        for day, price in enumerate(("10", None, "12", "11")):
            clock.move_to(START + day * DAY)
            if price is None:
                remove_price(shop, tea, "DE")
            else:
                set_price(shop, tea, "DE", price)
        # then it is the lowest there of thirty days before the last one
        assert prior(shop, tea, "DE") == 10


def test_many_are_one_statement_and_those_not_sold_there_have_none(
    shop: Shop, product: Make, counted_sql: Callable[[], Any]
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        goods = [product(price="20") for _ in range(5)]
        for each in goods[:4]:
            set_price(shop, each, "DE", "10")
        clock.move_to(START + DAY)
        for each in goods[:3]:
            set_price(shop, each, "DE", "8")
    with shop.database.read() as session, counted_sql() as statements:
        prices = dict(zip(goods, map(Decimal, (8, 8, 7, 10, 20)), strict=True))
        found = list_prior_prices(session, prices, region="DE")
    assert len(statements) == 1
    # one is shown at a price that is past, one was not reduced, one is not sold there
    assert list(found.values()) == [10, 10, None, None, None]
