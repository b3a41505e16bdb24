"""Stored orders are counted anew: silence while nothing changed, and a change of the counting is told."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from services.orders import replaying
from services.orders.replaying import Difference, Replay
from services.pricing.calculating import rounding
from tests.services.acting import order_with_lines, place
from tests.services.evidence import nothing_changed
from tests.services.offers import changed, offer
from utils.errors import NotFound
from wiring import Shop

Make = Callable[..., UUID]


def replayed(shop: Shop, number: int | None = None) -> tuple[list[Difference], int, int]:
    """What differs, how many orders were counted, and how many have nothing to be counted from."""
    replay = Replay(shop.database, number)
    with nothing_changed(shop.database):
        found = list(replay.differences())
    return found, replay.replayed, replay.unpriced


def number_of(shop: Shop, order_id: UUID) -> int:
    return order_with_lines(shop, order_id).number


@pytest.fixture
def orders(shop: Shop, product: Make) -> list[UUID]:
    """Two orders, one whose taxes are rounded up and one that is rounded nowhere; and the shop changed since."""
    tea, tee = product(price="10.00"), product(price="0.99", currency="EUR")
    all_goods = offer(shop)
    made = [place(shop, "alice", (tea, 1)), place(shop, "bob", (tee, 1), region="DE")]
    changed(shop, all_goods, percent=50)
    return made


@pytest.mark.usefixtures("orders")
def test_silence_while_the_counting_is_the_same(shop: Shop) -> None:
    assert replayed(shop) == ([], 2, 0)


def test_a_change_of_rounding_is_told_with_what_it_did(
    shop: Shop, orders: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a shop that rounds down from now on
    monkeypatch.setattr(rounding, "half_up", lambda numerator, denominator: numerator // denominator)
    # when
    found, counted, _ = replayed(shop)
    # then 0.99 less 0.10 was 0.89; now 0.90, with 0.14 of taxes in it as before
    assert [each.number for each in found] == [number_of(shop, orders[1])]
    assert "total: 0.89 stored, 0.90 now" in found[0].what
    assert counted == 2


def test_one_order_by_its_number(shop: Shop, orders: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "half_up", lambda numerator, denominator: numerator // denominator)
    assert replayed(shop, number_of(shop, orders[0])) == ([], 1, 0)
    assert len(replayed(shop, number_of(shop, orders[1]))[0]) == 1
    with pytest.raises(NotFound):
        replayed(shop, 999_999_999)


def test_orders_of_before_are_counted_and_left_out(shop: Shop, orders: list[UUID]) -> None:
    with shop.database.write() as session:
        session.execute(text("DELETE FROM order_pricing WHERE order_id = :id"), {"id": orders[0]})
    assert replayed(shop) == ([], 1, 1)
    assert replayed(shop, number_of(shop, orders[0])) == ([], 0, 1)


def test_every_order_is_counted_however_many_make_a_batch(
    shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "_BATCH", 2)
    tea = product(stock=9)
    for count in range(1, 6):
        place(shop, "alice", (tea, 1))
        assert replayed(shop) == ([], count, 0)


def test_an_explanation_that_was_tampered_with_is_told(shop: Shop, orders: list[UUID]) -> None:
    with shop.database.write() as session:
        session.execute(
            text("UPDATE order_pricing SET explanation = explanation || CAST(:other AS jsonb) WHERE order_id = :id"),
            {"id": orders[0], "other": '{"total": "1.00"}'},
        )
    assert replayed(shop)[0] == [Difference(number_of(shop, orders[0]), ("total: 1.00 stored, 9.00 now",))]


def test_an_order_whose_amounts_are_not_those_that_were_counted_is_told(shop: Shop, orders: list[UUID]) -> None:
    with shop.database.write() as session:
        session.execute(
            text("UPDATE orders SET total_amount = 8, net_goods = 8 WHERE id = :id"),
            {"id": orders[0]},
        )
    assert order_with_lines(shop, orders[0]).total_amount == Decimal(8)
    assert replayed(shop)[0] == [
        Difference(
            number_of(shop, orders[0]),
            ("order.total_amount: 8.00 stored, 9.00 now", "order.net_goods: 8.00 stored, 9.00 now"),
        )
    ]


def test_facts_that_cannot_be_counted_are_told(shop: Shop, orders: list[UUID]) -> None:
    with shop.database.write() as session:
        session.execute(
            text("UPDATE order_pricing SET inputs = inputs - 'lines' WHERE order_id = :id"), {"id": orders[0]}
        )
    assert replayed(shop)[0] == [
        Difference(number_of(shop, orders[0]), ("cannot be counted today: KeyError: 'lines'",))
    ]
