"""What becomes of orders: only what may, each step noted, stock and ledger exact; what is refused changes nothing."""

from collections.abc import Callable
from itertools import product as pairs
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from models import AuditEntry, Order
from models.order import OrderStatus
from models.user import Right
from services.accounts.actor import Actor
from services.catalogue.changes import CATALOGUE_CHANGED
from services.catalogue.reader import reading
from services.catalogue.stock.stock import list_discrepancies
from services.orders.moving import ALLOWED, ORDER_STATUS_CHANGED, record_order_status
from services.pricing.discounts.customers import customer_facts
from tests.services.acting import category_id, place, remove
from tests.services.evidence import history_of, ledger_of, news_of, nothing_changed, product_row, stock_of
from tests.services.hiring import hire
from tests.services.pricing import set_low_mark
from tests.services.tiers import move
from tests.support import ALICE, BOB, DANA, actor_for
from utils.errors import Conflict, Forbidden, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
PENDING, PAID, CANCELLED, REFUNDED = OrderStatus


def put(shop: Shop, order: UUID, status: OrderStatus) -> None:
    """Sets the status in the table itself."""
    with shop.database.write() as session:
        session.execute(update(Order).where(Order.id == order).values(status=status))


def status_of(shop: Shop, order: UUID) -> str:
    with shop.database.read() as session:
        return session.scalars(select(Order.status).where(Order.id == order)).one()


def record(shop: Shop, order: UUID, status: OrderStatus, actor: Actor) -> None:
    with shop.database.write() as session:
        record_order_status(session, order, status, actor=actor, cache=shop.cache)


def test_what_an_order_may_become() -> None:
    assert {(before, after) for before in ALLOWED for after in ALLOWED[before]} == {
        (PENDING, PAID),
        (PENDING, CANCELLED),
        (PAID, CANCELLED),
        (PAID, REFUNDED),
    }
    assert set(ALLOWED) == set(OrderStatus)


@pytest.mark.parametrize(("before", "after"), [each for each in pairs(OrderStatus, OrderStatus) if each[0] != each[1]])
def test_only_what_may_be_is_and_a_refusal_changes_nothing(
    shop: Shop, product: Make, before: OrderStatus, after: OrderStatus
) -> None:
    order = place(shop, "alice", (product(), 1))
    put(shop, order, before)
    if after in ALLOWED[before]:
        move(shop, order, after)
        assert status_of(shop, order) == after
        return
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        move(shop, order, after)
    assert refusal.value.details == {"field": "status"}
    assert refusal.value.message == f"An order that is {before.value} cannot become {after.value}."


def test_a_step_is_noted_and_told(shop: Shop, product: Make) -> None:
    order = place(shop, "alice", (product(), 1))
    with shop.database.read() as session:
        placed = session.get_one(Order, order)
    move(shop, order, "paid")
    move(shop, order, "refunded")

    assert history_of(shop.database, order) == [("pending", ALICE), ("paid", DANA), ("refunded", DANA)]
    assert news_of(shop.database, ORDER_STATUS_CHANGED) == [
        {"orderId": str(order), "customerId": str(ALICE), "status": "paid"},
        {"orderId": str(order), "customerId": str(ALICE), "status": "refunded"},
    ]
    with shop.database.read() as session:
        moved = session.get_one(Order, order)
        noted: list[Any] = [
            (row.action, row.subject_type, row.subject_id, row.actor_id, row.before, row.after)
            for row in session.scalars(select(AuditEntry).where(AuditEntry.subject_id == order).order_by(AuditEntry.id))
        ]
    assert moved.updated_at > placed.updated_at
    assert (moved.created_at, moved.total_amount) == (placed.created_at, placed.total_amount)
    assert noted == [
        ("order.status_recorded", "order", order, DANA, {"status": "pending"}, {"status": "paid"}),
        ("order.status_recorded", "order", order, DANA, {"status": "paid"}, {"status": "refunded"}),
    ]


@pytest.mark.parametrize("first", [[], ["paid"]])
def test_a_cancelled_order_gives_its_pieces_back(shop: Shop, product: Make, first: list[str]) -> None:
    # given an order of all of the tea and of some of the salt
    tea, salt, other = product(stock=3), product(stock=10, category="fruit"), product(stock=5)
    order = place(shop, "alice", (tea, 3), (salt, 4))
    for status in first:
        move(shop, order, status)
    assert stock_of(shop.database, tea, salt, other) == [0, 6, 5]
    # when
    move(shop, order, "cancelled")
    # then
    assert stock_of(shop.database, tea, salt, other) == [3, 10, 5]
    assert ledger_of(shop.database, tea)[1:] == [(-3, "order", order, ALICE), (3, "cancelled", order, DANA)]
    assert ledger_of(shop.database, salt)[1:] == [(-4, "order", order, ALICE), (4, "cancelled", order, DANA)]
    assert len(ledger_of(shop.database, other)) == 1
    with shop.database.read() as session:
        assert list_discrepancies(session) == []
    # only what was out of stock comes back
    assert news_of(shop.database, "stock.back") == [{"product": str(tea), "stockCount": 3}]
    told = news_of(shop.database, CATALOGUE_CHANGED)[-1]["tags"]
    lists = {"stocked:all", f"stocked:{category_id(shop, 'everything-else')}"}
    assert {f"product:{tea}", f"product:{salt}", f"customer:{ALICE}"} | lists <= set(told)
    assert f"stocked:{category_id(shop, 'fruit')}" not in told


def test_a_refunded_order_leaves_the_stock_as_it_is(shop: Shop, product: Make) -> None:
    tea = product(stock=3)
    order = place(shop, "alice", (tea, 3))
    move(shop, order, "paid")
    with nothing_changed(shop.database, but=("orders", "order_steps", "audit_entries", "outbox_events")):
        move(shop, order, "refunded")


def test_pieces_of_a_product_that_is_withdrawn_come_back_too(shop: Shop, product: Make) -> None:
    tea = product(stock=3)
    order = place(shop, "alice", (tea, 3))
    remove(shop, "dana", tea)
    move(shop, order, "cancelled")
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.status, row.stock_count) == ("withdrawn", 3)


def test_what_came_back_is_not_low(shop: Shop, product: Make) -> None:
    tea = product(stock=5)
    set_low_mark(shop, tea, 4)
    order = place(shop, "alice", (tea, 3))
    assert len(news_of(shop.database, "stock.low")) == 1
    move(shop, order, "cancelled")
    assert len(news_of(shop.database, "stock.low")) == 1


def test_who_has_cancelled_orders_only_has_not_ordered(shop: Shop, product: Make) -> None:
    def has_ordered() -> bool:
        with shop.database.read() as session:
            return customer_facts(reading(session, shop.cache), ALICE).has_ordered

    order = place(shop, "alice", (product(), 1))
    assert has_ordered()
    move(shop, order, "cancelled")
    assert not has_ordered()


@pytest.mark.parametrize("steps", [["paid"], ["cancelled"], ["paid", "refunded"], ["paid", "cancelled"]])
def test_the_status_it_has_changes_nothing_but_tells_the_cache_again(
    shop: Shop, product: Make, steps: list[str]
) -> None:
    tea = product(stock=3)
    order = place(shop, "alice", (tea, 3))
    for status in steps:
        move(shop, order, status)
    before = news_of(shop.database, CATALOGUE_CHANGED)
    with nothing_changed(shop.database, but=("outbox_events",)):
        move(shop, order, steps[-1])
    assert len(news_of(shop.database, ORDER_STATUS_CHANGED)) == len(steps)
    again = news_of(shop.database, CATALOGUE_CHANGED)[len(before) :]
    if steps[-1] != "cancelled":
        assert again == []
    else:
        assert [f"product:{tea}" in each["tags"] for each in again] == [True]
        assert {"stocked:all", "discounts", f"customer:{ALICE}"} <= set(again[0]["tags"])


def test_a_pending_order_may_be_called_pending(shop: Shop, product: Make) -> None:
    order = place(shop, "alice", (product(), 1))
    with nothing_changed(shop.database):
        move(shop, order, "pending")


def test_each_status_takes_its_right(shop: Shop, product: Make) -> None:
    # given
    clerk, treasurer = hire(shop, "cleo", Right.ORDERS).actor, hire(shop, "tess", Right.REFUNDS).actor
    everything_else = hire(shop, "eve", Right.READ, Right.PRODUCTS, Right.DISCOUNTS, Right.USERS).actor
    order = place(shop, "alice", (product(), 1))
    refused = [
        (actor_for(shop, "alice"), PAID),
        (actor_for(shop, "alice"), CANCELLED),
        (everything_else, PAID),
        (everything_else, REFUNDED),
        (clerk, REFUNDED),
        (treasurer, PAID),
        (treasurer, CANCELLED),
        (treasurer, PENDING),
    ]
    # when, then
    for actor, status in refused:
        for which in (order, new_id()):
            with nothing_changed(shop.database), pytest.raises(Forbidden):
                record(shop, which, status, actor)
    record(shop, order, PAID, clerk)
    record(shop, order, REFUNDED, treasurer)
    assert history_of(shop.database, order)[1:] == [("paid", clerk.id), ("refunded", treasurer.id)]


def test_an_unknown_order_is_refused(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        move(shop, new_id(), "paid")
    assert refusal.value.details == {"field": "orderId"}


def test_nothing_of_another_order_changes(shop: Shop, product: Make) -> None:
    tea = product(stock=10)
    mine, other = place(shop, "alice", (tea, 2)), place(shop, "bob", (tea, 3))
    move(shop, mine, "cancelled")
    assert (status_of(shop, other), history_of(shop.database, other)) == ("pending", [("pending", BOB)])
    assert stock_of(shop.database, tea) == [7]
