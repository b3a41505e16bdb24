"""Prices of regions set while regions change, and while others buy: no price is lost, none is told or paid wrongly."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from decimal import Decimal
from functools import partial
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from services.catalogue.prices.region_prices import set_region_price
from services.catalogue.stock.stock import lock_products
from services.pricing.regions import RegionChange, update_region
from tests.faults.rivals import beside, interrupted, together, until_blocked
from tests.services.acting import change, place, remove
from tests.services.evidence import nothing_changed
from tests.services.regional import costs, count_wrong_prices, kept_otherwise, remove_price, set_price, told_in
from tests.support import ADMIN, make_products
from utils.database import Database
from utils.errors import NotForSale, Unavailable
from wiring import Shop

REGIONS = ("DE", "FR", "IE", "ES")


@pytest.fixture
def shop(committing_shop: Shop) -> Iterator[Shop]:
    """The shop with real commits; its regions are as before afterwards."""
    yield committing_shop
    with committing_shop.database.write() as session:
        session.execute(text("UPDATE regions SET fallback_code = NULL, version = 1"))


def fall_back(shop: Shop, region: str, to: str | None) -> None:
    """As an admin does it."""
    with shop.database.write() as session:
        update_region(session, region, RegionChange(fallback_code=to), actor=ADMIN, cache=shop.cache)


def test_a_price_is_set_while_a_region_begins_to_fall_back_to_it(shop: Shop) -> None:
    # given a writer of a price that has not committed
    [tea] = make_products(shop, 1)
    with beside() as start:
        with shop.database.write() as session:
            set_region_price(session, tea, region="DE", price=Decimal(9), actor=ADMIN, cache=shop.cache)
            changing = start(partial(fall_back, shop, "IE", "DE"))
            until_blocked(shop.database)
        changing.result()
    assert costs(shop, tea) == {"DE": "9.00 region", "IE": "9.00 fallback"}
    assert [told_in(shop, tea, each) for each in ("DE", "IE", None)] == ["9.00 EUR", "9.00 EUR", "10.00 USD"]


def test_a_region_begins_to_fall_back_while_a_price_is_set(shop: Shop) -> None:
    # given the other way round: the change of the region has not committed
    [tea] = make_products(shop, 1)
    with beside() as start:
        with shop.database.write() as session:
            update_region(session, "IE", RegionChange(fallback_code="DE"), actor=ADMIN, cache=shop.cache)
            setting = start(partial(set_price, shop, tea, "DE", "9"))
            until_blocked(shop.database)
        setting.result()
    assert costs(shop, tea) == {"DE": "9.00 region", "IE": "9.00 fallback"}
    assert told_in(shop, tea, "IE") == "9.00 EUR"


def test_whoever_waits_too_long_for_a_change_of_a_region_is_told_to_come_again(shop: Shop) -> None:
    [tea] = make_products(shop, 1)
    hasty = replace(shop, database=Database(str(shop.settings.database_url), lock_timeout_ms=50))
    with shop.database.write() as session:
        update_region(session, "IE", RegionChange(fallback_code="DE"), actor=ADMIN, cache=shop.cache)
        for act in (changed, lambda shop, tea: set_price(shop, tea, "DE", "9")):
            with nothing_changed(shop.database), pytest.raises(Unavailable):
                act(hasty, tea)
    hasty.database.dispose()
    # afterwards they may
    set_price(shop, tea, "DE", "9")
    assert costs(shop, tea) == {"DE": "9.00 region", "IE": "9.00 fallback"}


def changed(shop: Shop, tea: UUID) -> None:
    change(shop, "dana", tea, price=Decimal(8), slug="other-tea")


@pytest.mark.parametrize("act", [changed, lambda shop, tea: remove(shop, "dana", tea)], ids=["changed", "removed"])
def test_a_region_changes_while_who_has_the_product_waits_for_that(
    shop: Shop, act: Callable[[Shop, UUID], None]
) -> None:
    # given a product that is sold in one region, and another that begins to fall back to it
    [tea] = make_products(shop, 1)
    set_price(shop, tea, "DE", "9")
    waiting: list[Future[None]] = []
    with beside() as start:

        def begin() -> None:
            # when its row is held in the strongest way, as a new slug and a removal need it
            waiting.append(start(partial(act, shop, tea)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="pg_advisory_xact_lock(hashtext('regions", by=begin):
            fall_back(shop, "IE", "DE")
        # then neither waits for the other in a ring
        waiting[0].result()
    assert costs(shop, tea) == ({"DE": "9.00 region", "IE": "9.00 fallback"} if act is changed else {})
    assert kept_otherwise(shop.database) == set()


def test_whatever_happens_together_the_table_says_what_the_rule_says(shop: Shop) -> None:
    # given goods of two currencies
    chance = Random(5)
    goods = [*make_products(shop, 3, currency="EUR"), *make_products(shop, 3)]
    for each in goods:
        for region in REGIONS:
            set_price(shop, each, region, str(chance.randrange(1, 9)))

    def any_act(doomed: Sequence[UUID]) -> Callable[[], object]:
        tea, region, price = chance.choice([*goods, *doomed]), chance.choice(REGIONS), str(chance.randrange(1, 9))
        other = chance.choice([None, *(each for each in REGIONS if each != region)])
        acts: list[Callable[[], object]] = [
            partial(set_price, shop, tea, region, price),
            partial(set_price, shop, tea, region, price),
            partial(remove_price, shop, tea, region),
            partial(change, shop, "dana", tea, price=Decimal(price)),
            partial(change, shop, "dana", tea, price=Decimal(price), slug=f"tea-{chance.randrange(10**9)}"),
            partial(remove, shop, "dana", chance.choice(doomed)),
            partial(place, shop, "alice", (tea, 1), region=region),
            partial(change, shop, "dana", tea, status=chance.choice(["published", "withdrawn"])),
            partial(fall_back, shop, region, other),
        ]
        return chance.choice(acts)

    for _ in range(20):
        doomed = [*make_products(shop, 1, currency="EUR"), *make_products(shop, 1)]
        # Nobody waits for another in a ring.
        results = together([any_act(doomed) for _ in range(8)])
        assert {type(each).__name__ for each in results} <= {"NoneType", "UUID", "NotFound", "NotForSale"}, results
        assert count_wrong_prices(shop.database) == 0
    assert kept_otherwise(shop.database) == set()
    for each in goods:
        with shop.database.read() as session:
            published = session.execute(
                text("SELECT status = 'published' FROM products WHERE id = :id"), {"id": each}
            ).scalar_one()
        for region in REGIONS:
            should = costs(shop, each).get(region)
            told = told_in(shop, each, region)
            assert told == (f"{should.split()[0]} EUR" if should and published else None)


def locking(shop: Shop, product: UUID, region: str) -> tuple[Decimal, str, bool]:
    with shop.database.write() as session:
        [found] = lock_products(session, {product: 1}, cache=shop.cache, region=region).products
        return found.price, found.price_source, found.price_since is not None


@pytest.mark.parametrize("act", ["set", "remove", "set where it was not sold"])
def test_whoever_waited_for_a_product_pays_its_price_of_afterwards(shop: Shop, act: str) -> None:
    # given
    [tea] = make_products(shop, 1)
    if act != "set where it was not sold":
        set_price(shop, tea, "DE", "9")
    waiting: list[Future[tuple[Decimal, str, bool]]] = []

    with beside() as start:

        def buy() -> None:
            waiting.append(start(partial(locking, shop, tea, "DE")))
            until_blocked(shop.database)

        # when a buyer comes while the price changes
        with interrupted(shop.database.engine, after="FOR NO KEY UPDATE", by=buy):
            remove_price(shop, tea, "DE") if act == "remove" else set_price(shop, tea, "DE", "7")
        # then
        if act == "remove":
            with pytest.raises(NotForSale):
                waiting[0].result()
        else:
            assert waiting[0].result() == (Decimal(7), "region", True)
