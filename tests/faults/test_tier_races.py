"""Orders that are paid and called off at once: tiers are right in the end, stock comes back once, nobody is stuck."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, text, update

from launch.programs import worker_command
from models import Order, PeriodicRun
from models.user import Role
from services.accounts.actor import Actor
from services.accounts.erasing import delete_account
from services.catalogue.stock.stock import list_discrepancies
from services.orders.moving import ORDER_STATUS_CHANGED
from services.pricing.tiers.recounting import Reason, Recount, Repair, recount
from tests.faults.own import run_script, running, variables_of
from tests.faults.rivals import beside, eventually, interrupted, outcomes, together, until_blocked
from tests.services.acting import place
from tests.services.evidence import history_of, ledger_of, news_of, stock_of
from tests.services.people import GOOD_PASSWORD, account, registered
from tests.services.tiers import THRESHOLDS, add_orders, changes, kept, move, repair
from tests.support import ALICE, BOB, DANA, make_products
from utils import clock
from wiring import Shop
from workers.relay import relay_all
from workers.tiers import categorize_customers

A_FEW_SECONDS = 20.0  # what a loaded machine may take to start the worker
COUNTED = "SELECT count(*) FROM orders"


def count_anew(shop: Shop, customer: UUID = ALICE) -> Recount:
    with shop.database.write() as session:
        return recount(session, shop.cache, customer_id=customer, reason=Reason.ORDER, thresholds=THRESHOLDS)


def pay(shop: Shop, order: UUID) -> None:
    """Puts the order among the paid ones in the table itself."""
    with shop.database.write() as session:
        session.execute(update(Order).where(Order.id == order).values(status="paid"))


def test_twenty_orders_paid_at_once_make_a_silver_customer_once(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    add_orders(shop, ALICE, 1)
    orders = add_orders(shop, ALICE, 20, "pending")
    # when they are paid while four relays and a repair are at work
    acts: list[Any] = [partial(move, shop, each, "paid") for each in orders]
    results = together([*acts, *[partial(relay_all, shop)] * 4, partial(repair, shop)])
    relay_all(shop)
    # then
    assert [each for each in results if isinstance(each, Exception)] == []
    assert (kept(shop, ALICE), news_of(shop.database, ORDER_STATUS_CHANGED)) == (("silver", 21), [])
    assert [each[:3] for each in changes(shop, ALICE)] == [("bronze", "silver", 21)]
    assert repair(shop) == Repair(1, 0, 0)


def test_twenty_orders_refunded_at_once_take_the_tier_away_once(committing_shop: Shop) -> None:
    shop = committing_shop
    orders = add_orders(shop, ALICE, 40)
    repair(shop)
    acts: list[Any] = [partial(move, shop, each, "refunded") for each in orders[:20]]
    results = together([*acts, *[partial(relay_all, shop)] * 4])
    relay_all(shop)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert kept(shop, ALICE) == ("bronze", 20)
    assert changes(shop, ALICE)[1:] == [("silver", "bronze", 20, "order")]


def test_who_waited_for_the_row_counts_what_came_meanwhile(committing_shop: Shop) -> None:
    # given one who has counted 20 and has not written it
    shop = committing_shop
    add_orders(shop, ALICE, 20)
    count_anew(shop)
    [late] = add_orders(shop, ALICE, 1, "pending")
    [later] = add_orders(shop, ALICE, 1, "pending")
    with beside() as start:

        def rival() -> None:
            pay(shop, later)
            rivals.append(start(partial(count_anew, shop)))
            until_blocked(shop.database)

        rivals: list[Any] = []
        pay(shop, late)
        # when another order is paid, and counted by another worker
        with interrupted(shop.database.engine, after=COUNTED, by=rival):
            assert count_anew(shop) == Recount(corrected=True, moved=True)
    # then
    assert rivals[0].result() == Recount(corrected=True, moved=False)
    assert (kept(shop, ALICE), changes(shop, ALICE)) == (("silver", 22), [("bronze", "silver", 21, "order")])


def test_two_who_count_a_customer_for_the_first_time(committing_shop: Shop) -> None:
    shop = committing_shop
    add_orders(shop, ALICE, 50)
    results = together([partial(count_anew, shop)] * 6)
    assert sorted(results) == [Recount(False, False)] * 5 + [Recount(True, True)]
    assert changes(shop, ALICE) == [("bronze", "gold", 50, "order")]


def test_two_repairs_at_once_correct_each_once(committing_shop: Shop) -> None:
    shop = committing_shop
    add_orders(shop, ALICE, 50)
    add_orders(shop, BOB, 21)
    results = together([partial(repair, shop)] * 4)
    assert [each.checked for each in results] == [2] * 4
    assert (sum(each.corrected for each in results), sum(each.moved for each in results)) == (2, 2)
    assert changes(shop, ALICE) + changes(shop, BOB) == [
        ("bronze", "gold", 50, "repair"),
        ("bronze", "silver", 21, "repair"),
    ]


@pytest.mark.parametrize("only_if_due", [True, False])
@pytest.mark.parametrize("point", ["pg_try_advisory_xact_lock", COUNTED, "INSERT INTO periodic_runs"])
def test_of_two_repairs_at_once_the_second_goes_away(committing_shop: Shop, only_if_due: bool, point: str) -> None:
    # given a repair that is somewhere between its beginning and its commit
    shop = committing_shop
    add_orders(shop, ALICE, 50)
    found: list[Repair | None] = []

    def rival() -> None:
        found.append(categorize_customers(shop, only_if_due=only_if_due))

    # when another one comes
    with interrupted(shop.database.engine, after=point, by=rival):
        assert categorize_customers(shop) == Repair(1, 1, 1)
    # then it did nothing, and the next one may again
    assert found == [None]
    assert categorize_customers(shop) == Repair(1, 0, 0)
    assert changes(shop, ALICE) == [("bronze", "gold", 50, "repair")]


def test_of_many_who_look_whether_it_is_due_one_repairs(committing_shop: Shop) -> None:
    shop = committing_shop
    add_orders(shop, ALICE, 50)
    results = together([partial(categorize_customers, shop, only_if_due=True)] * 4)
    assert [each for each in results if each is not None] == [Repair(1, 1, 1)]
    assert categorize_customers(shop, only_if_due=True) is None


def test_of_a_repair_that_is_killed_stays_what_it_did_and_the_next_is_due(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    add_orders(shop, ALICE, 50)
    # when it dies while it writes
    assert run_script("tests.faults.killed_teller", "noted", "repair", environment=variables_of(shop)) == -9
    # then its lock has gone with it
    assert (kept(shop, ALICE), changes(shop, ALICE)) == (None, [])
    eventually(lambda: categorize_customers(shop, only_if_due=True) == Repair(1, 1, 1), "the next one repairs")
    assert kept(shop, ALICE) == ("gold", 50)


@pytest.mark.parametrize(("hours", "is_due"), [(None, True), (25, True), (23, False)])
def test_a_worker_makes_a_missed_night_good_when_it_starts(
    faulty_shop: Shop, tmp_path: Path, hours: int | None, is_due: bool
) -> None:
    # given a host that slept at that hour, and a clock whose file is new
    shop = faulty_shop
    add_orders(shop, ALICE, 21)
    last = None if hours is None else clock.now() - timedelta(hours=hours)
    with shop.database.write() as session:
        session.execute(delete(PeriodicRun))
        session.execute(text("DELETE FROM customer_tiers"))
        if last is not None:
            session.execute(insert(PeriodicRun).values(name="categorize-customers", began_at=last))
    # when
    with running(worker_command(shop.settings, tmp_path / "beat"), variables_of(shop), tmp_path / "log"):
        if is_due:
            eventually(lambda: kept(shop, ALICE) == ("silver", 21), "the worker repaired", A_FEW_SECONDS)
        else:
            # the relay's first turn comes after what the worker sends itself when it is ready
            [order] = add_orders(shop, BOB, 1, "pending")
            move(shop, order, "paid")
            eventually(lambda: kept(shop, BOB) == ("bronze", 1), "the worker relayed", A_FEW_SECONDS)
            assert kept(shop, ALICE) is None
    with shop.database.read() as session:
        now = session.scalars(select(PeriodicRun.began_at)).one()
    assert (now != last) is is_due


@pytest.mark.parametrize("point", ["counted", "written", "noted"])
def test_a_worker_killed_between_the_event_and_the_tier_is_made_good(committing_shop: Shop, point: str) -> None:
    # given
    shop = committing_shop
    add_orders(shop, ALICE, 20)
    [order] = add_orders(shop, ALICE, 1, "pending")
    repair(shop)
    move(shop, order, "paid")
    # when
    assert run_script("tests.faults.killed_teller", point, environment=variables_of(shop)) == -9
    # then nothing is half done
    assert (kept(shop, ALICE), changes(shop, ALICE)) == (("bronze", 20), [])
    assert len(news_of(shop.database, ORDER_STATUS_CHANGED)) == 1
    # and the next one does it
    relay_all(shop)
    assert (kept(shop, ALICE), changes(shop, ALICE)) == (("silver", 21), [("bronze", "silver", 21, "order")])
    assert news_of(shop.database, ORDER_STATUS_CHANGED) == []


def test_ten_who_call_one_order_off_at_once_give_its_pieces_back_once(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    order = place(shop, "alice", (tea, 4))
    assert outcomes(together([partial(move, shop, order, "cancelled")] * 10)) == {"NoneType": 10}
    assert stock_of(shop.database, tea) == [10]
    assert [each[:2] for each in ledger_of(shop.database, tea)] == [(10, "initial"), (-4, "order"), (4, "cancelled")]
    assert history_of(shop.database, order) == [("pending", ALICE), ("cancelled", DANA)]


def test_the_second_who_calls_an_order_off_waits_and_changes_nothing(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    order = place(shop, "alice", (tea, 4))
    with beside() as start:

        def rival() -> None:
            start(partial(move, shop, order, "cancelled"))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="status FROM orders WHERE id", by=rival):
            move(shop, order, "cancelled")
    assert (stock_of(shop.database, tea), len(ledger_of(shop.database, tea))) == ([10], 3)
    assert len(history_of(shop.database, order)) == 2


def test_an_order_that_is_paid_and_called_off_at_once_ends_as_called_off(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    for _ in range(5):
        order = place(shop, "alice", (tea, 1))
        paid, cancelled = together([partial(move, shop, order, "paid"), partial(move, shop, order, "cancelled")])
        steps = [status for status, _ in history_of(shop.database, order)]
        # whoever came second judged by what the first one left
        assert cancelled is None
        if paid is None:
            assert steps == ["pending", "paid", "cancelled"]
        else:
            assert (type(paid).__name__, steps) == ("Conflict", ["pending", "cancelled"])
    assert stock_of(shop.database, tea) == [10]


def test_buyers_and_those_who_call_off_do_not_block_each_other(committing_shop: Shop) -> None:
    shop = committing_shop
    goods = make_products(shop, 4, stock=100)
    forwards, backwards = [(each, 1) for each in goods], [(each, 1) for each in reversed(goods)]
    orders = [place(shop, "alice", *(forwards if number % 2 else backwards)) for number in range(8)]
    acts: list[Any] = [partial(move, shop, each, "cancelled") for each in orders]
    acts += [partial(place, shop, "bob", *(forwards if number % 2 else backwards)) for number in range(8)]
    results = together(acts)
    assert outcomes(results) == {"NoneType": 8, "UUID": 8}
    assert stock_of(shop.database, *goods) == [92] * 4
    with shop.database.read() as session:
        assert list_discrepancies(session) == []


def test_who_calls_off_takes_the_products_by_their_ids(committing_shop: Shop) -> None:
    shop = committing_shop
    low, *others = sorted(make_products(shop, 3, stock=10))
    order = place(shop, "alice", *[(each, 1) for each in (*others, low)])
    hold = text("SELECT id FROM products WHERE id = :id FOR NO KEY UPDATE NOWAIT")
    with beside() as start, shop.database.write() as session:
        session.execute(hold, {"id": low})
        start(partial(move, shop, order, "cancelled"))
        until_blocked(shop.database)
        # who waits for the first holds none of the later ones
        for each in others:
            session.execute(hold, {"id": each})
    assert stock_of(shop.database, low, *others) == [10] * 3


@pytest.mark.parametrize("orders", [1, 50])
@pytest.mark.parametrize("counts_first", [True, False])
def test_who_is_erased_while_the_tier_is_counted_has_none(
    committing_shop: Shop, counts_first: bool, orders: int
) -> None:
    # given a customer with a row, who has 50 orders by now
    shop = committing_shop
    registered(shop)
    erin = Actor(id=account(shop).id, role=Role.CUSTOMER)
    add_orders(shop, erin.id, orders)
    count_anew(shop, erin.id)
    add_orders(shop, erin.id, 50 - orders)
    erasing = partial(
        delete_account, shop.database, shop.passwords, actor=erin, password=GOOD_PASSWORD, cache=shop.cache
    )
    counting = partial(count_anew, shop, erin.id)
    first, second = (counting, erasing) if counts_first else (erasing, counting)
    # when the second one comes while the first one holds what it holds
    rivals: list[Any] = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(second))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after=COUNTED if counts_first else "DELETE FROM sta", by=rival):
            first()
    # then neither was refused
    rivals[0].result()
    assert (kept(shop, erin.id), changes(shop, erin.id)) == (None, [])


def test_who_never_had_a_tier_gets_none_while_being_erased(committing_shop: Shop) -> None:
    shop = committing_shop
    registered(shop)
    erin = Actor(id=account(shop).id, role=Role.CUSTOMER)
    add_orders(shop, erin.id, 50)
    rivals: list[Any] = []
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(count_anew, shop, erin.id)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="DELETE FROM sta", by=rival):
            delete_account(shop.database, shop.passwords, actor=erin, password=GOOD_PASSWORD, cache=shop.cache)
    assert rivals[0].result() == Recount(corrected=False, moved=False)
    assert (kept(shop, erin.id), changes(shop, erin.id)) == (None, [])
