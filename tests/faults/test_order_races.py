"""Orders that race: nothing is sold twice, nobody is stuck, a double click is one order."""

from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from services.catalogue.reader import reading
from services.catalogue.reading import find_product
from tests.faults.ordering import place
from tests.faults.rivals import assert_clean, beside, count_rows, interrupted, outcomes, together, until_blocked
from tests.support import make_products
from utils.errors import Conflict, OutOfStock
from wiring import Shop

LOCKED = "FOR NO KEY UPDATE"


def stock_of(shop: Shop, product_id: UUID) -> int:
    with shop.database.read() as session:
        return int(
            session.execute(text("SELECT stock_count FROM products WHERE id = :id"), {"id": product_id}).scalar_one()
        )


def test_forty_buyers_of_a_stock_of_ten_buy_exactly_ten(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    results = together([partial(place, shop, [(tea, 1)])] * 40)
    assert outcomes(results) in ({"UUID": 10, "OutOfStock": 30}, {"OutOfStock": 30, "UUID": 10})
    assert len({each for each in results if isinstance(each, UUID)}) == 10
    assert (stock_of(shop, tea), count_rows(shop.database, "orders")) == (0, 10)
    assert_clean(shop.database)
    with shop.database.read() as session:
        found = find_product(reading(session, shop.cache), tea)
        assert found is not None
        assert found.stock_count == 0


def test_buyers_of_different_quantities_leave_what_nobody_could_take(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    results = together([partial(place, shop, [(tea, 3)])] * 12)
    assert sorted(outcomes(results).items()) == [("OutOfStock", 9), ("UUID", 3)]
    refusals = [each for each in results if isinstance(each, OutOfStock)]
    assert {line["available"] for refusal in refusals for line in refusal.details["lines"]} == {1}
    assert stock_of(shop, tea) == 1
    assert_clean(shop.database)


def test_a_buyer_who_waited_sees_the_stock_that_the_first_one_left(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=1)
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(place, shop, [(tea, 1)])))
            until_blocked(shop.database)

        rivals: list[object] = []
        with interrupted(shop.database.engine, after=LOCKED, by=rival):
            first = place(shop, [(tea, 1)])
    [second] = rivals
    assert isinstance(second.exception(), OutOfStock)  # type: ignore[attr-defined]  # a Future
    assert isinstance(first, UUID)
    assert count_rows(shop.database, "orders") == 1
    assert_clean(shop.database)


def test_opposite_line_orders_never_deadlock(committing_shop: Shop) -> None:
    shop = committing_shop
    goods = make_products(shop, 4, stock=1000)
    forth = [(each, 1) for each in goods]
    back = forth[::-1]

    def many(lines: list[tuple[UUID, int]]) -> list[UUID]:
        return [place(shop, lines) for _ in range(15)]

    results = together([partial(many, forth), partial(many, back)] * 3)
    assert outcomes(results) == {"list": 6}
    assert [stock_of(shop, each) for each in goods] == [1000 - 90] * 4
    assert count_rows(shop.database, "orders") == 90
    assert_clean(shop.database)


def test_opposite_line_orders_lock_in_one_order(committing_shop: Shop) -> None:
    """The one moment at which two opposite orders would each hold what the other one needs, made on purpose."""
    shop = committing_shop
    first, last = sorted(make_products(shop, 2))
    with beside() as start, shop.database.write() as session:
        session.execute(text("SELECT 1 FROM products WHERE id = :id FOR UPDATE"), {"id": first})
        waiting = [start(partial(place, shop, lines)) for lines in ([(last, 1), (first, 1)], [(first, 1), (last, 1)])]
        until_blocked(shop.database, 2)
        # Whoever waits for the first product holds none of the later ones.
        session.execute(text("SELECT 1 FROM products WHERE id = :id FOR UPDATE NOWAIT"), {"id": last})
    assert [isinstance(each.result(), UUID) for each in waiting] == [True, True]


@pytest.mark.parametrize("clicks", range(2, 9))
def test_a_double_click_is_one_order(committing_shop: Shop, clicks: int) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    results = together([partial(place, shop, [(tea, 2)], key="click")] * clicks)
    assert outcomes(results) == {"UUID": clicks}
    assert len(set(results)) == 1
    assert (stock_of(shop, tea), count_rows(shop.database, "orders")) == (8, 1)
    assert_clean(shop.database)


def test_the_same_key_with_other_arguments_meanwhile_is_a_conflict(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    with beside() as start:

        def rival() -> None:
            rivals.extend(start(partial(place, shop, [(tea, quantity)], key="k")) for quantity in (1, 2))
            until_blocked(shop.database, 2)

        rivals: list[object] = []
        with interrupted(shop.database.engine, after=LOCKED, by=rival):
            order_id = place(shop, [(tea, 1)], key="k")
    same, other = rivals
    assert same.result() == order_id  # type: ignore[attr-defined]  # Futures
    assert isinstance(other.exception(), Conflict)  # type: ignore[attr-defined]
    assert (stock_of(shop, tea), count_rows(shop.database, "orders")) == (9, 1)
    assert_clean(shop.database)


def test_whoever_waited_for_a_key_that_was_given_up_orders_himself(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    with beside() as start:

        def rival_and_fault() -> None:
            rivals.append(start(partial(place, shop, [(tea, 4)], key="k")))
            until_blocked(shop.database)
            raise RuntimeError("the first one fails after its order was written")

        rivals: list[object] = []
        with (
            interrupted(shop.database.engine, after="INSERT INTO order_items", by=rival_and_fault),
            pytest.raises(RuntimeError),
        ):
            place(shop, [(tea, 1)], key="k")
    [second] = rivals
    assert isinstance(second.result(), UUID)  # type: ignore[attr-defined]  # a Future
    assert (stock_of(shop, tea), count_rows(shop.database, "orders")) == (6, 1)
    assert_clean(shop.database)
