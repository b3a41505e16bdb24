"""Prices of regions: set by hand or by the clock, fallen back to, told and sold at exactly there and nowhere else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import text

from models.price import PriceReason
from models.user import Right
from services.catalogue.prices.collisions import MOST_PENDING
from services.catalogue.prices.price_history import write_price
from services.catalogue.prices.region_prices import PriceInRegion, PriceSource, list_region_prices
from services.catalogue.prices.scheduled_prices import ScheduledQuery, list_scheduled
from services.catalogue.prices.settling import settle_all
from services.catalogue.stock.stock import lock_products
from tests.services.acting import change, remove
from tests.services.evidence import nothing_changed, product_row
from tests.services.hiring import entries, hire
from tests.services.pricing import cancel, scheduled_of
from tests.services.regional import (
    costs,
    count_wrong_prices,
    fall_back,
    history,
    locked,
    remove_price,
    schedule_in,
    set_price,
    told_in,
)
from tests.support import ADMIN, DANA
from utils.errors import Conflict, Forbidden, InvalidInput, NotForSale, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
Clock = time_machine.Traveller
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Any:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_a_product_is_sold_where_it_has_a_price_and_those_that_fall_back_there_follow(
    shop: Shop, product: Make
) -> None:
    # given
    fall_back(shop, "IE", "DE")
    tea = product(price="10")
    assert [told_in(shop, tea, each) for each in (None, "DE", "IE", "FR")] == ["10.00 USD", None, None, None]
    # when, then
    set_price(shop, tea, "DE", "9.5")
    assert [told_in(shop, tea, each) for each in (None, "DE", "IE", "FR")] == [
        "10.00 USD", "9.50 EUR", "9.50 EUR", None
    ]  # fmt: skip
    set_price(shop, tea, "IE", "11")
    assert costs(shop, tea) == {"DE": "9.50 region", "IE": "11.00 region"}
    remove_price(shop, tea, "DE")
    assert [told_in(shop, tea, each) for each in (None, "DE", "IE")] == ["10.00 USD", None, "11.00 EUR"]
    remove_price(shop, tea, "IE")
    assert costs(shop, tea) == {}


def test_where_the_currency_is_the_products_its_own_price_counts_in_the_end(shop: Shop, product: Make) -> None:
    fall_back(shop, "IE", "DE")
    tea = product(price="10", currency="EUR")
    assert costs(shop, tea) == dict.fromkeys(("DE", "ES", "FR", "IE"), "10.00 product")
    set_price(shop, tea, "DE", "9")
    change(shop, "dana", tea, price=Decimal(12))
    assert costs(shop, tea) == {
        "DE": "9.00 region", "ES": "12.00 product", "FR": "12.00 product", "IE": "9.00 fallback"
    }  # fmt: skip
    with shop.database.read() as session:
        found = list_region_prices(session, tea)
    assert [(each.region_code, each.source, each.currency, each.set_at is None) for each in found] == [
        ("DE", PriceSource.REGION, "EUR", False),
        ("ES", PriceSource.PRODUCT, "EUR", True),
        ("FR", PriceSource.PRODUCT, "EUR", True),
        ("IE", PriceSource.FALLBACK, "EUR", True),
    ]
    assert count_wrong_prices(shop.database) == 0


def test_what_is_told_is_what_is_locked_for_an_order(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    fall_back(shop, "IE", "DE")
    tea = product(price="10", currency="EUR")
    clock.move_to(NOON + HOUR)
    set_price(shop, tea, "DE", "9")
    schedule_in(shop, tea, "FR", "8", NOON + 2 * HOUR)
    clock.move_to(NOON + 3 * HOUR)
    # then
    facts = product_row(shop.database, tea)
    assert facts is not None
    found = {each: locked(shop, tea, each) for each in (None, "DE", "IE", "FR", "ES")}
    told = {
        each: (f"{one.price:.2f}", one.currency, one.price_source, one.price_since, one.price_scheduled)
        for each, one in found.items()
    }
    assert told == {
        None: ("10.00", "EUR", "product", NOON, False),
        "DE": ("9.00", "EUR", "region", NOON + HOUR, False),
        "IE": ("9.00", "EUR", "fallback", NOON + HOUR, False),
        "FR": ("8.00", "EUR", "region", NOON + 2 * HOUR, True),
        "ES": ("10.00", "EUR", "product", NOON, False),
    }
    assert {(one.tax_class, one.brand_id, one.category_id) for one in found.values()} == {
        ("standard", None, facts.category_id)
    }
    assert found["DE"].version == product_row(shop.database, tea).version  # type: ignore[union-attr]  # it is there


def test_what_has_no_price_there_is_not_for_sale_there(shop: Shop, product: Make) -> None:
    tea, rice, gone = product(), product(), product()
    set_price(shop, tea, "JP", "300")
    set_price(shop, gone, "JP", "300")
    remove(shop, "dana", gone)
    for region, wanted, refused in (
        ("JP", (tea, rice), [rice]),
        ("JP", (tea, rice, gone), [rice, gone]),
        ("GB", (tea,), [tea]),
        ("XX", (tea,), [tea]),
    ):
        with shop.database.write() as session, pytest.raises(NotForSale) as refusal:
            lock_products(session, dict.fromkeys(wanted, 1), cache=shop.cache, region=region)
        assert refusal.value.details == {"productIds": sorted(str(each) for each in refused)}
    assert locked(shop, tea, "JP").price == 300


NOT_SO: dict[str, tuple[str, str, str]] = {
    "an unknown region": ("XX", "1", "region"),
    "no code at all": ("d\0e", "1", "region"),
    "another spelling": ("de", "1", "region"),
    "the home region": ("US", "1", "region"),
    "half a yen": ("JP", "300.5", "price"),
    "a tenth of a fils": ("KW", "1.0005", "price"),
    "half a cent": ("DE", "1.005", "price"),
    "a negative price": ("DE", "-1", "price"),
}


@pytest.mark.parametrize("case", NOT_SO)
def test_what_cannot_be_set(shop: Shop, product: Make, case: str) -> None:
    region, price, field = NOT_SO[case]
    tea = product()
    for act in (set_price, schedule_in):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            act(shop, tea, region, price)
        assert refusal.value.details == {"field": field}
    if field == "region":
        with nothing_changed(shop.database), pytest.raises(InvalidInput):
            remove_price(shop, tea, region)


def test_only_staff_of_the_department_set_and_remove(shop: Shop, product: Make) -> None:
    apple = product(category="fruit")
    set_price(shop, apple, "DE", "1")
    lee = hire(shop, "lee", Right.PRODUCTS).actor
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        set_price(shop, apple, "DE", "2", actor=lee)
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        remove_price(shop, apple, "DE", actor=lee)
    for unknown in (partial(set_price, shop, new_id(), "DE", "2"), partial(remove_price, shop, new_id(), "DE")):
        with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
            unknown()
        assert refusal.value.details == {"field": "productId"}
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        remove_price(shop, apple, "FR")
    assert refusal.value.details == {"field": "region"}


def test_a_price_of_a_region_begins_at_its_moment_there_alone(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    fall_back(shop, "IE", "DE")
    tea = product(price="10")
    schedule_in(shop, tea, "DE", "8", NOON + HOUR)
    schedule_in(shop, tea, None, "7", NOON + HOUR)
    assert [told_in(shop, tea, each) for each in (None, "DE", "IE")] == ["10.00 USD", None, None]
    # when
    clock.move_to(NOON + HOUR - timedelta(microseconds=1))
    before = [told_in(shop, tea, each) for each in (None, "DE", "IE")]
    clock.move_to(NOON + HOUR)
    # then, the worker counts the product once
    assert before == ["10.00 USD", None, None]
    assert [told_in(shop, tea, each) for each in ("IE", "DE", None)] == ["8.00 EUR", "8.00 EUR", "7.00 USD"]
    assert history(shop, tea, "DE") == [("8.00", "EUR", NOON + HOUR, "scheduled")]
    assert history(shop, tea, None)[1:] == [("7.00", "USD", NOON + HOUR, "scheduled")]
    assert {each.applied_at for each in scheduled_of(shop.database, tea)} == {NOON + HOUR}


def test_whoever_buys_first_pays_what_has_begun_there(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10")
    schedule_in(shop, tea, "DE", "8", NOON + HOUR)
    with shop.database.write() as session, pytest.raises(NotForSale):
        lock_products(session, {tea: 1}, cache=shop.cache, region="DE")
    clock.move_to(NOON + HOUR)
    assert locked(shop, tea, "DE").price == 8


def test_of_several_that_are_due_the_last_counts_in_each_region(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    tea = product(price="10", currency="EUR")
    set_price(shop, tea, "DE", "9")
    for region, price, hour in (
        ("DE", "8", 1), ("DE", "7", 3), ("DE", "6", 9), ("FR", "5", 2), (None, "11", 4), (None, "12", 5)
    ):  # fmt: skip
        schedule_in(shop, tea, region, price, NOON + hour * HOUR)
    version = product_row(shop.database, tea).version  # type: ignore[union-attr]  # it is there
    # when
    clock.move_to(NOON + 6 * HOUR)
    assert settle_all(shop.database, shop.cache) == 1
    # then
    assert costs(shop, tea) == {
        "DE": "7.00 region", "ES": "12.00 product", "FR": "5.00 region", "IE": "12.00 product"
    }  # fmt: skip
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.price, row.version) == (Decimal(12), version + 1)
    assert [each[0] for each in history(shop, tea, "DE")] == ["9.00", "8.00", "7.00"]
    assert [each[0] for each in history(shop, tea, "FR")] == ["5.00"]
    assert [each[0] for each in history(shop, tea, None)] == ["10.00", "11.00", "12.00"]


def test_a_hand_has_the_last_word_in_its_region(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    tea = product(price="10", currency="EUR")
    for region in ("DE", "FR", None):
        schedule_in(shop, tea, region, "8", NOON + HOUR)
    clock.move_to(NOON + 2 * HOUR)
    # when
    set_price(shop, tea, "DE", "9")
    # then
    assert costs(shop, tea) == {
        "DE": "9.00 region", "ES": "8.00 product", "FR": "8.00 region", "IE": "8.00 product"
    }  # fmt: skip
    assert [each[0] for each in history(shop, tea, "DE")] == ["8.00", "9.00"]
    # and one that was taken away after the moment does not come back
    schedule_in(shop, tea, "FR", "7", NOON + 3 * HOUR)
    clock.move_to(NOON + 4 * HOUR)
    remove_price(shop, tea, "FR")
    assert settle_all(shop.database, shop.cache) == 0
    assert told_in(shop, tea, "FR") == "8.00 EUR"


def test_a_hand_elsewhere_has_no_word_in_a_region(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10")
    with shop.database.write() as session:  # whoever forgets to settle first
        write_price(
            session,
            product_id=tea,
            price=Decimal(9),
            currency="USD",
            effective_from=NOON + 2 * HOUR,
            reason=PriceReason.CHANGED,
            actor_id=DANA,
        )
    schedule_in(shop, tea, "DE", "8", NOON + HOUR)
    clock.move_to(NOON + 3 * HOUR)
    assert told_in(shop, tea, "DE") == "8.00 EUR"


def test_for_a_while_it_costs_less_there_and_then_as_much_as_there_before(
    shop: Shop, product: Make, clock: Clock
) -> None:
    tea = product(price="10")
    fall_back(shop, "IE", "DE")
    set_price(shop, tea, "DE", "9")
    schedule_in(shop, tea, "IE", "5", NOON + HOUR, NOON + DAY)
    told = []
    for hours in (0, 1, 24):
        clock.move_to(NOON + hours * HOUR)
        told.append((told_in(shop, tea, "IE"), told_in(shop, tea, "DE"), told_in(shop, tea, None)))
    assert told == [
        ("9.00 EUR", "9.00 EUR", "10.00 USD"),
        ("5.00 EUR", "9.00 EUR", "10.00 USD"),
        ("9.00 EUR", "9.00 EUR", "10.00 USD"),
    ]
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        schedule_in(shop, tea, "GB", "5", NOON + 2 * DAY, NOON + 3 * DAY)
    assert refusal.value.details == {"field": "priceAfter"}
    schedule_in(shop, tea, "GB", "5", NOON + 2 * DAY, NOON + 3 * DAY, after="6")


@pytest.mark.usefixtures("clock")
def test_collisions_are_those_of_one_region(shop: Shop, product: Make) -> None:
    tea = product(price="10", currency="EUR")
    for region in ("DE", "FR", None):
        schedule_in(shop, tea, region, "8", NOON + HOUR, NOON + 5 * HOUR)
    for region in ("DE", "FR", None):
        for begin in (NOON + HOUR, NOON + 2 * HOUR):
            with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
                schedule_in(shop, tea, region, "7", begin)
            assert refusal.value.details == {"field": "from"}
    # as many as anywhere else
    for hour in range(6, 4 + MOST_PENDING):
        schedule_in(shop, tea, "DE", "8", NOON + hour * HOUR)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        schedule_in(shop, tea, "DE", "8", NOON + 10 * DAY)
    schedule_in(shop, tea, "ES", "8", NOON + 10 * DAY)


@pytest.mark.usefixtures("clock")
def test_what_is_scheduled_is_listed_by_region_and_called_off_by_its_id(shop: Shop, product: Make) -> None:
    tea = product(price="10")
    [home] = schedule_in(shop, tea, None, "8", NOON + HOUR)
    [there] = schedule_in(shop, tea, "DE", "7", NOON + HOUR)

    def listed(**chosen: Any) -> list[UUID]:
        with shop.database.read() as session:
            return [each.id for each in list_scheduled(session, ScheduledQuery(**chosen), actor=ADMIN).prices]

    assert (set(listed()), listed(region="DE"), listed(region=None), listed(region="FR")) == (
        {home, there}, [there], [home], []
    )  # fmt: skip
    cancel(shop, there)
    assert listed() == [home]
    said = entries(shop.database)[-1].before
    assert said == {"scheduled_prices": [{"price": "7", "from": "2026-07-01T13:00:00+00:00", "region": "DE"}]}


def test_the_record_of_a_price_has_one_name(product: Make) -> None:
    tea = product()
    assert PriceInRegion(tea, "DE", Decimal(1), "EUR", PriceSource.REGION, None).id == f"{tea}.DE"


MANY = {
    "priced there": "INSERT INTO region_prices SELECT id, 'DE', 5, now(), now() FROM products",
    "dearer there": "UPDATE region_prices SET price = price + 1",
    "dearer at home, and moved": "UPDATE products SET price = price + 1, category_id = (SELECT min(id::text)::uuid "
    "FROM categories WHERE NOT EXISTS (SELECT FROM categories AS below WHERE below.parent_id = categories.id))",
    "half of them withdrawn": "UPDATE products SET status = 'withdrawn' WHERE get_byte(uuid_send(id), 15) < 128",
    "in another currency": "UPDATE products SET currency = CASE currency WHEN 'EUR' THEN 'USD' ELSE 'EUR' END",
    "not priced there": "DELETE FROM region_prices WHERE get_byte(uuid_send(product_id), 14) < 128",
    "in yens": "UPDATE regions SET currency = 'JPY' WHERE code IN ('FR', 'IE')",
    "gone": "DELETE FROM products WHERE get_byte(uuid_send(id), 13) < 128",
}


def test_statements_of_many_products_leave_every_price_as_the_rule_says(shop: Shop, product: Make) -> None:
    # given goods of two currencies, and a region that falls back to another
    for number in range(24):
        product(currency="EUR" if number % 2 else "USD")
    fall_back(shop, "IE", "DE")
    # then after each act, those of before still counting
    with shop.database.write() as session:
        session.execute(text("ALTER TABLE stock_movements DISABLE TRIGGER USER"))
        session.execute(text("ALTER TABLE price_changes DISABLE TRIGGER USER"))
    for what, statement in MANY.items():
        with shop.database.write() as session:
            assert session.execute(text(statement)).rowcount > 0, what  # type: ignore[attr-defined]
        assert count_wrong_prices(shop.database) == 0, what
