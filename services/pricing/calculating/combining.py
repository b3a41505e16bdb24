"""Finds the cheapest lawful combination of discounts (docs/decisions/pricing.md has the rules and the proof).

Lawful: of an exclusive group at most one counts, and two discounts count together only if each allows the class of the
other. Cheapest: the least that is shown for goods and shipping, before taxes that come on top. Among equals the one of
fewer discounts, then of lower priority numbers, then of lower ids; each line settles this before the whole does.
"""

from collections.abc import Sequence
from functools import partial, reduce
from itertools import product
from operator import and_
from typing import NamedTuple

from models.discount import DiscountClass
from services.pricing.calculating.chains import Chain, alternatives, cheapest, lesser
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.order_chains import Ordered, best_order, most_taken
from services.pricing.calculating.reductions import BITS, Cut, Place

_PRODUCT, _ORDER, _SHIPPING = (BITS[each] for each in DiscountClass)


class Offers(NamedTuple):
    """All that may count, each in its order: cuts by line, cuts of goods together, and who makes `shipping` free.

    `totals`: what the lines cost by the list; all amounts are in coins.
    """

    totals: Sequence[int]
    products: Sequence[Sequence[Cut]]
    orders: Sequence[Cut]
    shipping: int
    shippers: Sequence[tuple[Rule, Place]]


class Combination(NamedTuple):
    """What counts. `total`: goods and shipping together as they are shown, in coins."""

    total: int
    goods: Ordered
    shipper: Rule | None

    @property
    def rules(self) -> list[Rule]:
        """The rules that take anything."""
        return [*self.goods.rules, *([] if self.shipper is None else [self.shipper])]


def best_combination(offers: Offers) -> Combination:
    """The cheapest lawful combination; the top of this module says what that is."""
    lines = _Lines(offers)
    # The lines with no others beside them, which is the least they can cost.
    freely = {produced: lines.cheapest(produced) for produced in (0, _PRODUCT)}
    best = Combination(freely[0].total + offers.shipping, freely[0], None)
    # For each set of classes that may count, so that it is known beforehand what goes together.
    for produced, ordered, shipped in product((_PRODUCT, 0), (_ORDER, 0), (_SHIPPING, 0)):
        active = produced | ordered | shipped
        shippers = [rule for rule, place in offers.shippers if shipped and not active & ~(place.allows | _SHIPPING)]
        orders = [cut for cut in offers.orders if ordered and not active & ~(cut.place.allows | _ORDER)]
        if (shipped and not shippers) or (ordered and not orders) or (produced and not lines.are_reduced):
            continue  # as the set without this class
        shipping = 0 if shipped else offers.shipping
        least = freely[produced].total + shipping
        if least - (most_taken(freely[produced].lines, orders) if orders else 0) > best.total:
            continue
        goods = lines.cheapest(active)
        if orders:
            goods = best_order(goods.lines, orders, partial(lines.alternatives, active))
        best = _better(best, Combination(goods.total + shipping, goods, _first(shippers) if shipped else None))
    return best


def _first(shippers: Sequence[Rule]) -> Rule:
    """Of discounts that all make it free, the one of the lowest priority number, then id."""
    return min(shippers, key=lambda rule: (rule.priority, rule.id.int))


def _better(one: Combination, other: Combination) -> Combination:
    if other.total != one.total:
        return other if other.total < one.total else one
    return other if lesser(other.rules, one.rules) else one


class _Lines:
    """What discounts of products leave of the lines, by the classes that may count beside them."""

    def __init__(self, offers: Offers) -> None:
        self._totals, self._cuts = offers.totals, offers.products
        self.are_reduced = any(offers.products)
        # What all discounts of a line allow: no need to look again for what all of them allow.
        self._allowed = [reduce(and_, (cut.place.allows for cut in cuts), -1) for cuts in self._cuts]
        self._found: dict[tuple[int, int], Chain] = {}

    def cheapest(self, active: int) -> Ordered:
        """Each line at its cheapest; at its list price if products are not among the classes that may count."""
        if active & _PRODUCT:
            lines = [self._line(number, active & ~_PRODUCT) for number in range(len(self._totals))]
        else:
            lines = [Chain(total, ()) for total in self._totals]
        return Ordered(sum(line.left for line in lines), lines, ())

    def alternatives(self, active: int, most: int) -> list[list[Chain]] | None:
        """All that may be left of each line; None if that is more than so much for any."""
        found = []
        for total, cuts in zip(self._totals, self._cuts, strict=True):
            each = alternatives(total, _allowing(cuts, active & ~_PRODUCT) if active & _PRODUCT else (), most)
            if each is None:
                return None
            found.append(each)
        return found

    def _line(self, number: int, others: int) -> Chain:
        key = (number, others & ~self._allowed[number])
        if key not in self._found:
            self._found[key] = cheapest(self._totals[number], _allowing(self._cuts[number], others))
        return self._found[key]


def _allowing(cuts: Sequence[Cut], others: int) -> Sequence[Cut]:
    """Those that allow all these classes beside themselves."""
    return [cut for cut in cuts if not others & ~cut.place.allows] if others else cuts
