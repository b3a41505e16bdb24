"""Placing an order: what it writes, to the last row."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine

from models.product import ProductStatus
from services.catalogue.stock.stock import list_discrepancies
from tests.services.acting import change, order_with_lines, place
from tests.services.evidence import history_of, ledger_of, news_of, stock_of
from tests.support import ALICE, BOB, DANA, SAM
from wiring import Shop

Make = Callable[..., UUID]


def test_an_order_takes_stock_and_freezes_names_and_prices(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea", price="2.50", stock=10)
    rice = product(name="Rice", price="0.99", stock=3)
    # when
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        order_id = place(shop, "alice", (tea, 4), (rice, 3))
    # then
    order = order_with_lines(shop, order_id)
    assert (order.customer_id, order.currency, order.status) == (ALICE, "USD", "pending")
    assert str(order.total_amount) == "12.970"
    assert order.created_at == order.updated_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert [
        (item.position, item.product_id, item.product_name, item.quantity, item.price_at_purchase, item.line_total)
        for item in order.items
    ] == [
        (0, tea, "Tea", 4, Decimal("2.50"), Decimal("10.00")),
        (1, rice, "Rice", 3, Decimal("0.99"), Decimal("2.97")),
    ]
    assert stock_of(shop.database, tea, rice) == [6, 0]


def test_an_order_writes_ledger_history_and_news(shop: Shop, product: Make) -> None:
    # given
    tea, rice = product(stock=10), product(stock=3)
    made = news_of(shop.database, "catalogue.changed")
    # when
    order_id = place(shop, "alice", (tea, 4), (rice, 1))
    # then
    assert ledger_of(shop.database, tea) == [(10, "initial", None, DANA), (-4, "order", order_id, ALICE)]
    assert ledger_of(shop.database, rice) == [(3, "initial", None, DANA), (-1, "order", order_id, ALICE)]
    assert history_of(shop.database, order_id) == [("pending", ALICE)]
    assert news_of(shop.database, "catalogue.changed")[len(made) :] == [
        {"tags": [f"product:{tea}", f"product:{rice}", f"customer:{ALICE}"]}
    ]
    with shop.database.read() as session:
        assert list_discrepancies(session) == []


def test_what_changes_later_does_not_change_the_order(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea", price="2.50")
    order_id = place(shop, "alice", (tea, 2))
    # when
    change(shop, "dana", tea, name="Coffee", price=Decimal("99"), status=ProductStatus.WITHDRAWN)
    # then
    order = order_with_lines(shop, order_id)
    assert order.total_amount == Decimal("5.00")
    assert [(item.product_name, item.price_at_purchase) for item in order.items] == [("Tea", Decimal("2.50"))]


def test_equal_lines_are_merged_where_they_first_stood(shop: Shop, product: Make) -> None:
    # given
    tea, rice = product(price="2.50"), product(price="1.00")
    # when
    order_id = place(shop, "alice", (rice, 1), (tea, 2), (rice, 3))
    # then
    order = order_with_lines(shop, order_id)
    assert [(item.product_id, item.quantity, item.line_total) for item in order.items] == [
        (rice, 4, Decimal("4.00")),
        (tea, 2, Decimal("5.00")),
    ]
    assert order.total_amount == Decimal("9.00")
    assert stock_of(shop.database, rice, tea) == [6, 8]


@pytest.mark.parametrize(
    ("region", "currency", "price", "quantity", "total"),
    [
        ("KW", "KWD", "1.005", 3, "3.015"),
        ("JP", "JPY", "333", 3, "999"),
        (None, "USD", "0.01", 10, "0.10"),
        (None, "USD", "0", 1, "0.00"),
    ],
)
def test_totals_are_exact_in_every_currency(
    shop: Shop, product: Make, region: str | None, currency: str, price: str, quantity: int, total: str
) -> None:
    good = product(price=price, currency=currency)
    order = order_with_lines(shop, place(shop, "alice", (good, quantity), customer=ALICE, region=region))
    assert (order.currency, order.total_amount) == (currency, Decimal(total))


def test_the_dearest_order_there_can_be(shop: Shop, product: Make) -> None:
    dear = product(price="99999999999.99", stock=1)
    order = order_with_lines(shop, place(shop, "alice", (dear, 1)))
    assert order.total_amount == Decimal("99999999999.99")


def test_numbers_rise_by_one(shop: Shop, product: Make) -> None:
    tea = product()
    first, second = (order_with_lines(shop, place(shop, "alice", (tea, 1))).number for _ in range(2))
    assert second == first + 1


def test_the_last_pieces_can_be_bought(shop: Shop, product: Make) -> None:
    tea = product(stock=100_000)
    place(shop, "alice", (tea, 100_000))
    assert stock_of(shop.database, tea) == [0]


def test_an_order_has_up_to_a_hundred_lines(shop: Shop, product: Make) -> None:
    tea = product(stock=100)
    order = order_with_lines(shop, place(shop, "alice", *[(tea, 1)] * 100))
    assert [(item.quantity, item.line_total) for item in order.items] == [(100, Decimal("1000.00"))]


@pytest.mark.parametrize(("staff", "actor"), [("sam", SAM), ("dana", DANA)])
def test_staff_order_for_a_customer_and_are_named_in_the_history(
    shop: Shop, product: Make, staff: str, actor: UUID
) -> None:
    tea = product(stock=1)
    order_id = place(shop, staff, (tea, 1), customer=BOB)
    assert order_with_lines(shop, order_id).customer_id == BOB
    assert history_of(shop.database, order_id) == [("pending", actor)]
    assert ledger_of(shop.database, tea)[-1] == (-1, "order", order_id, actor)


def test_naming_oneself_is_allowed(shop: Shop, product: Make) -> None:
    assert order_with_lines(shop, place(shop, "alice", (product(), 1), customer=ALICE)).customer_id == ALICE
