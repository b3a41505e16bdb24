"""Money is exact: what is read is what was written, and rounding is half-up to the currency's coin."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils import money

AMOUNTS = st.decimals(min_value=Decimal(0), max_value=money.LARGEST_AMOUNT, places=3)
COINS = {"USD": "0.01", "JPY": "1", "KWD": "0.001", "EUR": "0.01"}


@given(AMOUNTS)
def test_a_spelled_amount_is_read_exactly(amount: Decimal) -> None:
    assert money.parse_amount(str(amount)) == amount
    assert money.parse_amount(amount) == amount


@given(AMOUNTS)
def test_an_amount_survives_the_json_number(amount: Decimal) -> None:
    assert money.parse_amount(float(amount)) == amount


@given(AMOUNTS, st.sampled_from(sorted(COINS)))
def test_rounding_gives_whole_coins_and_is_idempotent(amount: Decimal, currency: str) -> None:
    rounded = money.rounded(amount, currency)
    assert rounded == amount.quantize(Decimal(COINS[currency]), rounding=ROUND_HALF_UP)
    assert money.rounded(rounded, currency) == rounded
    assert money.is_whole_coins(rounded, currency) is True
    assert money.is_whole_coins(amount, currency) is (rounded == amount)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "USD", "0.01"),
        ("0.015", "USD", "0.02"),
        ("0.025", "USD", "0.03"),
        ("0.0049", "USD", "0.00"),
        ("2.5", "JPY", "3"),
        ("3.5", "JPY", "4"),
        ("0.0005", "KWD", "0.001"),
        ("-0.005", "USD", "-0.01"),
    ],
)
def test_halves_go_up(amount: str, currency: str, expected: str) -> None:
    assert str(money.rounded(Decimal(amount), currency)) == expected


@pytest.mark.parametrize(("currency", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_exponents_are_those_of_iso_4217(currency: str, exponent: int) -> None:
    assert money.exponent(currency) == exponent


@pytest.mark.parametrize(("code", "known"), [("USD", True), ("KWD", True), ("usd", False), ("XYZ", False), ("", False)])
def test_currencies_are_known_by_their_code(code: str, known: bool) -> None:
    assert money.is_currency(code) is known


@pytest.mark.parametrize("value", [29.99, "29.99", Decimal("29.99")])
def test_a_price_is_read_from_a_number_or_a_string(value: object) -> None:
    assert money.parse_amount(value) == Decimal("29.99")


@pytest.mark.parametrize(
    "value",
    [
        True,
        None,
        [],
        {},
        b"1",
        "",
        "abc",
        "1,5",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        float("nan"),
        float("inf"),
        "1e12",
        "1e1000000",
        "1e99999999999999999999",
        "1e-1000000",
        "0e-1000000",
        "9" * 41,
        "100000000000",
        10**30,
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="money"):
        money.parse_amount(value)


def test_the_largest_amount_is_read_and_one_more_is_refused() -> None:
    assert money.parse_amount("99999999999.999") == money.LARGEST_AMOUNT
    with pytest.raises(ValueError, match="money lies between"):
        money.parse_amount("99999999999.9991")


UNPAYABLE = "XTS XAU XAG XPT XPD XBA XBB XBC XBD XDR XSU XUA XEU XFO XFU XRE BOV CHE CHW COU MXV USN USS UYI"
PAYABLE = "XAF XOF XPF XCD XCG CHF MXN COP UYU RSD"


def test_what_nobody_pays_with_is_no_currency() -> None:
    assert [code for code in [*UNPAYABLE.split(), "X" * 3] if money.is_currency(code)] == []
    assert [code for code in PAYABLE.split() if not money.is_currency(code)] == []


def test_currencies_the_shop_cannot_count_in_are_none() -> None:
    assert [money.is_currency(code) for code in ("USD", "JPY", "KWD", "CLF", "UYW", "usd", "???")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]
