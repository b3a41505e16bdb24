"""The lines of a purchase in coins, and which of them a rule means."""

from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from services.pricing.calculating.facts import Line, Targets
from utils.remembered import Remembered


class Portion(NamedTuple):
    """Some of the lines: their positions, what they cost by the list, in coins, and how many pieces they are."""

    positions: tuple[int, ...]
    amount: int
    quantity: int


class Lines:
    """The lines of a purchase, found by what they are and where they stand. Sets of lines are the bits of a number.

    Refuses (TypeError) a line whose price is not in the currency.
    """

    def __init__(self, lines: Sequence[Line], currency: str) -> None:
        self.quantities = [line.quantity for line in lines]
        self.prices = [line.price.coins(currency) for line in lines]
        self.totals = [price * quantity for price, quantity in zip(self.prices, self.quantities, strict=True)]
        self.all = (1 << len(lines)) - 1
        self._products = _index((line.product_id, 1 << place) for place, line in enumerate(lines))
        self._categories = _index((each, 1 << place) for place, line in enumerate(lines) for each in line.categories)
        self._collections = _index((each, 1 << place) for place, line in enumerate(lines) for each in line.collections)
        self._brands = _index((line.brand_id, 1 << place) for place, line in enumerate(lines) if line.brand_id)
        self._portions: dict[int, Portion] = {}

    def meant(self, targets: Targets | None) -> int:
        """The lines that the targets mean; all of them if there are none to restrict it."""
        if targets is None:
            return self.all
        return (
            (self._products.find(targets.products) if targets.products else 0)
            | (self._categories.find(targets.categories) if targets.categories else 0)
            | (self._collections.find(targets.collections) if targets.collections else 0)
            | (self._brands.find(targets.brands) if targets.brands else 0)
        )

    def portion(self, some: int) -> Portion:
        """These lines, with their sums."""
        found = self._portions.get(some)
        if found is None:
            positions = positions_of(some)
            amount, quantity = sum(self.totals[each] for each in positions), sum(self.quantities[p] for p in positions)
            found = self._portions[some] = Portion(positions, amount, quantity)
        return found

    def dearest_first(self, some: int) -> list[int]:
        """The positions of these lines by list price, the dearest first, and the earlier first among equals."""
        return sorted(self.portion(some).positions, key=lambda place: (-self.prices[place], place))


# The same sets come again for each discount, and for each way to combine them.
@lru_cache(maxsize=4096)
def positions_of(some: int) -> tuple[int, ...]:
    """The positions of a set of lines, in their order."""
    return tuple(place for place in range(some.bit_length()) if some >> place & 1)


class _Index(NamedTuple):
    lines: dict[int, int]
    keys: frozenset[int]

    def find(self, ids: frozenset[UUID]) -> int:
        return reduce(or_, map(self.lines.__getitem__, _numbers(ids) & self.keys), 0)


# Ids are slow to hash and to compare, and those of a rule are the same for everybody. As many as all active discounts
# may name (discounts/room.py), and half as many again; a set by itself takes as much as four of them.
_numbers: Remembered[frozenset[UUID], frozenset[int]] = Remembered(
    lambda ids: frozenset(each.int for each in ids), weigh=lambda ids: 4 + len(ids), most=75_000
)


def _index(pairs: Iterable[tuple[UUID, int]]) -> _Index:
    lines: dict[int, int] = {}
    for key, bit in pairs:
        lines[key.int] = lines.get(key.int, 0) | bit
    return _Index(lines, frozenset(lines))
