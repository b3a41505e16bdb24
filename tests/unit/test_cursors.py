"""Cursors name a place in one order, and nothing that was not made by us is read as one."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.finding.cursors import cursor_of
from services.catalogue.finding.pages import PageQuery, Place, ProductSort, Search
from services.catalogue.finding.terms import bounded
from services.catalogue.product_facts import ProductFacts
from utils.errors import InvalidInput

ID = "0198c0de-0000-7000-8000-000000000001"
MOMENT = datetime(2026, 3, 1, 12, 30, 45, 123456, tzinfo=UTC)
PRODUCT = ProductFacts(
    id=UUID(ID),
    slug="tea",
    name="Tea “Earl Grey”",
    description="",
    unit="each",
    price=Decimal("2.500"),
    currency="USD",
    stock_count=1,
    status="published",
    category_id=UUID(ID),
    created_at=MOMENT,
    updated_at=MOMENT,
    version=1,
    sku=None,
    barcode=None,
    brand=None,
    tags=[],
    tax_class="standard",
    content_amount=None,
    content_unit=None,
    publish_from=None,
    publish_until=None,
    family_id=None,
    options=[],
    images=[],
    low_stock_at=None,
    popularity=7,
    region_prices={},
)
PLACES: dict[ProductSort, Any] = {
    ProductSort.NEWEST: MOMENT,
    ProductSort.PRICE_ASC: Decimal("2.500"),
    ProductSort.PRICE_DESC: Decimal("2.500"),
    ProductSort.NAME: "Tea “Earl Grey”",
    ProductSort.POPULARITY: 7,
}
SEARCH = Search(MOMENT, [["early", "earl"], ["grey"]], ["0.6079271"])
TEA = UUID("0198c0de-0000-7000-8000-00000000000a")
# Each of them is another list.
FILTERS: list[dict[str, Any]] = [
    {},
    {"category_id": TEA},
    {"price_min": Decimal(1)},
    {"price_max": Decimal(1)},
    {"brand_ids": [TEA]},
    {"tags": ["green"]},
    {"in_stock": True},
    {"collection_id": TEA},
]


def forged(content: Any, sort: ProductSort, **chosen: Any) -> str:
    """What anybody can make who has read the program: a cursor with any content and the right checksum."""
    return cursor_of(content, of=PageQuery(sort=sort, **chosen).fingerprint)


def refused(cursor: str, sort: ProductSort = ProductSort.PRICE_ASC, **chosen: Any) -> None:
    """Asserts that this is no cursor."""
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(after=cursor, sort=sort, **chosen)
    assert refusal.value.message == "after is not a cursor of this list and order."
    assert refusal.value.details == {"field": "after"}


def place(cursor: str, sort: ProductSort, **chosen: Any) -> Place | None:
    """Where the cursor leads."""
    return PageQuery(after=cursor, sort=sort, **chosen).place


@pytest.mark.parametrize("sort", PLACES)
@pytest.mark.parametrize("chosen", FILTERS, ids=str)
def test_a_cursor_leads_back_to_its_place(sort: ProductSort, chosen: dict[str, Any]) -> None:
    [cursor] = PageQuery(sort=sort, **chosen).cursors([PRODUCT])
    assert place(cursor, sort, **chosen) == (PLACES[sort], UUID(ID), None, None)


@pytest.mark.parametrize("sort", [*PLACES, ProductSort.RELEVANCE])
def test_a_cursor_of_a_search_brings_its_moment_and_its_words(sort: ProductSort) -> None:
    [cursor] = PageQuery(sort=sort, term="erly grey").cursors([PRODUCT], SEARCH)
    value = "0.6079271" if sort is ProductSort.RELEVANCE else PLACES[sort]
    assert place(cursor, sort, term=" erly  grey ") == (value, UUID(ID), MOMENT, [["early", "earl"], ["grey"]])


@pytest.mark.parametrize("sort", PLACES)
@pytest.mark.parametrize("other", PLACES)
def test_a_cursor_of_another_order_is_refused(sort: ProductSort, other: ProductSort) -> None:
    [cursor] = PageQuery(sort=sort).cursors([PRODUCT])
    if sort is other:
        assert PageQuery(after=cursor, sort=other).after == cursor
    else:
        refused(cursor, other)


@pytest.mark.parametrize("other", [*FILTERS, {"term": "tea"}], ids=str)
@pytest.mark.parametrize("chosen", FILTERS, ids=str)
def test_a_cursor_of_another_filter_is_refused(chosen: dict[str, Any], other: dict[str, Any]) -> None:
    [cursor] = PageQuery(sort=ProductSort.NAME, **chosen).cursors([PRODUCT])
    if chosen == other:
        assert PageQuery(after=cursor, sort=ProductSort.NAME, **other).after == cursor
    else:
        refused(cursor, ProductSort.NAME, **other)


def test_a_filter_in_another_spelling_is_the_same_list() -> None:
    one = PageQuery(price_min=Decimal("1.0"), brand_ids=[TEA, UUID(ID), TEA], tags=["b", "A "], term="green   tea")
    other = PageQuery(price_min=Decimal(1), brand_ids=[UUID(ID), TEA], tags=["a", "B", "b"], term=" green tea")
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != PageQuery(price_max=Decimal(1)).fingerprint


@pytest.mark.parametrize("at", range(0, 60, 3))
def test_a_cursor_that_was_mistyped_or_cut_is_refused(at: int) -> None:
    [cursor] = PageQuery(sort=ProductSort.NAME).cursors([PRODUCT])
    other = "A" if cursor[at] != "A" else "B"
    for wrong in (
        cursor[:at] + other + cursor[at + 1 :],
        cursor[:at] + cursor[at + 1 :],
        cursor[:at],
        cursor[at + 1 :],
    ):
        refused(wrong, ProductSort.NAME)


def test_another_spelling_of_the_same_bytes_is_refused() -> None:
    # Where the bytes do not fill the last letter, its lowest bits say nothing.
    names = ("a", "ab", "abc")
    cursors = [PageQuery(sort=ProductSort.NAME).cursors([PRODUCT._replace(name=name)])[0] for name in names]
    assert {len(cursor) % 4 for cursor in cursors} == {0, 2, 3}
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for cursor in cursors:
        for last in set(letters) - {cursor[-1]}:
            refused(cursor[:-1] + last, ProductSort.NAME)
        refused(f"{cursor}=", ProductSort.NAME)


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "abc",
        [],
        {},
        {ID: 1, "2.5": 1},
        ["2.5"],
        ["2.5", ID, ""],
        [None, ID],
        [["2.5"], ID],
        ["NaN", ID],
        ["Infinity", ID],
        ["1e999999", ID],
        ["1e-999999", ID],
        ["two", ID],
        ["2.5\0", ID],
        ["2.5", None],
        ["2.5", "1"],
        ["2.5", [None] * 36],
        ["2.5", {str(n): n for n in range(36)}],
    ],
)
def test_a_forged_cursor_is_refused(content: Any) -> None:
    refused(forged(content, ProductSort.PRICE_ASC))


@pytest.mark.parametrize(
    "moment",
    [
        "",
        7,
        None,
        "today",
        "2026-03-01T12:30:45",
        "2026-13-01T00:00:00+00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-03-01T12:30:45+00:00\x00",
    ],
)
def test_a_forged_moment_is_refused(moment: object) -> None:
    refused(forged([moment, ID], ProductSort.NEWEST), ProductSort.NEWEST)
    refused(forged(["a", ID, moment, None], ProductSort.NAME, term="tea"), ProductSort.NAME, term="tea")


@pytest.mark.parametrize("popularity", [-1, 2**31, 2**60, 1.5, True, "1", None])
def test_a_forged_popularity_is_refused(popularity: object) -> None:
    refused(forged([popularity, ID], ProductSort.POPULARITY), ProductSort.POPULARITY)


@pytest.mark.parametrize("name", ["a\0", 7, None, ["a"]])
def test_a_forged_name_is_refused(name: object) -> None:
    refused(forged([name, ID], ProductSort.NAME), ProductSort.NAME)


@pytest.mark.parametrize("rank", ["NaN", "-1", "1e39", "1e-39", "", "one", 0.5, None, "0x1p0"])
def test_a_forged_rank_is_refused(rank: object) -> None:
    content = [rank, ID, MOMENT.isoformat(), None]
    refused(forged(content, ProductSort.RELEVANCE, term="tea"), ProductSort.RELEVANCE, term="tea")


@pytest.mark.parametrize(("said", "rank"), [("0", "0.0"), ("Infinity", "inf"), ("0.0759", "0.0759"), (" 1_0 ", "10.0")])
def test_a_rank_is_written_as_postgresql_reads_it(said: str, rank: str) -> None:
    cursor = forged([said, ID, MOMENT.isoformat(), None], ProductSort.RELEVANCE, term="tea")
    assert place(cursor, ProductSort.RELEVANCE, term="tea") == (rank, UUID(ID), MOMENT, None)


@pytest.mark.parametrize(
    "words", ["tea", [], [[]], ["tea"], [["tea", ""]], [["tea\0"]], [[7]], [["a"]] * 11, [["a"] * 11], {"tea": ["a"]}]
)
def test_forged_words_are_refused(words: object) -> None:
    content = ["a", ID, MOMENT.isoformat(), words]
    refused(forged(content, ProductSort.NAME, term="tea"), ProductSort.NAME, term="tea")


def test_a_moment_in_any_offset_is_the_same_place_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5, seconds=1)))
    found = place(forged([there.isoformat(), ID], ProductSort.NEWEST), ProductSort.NEWEST)
    assert found is not None
    assert (found.value, getattr(found.value, "tzinfo", None)) == (MOMENT, UTC)


@pytest.mark.parametrize("cursor", ["", "a", "====", "\0", "\ud800", "\N{SNOWMAN}", "a" * 4001, " ", "bnVsbA", "+/+/"])
def test_garbage_is_refused(cursor: str) -> None:
    refused(cursor)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_random_text_is_refused(cursor: str) -> None:
    refused(cursor)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_every_name_has_a_cursor_short_enough_to_come_back(name: str) -> None:
    words = bounded([["é" * 39 + str(n) for n in range(10)]] * 10)
    query = PageQuery(sort=ProductSort.NAME, term="tea")
    [cursor] = query.cursors([PRODUCT._replace(name=name)], Search(MOMENT, words))
    assert place(cursor, ProductSort.NAME, term="tea") == (name, UUID(ID), MOMENT, words)


@pytest.mark.parametrize("first", [0, -1, 101])
def test_pages_have_one_to_a_hundred_products(first: int) -> None:
    assert [PageQuery(first=length).first for length in (1, 100)] == [1, 100]
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(first=first)
    assert refusal.value.details == {"field": "first"}


def test_a_price_range_turned_around_is_refused() -> None:
    assert PageQuery(price_min=Decimal(1), price_max=Decimal(1)).price_min == Decimal(1)
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(price_min=Decimal("1.01"), price_max=Decimal(1))
    assert refusal.value.details == {"field": "filter"}


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"brand_ids": [UUID(int=n) for n in range(51)]}, "filter"),
        ({"tags": [str(n) for n in range(21)]}, "filter"),
        ({"tags": ["a\0"]}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"tags": ["a" * 41]}, "tags"),
        ({"term": "a" * 201}, "term"),
        ({"term": "a\0b"}, "term"),
        ({"term": "\0"}, "term"),
        ({"term": "a\tb"}, "term"),
        ({"term": "a\x7fb"}, "term"),
        ({"term": "\ud800"}, "term"),
        ({"sort": ProductSort.RELEVANCE}, "sort"),
        ({"sort": ProductSort.RELEVANCE, "term": "  "}, "sort"),
    ],
    ids=str,
)
def test_bad_filters_are_refused(chosen: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(**chosen)
    assert refusal.value.details == {"field": field}


@pytest.mark.parametrize(("term", "kept"), [(None, None), ("", None), (" \n ", None), (" a  b ", "a b")])
def test_a_term_of_nothing_is_none(term: str | None, kept: str | None) -> None:
    assert PageQuery(term=term).term == kept


def test_of_a_term_ten_words_are_kept() -> None:
    assert PageQuery(term=" ".join("abcdefghijklm")).term == " ".join("abcdefghij")
