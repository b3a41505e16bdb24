"""What an import refuses: by line and column, with a code, and nothing is changed."""

from typing import Any

import pytest

from models.import_job import ImportFormat, ImportStatus
from models.user import Right
from tests.services.evidence import nothing_changed
from tests.services.hiring import hire
from tests.services.importing import counts, csv_of, exported, rows, take, take_json, told
from utils.errors import ErrorCode
from wiring import Shop

INVALID, CONFLICT, UNKNOWN = ErrorCode.INVALID_INPUT.value, ErrorCode.CONFLICT.value, ErrorCode.NOT_FOUND.value
THERE: list[dict[str, Any]] = [
    {"id": "0190a000-0000-7000-8000-00000000000a", "sku": "A", "slug": "a", "barcode": "4006381333931"},
    {"slug": "b", "contentAmount": 1, "contentUnit": "kg", "publishFrom": "2027-01-01T00:00:00Z"},
    {"slug": "s", "family": "Tea", "options": {"Size": "S"}},
    {"slug": "m", "family": "Tea", "options": {"Size": "M"}},
]


def filled(shop: Shop) -> None:
    outcome = take_json(shop, *({"price": 10, "stockCount": 5, **each} for each in THERE))
    assert counts(outcome) == (4, 0, 0, 0), told(outcome)


ONE_LINE = [
    ("sku,price,stockCount", "x,-1,1", "price", INVALID),
    ("sku,price,stockCount", "x,1.999,1", "price", INVALID),
    ("sku,price,stockCount", "x,1e9999,1", "price", INVALID),
    ("sku,price,stockCount", "x,1,-1", "stockCount", INVALID),
    ("sku,price,stockCount", "x,1,1.5", "stockCount", INVALID),
    ("sku,price,stockCount", "x,1,9999999999999", "stockCount", INVALID),
    ("sku,price,stockCount", "x,,1", "price", INVALID),
    ("sku,price,stockCount", "x,1,", "stockCount", INVALID),
    ("sku,price,stockCount,currency", "x,1,1,EUR", "currency", INVALID),
    ("sku,price,stockCount,name", "x,1,1,=1+1", "name", INVALID),
    ("sku,price,stockCount,name", "x,1,1,a\0b", "name", INVALID),
    ("sku,price,stockCount,slug", "x,1,1,Not A Slug", "slug", INVALID),
    ("sku,price,stockCount,barcode", "x,1,1,4006381333932", "barcode", INVALID),
    ("sku,price,stockCount,tags", "x,1,1,a||b", "tags", INVALID),
    ("sku,price,stockCount,taxClass", "x,1,1,high", "taxClass", INVALID),
    ("sku,price,stockCount,status", "x,1,1,gone", "status", INVALID),
    ("sku,price,stockCount,category", "x,1,1,nowhere", "category", UNKNOWN),
    ("sku,price,stockCount,contentAmount", "x,1,1,5", "contentAmount", INVALID),
    ("sku,price,stockCount,publishFrom", "x,1,1,2027-01-01", "publishFrom", INVALID),
    ("sku,price,stockCount,options", "x,1,1,Size=L", "options", INVALID),
    ("sku,price,stockCount,family,options", "x,1,1,Tea,Colour=red", "options", INVALID),
    ("sku,price,stockCount,family,options", "x,1,1,Tea,Size=s", "options", CONFLICT),
    ("sku,price,stockCount,family", "x,1,1,Tea", "options", INVALID),
    ("sku,price,stockCount,familyId", "x,1,1,0190a000-0000-7000-8000-0000000000ff", "familyId", UNKNOWN),
    ("id", "not-an-id", "id", INVALID),
    ("slug,sku", "b,a", None, CONFLICT),
    ("slug,barcode", "b,4006381333931", "barcode", CONFLICT),
    ("slug,barcode", "b,04006381333931", "barcode", CONFLICT),
    ("id,slug", "0190a000-0000-7000-8000-00000000000a,b", "slug", CONFLICT),
    ("slug,contentUnit", "b,", "contentAmount", INVALID),
    ("slug,publishUntil", "b,2026-12-31T00:00:00Z", "publishUntil", INVALID),
    ("slug,options", "s,Size=M", "options", CONFLICT),
    ("slug,options", "s,", "options", INVALID),
]


@pytest.mark.parametrize(("header", "line", "field", "code"), ONE_LINE)
def test_a_line_is_refused(shop: Shop, header: str, line: str, field: str | None, code: str) -> None:
    filled(shop)
    if field is None:  # two lines for one product
        header, line = "sku,slug", "A,a\n,a"
    content = csv_of(header, [line]).encode("utf-8", "surrogateescape")
    with nothing_changed(shop.database):
        outcome = take(shop, content)
    assert outcome.status is ImportStatus.REFUSED
    assert told(outcome) == [(2 if field else 3, field, code)]
    assert counts(outcome) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    "field",
    [
        {"tags": "a"},
        {"tags": [1]},
        {"options": "a"},
        {"options": {"a": 1}},
        {"name": 5},
        {"stockCount": True},
        {"stockCount": 1.5},
        {"price": True},
        {"price": [1]},
        {"sku": "A", "name": {"a": "b"}},
        {"id": 5},
    ],
)
def test_json_of_the_wrong_type_is_refused(shop: Shop, field: dict[str, object]) -> None:
    with nothing_changed(shop.database):
        outcome = take_json(shop, {"price": 1, "stockCount": 1, "slug": "x", **field})
    assert told(outcome) == [(1, list(field)[-1], INVALID)]


def test_two_lines_that_collide_name_each_other(shop: Shop) -> None:
    content = csv_of(
        "sku,slug,barcode,family,options,price,stockCount",
        [
            "X,x,4006381333931,Tea,Size=S,1,1",
            "x,y,,,,1,1",
            "Y,x,,,,1,1",
            "Z,z,04006381333931,,,1,1",
            "V,v,,Tea,Size=s,1,1",
            "W,w,,,,1,1",
        ],
    )
    with nothing_changed(shop.database):
        outcome = take(shop, content)
    assert [(fault.line, fault.field, fault.message) for fault in outcome.faults] == [
        (3, "sku", "Line 2 has the same sku."),
        (4, "slug", "Line 2 has the same slug."),
        (5, "barcode", "Line 2 has the same barcode."),
        (6, "options", "Line 2 is of this family and has these options."),
    ]
    partly = take(shop, content, partial=True)
    assert counts(partly) == (2, 0, 0, 4)
    assert rows(shop, "SELECT sku FROM products ORDER BY sku") == [("W",), ("X",)]


def test_names_cannot_be_exchanged_in_one_file(shop: Shop) -> None:
    filled(shop)
    a = THERE[0]["id"]
    with nothing_changed(shop.database):
        outcome = take(shop, f"id,slug\n{a},b\n")
    assert told(outcome) == [(2, "slug", CONFLICT)]


def test_all_faults_of_all_lines_are_told(shop: Shop) -> None:
    filled(shop)
    content = csv_of(
        "slug,price,stockCount,name,category", ["x,-1,-1,=1,", "b,2,3,fine,", "y,1,1,good,nowhere", "a,b", "z,,1,new,"]
    )
    expected = [
        (2, "name", INVALID),
        (2, "price", INVALID),
        (2, "stockCount", INVALID),
        (4, "category", UNKNOWN),
        (5, None, INVALID),
        (6, "price", INVALID),
    ]
    with nothing_changed(shop.database):
        outcome = take(shop, content)
    assert (told(outcome), counts(outcome), outcome.fault_count) == (expected, (0, 0, 0, 4), 6)
    partly = take(shop, content, partial=True)
    assert (told(partly), counts(partly), partly.status) == (expected, (0, 1, 0, 4), ImportStatus.DONE)
    assert rows(shop, "SELECT price, stock_count, name FROM products WHERE slug = 'b'") == [(2, 3, "fine")]


def test_the_first_thousand_are_told_and_all_counted(shop: Shop) -> None:
    bad = [f"s{each},nowhere,1,1" if each % 2 else f"s{each},tea,-1,1" for each in range(3_000)]
    with nothing_changed(shop.database):
        outcome = take(shop, csv_of("slug,category,price,stockCount", bad))
    assert (outcome.fault_count, counts(outcome)[3]) == (3_000, 3_000)
    assert [fault.line for fault in outcome.faults] == list(range(2, 1_002))


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        ("sku,colour\na,red\n", 1, INVALID),
        ("", 1, INVALID),
        ("slug,price,stockCount\na,1,1\nb," + "," * 300_000 + "\n", 3, "PAYLOAD_TOO_LARGE"),
        ('slug,price,stockCount\na,1,1\n"b,1,1\n', 3, INVALID),
        ("slug,price,stockCount,name\na,1,1,a\nb,1,1,K\udce4se\n", 3, INVALID),
        ("slug,price,stockCount\na,1,1\nb,1,1\nc,1,1\n", 4, "PAYLOAD_TOO_LARGE"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_changes_nothing(
    shop: Shop, content: str, line: int, code: str, partial: bool
) -> None:
    with nothing_changed(shop.database):
        outcome = take(shop, content.encode("utf-8", "surrogateescape"), partial=partial, most_records=2)
    assert (outcome.status, told(outcome), counts(outcome)) == (ImportStatus.REFUSED, [(line, None, code)], (0,) * 4)


def test_staff_change_their_own_departments_only(shop: Shop) -> None:
    take(shop, "slug,category,price,stockCount\nours,toys,1,1\ntheirs,fruit,1,1\n")
    kim = hire(shop, "kim", Right.PRODUCTS, departments=("marketplace",)).actor
    whole = exported(shop)
    with nothing_changed(shop.database):  # what does not change may be anybody's
        assert counts(take(shop, whole, actor=kim)) == (0, 0, 2, 0)
    content = csv_of(
        "slug,category,price,stockCount",
        ["ours,toys,2,1", "theirs,fruit,2,1", "theirs2,fruit,2,1", "mine,toys,1,4"],
    )
    with nothing_changed(shop.database):
        outcome = take(shop, content, actor=kim)
    assert told(outcome) == [(3, "category", "FORBIDDEN"), (4, "category", "FORBIDDEN")]
    for moved in ("ours,fruit", "theirs,toys"):
        with nothing_changed(shop.database):
            assert told(take(shop, f"slug,category\n{moved}\n", actor=kim)) == [(2, "category", "FORBIDDEN")]
    assert counts(take(shop, content, actor=kim, partial=True)) == (1, 1, 0, 2)
    assert rows(shop, "SELECT actor_id, quantity FROM stock_movements WHERE quantity = 4") == [(kim.id, 4)]
    assert rows(shop, "SELECT actor_id FROM price_changes WHERE reason = 'imported'") == [(kim.id,)]
    assert rows(shop, "SELECT action, actor_id, after->>'created' FROM audit_entries WHERE actor_id IS NOT NULL") == [
        ("import.done", kim.id, "1")
    ]


def test_a_product_of_another_currency_keeps_it(shop: Shop) -> None:
    take(shop, "slug,price,stockCount\na,1,1\n")
    with shop.database.write() as session:
        session.connection().exec_driver_sql("UPDATE products SET currency = 'EUR'")
    for content in ("slug,price\na,2\n", "slug,currency\na,USD\n"):
        with nothing_changed(shop.database):
            assert told(take(shop, content)) == [(2, "currency", INVALID)]
    assert counts(take(shop, "slug,stockCount\na,2\n")) == (0, 1, 0, 0)


def test_a_family_has_room_for_a_hundred(shop: Shop) -> None:
    lines = [f"p{each},Tea,Size={each},1,1" for each in range(102)]
    outcome = take(shop, csv_of("slug,family,options,price,stockCount", lines), partial=True)
    assert (counts(outcome), told(outcome)) == (
        (100, 0, 0, 2),
        [(102, "familyId", CONFLICT), (103, "familyId", CONFLICT)],
    )


def test_formulas_are_refused_in_csv_and_text_in_json(shop: Shop) -> None:
    record = {"slug": "x", "name": "=1+1", "price": 1, "stockCount": 1}
    assert counts(take_json(shop, record)) == (1, 0, 0, 0)
    assert b",'=1+1," in exported(shop)
    assert b'"name":"=1+1"' in exported(shop, ImportFormat.JSONL)
