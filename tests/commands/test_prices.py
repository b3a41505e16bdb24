"""`manage.py replay-prices`: silence while nothing changed, and exit status 1 with what differs."""

from sqlalchemy import text

from tests.commands.test_commands import call
from tests.services.acting import order_with_lines, place
from tests.support import make_products
from wiring import Shop


def test_orders_are_counted_anew(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10.00", stock=9)
    first, second = (place(shop, "alice", (tea, 1)) for _ in range(2))
    numbers = [order_with_lines(shop, each).number for each in (first, second)]
    # when, then
    sound = call(shop, "replay-prices")
    assert (sound.exit_code, sound.output) == (0, "2 counted anew, 0 differ.\n")
    # when one was counted otherwise, and the other has nothing to be counted from
    with shop.database.write() as session:
        other = text('UPDATE order_pricing SET explanation = explanation || \'{"total": "9.00"}\' WHERE order_id = :id')
        session.execute(other, {"id": first})
        session.execute(text("DELETE FROM order_pricing WHERE order_id = :id"), {"id": second})
    # then
    found = call(shop, "replay-prices")
    told = f"order {numbers[0]}: total: 9.00 stored, 10.00 now\n"
    left_out = "1 from before prices were explained, and left out.\n"
    assert (found.exit_code, found.output) == (1, f"{told}{left_out}1 counted anew, 1 differ.\n")
    only = call(shop, "replay-prices", "--order", str(numbers[1]))
    assert (only.exit_code, only.output) == (0, f"{left_out}0 counted anew, 0 differ.\n")
    unknown = call(shop, "replay-prices", "--order", "999999999")
    assert (unknown.exit_code, unknown.output) == (1, "Error: There is no order with this number.\n")
