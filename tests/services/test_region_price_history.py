"""What is written down of a region's prices: each change with its moment, and who made it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.audit_entry import AuditAction
from services.catalogue.prices.price_history import HistoryQuery, list_prices
from tests.services.acting import change
from tests.services.evidence import nothing_changed, product_row
from tests.services.hiring import entries
from tests.services.regional import (
    fall_back,
    history,
    locked,
    remove_price,
    set_price,
)
from tests.support import DANA
from utils.errors import InvalidInput
from wiring import Shop

Make = Callable[..., UUID]
Clock = time_machine.Traveller
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Any:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_history_version_and_audit_log_tell_of_it(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10", currency="EUR")
    version = product_row(shop.database, tea).version  # type: ignore[union-attr]  # it is there
    for hour, price in enumerate(["9.50", "9.5", "8"], start=1):
        clock.move_to(NOON + hour * HOUR)
        set_price(shop, tea, "DE", price)
    clock.move_to(NOON + 4 * HOUR)
    remove_price(shop, tea, "DE")
    # then what is set once more changes nothing
    assert history(shop, tea, "DE") == [
        ("9.50", "EUR", NOON + HOUR, "changed"),
        ("8.00", "EUR", NOON + 3 * HOUR, "changed"),
        ("10.00", "EUR", NOON + 4 * HOUR, "removed"),
    ]
    assert history(shop, tea, None) == [("10.00", "EUR", NOON, "initial")]
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.version, row.updated_at) == (version + 3, NOON + 4 * HOUR)
    noted = [(each.action, each.subject_id, each.actor_id, each.before, each.after) for each in entries(shop.database)]
    first, second = {"region": "DE", "price": "9.5"}, {"region": "DE", "price": "8"}
    assert noted[-3:] == [
        (AuditAction.REGION_PRICE_SET, tea, DANA, None, first),
        (AuditAction.REGION_PRICE_SET, tea, DANA, first, second),
        (AuditAction.REGION_PRICE_REMOVED, tea, DANA, second, None),
    ]


def test_where_nothing_is_fallen_back_to_the_history_says_that_it_was_not_sold(
    shop: Shop, product: Make, clock: Clock, connection: Connection
) -> None:
    # given regions with euros, of which one falls back to the other, and a product for dollars
    fall_back(shop, "IE", "DE")
    tea = product(price="10")
    set_price(shop, tea, "DE", "9")
    set_price(shop, tea, "IE", "9")
    # when
    clock.move_to(NOON + HOUR)
    remove_price(shop, tea, "IE")
    clock.move_to(NOON + 2 * HOUR)
    remove_price(shop, tea, "DE")
    clock.move_to(NOON + 3 * HOUR)
    set_price(shop, tea, "DE", "9")
    # then
    assert history(shop, tea, "IE") == [("9.00", "EUR", NOON, "changed"), ("9.00", "EUR", NOON + HOUR, "removed")]
    german = [
        ("9.00", "EUR", NOON, "changed"),
        (None, "EUR", NOON + 2 * HOUR, "removed"),
        ("9.00", "EUR", NOON + 3 * HOUR, "changed"),
    ]
    assert history(shop, tea, "DE") == german
    assert locked(shop, tea, "DE").price_since == NOON + 3 * HOUR
    # and the row loses an account that goes, and nothing else
    connection.execute(text("DELETE FROM users WHERE id = :dana"), {"dana": DANA})
    assert history(shop, tea, "DE") == german
    rewritten = "UPDATE price_changes SET price = 1, actor_id = NULL WHERE price IS NULL"
    with nothing_changed(shop.database), pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
        connection.execute(text(rewritten))


@pytest.mark.parametrize(
    ("column", "value"), [("price", "NULL"), ("region_code", "NULL"), ("reason", "'changed'"), ("reason", "'gone'")]
)
def test_only_the_removal_of_a_regions_price_is_without_one(
    shop: Shop, product: Make, connection: Connection, column: str, value: str
) -> None:
    row = {"product_id": f"'{product()}'", "region_code": "'DE'", "price": "NULL", "currency": "'EUR'"}
    row |= {"effective_from": "now()", "created_at": "now()", "reason": "'removed'"}
    right = f"INSERT INTO price_changes ({', '.join(row)}) VALUES ({', '.join(row.values())})"
    connection.execute(text(right))
    wrong = row | ({"price": "NULL", "reason": "'scheduled'"} if column == "price" else {column: value})
    with pytest.raises(IntegrityError, match="ck_price_changes"), connection.begin_nested():
        connection.execute(text(f"INSERT INTO price_changes ({', '.join(wrong)}) VALUES ({', '.join(wrong.values())})"))


def test_a_price_as_the_last_one_elsewhere_is_written_down_all_the_same(shop: Shop, product: Make) -> None:
    tea = product(price="10", currency="EUR")
    set_price(shop, tea, "DE", "9")
    change(shop, "dana", tea, price=Decimal(7))
    set_price(shop, tea, "DE", "7")
    change(shop, "dana", tea, price=Decimal(9))
    set_price(shop, tea, "FR", "7")
    assert [[each[0] for each in history(shop, tea, region)] for region in (None, "DE", "FR")] == [
        ["10.00", "7.00", "9.00"], ["9.00", "7.00"], ["7.00"]
    ]  # fmt: skip


def test_the_histories_of_two_regions_do_not_mix_and_cursors_are_of_one(
    shop: Shop, product: Make, clock: Clock
) -> None:
    tea = product(price="10")
    for hour, (region, price) in enumerate([("DE", "9"), ("FR", "8"), ("DE", "7"), ("FR", "6")], start=1):
        clock.move_to(NOON + hour * HOUR)
        set_price(shop, tea, region, price)
    assert [each[0] for each in history(shop, tea, "DE")] == ["9.00", "7.00"]
    query = HistoryQuery(tea, 1, None, "DE")
    with shop.database.read() as session:
        cursor = query.cursor(list_prices(session, query).changes[0])
        rest = list_prices(session, HistoryQuery(tea, 1, cursor, "DE"))
    assert ([each.price for each in rest.changes], rest.has_next) == ([Decimal(9)], False)
    for other in (None, "FR"):
        with pytest.raises(InvalidInput):
            HistoryQuery(tea, 1, cursor, other)
