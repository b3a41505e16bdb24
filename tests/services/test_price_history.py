"""The history of prices: complete, append-only, and the source of the prior price."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from alembic import command
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

import init_db
from models.price import PriceReason
from services.catalogue.prices.price_history import HistoryQuery, list_prices, write_price
from services.catalogue.prices.prior_price import PricePoint, list_prior_prices, prior_price
from tests.services.acting import change, place
from tests.services.evidence import nothing_changed
from tests.services.pricing import history_of
from tests.support import ALICE, DANA
from utils.errors import InvalidInput
from wiring import Shop

Make = Callable[..., UUID]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

FORBIDDEN = [
    "UPDATE price_changes SET price = 1",
    "UPDATE price_changes SET effective_from = now()",
    f"UPDATE price_changes SET actor_id = '{ALICE}'",
    "DELETE FROM price_changes",
    "TRUNCATE price_changes",
    "TRUNCATE products CASCADE",
]


def test_every_price_by_hand_is_a_row_and_what_stays_is_none(shop: Shop, product: Make) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        tea = product(price="10")
        clock.move_to(NOON + DAY)
        change(shop, "sam", tea, price=Decimal("12.50"), stock_count=3)
        clock.move_to(NOON + 2 * DAY)
        change(shop, "dana", tea, price=Decimal("12.5"), name="Green Tea")
        change(shop, "dana", tea, stock_count=4)
    sam = history_of(shop.database, tea)[1][3]
    assert history_of(shop.database, tea) == [
        ("10.00", NOON, "initial", DANA),
        ("12.50", NOON + DAY, "changed", sam),
    ]


def test_a_price_that_is_as_the_last_one_adds_nothing(shop: Shop, product: Make) -> None:
    tea = product(price="10")
    for price, currency in (("10.000", "USD"), ("9", "USD"), ("9", "USD"), ("9", "EUR")):
        with shop.database.write() as session:
            write_price(
                session,
                product_id=tea,
                price=Decimal(price),
                currency=currency,
                effective_from=datetime.now(UTC),
                reason=PriceReason.IMPORTED,
                actor_id=None,
            )
    assert [(price, why) for price, _, why, _ in history_of(shop.database, tea)] == [
        ("10.00", "initial"),
        ("9.00", "imported"),
        ("9.00", "imported"),
    ]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses_to_rewrite_it(shop: Shop, connection: Connection, product: Make, statement: str) -> None:
    place(shop, "alice", (product(), 1))
    with nothing_changed(shop.database), pytest.raises(DBAPIError) as refusal, connection.begin_nested():
        connection.execute(text(statement))
    assert "is append-only" in str(refusal.value.orig)


@pytest.mark.parametrize("table", ["stock_movements", "orders"])
def test_nor_to_empty_the_ledger(shop: Shop, connection: Connection, product: Make, table: str) -> None:
    place(shop, "alice", (product(), 1))
    with nothing_changed(shop.database), pytest.raises(DBAPIError) as refusal, connection.begin_nested():
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
    assert "stock_movements is append-only" in str(refusal.value.orig)


def test_it_goes_with_its_product_and_loses_an_account_that_goes(
    shop: Shop, connection: Connection, product: Make
) -> None:
    tea, rice = product(price="10"), product()
    connection.execute(text("DELETE FROM products WHERE id = :rice"), {"rice": rice})
    connection.execute(text("DELETE FROM users WHERE id = :dana"), {"dana": DANA})
    assert history_of(shop.database, rice) == []
    assert [(price, actor) for price, _, _, actor in history_of(shop.database, tea)] == [("10.00", None)]


def test_what_was_sold_before_there_was_a_history_has_its_price_in_it(own_shop: Shop, worker_id: str) -> None:
    """The migration writes what each product costs, from the moment it came."""
    settings, name = own_shop.settings, f"prices_{worker_id}"
    url = make_url(str(settings.database_url))
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    empty = url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(empty)
    try:
        config = init_db.alembic_config(empty)
        command.upgrade(config, "beba364b589c")
        with engine.begin() as connection:
            for statement in (
                "INSERT INTO departments (id, slug, name) VALUES (gen_random_uuid(), 'd', 'D')",
                "INSERT INTO categories (id, slug, name, position, department_id) "
                "SELECT gen_random_uuid(), 'c', 'C', 1, id FROM departments",
                "INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, "
                "category_id, created_at, updated_at) SELECT gen_random_uuid(), 'p', 'P', '', 'each', 3.5, 'EUR', 0, "
                "'published', id, '2026-01-01Z', '2026-02-01Z' FROM categories",
            ):
                connection.execute(text(statement))
        command.upgrade(config, "head")
        with engine.connect() as connection:
            row = connection.execute(text("SELECT price, currency, effective_from, reason FROM price_changes")).one()
        assert tuple(row) == (Decimal("3.5"), "EUR", datetime(2026, 1, 1, tzinfo=UTC), "initial")
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))
        server.dispose()


def test_page_by_page_the_latest_first(shop: Shop, connection: Connection, product: Make) -> None:
    # given, two of them from the same moment
    tea, rice = product(price="1"), product(price="9")
    _write(connection, [(tea, price, NOON + max(price, 4) * DAY) for price in range(2, 8)])
    with shop.database.read() as session:
        seen, after = [], None
        while True:
            query = HistoryQuery(tea, 2, after)
            page = list_prices(session, query)
            seen += [row.price for row in page.changes]
            if not page.has_next:
                break
            after = query.cursor(page.changes[-1])
    assert len(seen) == 7
    assert [each for each in seen if each != 1] == [7, 6, 5, 4, 3, 2]
    # a cursor is of one product's list
    assert after is not None
    for product_id, first in ((rice, 2), (tea, 0), (tea, 101)):
        with pytest.raises(InvalidInput):
            HistoryQuery(product_id, first, after)


def test_the_prior_prices_of_many_products_are_one_statement_and_what_their_histories_say(
    shop: Shop, connection: Connection, product: Make, counted_sql: Callable[[], Any]
) -> None:
    # given histories of all kinds, without repetitions, since none is written
    chance = random.Random(7)
    shown: dict[UUID, Decimal] = {}
    expected: dict[UUID, Decimal | None] = {}
    for _ in range(40):
        price = chance.randrange(1, 9)
        with time_machine.travel(NOON - 200 * DAY, tick=False):
            tea = product(price=str(price))
        history, moment = [PricePoint(Decimal(price), "USD", NOON - 200 * DAY)], NOON - 200 * DAY
        for _ in range(chance.randrange(7)):
            moment += chance.choice([1, 5, 29, 30, 31]) * DAY
            price = chance.choice([each for each in range(1, 9) if each != price])
            history.append(PricePoint(Decimal(price), "USD", moment))
        _write(connection, [(tea, int(each.price), each.since) for each in history[1:]])
        shown[tea], expected[tea] = history[-1].price, prior_price(history)
    assert {type(each) for each in expected.values()} == {Decimal, type(None)}
    # when
    with shop.database.read() as session, counted_sql() as statements:
        found = list_prior_prices(session, shown)
    # then
    assert len(statements) == 1
    assert found == expected
    # and nothing is said of a price that is not shown any more
    reduced = next(each for each, prior in expected.items() if prior is not None)
    with shop.database.read() as session:
        assert list_prior_prices(session, {reduced: shown[reduced] + 1}) == {reduced: None}


def _write(connection: Connection, rows: list[tuple[UUID, int, datetime]]) -> None:
    for product_id, price, moment in rows:
        connection.execute(
            text(
                "INSERT INTO price_changes (product_id, price, currency, effective_from, reason, created_at) "
                "VALUES (:product_id, :price, 'USD', :moment, 'changed', :moment)"
            ),
            {"product_id": product_id, "price": price, "moment": moment},
        )
