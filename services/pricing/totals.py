"""What lines and orders cost: pure functions over exact money."""

from collections.abc import Iterable
from decimal import Decimal

from utils import money
from utils.errors import InvalidInput


def line_total(unit_price: Decimal, quantity: int, currency: str) -> Decimal:
    """The price of one line, rounded half-up to the currency's coin."""
    return money.rounded(unit_price * quantity, currency)


def order_total(line_totals: Iterable[Decimal]) -> Decimal:
    """The sum of the lines. Refuses (INVALID_INPUT) more than an amount can hold."""
    total = sum(line_totals, start=Decimal(0))
    if total > money.LARGEST_AMOUNT:
        raise InvalidInput(f"An order may cost at most {money.LARGEST_AMOUNT}.", field="items")
    return total
