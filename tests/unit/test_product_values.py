"""What may stand in a product, and what may not."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.product import ContentUnit
from services.catalogue.products import product_values as values
from utils.errors import InvalidInput


@pytest.mark.parametrize(
    ("check", "given", "kept"),
    [
        (values.checked_slug, " green-tea-2 ", "green-tea-2"),
        (values.checked_slug, "a" * 80, "a" * 80),
        (values.checked_brand, "  Acme \t Foods ", "Acme Foods"),
        (values.checked_brand, "b" * 100, "b" * 100),
        (values.checked_sku, " AB c/1-~! ", "AB c/1-~!"),
        (values.checked_sku, "s" * 64, "s" * 64),
        (values.checked_barcode, "96385074", "96385074"),
        (values.checked_barcode, "036000291452", "036000291452"),
        (values.checked_barcode, " 4006381333931 ", "4006381333931"),
        (values.checked_barcode, "10614141000415", "10614141000415"),
        (values.checked_tags, [" Black  Tea", "black tea", "STRASSE", "stra\u00dfe"], ["black tea", "strasse"]),
        (values.checked_tags, [], []),
        (values.checked_low_stock, 0, 0),
        (values.checked_option_names, [" Colour ", "Size"], ["Colour", "Size"]),
    ],
)
def test_what_is_kept(check: Callable[[Any], Any], given: object, kept: object) -> None:
    assert check(given) == kept


@pytest.mark.parametrize(
    ("check", "given", "field"),
    [
        *(
            (values.checked_slug, each, "slug")
            for each in ("", "A", "a_b", "-a", "a-", "a--b", "\u00e9", "a b", "a" * 81)
        ),
        *((values.checked_slug, each, "slug") for each in ("a\0", "a\nb", "a" * 81)),
        *((values.checked_brand, each, "brand") for each in ("", " ", "a\0", "b" * 101)),
        *((values.checked_sku, each, "sku") for each in ("", " ", "\u00e9", "a\tb", "a\nb", "a\0", "s" * 65, "\u0661")),
        # no digits, too few, a wrong length, a wrong check digit, digits of another script
        *((values.checked_barcode, each, "barcode") for each in ("", "ABCDEFGH", "1234567", "123456789", "96385075")),
        *((values.checked_barcode, each, "barcode") for each in ("\u0669638507\u0664", "9638 5074", "9" * 10_000)),
        *((values.checked_tags, each, "tags") for each in ([""], ["a\0"], ["t" * 41], [str(n) for n in range(21)])),
        *((values.checked_low_stock, each, "lowStockAt") for each in (-1, 1_000_000_001)),
        *(
            (values.checked_option_names, each, "options")
            for each in ([], ["a"] * 2, ["A", " a "], [""], list("abcdef"))
        ),
    ],
)
def test_what_is_refused(check: Callable[[Any], Any], given: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check(given)
    assert refusal.value.details == {"field": field}


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("036000291452", "00036000291452"),
        (" 0036000291452\n", "00036000291452"),
        ("00036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        *((each, None) for each in ("", "6385074", "963850740", "36000291452", "000036000291452", "9638507\u0664")),
    ],
)
def test_barcodes_are_compared_by_their_fourteen_digits(written: str, compared: str | None) -> None:
    assert values.gtin(written) == compared


@given(st.sampled_from((7, 11, 12, 13)).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length)))
def test_exactly_one_last_digit_makes_a_barcode(body: str) -> None:
    taken = []
    for digit in "0123456789":
        with suppress(InvalidInput):
            taken.append(values.checked_barcode(body + digit))
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        ("0.001", ContentUnit.KG),
        ("999999999.999", ContentUnit.ML),
        ("1.5000", ContentUnit.L),
    ],
)
def test_a_content_is_an_amount_with_its_unit(amount: str, unit: ContentUnit) -> None:
    assert values.checked_content(Decimal(amount), unit) == (Decimal(amount), unit)
    assert values.checked_content(None, None) == (None, None)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        ("0", ContentUnit.G),
        ("-1", ContentUnit.G),
        ("0.0001", ContentUnit.G),
        ("1000000000", ContentUnit.G),
        ("99999999999.999", ContentUnit.G),
        ("1", None),
        (None, ContentUnit.G),
    ],
)
def test_other_contents_are_refused(amount: str | None, unit: ContentUnit | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        values.checked_content(None if amount is None else Decimal(amount), unit)
    assert refusal.value.details == {"field": "contentAmount"}


def test_times_are_kept_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    begin, end = datetime(2027, 1, 1, 2, tzinfo=there), datetime(2027, 1, 1, 3, tzinfo=there)
    assert values.checked_times(begin, end) == (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC))
    assert values.checked_times(None, end)[0] is None


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "publishUntil"),
        (datetime(2027, 1, 2, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "publishUntil"),
        (datetime(2027, 1, 1), None, "publishFrom"),  # noqa: DTZ001
        (None, datetime(2027, 1, 1), "publishUntil"),  # noqa: DTZ001
        # in UTC it would be in the year 0
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), None, "publishFrom"),
    ],
)
def test_other_times_are_refused(begin: datetime | None, end: datetime | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        values.checked_times(begin, end)
    assert refusal.value.details == {"field": field}


def test_values_stand_in_the_order_of_the_familys_options() -> None:
    chosen = [("SIZE", " 500  g"), (" colour ", "Red")]
    assert values.checked_option_values(chosen, ["Colour", "Size"]) == ["Red", "500 g"]


@pytest.mark.parametrize(
    "chosen",
    [
        [],
        [("Size", "1")],
        [("Size", "1"), ("Colour", "")],
        [("Size", "1"), ("Colour", "c" * 41)],
        [("Size", "1"), ("Colour", "r"), ("Weight", "1")],
        [("Size", "1"), ("size", "2"), ("Colour", "r")],
    ],
)
def test_values_that_are_not_exactly_the_familys_are_refused(chosen: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        values.checked_option_values(chosen, ["Colour", "Size"])
    assert refusal.value.details == {"field": "options"}
