"""What lines and orders cost, as pure functions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing.totals import line_total, order_total
from utils.errors import InvalidInput


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "expected"),
    [
        ("19.99", 3, "USD", "59.97"),
        ("0.005", 1, "USD", "0.01"),
        ("0.005", 3, "USD", "0.02"),
        ("1.001", 3, "KWD", "3.003"),
        ("0.5", 1, "JPY", "1"),
        ("0.5", 3, "JPY", "2"),
        ("0", 100_000, "USD", "0.00"),
        ("99999999999.999", 100_000, "KWD", "9999999999999900.000"),
    ],
)
def test_a_line_is_rounded_half_up_once(price: str, quantity: int, currency: str, expected: str) -> None:
    assert str(line_total(Decimal(price), quantity, currency)) == expected


@given(st.lists(st.integers(min_value=0, max_value=10**9)))
def test_an_order_costs_the_sum_of_its_lines(cents: list[int]) -> None:
    assert order_total(Decimal(each).scaleb(-2) for each in cents) == Decimal(sum(cents)).scaleb(-2)


def test_the_largest_order_is_taken_and_a_larger_one_refused() -> None:
    largest = Decimal("99999999999.999")
    assert order_total([largest]) == largest
    with pytest.raises(InvalidInput) as refusal:
        order_total([largest, Decimal("0.001")])
    assert refusal.value.details == {"field": "items"}
