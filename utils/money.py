"""Exact money: Decimal amounts, rounded half-up to the smallest coin of their currency."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import get_currency_precision, list_currencies

# What a NUMERIC(14, 3) column holds, and what a JSON number carries without loss.
LARGEST_AMOUNT = Decimal("99999999999.999")
MOST_DECIMALS = 3
# ISO 4217 gives codes with X to what is no country's money: metals, units of account, tests. These circulate.
_SHARED_MONEY = frozenset({"XAF", "XCD", "XCG", "XOF", "XPF"})
# Its funds codes: units that contracts count in, and nobody pays with.
_FUNDS = frozenset({"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "USS", "UYI", "UYW"})
_NUMBER = re.compile(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?")
# More is never money; PostgreSQL reads numbers of many more digits, but not of a million.
_MOST_DIGITS = 40


@lru_cache(maxsize=1)
def _known_currencies() -> frozenset[str]:
    listed = {each for each in list_currencies() if not each.startswith("X")} | _SHARED_MONEY
    return frozenset(each for each in listed - _FUNDS if exponent(each) <= MOST_DECIMALS)


def is_currency(code: str) -> bool:
    """Whether `code` is a currency the shop can count in: a code in capitals, with at most three decimals.

    What nobody pays with is none: gold (XAU), units of account (XDR, USN), the codes for tests and for no money at all.
    """
    return code in _known_currencies()


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """How many decimals the currency has (as Unicode CLDR has them): 2 for USD, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


@lru_cache(maxsize=256)
def coin(currency: str) -> Decimal:
    """The currency's smallest amount."""
    return Decimal(1).scaleb(-exponent(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole coins of its currency, half-up (away from zero at the half)."""
    return amount.quantize(coin(currency), rounding=ROUND_HALF_UP)


def is_whole_coins(amount: Decimal, currency: str) -> bool:
    """Whether the amount can be paid exactly in this currency."""
    return amount == rounded(amount, currency)


def parse_amount(value: object) -> Decimal:
    """The exact Decimal of a JSON number or a numeric string.

    Refuses (ValueError) booleans, more than 40 decimals, NaN, infinities and anything over LARGEST_AMOUNT.
    A float is read by its shortest spelling, so 29.99 is 29.99 and not 29.989999...
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("money is a number or a numeric string")
    text = repr(value) if isinstance(value, float) else str(value)
    if len(text) > _MOST_DIGITS:
        raise ValueError("money has too many digits")
    if not _NUMBER.fullmatch(text):
        raise ValueError("money is a number or a numeric string")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("money has too many digits") from None
    # copy_abs, since abs() would round, and fail, where the exponent is out of all reason.
    if not amount.is_finite() or amount.copy_abs() > LARGEST_AMOUNT:
        raise ValueError(f"money lies between -{LARGEST_AMOUNT} and {LARGEST_AMOUNT}")
    if int(amount.as_tuple().exponent) < -_MOST_DIGITS:
        raise ValueError("money has too many digits")
    return amount


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount of one currency, in whole coins. Amounts of two currencies never meet: that is a TypeError.

    Refuses (ValueError) an amount that cannot be paid exactly; `rounded` makes such amounts.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not is_whole_coins(self.amount, self.currency):
            raise ValueError(f"{self.amount} {self.currency} is not a whole number of coins")

    @classmethod
    def of_coins(cls, coins: int, currency: str) -> "Money":
        """So many of the currency's smallest coins."""
        return cls(Decimal(coins).scaleb(-exponent(currency)), currency)

    def coins(self, currency: str) -> int:
        """How many of the smallest coins it is. `currency` must be its own, or it is a TypeError."""
        self._check(currency)
        return int(self.amount.scaleb(exponent(currency)))

    def __add__(self, other: "Money") -> "Money":
        self._check(other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check(other.currency)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._check(other.currency)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._check(other.currency)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _check(self, currency: str) -> None:
        if currency != self.currency:
            raise TypeError(f"{self.currency} and {currency} do not meet")
