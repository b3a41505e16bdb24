"""Export, edit, import an hour later: what happened to stock and prices in between is neither undone nor forgotten."""

import csv
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import orjson
import pytest
import time_machine

from models.import_job import ImportFormat
from services.catalogue.importing.counted_once import KNOWN_FOR
from services.catalogue.products.product_values import LARGEST_STOCK
from tests.services.acting import change, place
from tests.services.evidence import ledger_of, nothing_changed, stock_of
from tests.services.importing import counts, csv_of, empty, exported, rows, take, take_json, told
from tests.services.pricing import schedule_price
from tests.support import make_products
from utils import clock
from wiring import Shop

CSV = ImportFormat.CSV


@pytest.fixture
def tea(shop: Shop) -> UUID:
    [product] = make_products(shop, 1, price="4.90", stock=120)
    return product


def edited(file: bytes, file_format: ImportFormat = CSV, **cells: object) -> bytes:
    """The exported file with these values in every line, as somebody edits a column."""
    if file_format is ImportFormat.JSONL:
        return b"".join(orjson.dumps(orjson.loads(line) | cells) + b"\n" for line in file.splitlines())
    lines, sheet = csv.DictReader(StringIO(file.decode(), newline="")), StringIO()
    writer = csv.DictWriter(sheet, lines.fieldnames or ())
    writer.writeheader()
    writer.writerows({**line, **cells} for line in lines)
    return sheet.getvalue().encode()


def priced(shop: Shop) -> list[Decimal]:
    return [row[0] for row in rows(shop, "SELECT price FROM products")]


@pytest.mark.parametrize("file_format", ImportFormat)
def test_an_order_in_between_is_not_undone(shop: Shop, tea: UUID, file_format: ImportFormat) -> None:
    file = exported(shop, file_format)
    place(shop, "alice", (tea, 5))
    with nothing_changed(shop.database):
        assert counts(take(shop, file, file_format=file_format)) == (0, 0, 1, 0)
    outcome = take(shop, edited(file, file_format, name="Green Tea"), file_format=file_format)
    assert counts(outcome) == (0, 1, 0, 0), told(outcome)
    assert stock_of(shop.database, tea) == [115]
    outcome = take(shop, edited(file, file_format, stockCount=150), file_format=file_format)
    assert counts(outcome) == (0, 1, 0, 0), told(outcome)
    assert stock_of(shop.database, tea) == [145]
    assert [row[:2] for row in ledger_of(shop.database, tea)] == [(120, "initial"), (-5, "order"), (30, "imported")]


def test_a_price_that_began_in_between_is_not_undone(shop: Shop, tea: UUID) -> None:
    schedule_price(shop, tea, "3.90", clock.now() + timedelta(minutes=30))
    file = exported(shop)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        assert counts(take(shop, edited(file, name="Green Tea"))) == (0, 1, 0, 0)
        assert priced(shop) == [Decimal("3.90")]
        with nothing_changed(shop.database):
            outcome = take(shop, edited(file, price="5.20"))
        assert told(outcome) == [(2, "price", "CONFLICT")]
        assert outcome.faults[0].message == "The price changed meanwhile, it is 3.90 now. Export this product again."
        # Who wants what is so already loses nothing, and a fresh export may change it.
        assert counts(take(shop, edited(file, name="Green Tea", price="3.9"))) == (0, 0, 1, 0)
        assert counts(take(shop, edited(exported(shop), price="5.20"))) == (0, 1, 0, 0)
    history = rows(shop, "SELECT price, reason FROM price_changes ORDER BY effective_from, id")
    assert [(str(price), reason) for price, reason in history] == [
        ("4.900", "initial"),
        ("3.900", "scheduled"),
        ("5.200", "imported"),
    ]


def test_a_price_that_staff_changed_in_between_is_not_undone(shop: Shop, tea: UUID) -> None:
    file = exported(shop)
    change(shop, "dana", tea, price=Decimal("6.10"))
    with nothing_changed(shop.database):
        assert counts(take(shop, file)) == (0, 0, 1, 0)
        assert told(take(shop, edited(file, price="5"))) == [(2, "price", "CONFLICT")]
    assert priced(shop) == [Decimal("6.10")]


def test_a_price_to_come_still_begins(shop: Shop, tea: UUID) -> None:
    schedule_price(shop, tea, "3.90", clock.now() + timedelta(hours=2))
    assert counts(take(shop, edited(exported(shop), price="5.20"))) == (0, 1, 0, 0)
    assert priced(shop) == [Decimal("5.20")]
    with time_machine.travel(clock.now() + timedelta(hours=3)):
        take(shop, "slug,price,stockCount\nother,1,1\n")
        assert sorted(priced(shop)) == [1, Decimal("3.90")]


@pytest.mark.parametrize(
    ("stock", "was", "code", "message"),
    [
        (0, 116, "OUT_OF_STOCK", "So many pieces cannot be taken away: there are only 115 now."),
        (LARGEST_STOCK, 0, "INVALID_INPUT", "The stock must be at most 1000000000, and there are 115 now."),
    ],
)
def test_a_difference_that_cannot_be_is_refused(
    shop: Shop, tea: UUID, stock: int, was: int, code: str, message: str
) -> None:
    place(shop, "alice", (tea, 5))
    content = f"id,stockCount,stockCountWas,name\n{tea},{stock},{was},New\n"
    for partial in (False, True):
        with nothing_changed(shop.database):
            outcome = take(shop, content, partial=partial)
        assert [tuple(fault) for fault in outcome.faults] == [(2, "stockCount", code, message)]
    assert counts(take(shop, f"id,stockCount,stockCountWas\n{tea},0,115\n")) == (0, 1, 0, 0)
    assert stock_of(shop.database, tea) == [0]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ({"stockCountWas": "-1"}, ("stockCountWas", "stockCountWas must be a whole number from 0 to 1000000000.")),
        ({"stockCount": "-1"}, ("stockCount", "stockCount must be a whole number from 0 to 1000000000.")),
        ({"stockCount": "1000000001"}, ("stockCount", "stockCount must be a whole number from 0 to 1000000000.")),
        ({"priceWas": "x"}, ("priceWas", "priceWas must be a number such as 29.99.")),
        ({"priceWas": "-1"}, ("priceWas", "priceWas must not be negative.")),
        ({"priceWas": "1.999"}, ("priceWas", "priceWas must have at most 2 decimals in USD.")),
    ],
)
def test_what_was_is_checked_as_what_is(
    shop: Shop, tea: UUID, cells: Mapping[str, Any], wrong: tuple[str, str]
) -> None:
    with nothing_changed(shop.database):
        outcome = take(shop, edited(exported(shop), **cells))
    assert [(fault.field, fault.message) for fault in outcome.faults] == [wrong]


def test_without_what_was_a_line_means_what_it_says(shop: Shop, tea: UUID) -> None:
    file = exported(shop)
    place(shop, "alice", (tea, 5))
    change(shop, "dana", tea, price=Decimal("6.10"))
    assert counts(take(shop, edited(file, priceWas="", stockCountWas=""))) == (0, 1, 0, 0)
    assert (priced(shop), stock_of(shop.database, tea)) == ([Decimal("4.90")], [120])
    # And what was, without what is to be, says nothing.
    with nothing_changed(shop.database):
        assert counts(take(shop, edited(file, price="", stockCount="", stockCountWas="7"))) == (0, 0, 1, 0)


def test_a_new_product_was_nothing(shop: Shop, tea: UUID) -> None:
    whole = {each: exported(shop, each) for each in ImportFormat}
    for file_format, file in whole.items():
        empty(shop)
        assert counts(take(shop, file, file_format=file_format)) == (1, 0, 0, 0)
        assert {each: exported(shop, each) for each in ImportFormat} == whole
    record = {"slug": "n", "price": 3, "priceWas": 3, "stockCount": 4, "stockCountWas": 9}
    assert counts(take_json(shop, record)) == (1, 0, 0, 0)
    assert rows(shop, "SELECT price, stock_count FROM products WHERE slug = 'n'") == [(3, 4)]
    for missing in ("price", "stockCount"):
        bare = {key: value for key, value in record.items() if key != missing}
        assert told(take_json(shop, bare | {"slug": "m"})) == [(1, missing, "INVALID_INPUT")]


def test_a_file_counts_its_differences_once(shop: Shop, tea: UUID) -> None:
    file = edited(exported(shop), stockCount=130)
    assert counts(take(shop, file, dry_run=True)) == (0, 1, 0, 0)
    assert counts(take(shop, file)) == (0, 1, 0, 0)
    for dry_run in (True, False):
        with nothing_changed(shop.database):
            assert told(take(shop, file, dry_run=dry_run)) == [(2, "stockCount", "CONFLICT")]
    # What sets a stock may be said as often as somebody likes, and goods may come again in the same number.
    absolute = f"id,stockCount\n{tea},130\n"
    assert [counts(take(shop, absolute)) for _ in range(2)] == [(0, 0, 1, 0)] * 2
    with time_machine.travel(clock.now() + KNOWN_FOR + timedelta(minutes=1)):
        assert counts(take(shop, file)) == (0, 1, 0, 0)
    assert stock_of(shop.database, tea) == [140]


def test_many_lines_in_as_many_statements_as_one(shop: Shop, counted_sql: Any) -> None:
    def sent(content: str) -> int:
        with counted_sql() as run:
            outcome = take(shop, content)
        assert counts(outcome)[1] == content.count("\n") - 1, told(outcome)
        return len(run)

    header = "slug,price,priceWas,stockCount,stockCountWas"
    take(shop, csv_of("slug,price,stockCount", [f"p{each},1,5" for each in range(700)]))
    few = sent(csv_of(header, [f"p{each},2,1,7,5" for each in range(600)]))
    assert sent(csv_of(header, [f"p{each},3,2,8,7" for each in range(510)])) == few


def test_the_nil_id_is_no_id(shop: Shop, tea: UUID) -> None:
    nil = "00000000-0000-0000-0000-000000000000"
    with nothing_changed(shop.database):
        outcome = take(shop, f"id,price,stockCount\n{nil},1,1\n")
    assert [(fault.field, fault.message) for fault in outcome.faults] == [("id", "id must be a UUID.")]
    # One from before this was refused is exported like any other.
    with shop.database.write() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status,"
            " category_id, created_at, updated_at)"
            f" SELECT '{nil}', 'nil', 'Nil', '', 'each', 1, 'USD', 0, status, category_id,"
            " created_at, updated_at FROM products"
        )
    assert exported(shop).splitlines()[1].startswith(nil.encode())
    assert exported(shop).count(b"\r\n") == 3
