"""Taxes on what a line, or shipping, costs after all discounts."""

from collections.abc import Sequence
from math import lcm
from typing import NamedTuple

from services.pricing.calculating import rounding
from services.pricing.calculating.facts import RegionFacts, TaxRate
from services.pricing.calculating.spreading import spread


class Taxed(NamedTuple):
    """An amount in coins with its taxes: `net` + `tax` is what is paid. `parts`: of each rate, in their order."""

    net: int
    tax: int
    parts: Sequence[int]


class TaxClass:
    """The rates that goods of one class bear in a region. They add up: two of 5 % are one of 10 %."""

    def __init__(self, region: RegionFacts, name: str) -> None:
        self.rates: tuple[TaxRate, ...] = tuple(rate for rate in region.rates if rate.tax_class == name)
        self._included = region.prices_include_tax
        ratios = [rounding.hundredth(rate.percent) for rate in self.rates]
        # All rates in parts of the same whole, so that they can be added and compared.
        self._whole = lcm(1, *(denominator for _, denominator in ratios))
        self._weights = [numerator * (self._whole // denominator) for numerator, denominator in ratios]
        self._rate = sum(self._weights)
        self._base = self._whole + self._rate if self._included else self._whole

    def of(self, total: int) -> Taxed:
        """The taxes of what is shown as `total`, rounded half-up once and then spread over the rates.

        With the tax in it, the tax is total * R / (100 + R) and the net amount what remains (directive 2006/112/EC,
        article 78, read backwards); without, the total is the net amount and the tax total * R / 100 comes on top.
        """
        if not self._rate:
            return Taxed(total, 0, [0] * len(self.rates))
        tax = rounding.half_up(total * self._rate, self._base)
        return Taxed(total - tax if self._included else total, tax, spread(tax, self._weights))

    def exact(self, total: int, number: int, exponent: int) -> str | None:
        """What the part of one rate was before rounding."""
        return rounding.exact(total * self._weights[number], self._base, exponent)
