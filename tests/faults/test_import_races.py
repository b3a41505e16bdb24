"""Imports among others: killed workers, two at once, staff and orders in between; the ledger always adds up."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

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
from tests.support import ADMIN, make_products
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
    with shop.database.write() as session:
        job = jobs.want_import(
            session, content.encode(), file_format=ImportFormat.CSV, dry_run=False, partial=False, actor=ADMIN
        )
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
    with shop.database.write() as session:
        content = csv_of("price,stockCount", ["1,1"] * 50).encode()
        job = jobs.want_import(
            session, content, file_format=ImportFormat.CSV, dry_run=False, partial=False, actor=ADMIN
        )

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
