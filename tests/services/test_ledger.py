"""The last line: what the database itself refuses, whatever the program does."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.catalogue.stock.stock import Discrepancy, list_discrepancies
from tests.services.acting import place
from tests.services.evidence import ledger_of, nothing_changed, stock_of
from tests.support import ALICE, DANA
from wiring import Shop

Make = Callable[..., UUID]

FORBIDDEN = {
    "UPDATE products SET stock_count = -1": "ck_products_stock_not_negative",
    "UPDATE products SET price = -0.01": "ck_products_price_not_negative",
    "UPDATE products SET status = 'lost'": "ck_products_status_known",
    "UPDATE products SET currency = 'usd'": "ck_products_currency_is_iso",
    "UPDATE products SET slug = 'same'": "uq_products_slug",
    "UPDATE products SET category_id = gen_random_uuid()": "fk_products_category_id",
    "UPDATE categories SET parent_id = id": "ck_categories_not_its_own_parent",
    "UPDATE orders SET total_amount = -0.01, net_goods = -0.01": "ck_orders_parts_not_negative",
    "UPDATE orders SET total_amount = total_amount + 0.01": "ck_orders_parts_are_the_total",
    "UPDATE orders SET net_goods = net_goods + 1, net_shipping = -1": "ck_orders_parts_not_negative",
    "UPDATE orders SET discount_total = -0.01": "ck_orders_discount_not_negative",
    "UPDATE orders SET status = 'lost'": "ck_orders_status_known",
    "UPDATE orders SET customer_id = gen_random_uuid()": "fk_orders_customer_id",
    "UPDATE orders SET number = 1": "uq_orders_number",
    "UPDATE order_items SET quantity = 0": "ck_order_items_quantity_positive",
    "UPDATE order_items SET price_at_purchase = -1": "ck_order_items_price_not_negative",
    "UPDATE order_items SET tax_total = -1": "ck_order_items_parts_not_negative",
    "UPDATE order_items SET product_id = (SELECT product_id FROM order_items LIMIT 1)": (
        "uq_order_items_order_id_product_id"
    ),
    "UPDATE order_steps SET status = 'lost'": "ck_order_steps_status_known",
    "UPDATE users SET role = 'king', rights = '{}'": "ck_users_role_known",
    "UPDATE users SET email = 'Alice@example.com'": "ck_users_email_lower_case",
    "UPDATE users SET email = 'alice@example.com'": "uq_users_email",
    "UPDATE regions SET currency = 'euro'": "value too long",
    "UPDATE regions SET currency = 'eur'": "ck_regions_currency_is_iso",
    "DELETE FROM products": "fk_order_items_product_id",
    f"DELETE FROM users WHERE id = '{ALICE}'": "fk_orders_customer_id",
    "DELETE FROM categories": "fk_",
    "DELETE FROM departments": "fk_",
    "DELETE FROM orders": "fk_stock_movements_order_id",
    "UPDATE stock_movements SET quantity = quantity + 1": "stock_movements is append-only",
    "UPDATE stock_movements SET created_at = now()": "stock_movements is append-only",
    "UPDATE stock_movements SET actor_id = NULL, order_id = NULL": "stock_movements is append-only",
    f"UPDATE stock_movements SET actor_id = '{ALICE}'": "stock_movements is append-only",
    "DELETE FROM stock_movements": "stock_movements is append-only",
    "INSERT INTO stock_movements (product_id, quantity, reason, created_at) "
    "SELECT id, 0, 'initial', now() FROM products": "ck_stock_movements_quantity_not_zero",
    "INSERT INTO stock_movements (product_id, quantity, reason, created_at) "
    "SELECT id, 1, 'gift', now() FROM products": "ck_stock_movements_reason_known",
    "INSERT INTO stock_movements (product_id, quantity, reason, created_at) "
    "SELECT id, -1, 'order', now() FROM products": "ck_stock_movements_order_named",
    "INSERT INTO stock_movements (product_id, quantity, reason, order_id, created_at) "
    "SELECT product_id, 1, 'adjustment', order_id, now() FROM order_items": "ck_stock_movements_order_named",
}


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses(shop: Shop, connection: Connection, product: Make, statement: str) -> None:
    # given two orders of two products
    tea, rice = product(), product()
    place(shop, "alice", (tea, 2), (rice, 1))
    place(shop, "bob", (tea, 1))
    # when, then
    with nothing_changed(shop.database), pytest.raises(DBAPIError) as refusal, connection.begin_nested():
        connection.execute(text(statement))
    assert FORBIDDEN[statement] in str(refusal.value.orig)


def test_an_account_that_goes_leaves_the_ledger_without_its_name(
    shop: Shop, connection: Connection, product: Make
) -> None:
    tea = product(stock=3)
    connection.execute(text("DELETE FROM users WHERE id = :dana"), {"dana": DANA})
    assert ledger_of(shop.database, tea) == [(3, "initial", None, None)]


def test_a_product_that_goes_takes_its_ledger(shop: Shop, connection: Connection, product: Make) -> None:
    tea = product(stock=3)
    connection.execute(text("DELETE FROM products WHERE id = :tea"), {"tea": tea})
    assert ledger_of(shop.database, tea) == []


def test_a_sound_shop_has_no_discrepancy_and_a_tampered_one_is_named(
    shop: Shop, connection: Connection, product: Make
) -> None:
    # given
    tea, rice, none = product(name="Tea", stock=3), product(stock=5), product(stock=0)
    place(shop, "alice", (tea, 1))
    with shop.database.read() as session:
        assert list_discrepancies(session) == []
    # when
    connection.execute(text("UPDATE products SET stock_count = 9 WHERE id = :tea"), {"tea": tea})
    # then
    with shop.database.read() as session:
        assert list_discrepancies(session) == [Discrepancy(tea, "Tea", 9, 2)]
    assert stock_of(shop.database, tea, rice, none) == [9, 5, 0]


def test_the_stock_never_goes_below_zero_also_without_our_lock(connection: Connection, product: Make) -> None:
    tea = product(stock=1)
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(text("UPDATE products SET stock_count = stock_count - 2 WHERE id = :tea"), {"tea": tea})
