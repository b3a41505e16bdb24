"""Stored orders are counted anew: silence while nothing changed, and a change of the counting is told."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from models.discount import DiscountClass, DiscountKind
from services.orders import replaying
from services.orders.pricing_kept import list_explanations
from services.orders.replaying import Difference, Replay
from services.pricing.calculating import rounding
from services.pricing.discounts.customers import customer_facts_now
from tests.services.acting import order_with_lines, place
from tests.services.evidence import nothing_changed
from tests.services.offers import changed, offer
from tests.services.tiers import move
from tests.support import ALICE
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


def as_kept_before(shop: Shop, order_id: UUID) -> None:
    """Makes the explanation of an order what 0.4.0 kept of it."""
    with shop.database.write() as session:
        session.execute(
            text(
                """UPDATE order_pricing SET explanation = jsonb_set(explanation, '{near_misses}', (
                SELECT jsonb_agg(miss - '{kind,applies_to,lines}'::text[])
                FROM jsonb_array_elements(explanation -> 'near_misses') AS miss)) WHERE order_id = :id"""
            ),
            {"id": order_id},
        )


def near_misses_of(shop: Shop, order_id: UUID) -> list[dict[str, object]]:
    """The near misses as they are kept."""
    with shop.database.read() as session:
        chosen = text("SELECT explanation -> 'near_misses' FROM order_pricing WHERE order_id = :id")
        found: list[dict[str, object]] = session.execute(chosen, {"id": order_id}).scalar_one()
        return found


@pytest.fixture
def missed(shop: Shop, product: Make) -> UUID:
    """An order of one piece, for which two discounts lack a little; its explanation is kept as 0.4.0 kept it."""
    tea = product(price="10.00")
    offer(shop, name="Two", targets=[{"product_id": tea}], min_quantity=2)
    offer(shop, name="Five off", kind="amount", applies_to="order", amounts={"USD": "5"}, min_amounts={"USD": "10.50"})
    made = place(shop, "alice", (tea, 1))
    now = [{**each} for each in near_misses_of(shop, made)]
    as_kept_before(shop, made)
    kept = near_misses_of(shop, made)
    assert [each.keys() for each in kept] == [{"rule", "name", "missing_amount", "missing_quantity"}] * 2
    told = [(each["name"], each["kind"], each["applies_to"], each["lines"]) for each in now]
    assert sorted(told, key=str) == [("Five off", "amount", "order", None), ("Two", "percent", "product", [0])]
    return made


def test_near_misses_of_before_they_had_a_kind_are_no_difference(shop: Shop, missed: UUID) -> None:
    assert replayed(shop) == ([], 1, 0)
    # but what they do tell is compared
    with shop.database.write() as session:
        session.execute(
            text(
                "UPDATE order_pricing SET explanation = "
                """jsonb_set(explanation, '{near_misses,0}', explanation #> '{near_misses,0}' || '{"name": "One"}')"""
            )
        )
    [found] = replayed(shop)[0]
    assert [each.partition(" stored")[0] for each in found.what] == ["near_misses[0].name: One"]
    assert found.number == number_of(shop, missed)


def test_a_kind_that_was_kept_is_compared(shop: Shop, product: Make) -> None:
    offer(shop, min_quantity=2)
    place(shop, "alice", (product(), 1))
    with shop.database.write() as session:
        session.execute(
            text(
                "UPDATE order_pricing SET explanation = jsonb_set(explanation, '{near_misses,0}', "
                """explanation #> '{near_misses,0}' || '{"kind": "amount", "lines": [0]}')"""
            )
        )
    assert [each.what for each in replayed(shop)[0]] == [
        ("near_misses[0].kind: amount stored, percent now", "near_misses[0].lines: [0] stored, None now")
    ]


def test_near_misses_of_before_they_had_a_kind_are_read_by_the_rules_of_their_order(
    shop: Shop, product: Make, missed: UUID, counted_sql: Callable[[], Any]
) -> None:
    # given another order that is kept as they are now, and discounts that have changed since
    later = place(shop, "bob", (product(price="9.00"), 1))
    with shop.database.write() as session:
        session.execute(text("DELETE FROM discount_targets"))
        session.execute(text("UPDATE discounts SET kind = 'percent', percent = 1, amounts = '{}', name = 'Other'"))
    # when
    with shop.database.read() as session, counted_sql() as statements:
        found = list_explanations(session, [missed, later], in_full=False)
    # then
    told = {
        each: sorted((miss.name, miss.kind, miss.applies_to, miss.lines) for miss in found[each].near_misses)
        for each in found
    }
    assert told[missed] == [
        ("Five off", DiscountKind.AMOUNT, DiscountClass.ORDER, None),
        ("Two", DiscountKind.PERCENT, DiscountClass.PRODUCT, None),
    ]
    assert [each[1:] for each in told[later]] == [(DiscountKind.AMOUNT, DiscountClass.ORDER, None)]
    assert len(statements) == 2
    with shop.database.read() as session, counted_sql() as statements:
        assert len(list_explanations(session, [later], in_full=False)[later].near_misses) == 1
    assert len(statements) == 1


def use_of(shop: Shop, order_id: UUID) -> str:
    """The discount of an order's only use."""
    with shop.database.read() as session:
        chosen = text("SELECT discount_id FROM discount_uses WHERE order_id = :id")
        return str(session.execute(chosen, {"id": order_id}).scalar_one())


# What somebody changed in the tables, and what is told of it. The second of two lines cost 20.00, less a tenth.
PLANTED = {
    "UPDATE order_items SET line_total = 17.99 WHERE position = 1 AND {own}": (
        "order_items[1].line_total: 17.99 stored, 18.00 now",
    ),
    "UPDATE order_items SET net_total = 18.001 WHERE position = 1 AND {own}": (
        "order_items[1].net_total: 18.001 stored, 18.00 now",
    ),
    "UPDATE order_items SET tax_total = 0.01 WHERE position = 0 AND {own}": (
        "order_items[0].tax_total: 0.01 stored, 0.00 now",
    ),
    "UPDATE order_items SET discount_total = 0 WHERE position = 1 AND {own}": (
        "order_items[1].discount_total: 0.00 stored, 2.00 now",
    ),
    "UPDATE order_items SET price_at_purchase = 9, quantity = 3 WHERE position = 1 AND {own}": (
        "order_items[1].quantity: 3 stored, 2 now",
        "order_items[1].price_at_purchase: 9.00 stored, 10.00 now",
    ),
    "DELETE FROM order_items WHERE position = 0 AND {own}": ("order_items: 1 stored, 2 now",),
    "UPDATE discount_uses SET amount = 2.5 WHERE {own}": ("discount_uses[{used}].amount: 2.50 stored, 2.10 now",),
    "DELETE FROM discount_uses WHERE {own}": ("discount_uses[{used}].amount: None stored, 2.10 now",),
    # As if it had been cancelled, and what it used were still taken.
    "UPDATE orders SET status = 'cancelled' WHERE id = :order": (
        "discount_uses[{used}].amount: 2.10 stored, None now",
    ),
}


@pytest.mark.parametrize("change", PLANTED)
def test_what_is_stored_of_lines_and_uses_is_compared(shop: Shop, product: Make, change: str) -> None:
    # given an order of two lines between two others
    tea, salt = product(price="10.00", stock=9), product(price="1.00", stock=9)
    offer(shop)
    for who in ("alice", "bob", "alice"):
        place(shop, who, (salt, 1), (tea, 2))
    with shop.database.read() as session:
        [_, order, _] = session.scalars(text("SELECT id FROM orders ORDER BY id"))
    used = use_of(shop, order)
    assert replayed(shop) == ([], 3, 0)
    # when
    with shop.database.write() as session:
        session.execute(text(change.format(own="order_id = :order")), {"order": order})
    # then
    told = tuple(each.format(used=used) for each in PLANTED[change])
    assert replayed(shop) == ([Difference(number_of(shop, order), told)], 3, 0)


def test_a_use_that_no_order_took_is_told(shop: Shop, orders: list[UUID]) -> None:
    other = offer(shop)
    with shop.database.write() as session:
        session.execute(
            text(
                "INSERT INTO discount_uses (discount_id, order_id, customer_id, amount, created_at) "
                "SELECT :other, id, customer_id, 0.5, now() FROM orders WHERE id = :id"
            ),
            {"other": other, "id": orders[1]},
        )
    told = (f"discount_uses[{other}].amount: 0.50 stored, None now",)
    assert replayed(shop)[0] == [Difference(number_of(shop, orders[1]), told)]


def test_what_became_of_orders_is_no_difference(shop: Shop, orders: list[UUID]) -> None:
    move(shop, orders[0], "cancelled")
    move(shop, orders[1], "paid")
    assert replayed(shop) == ([], 2, 0)
    move(shop, orders[1], "refunded")
    assert replayed(shop) == ([], 2, 0)


def test_orders_are_told_while_the_next_are_not_read_yet(
    shop: Shop, orders: list[UUID], counted_sql: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given batches of one order, each with a line that is not what it was
    monkeypatch.setattr(replaying, "_BATCH", 1)
    with shop.database.write() as session:
        session.execute(text("UPDATE order_items SET line_total = 5"))
    found = Replay(shop.database).differences()
    # when, then one statement has read the first order with its lines and its uses
    for order in orders:
        with counted_sql() as statements:
            assert next(found).number == number_of(shop, order)
        assert len([each for each in statements if "FROM order_pricing" in each]) == 1
    assert list(found) == []


def test_of_a_customer_is_kept_what_the_rules_ask(shop: Shop, product: Make) -> None:
    # given one who is named by two discounts, and has used three
    tea = product(price="10.00", stock=9)
    naming, ended = (offer(shop, for_named_customers=True, per_customer_limit=5) for _ in range(2))
    offer(shop, per_customer_limit=None)
    with shop.database.write() as session:
        for each in (naming, ended):
            session.execute(
                text("INSERT INTO discount_customers (discount_id, customer_id) VALUES (:discount, :customer)"),
                {"discount": each, "customer": ALICE},
            )
    place(shop, "alice", (tea, 1))
    # when one of them is over
    changed(shop, ended, is_active=False)
    last = place(shop, "alice", (tea, 1))
    # then
    with shop.database.read() as session:
        chosen = text("SELECT inputs -> 'customer' FROM order_pricing WHERE order_id = :id")
        kept = session.execute(chosen, {"id": last}).scalar_one()
        facts = customer_facts_now(session, customer_id=ALICE)
    assert facts.named_in == {naming, ended}
    assert facts.uses == {naming: 2, ended: 1}
    assert (kept["named_in"], kept["uses"]) == ([str(naming)], {str(naming): 1})
    assert replayed(shop) == ([], 2, 0)
