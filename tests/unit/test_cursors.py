"""Cursors name a place in one order, and nothing that was not made by us is read as one."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.pages import PageQuery, ProductSort
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
)
PLACES: dict[ProductSort, Any] = {
    ProductSort.NEWEST: MOMENT,
    ProductSort.PRICE_ASC: Decimal("2.500"),
    ProductSort.PRICE_DESC: Decimal("2.500"),
    ProductSort.NAME: "Tea “Earl Grey”",
}


def encoded(content: Any) -> str:
    """Anything in the clothes of a cursor."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def refused(cursor: str, sort: ProductSort = ProductSort.PRICE_ASC) -> None:
    """Asserts that this is no cursor."""
    with pytest.raises(InvalidInput) as refusal:
        PageQuery(after=cursor, sort=sort)
    assert refusal.value.message == "after is not a cursor of this list and order."
    assert refusal.value.details == {"field": "after"}


@pytest.mark.parametrize("sort", ProductSort)
def test_a_cursor_leads_back_to_its_place(sort: ProductSort) -> None:
    query = PageQuery(sort=sort)
    assert query._place(query.cursor(PRODUCT)) == (PLACES[sort], UUID(ID))


@pytest.mark.parametrize("sort", ProductSort)
@pytest.mark.parametrize("other", ProductSort)
def test_a_cursor_of_another_order_is_refused(sort: ProductSort, other: ProductSort) -> None:
    cursor = PageQuery(sort=sort).cursor(PRODUCT)
    if sort is other:
        assert PageQuery(after=cursor, sort=other).after == cursor
    else:
        refused(cursor, other)


@pytest.mark.parametrize(
    "content",
    [
        None,
        7,
        "abc",
        [],
        {},
        {ID: 1, "price_asc": 1, "2.5": 1},
        ["price_asc", "2.5"],
        ["price_asc", "2.5", ID, ""],
        ["price_asc", 2.5, ID],
        ["price_asc", None, ID],
        ["price_asc", ["2.5"], ID],
        ["price_asc", "NaN", ID],
        ["price_asc", "Infinity", ID],
        ["price_asc", "1e999999", ID],
        ["price_asc", "1e-999999", ID],
        ["price_asc", "two", ID],
        ["price_asc", "2.5\0", ID],
        ["price_asc", "2.5", None],
        ["price_asc", "2.5", "1"],
        ["price_asc", "2.5", [None] * 36],
        ["price_asc", "2.5", {str(n): n for n in range(36)}],
        [["price_asc"], "2.5", ID],
        ["newest", "2.5", ID],
    ],
)
def test_a_forged_cursor_is_refused(content: Any) -> None:
    refused(encoded(content))


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "today",
        "2026-03-01T12:30:45",
        "2026-13-01T00:00:00+00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-03-01T12:30:45+00:00\x00",
    ],
)
def test_a_forged_moment_is_refused(moment: str) -> None:
    refused(encoded(["newest", moment, ID]), ProductSort.NEWEST)


def test_a_moment_in_any_offset_is_the_same_place_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5, seconds=1)))
    place, _ = PageQuery()._place(encoded(["newest", there.isoformat(), ID]))
    assert (place, getattr(place, "tzinfo", None)) == (MOMENT, UTC)


@pytest.mark.parametrize("cursor", ["", "a", "====", "\0", "\ud800", "\N{SNOWMAN}", "a" * 2001, " ", "bnVsbA", "+/+/"])
def test_garbage_is_refused(cursor: str) -> None:
    refused(cursor)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_random_text_is_refused(cursor: str) -> None:
    refused(cursor)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200))
def test_every_name_has_a_cursor_short_enough_to_come_back(name: str) -> None:
    query = PageQuery(sort=ProductSort.NAME)
    assert query._place(query.cursor(PRODUCT._replace(name=name))) == (name, UUID(ID))


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
