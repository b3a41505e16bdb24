"""The one rounding of all prices, and how an amount is told that was rounded.

Who rounds names the module too (`rounding.half_up`): there is one function, and a change of it shows everywhere.
"""

from decimal import Decimal
from functools import lru_cache
from math import gcd

from utils import money
from utils.money import Money


def half_up(numerator: int, denominator: int) -> int:
    """A fraction of coins in whole coins, halves up. Neither part is negative, and the denominator not zero."""
    return (2 * numerator + denominator) // (2 * denominator)


# An amount of a discount is asked for each line.
@lru_cache(maxsize=1024)
def coins_of(amount: Decimal, currency: str) -> int:
    """An amount, not negative, in whole coins of the currency."""
    numerator, denominator = amount.as_integer_ratio()
    return half_up(numerator * 10 ** money.exponent(currency), denominator)


# Pages name the same amounts again and again; each is frozen, so it may be shared.
@lru_cache(maxsize=8192)
def in_money(coins: int, currency: str) -> Money:
    """So many coins as an amount, as `Money.of_coins` makes it."""
    # Past the question whether these are whole coins, which takes longer than all the rest.
    made = object.__new__(Money)
    object.__setattr__(made, "amount", coins * money.coin(currency))
    object.__setattr__(made, "currency", currency)
    return made


@lru_cache(maxsize=1024)
def hundredth(percent: Decimal) -> tuple[int, int]:
    """A percentage as the fraction it is, numerator and denominator: 12.5 is (1, 8)."""
    numerator, denominator = percent.as_integer_ratio()
    shared = gcd(numerator, denominator * 100)
    return numerator // shared, denominator * 100 // shared


def exact(numerator: int, denominator: int, exponent: int) -> str | None:
    """What a fraction of coins was before rounding, in the currency's unit; None if it is a whole number of coins.

    A decimal where one says it (`-0.125`), else a fraction in lowest terms (`10/3`).
    """
    if numerator % denominator == 0:
        return None
    denominator *= 10**exponent
    places = _places(denominator)
    if not places:
        shared = gcd(numerator, denominator)
        numerator, denominator = numerator // shared, denominator // shared
        places = _places(denominator)
    if not places:
        return f"{numerator}/{denominator}"
    whole, rest = divmod(abs(numerator) * 10**places // denominator, 10**places)
    return f"{'-' if numerator < 0 else ''}{whole}.{rest:0{places}d}".rstrip("0")


@lru_cache(maxsize=1024)
def _places(denominator: int) -> int:
    """How many decimals say a fraction of this denominator, which is more than 1; 0 if no number of them does."""
    twos = fives = 0
    while denominator % 2 == 0:
        twos, denominator = twos + 1, denominator // 2
    while denominator % 5 == 0:
        fives, denominator = fives + 1, denominator // 5
    return max(twos, fives) if denominator == 1 else 0
