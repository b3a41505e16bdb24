"""Imports among others: killed workers, two at once, staff and orders in between; the ledger always adds up."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine

from models.import_job import ImportFormat
from services.catalogue.finding.pages import PageQuery
from services.catalogue.importing import jobs
from services.catalogue.importing.carrying_out import Outcome
from services.catalogue.stock.stock import list_discrepancies
from tests.cache.shoppers import page, price
from tests.faults.own import run_script, variables_of
from tests.faults.rivals import beside, interrupted, together, until_blocked
from tests.services.acting import change, place
from tests.services.evidence import ledger_of, nothing_changed, stock_of
from tests.services.importing import counts, csv_of, rows, take
from tests.services.pricing import schedule_price
from tests.support import ADMIN, make_products
from utils import clock
from utils.cache import Cache
from utils.errors import Unavailable
from wiring import Shop
from workers.imports import carry_out_import
from workers.relay import relay_all

COMPARED = "SET differs = true"


def sound(shop: Shop) -> bool:
    with shop.database.read() as session:
        return list_discrepancies(session) == []


@pytest.mark.parametrize("at", ["ANALYZE import_rows", "INSERT INTO price_changes", "SET status"])
def test_a_killed_worker_leaves_nothing_and_the_next_does_all(committing_shop: Shop, at: str) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10", stock=5)
    relay_all(shop)
    assert price(shop, tea) == 10
    content = csv_of("id,slug,price,stockCount", [f"{tea},,7,9", *(f",new-{each},1,1" for each in range(20))])
    job = wanted(shop, content)
    if at == "SET status":
        at = "UPDATE import_jobs SET status=%(status)s, source"
    with nothing_changed(shop.database, but=["import_jobs"]):
        assert run_script("tests.faults.killed_import", str(job), at, environment=variables_of(shop)) == -9
    assert rows(shop, "SELECT status, source IS NOT NULL FROM import_jobs") == [("running", True)]
    assert price(shop, tea) == 10
    relay_all(shop)
    assert rows(shop, "SELECT status, created, updated FROM import_jobs") == [("done", 20, 1)]
    assert ledger_of(shop.database, tea)[1:] == [(4, "imported", None, ADMIN.id)]
    assert price(shop, tea) == 7
    assert len(page(shop, PageQuery(first=100))) == 21
    assert sound(shop)


def status_of(shop: Shop) -> tuple[object, ...]:
    """How the only job stands: its status, whether its file is there, whether it has ended, and what it changed."""
    [found] = rows(shop, "SELECT status, source IS NOT NULL, finished_at IS NOT NULL, updated FROM import_jobs")
    return found


def wanted(shop: Shop, content: str) -> UUID:
    with shop.database.write() as session:
        return jobs.want_import(
            session, content.encode(), file_format=ImportFormat.CSV, dry_run=False, partial=False, actor=ADMIN
        )


def test_a_job_is_done_when_nobody_is_shown_the_old_price(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10", stock=5)
    relay_all(shop)
    assert price(shop, tea) == 10
    job = wanted(shop, f"id,price\n{tea},7\n")
    assert run_script("tests.faults.killed_import", str(job), "renew", environment=variables_of(shop)) == -9
    # The products are written, and no web server knows of it.
    assert rows(shop, "SELECT price FROM products") == [(7,)]
    assert price(shop, tea) == 10
    assert status_of(shop) == ("running", False, False, 1)
    with nothing_changed(shop.database, but=["import_jobs"]):
        jobs.run_job(shop.database, job, cache=shop.cache, currency="USD")
    assert status_of(shop) == ("done", False, True, 1)
    assert price(shop, tea) == 7


def test_a_job_is_not_done_while_redis_is_away(committing_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, whole = committing_shop, []
    [tea] = make_products(shop, 1, price="10", stock=5)
    job, renew = wanted(shop, f"id,price\n{tea},7\n"), Cache.renew

    def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(Cache, "renew", away)
        for _ in range(2):
            with pytest.raises(Unavailable):
                carry_out_import(shop, job, {"job": str(job)})
            assert status_of(shop) == ("running", False, False, 1)
    assert rows(shop, "SELECT price, version FROM products") == [(7, 2)]

    def noted(cache: Cache, tags: Iterable[str], *, done: str, everything: bool = False) -> None:
        whole.append(everything)
        renew(cache, tags, done=done, everything=everything)

    monkeypatch.setattr(Cache, "renew", noted)
    carry_out_import(shop, job, {"job": str(job)})
    assert (status_of(shop), whole) == (("done", False, True, 1), [True])
    # Where nothing is in the way, what is not shown to have changed stays in the cache.
    whole.clear()
    second = wanted(shop, f"id,price\n{tea},8\n")
    carry_out_import(shop, second, {"job": str(second)})
    assert whole == [False]
    assert rows(shop, "SELECT DISTINCT status FROM import_jobs") == [("done",)]


def test_a_fault_after_the_products_are_written_fails_no_job(
    committing_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = committing_shop
    job = wanted(shop, "slug,price,stockCount\na,1,1\n")

    def fault(*_: object) -> bool:
        raise RuntimeError("ours")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "is_told", fault)
        with pytest.raises(RuntimeError):
            carry_out_import(shop, job, {"job": str(job)})
    assert rows(shop, "SELECT status, created FROM import_jobs") == [("running", 1)]
    carry_out_import(shop, job, {"job": str(job)})
    assert rows(shop, "SELECT status, created FROM import_jobs") == [("done", 1)]
    assert rows(shop, "SELECT count(*) FROM products") == [(1,)]


def test_a_second_import_is_put_off(committing_shop: Shop) -> None:
    shop = committing_shop
    second: list[object] = []

    def rival() -> None:
        try:
            second.append(take(shop, "slug,price,stockCount\nb,1,1\n"))
        except Unavailable as refusal:
            second.append(refusal.message)

    with interrupted(shop.database.engine, after="ANALYZE import_rows", by=rival):
        assert counts(take(shop, "slug,price,stockCount\na,1,1\n")) == (1, 0, 0, 0)
    assert second == ["Another import is running. Try again when it has ended."]
    assert rows(shop, "SELECT slug FROM products") == [("a",)]


def test_two_workers_carry_one_job_out_once(committing_shop: Shop) -> None:
    shop = committing_shop
    job = wanted(shop, csv_of("price,stockCount", ["1,1"] * 50))

    def act() -> None:
        carry_out_import(shop, job, {"job": str(job)})

    ended = together([act, act, act])
    assert {type(each) for each in ended} <= {type(None), Unavailable}
    assert rows(shop, "SELECT status, created FROM import_jobs") == [("done", 50)]
    assert rows(shop, "SELECT count(*) FROM products") == [(50,)]


def test_an_order_in_between_is_in_the_ledger(committing_shop: Shop) -> None:
    shop = committing_shop
    tea, milk = make_products(shop, 2, stock=10)

    def order() -> None:
        place(shop, "alice", (tea, 3), (milk, 2))

    # Of the milk only the price is given: its stock is nobody's business here.
    with interrupted(shop.database.engine, after=COMPARED, by=order):
        outcome = take(shop, f"id,price,stockCount\n{tea},10.00,8\n{milk},4,\n")
    assert counts(outcome) == (0, 2, 0, 0)
    assert stock_of(shop.database, tea, milk) == [8, 8]
    assert [row[0] for row in ledger_of(shop.database, tea)] == [10, -3, 1]
    assert [row[0] for row in ledger_of(shop.database, milk)] == [10, -2]
    assert sound(shop)


def test_a_difference_counts_from_what_an_order_left(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    with interrupted(shop.database.engine, after=COMPARED, by=lambda: place(shop, "alice", (tea, 3))):
        outcome = take(shop, f"id,stockCount,stockCountWas\n{tea},14,10\n")
    assert counts(outcome) == (0, 1, 0, 0)
    assert [row[0] for row in ledger_of(shop.database, tea)] == [10, -3, 4]
    assert (stock_of(shop.database, tea), sound(shop)) == ([11], True)


def test_what_an_order_makes_impossible_is_told_the_next_time(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    content = f"id,stockCount,stockCountWas\n{tea},2,10\n"
    with (
        interrupted(shop.database.engine, after=COMPARED, by=lambda: place(shop, "alice", (tea, 3))),
        pytest.raises(Unavailable),
    ):
        take(shop, content)
    assert stock_of(shop.database, tea) == [7]
    with nothing_changed(shop.database):
        assert [fault.code for fault in take(shop, content).faults] == ["OUT_OF_STOCK"]


def test_a_price_that_begins_in_between_is_told_the_next_time(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10", stock=10)
    schedule_price(shop, tea, "8", clock.now() + timedelta(minutes=1))
    content, later = f"id,price,priceWas\n{tea},12,10\n", clock.now() + timedelta(minutes=2)
    with time_machine.travel(clock.now(), tick=False) as clocks:
        with (
            interrupted(shop.database.engine, after=COMPARED, by=lambda: clocks.move_to(later)),
            pytest.raises(Unavailable),
        ):
            take(shop, content)
        assert [fault.code for fault in take(shop, content).faults] == ["CONFLICT"]
    assert rows(shop, "SELECT price FROM products") == [(8,)]


def test_what_an_order_makes_true_already_needs_no_change(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    with interrupted(shop.database.engine, after=COMPARED, by=lambda: place(shop, "alice", (tea, 3))):
        outcome = take(shop, f"id,stockCount\n{tea},7\n")
    assert counts(outcome) == (0, 0, 1, 0)
    assert rows(shop, "SELECT version FROM products") == [(1,)]
    assert sound(shop)


def test_an_order_waits_for_the_lock_and_sells_what_the_import_left(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, price="10", stock=10)
    with beside() as start:

        def order() -> None:
            waiting.append(start(lambda: place(shop, "alice", (tea, 3))))
            until_blocked(shop.database)

        waiting: list[object] = []
        with interrupted(shop.database.engine, after="ORDER BY p.id FOR NO KEY UPDATE", by=order):
            take(shop, f"id,price,stockCount\n{tea},12,5\n")
    assert stock_of(shop.database, tea) == [2]
    assert rows(shop, "SELECT total_amount FROM orders") == [(Decimal(36),)]
    assert sound(shop)


def renamed(shop: Shop, tea: UUID) -> None:
    change(shop, "dana", tea, name="Other")


def added(shop: Shop, _: UUID) -> None:
    make_products(shop, 1, name="New")


@pytest.mark.parametrize("meanwhile", [renamed, added])
def test_what_staff_change_in_between_is_not_overwritten(
    committing_shop: Shop, meanwhile: Callable[[Shop, UUID], None]
) -> None:
    shop = committing_shop
    [tea] = make_products(shop, 1, stock=10)
    ended: list[Outcome] = []

    def act() -> None:
        ended.append(take(shop, f"id,slug,price,stockCount\n{tea},,4,1\n,new,1,1\n"))

    with interrupted(shop.database.engine, after=COMPARED, by=lambda: meanwhile(shop, tea)), pytest.raises(Unavailable):
        act()
    assert stock_of(shop.database, tea) == [10]
    assert rows(shop, "SELECT slug FROM products WHERE price = 1") == []
    assert sound(shop)


@pytest.mark.long
def test_imports_beside_many_orders(committing_shop: Shop) -> None:
    shop = committing_shop
    goods = make_products(shop, 20, stock=1_000)
    content = csv_of("id,stockCount", [f"{each},500" for each in goods])

    def order() -> None:
        for each in [*goods] * 5:
            place(shop, "alice", (each, 1))

    def imports() -> None:
        for _ in range(10):
            take(shop, content)

    assert together([order, order, imports]) == [None] * 3
    assert sound(shop)
