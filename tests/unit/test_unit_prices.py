"""Prices by the measure: exact, half-up, in the measures of the directive."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.product import ContentUnit
from services.pricing.unit_prices import UnitPrice, unit_price


@pytest.mark.parametrize(
    ("price", "currency", "amount", "unit", "expected", "per"),
    [
        ("1.99", "USD", "1", "kg", "1.99", "kg"),
        ("1.99", "USD", "500", "g", "3.98", "kg"),
        ("2.49", "USD", "900", "g", "2.77", "kg"),  # 2.7666...
        ("1.00", "USD", "800", "g", "1.25", "kg"),
        ("0.99", "USD", "330", "ml", "3.00", "l"),
        ("0.25", "EUR", "20", "l", "0.01", "l"),  # 0.0125
        ("0.30", "EUR", "20", "l", "0.02", "l"),  # 0.015, half-up
        ("5", "USD", "250", "cm", "2.00", "m"),
        ("7", "USD", "2", "m", "3.50", "m"),
        ("10", "USD", "2.5", "m2", "4.00", "m2"),
        ("3", "USD", "80", "piece", "0.04", "piece"),
        ("150", "JPY", "400", "g", "375", "kg"),
        ("151", "JPY", "400", "g", "378", "kg"),  # 377.5
        ("1.001", "KWD", "400", "g", "2.503", "kg"),  # 2.5025
        ("0", "USD", "1", "kg", "0.00", "kg"),
        ("0.001", "USD", "999999999.999", "g", "0.00", "kg"),
    ],
)
def test_what_a_measure_costs(price: str, currency: str, amount: str, unit: str, expected: str, per: str) -> None:
    found = unit_price(Decimal(price), currency, content_amount=Decimal(amount), content_unit=unit)
    assert found == UnitPrice(Decimal(expected), currency, ContentUnit(per))
    assert str(found and found.amount) == expected


def test_without_a_content_there_is_none() -> None:
    assert unit_price(Decimal(1), "USD", content_amount=None, content_unit=None) is None


def test_more_than_money_can_be_is_not_told() -> None:
    dear = Decimal("99999999999.99")
    assert unit_price(dear, "USD", content_amount=Decimal("0.001"), content_unit="g") is None
    assert unit_price(dear, "USD", content_amount=Decimal(1), content_unit="kg") == (dear, "USD", ContentUnit.KG)


@given(
    st.decimals(0, 10**11, places=3, allow_nan=False),
    st.decimals("0.001", "999999999.999", places=3, allow_nan=False),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_it_is_never_further_away_than_half_a_coin(price: Decimal, amount: Decimal, currency: str) -> None:
    found = unit_price(price, currency, content_amount=amount, content_unit="kg")
    if found is not None:
        coin = Fraction(1, 10 ** {"USD": 2, "JPY": 0, "KWD": 3}[currency])
        off = Fraction(found.amount) - Fraction(price) / Fraction(amount)
        assert -coin / 2 < off <= coin / 2
