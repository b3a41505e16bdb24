"""Changes and removals of a product that race with orders for it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.catalogue.products.changing import ProductChange, update_product
from services.catalogue.products.removing import delete_product
from services.catalogue.reader import reading
from services.catalogue.reading import find_product
from tests.faults.ordering import place
from tests.faults.rivals import assert_clean, beside, count_rows, interrupted, together, until_blocked
from tests.support import ADMIN, make_products
from utils.errors import NotForSale
from wiring import Shop

ORDER_LOCKED = "FOR NO KEY UPDATE"
PRODUCT_LOCKED = "FOR NO KEY UPDATE"


def delete(shop: Shop, product_id: UUID) -> None:
    with shop.database.write() as session:
        delete_product(session, product_id, actor=ADMIN, cache=shop.cache)


def set_stock(shop: Shop, product_id: UUID, stock_count: int) -> None:
    with shop.database.write() as session:
        change = ProductChange(stock_count=stock_count)
        update_product(session, product_id, change, actor=ADMIN, cache=shop.cache)


def row_of(shop: Shop, product_id: UUID) -> tuple[Any, ...] | None:
    chosen = text("SELECT status, stock_count FROM products WHERE id = :id")
    with shop.database.read() as session:
        found = session.execute(chosen, {"id": product_id}).one_or_none()
    return None if found is None else tuple(found)


def movements_of(shop: Shop, product_id: UUID) -> list[int]:
    chosen = text("SELECT quantity FROM stock_movements WHERE product_id = :id ORDER BY id")
    with shop.database.read() as session:
        return list(session.scalars(chosen, {"id": product_id}))


def while_locked(shop: Shop, *, after: str, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Starts `second` while `first` holds the product; what each returned or raised."""
    rivals = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(second))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after=after, by=rival):
            result = first()
    [future] = rivals
    return result, future.exception() or future.result()


def test_an_order_that_waits_for_a_removal_is_refused(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1)
    _, order = while_locked(
        shop, after=PRODUCT_LOCKED, first=partial(delete, shop, tea), second=partial(place, shop, [(tea, 1)])
    )
    assert isinstance(order, NotForSale)
    assert order.details == {"productIds": [str(tea)]}
    assert row_of(shop, tea) is None
    assert (count_rows(shop.database, "orders"), count_rows(shop.database, "stock_movements")) == (0, 0)


def test_a_removal_that_waits_for_an_order_withdraws(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    order, _ = while_locked(
        shop, after=ORDER_LOCKED, first=partial(place, shop, [(tea, 1)]), second=partial(delete, shop, tea)
    )
    assert isinstance(order, UUID)
    assert row_of(shop, tea) == ("withdrawn", 9)
    assert movements_of(shop, tea) == [10, -1]
    assert_clean(shop.database)


def test_removals_and_orders_in_any_order_leave_no_half(committing_shop: Shop) -> None:
    shop = committing_shop
    for tea in make_products(shop, 20, stock=5):
        order, removal = together([partial(place, shop, [(tea, 1)]), partial(delete, shop, tea)])
        assert removal is None
        if isinstance(order, UUID):
            assert row_of(shop, tea) == ("withdrawn", 4)
        else:
            assert isinstance(order, NotForSale)
            assert row_of(shop, tea) is None
        with shop.database.read() as session:
            assert find_product(reading(session, shop.cache), tea) is None
    dangling = text(
        "SELECT count(*) FROM order_items LEFT JOIN products ON products.id = product_id WHERE name IS NULL"
    )
    with shop.database.read() as session:
        assert session.scalars(dangling).one() == 0
    assert_clean(shop.database)


def test_a_new_stock_that_waits_for_an_order_is_counted_from_what_the_order_left(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    while_locked(
        shop, after=ORDER_LOCKED, first=partial(place, shop, [(tea, 3)]), second=partial(set_stock, shop, tea, 20)
    )
    assert row_of(shop, tea) == ("published", 20)
    assert movements_of(shop, tea) == [10, -3, 13]


def test_an_order_that_waits_for_a_new_stock_takes_from_it(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=1)
    while_locked(
        shop, after=PRODUCT_LOCKED, first=partial(set_stock, shop, tea, 8), second=partial(place, shop, [(tea, 5)])
    )
    assert row_of(shop, tea) == ("published", 3)
    assert movements_of(shop, tea) == [1, 7, -5]


def test_stock_and_ledger_agree_after_any_mixture(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=50)

    def orders() -> None:
        for _ in range(15):
            place(shop, [(tea, 1)])

    def changes() -> None:
        for step in range(15):
            set_stock(shop, tea, 50 + step)

    assert together([orders, changes, orders, changes]) == [None] * 4
    assert_clean(shop.database)
    assert len(movements_of(shop, tea)) > 30  # the first one, thirty orders', and those of changes that changed it
