"""Amounts as Stripe counts them: whole numbers of a unit that is not always the currency's smallest coin."""

from decimal import Decimal

from gateways.payments.products import StripeRefused

# https://docs.stripe.com/currencies: all others have two decimals there, whatever ISO 4217 and Unicode say of them.
_NO_DECIMALS = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Written with two decimals that must be zeros, because it was so before these currencies lost theirs.
_TWO_ZEROS = frozenset({"ISK", "UGX"})


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in Stripe's unit of the currency, exactly.

    Refuses (StripeRefused) an amount that Stripe could only charge rounded, because that would be another price: one
    with more decimals than it knows, and in currencies with three one whose last is not 0, as card networks demand.
    """
    units = amount.scaleb(_decimals(currency))
    step = 100 if currency in _TWO_ZEROS else 10 if currency in _THREE_DECIMALS else 1
    if units != units.to_integral_value() or units % step:
        raise StripeRefused(f"{amount} {currency} cannot be charged exactly")
    return int(units)


def _decimals(currency: str) -> int:
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2
