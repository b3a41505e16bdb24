"""Prices that begin while many read, buy and write: settled exactly once, and nobody gets the old one afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text

from app import create_app
from models import OrderItem, Product
from services.catalogue.prices.settling import settle_all
from tests.faults.ordering import place
from tests.faults.own import run_script, variables_of
from tests.faults.rivals import assert_clean, beside, interrupted, outcomes, together, until_blocked
from tests.services.acting import change
from tests.services.evidence import nothing_changed
from tests.services.pricing import history_of, schedule_price, scheduled_of, told_price
from tests.support import GraphQLClient, codes, make_products
from utils import clock
from utils.database import Database
from utils.errors import Unavailable
from wiring import Shop

SETTLES = "UPDATE products SET price"
SECOND = timedelta(seconds=1)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved, for all threads."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def due_tea(shop: Shop, time: time_machine.Traveller, *prices: str) -> UUID:
    """A product that cost 10, a second after the last of these prices began."""
    [tea] = make_products(shop, 1, price="10", stock=1000)
    assert told_price(shop, tea) == "10.00"
    for number, price in enumerate(prices, start=1):
        schedule_price(shop, tea, price, clock.now() + number * SECOND)
    time.shift(len(prices) * SECOND + SECOND)
    return tea


def row(shop: Shop, product_id: UUID) -> Product:
    with shop.database.read() as session:
        return session.get_one(Product, product_id)


def paid(shop: Shop) -> set[Decimal]:
    with shop.database.read() as session:
        return {line.price_at_purchase for line in session.query(OrderItem)}


def prices_in_history(shop: Shop, product_id: UUID) -> list[str]:
    return [price for price, _, _, _ in history_of(shop.database, product_id)]


def test_many_who_come_at_once_settle_once_and_all_get_the_new_price(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    tea = due_tea(shop, time, "9", "8")
    acts = [partial(told_price, shop, tea)] * 8 + [partial(place, shop, [(tea, 1)])] * 6
    results = together([*acts, partial(settle_all, shop.database, shop.cache)])
    assert results[:8] == ["8.00"] * 8
    assert outcomes(results[8:14]) == {"UUID": 6}
    assert paid(shop) == {Decimal(8)}
    assert prices_in_history(shop, tea) == ["10.00", "9.00", "8.00"]
    assert row(shop, tea).version == 2
    assert_clean(shop.database)


def test_a_reader_waits_for_the_one_who_settles(committing_shop: Shop, time: time_machine.Traveller) -> None:
    shop = committing_shop
    tea = due_tea(shop, time, "8")
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(told_price, shop, tea)))
            until_blocked(shop.database)

        rivals: list[Any] = []
        with interrupted(shop.database.engine, after=SETTLES, by=rival):
            assert settle_all(shop.database, shop.cache) == 1
    assert rivals[0].result() == "8.00"
    assert prices_in_history(shop, tea) == ["10.00", "8.00"]


def test_a_buyer_who_waited_past_the_moment_pays_what_it_costs_then(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    schedule_price(shop, tea, "8", clock.now() + SECOND)
    with beside() as start:
        with shop.database.write() as session:
            session.execute(text("SELECT 1 FROM products WHERE id = :id FOR UPDATE"), {"id": tea})
            waiting = start(partial(place, shop, [(tea, 1)]))
            until_blocked(shop.database)
            time.shift(SECOND)
        assert isinstance(waiting.result(), UUID)
    assert paid(shop) == {Decimal(8)}


def test_a_buyer_who_waited_until_it_was_withdrawn_from_sale_by_the_clock_gets_none(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    with shop.database.write() as session:
        session.get_one(Product, tea).publish_until = clock.now() + SECOND
    with beside() as start:
        with shop.database.write() as session:
            session.execute(text("SELECT 1 FROM products WHERE id = :id FOR UPDATE"), {"id": tea})
            waiting = start(partial(place, shop, [(tea, 1)]))
            until_blocked(shop.database)
            time.shift(SECOND)
        assert type(waiting.exception()).__name__ == "NotForSale"


def test_buyers_and_readers_of_opposite_goods_do_not_deadlock(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    goods = make_products(shop, 6, price="10", stock=1000)
    for each in goods:
        schedule_price(shop, each, "8", clock.now() + SECOND)
    time.shift(SECOND)
    forth = [(each, 1) for each in goods]
    results = together(
        [partial(place, shop, lines) for lines in (forth, forth[::-1], forth[2:], forth[:3][::-1])]
        + [partial(told_price, shop, each) for each in goods]
        + [partial(settle_all, shop.database, shop.cache)] * 2
    )
    assert outcomes(results[:4]) == {"UUID": 4}
    assert results[4:10] == ["8.00"] * 6
    assert sum(results[10:]) <= 6
    assert paid(shop) == {Decimal(8)}
    assert {tuple(prices_in_history(shop, each)) for each in goods} == {("10.00", "8.00")}
    assert_clean(shop.database)


def test_a_price_by_hand_while_another_is_settled_comes_after_it(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    tea = due_tea(shop, time, "8")
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(change, shop, "dana", tea, price=Decimal(7))))
            until_blocked(shop.database)

        rivals: list[Any] = []
        with interrupted(shop.database.engine, after=SETTLES, by=rival):
            settle_all(shop.database, shop.cache)
    rivals[0].result()
    assert told_price(shop, tea) == "7.00"
    assert prices_in_history(shop, tea) == ["10.00", "8.00", "7.00"]


@pytest.mark.parametrize("killed", ["before-commit", "after-commit"])
def test_a_killed_one_leaves_nothing_half_done_and_nobody_is_told_the_old_price(
    committing_shop: Shop, killed: str
) -> None:
    # given, by the real clock, since the killed one is another process
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10")
    assert told_price(shop, tea) == "10.00"
    moment = clock.now() + 0.2 * SECOND
    schedule_price(shop, tea, "8", moment)
    assert told_price(shop, tea) == "10.00"
    while clock.now() < moment:
        pass
    # when
    assert run_script("tests.faults.killed_settler", killed, environment=variables_of(shop)) == -9
    # then
    [scheduled] = scheduled_of(shop.database, tea)
    found = (scheduled.applied_at is not None, row(shop, tea).price, prices_in_history(shop, tea))
    if killed == "before-commit":
        assert found == (False, Decimal(10), ["10.00"])
    else:
        assert found == (True, Decimal(8), ["10.00", "8.00"])
    assert told_price(shop, tea) == "8.00"
    assert isinstance(place(shop, [(tea, 1)]), UUID)
    assert paid(shop) == {Decimal(8)}
    assert prices_in_history(shop, tea) == ["10.00", "8.00"]


def test_a_database_that_takes_no_writes_says_so_rather_than_an_old_price(
    committing_shop: Shop, time: time_machine.Traveller
) -> None:
    shop = committing_shop
    tea = due_tea(shop, time, "8")
    client = GraphQLClient(create_app(shop).test_client(), shop)
    with read_only(shop.database), nothing_changed(shop.database):
        with pytest.raises(Unavailable):
            told_price(shop, tea)
        body = client(f'{{ product(by: {{id: "{tea}"}}) {{ price }} }}')
        assert (body["data"], codes(body)) == ({"product": None}, ["UNAVAILABLE"])
    assert told_price(shop, tea) == "8.00"
    assert client(f'{{ product(by: {{id: "{tea}"}}) {{ price }} }}')["data"] == {"product": {"price": 8.0}}


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    """The database takes no writes from new connections, as a server is while another takes over."""
    setting = f'ALTER DATABASE "{database.engine.url.database}" {{}} default_transaction_read_only'
    with database.write() as session:
        session.execute(text(setting.format("SET") + " = on"))
    database.dispose()
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            connection.execute(text(setting.format("RESET")))
        database.dispose()
