"""Discounts of one class on one amount, a line or the sum of some: which of them together leave least.

All of them leave more of more (`Cut.of` is monotone, also where it rounds), so taking the most at each step of the
order leaves the least at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from services.pricing.calculating import rounding
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.reductions import Cut

# Of longer chains none shorter is looked for: that takes the square of their length, and changes no price.
_LONGEST_SHORTENED = 12


class Chain(NamedTuple):
    """What is left of an amount, in coins, and what was taken from it, in the order of application."""

    left: int
    taken: tuple[tuple[Cut, int], ...]

    @property
    def rules(self) -> list[Rule]:
        """The rules that take from it."""
        return [cut.rule for cut, _ in self.taken]


def cheapest(coins: int, cuts: Sequence[Cut]) -> Chain:
    """What leaves least: one discount by itself, or some of those that go together, at most one of each slot.

    The cuts are of one class, in their order. Among equals the fewest (of up to a dozen), then those of lower priority
    numbers, then ids.
    """
    left, alone = coins, Chain(coins, ())
    taken: list[tuple[Cut, int]] = []
    slot, slots, most, best = -1, 0, 0, None
    half_up = rounding.half_up
    for cut in cuts:
        # As `cut.of`, without the call: this is where a price spends its time.
        place, _, fixed, numerator, denominator, _ = cut
        if not place.joins:
            rest = coins - cut.of(coins)
            if rest < alone.left or (rest == alone.left < coins and lesser([cut.rule], alone.rules)):
                alone = Chain(rest, ((cut, coins - rest),))
            continue
        if place.slot != slot:
            if best is not None:
                left -= most
                taken.append((best, most))
            slot, slots, most, best = place.slot, slots + 1, 0, None
        amount = half_up(left * numerator, denominator) if fixed is None else min(fixed, left)
        if amount > most:
            most, best = amount, cut
    if best is not None:
        left -= most
        taken.append((best, most))
    chain = Chain(left, tuple(taken))
    if alone.left < left:
        return alone
    if _may_be_fewer(chain, coins, slots):
        chain = _fewest([cut for cut in cuts if cut.place.joins], coins, chain)
    return alone if alone.left == left < coins and lesser(alone.rules, chain.rules) else chain


def lesser(rules: Sequence[Rule], others: Sequence[Rule]) -> bool:
    """Whether of two combinations that cost the same the first is meant."""
    return _weight(rules) < _weight(others)


def _weight(rules: Iterable[Rule]) -> tuple[int, list[int], list[int]]:
    # By the object: an id is slow to hash, and all rules are of one purchase.
    distinct = {id(rule): rule for rule in rules}.values()
    return len(distinct), sorted(rule.priority for rule in distinct), sorted(rule.id.int for rule in distinct)


def _may_be_fewer(chain: Chain, coins: int, slots: int) -> bool:
    """Whether fewer discounts might leave as little; where this says no, they cannot.

    Without one of them its coins come through to the end: each later slot leaves at least the share of them that it
    leaves of all, less one coin of rounding.
    """
    if not 2 <= len(chain.taken) <= _LONGEST_SHORTENED:
        return False
    left = coins
    for number, (_, amount) in enumerate(chain.taken, 1):
        left -= amount
        later = slots - number
        if amount * (chain.left - later) <= later * left:
            return True
    return False


def _fewest(cuts: Sequence[Cut], coins: int, chain: Chain) -> Chain:
    """The shortest chain that leaves as little: for each number of discounts, the one that leaves least."""
    best: list[Chain | None] = [Chain(coins, ()), *([None] * len(chain.taken))]
    for members in _slots(cuts):
        for number in range(len(best) - 1, 0, -1):
            before = best[number - 1]
            if before is None:
                continue
            for cut in members:
                amount = cut.of(before.left)
                current = best[number]
                if amount and (current is None or before.left - amount < current.left):
                    best[number] = Chain(before.left - amount, (*before.taken, (cut, amount)))
    return next(each for each in best if each is not None and each.left == chain.left)


def alternatives(coins: int, cuts: Sequence[Cut], most: int) -> list[Chain] | None:
    """One chain for each amount that may be left, the fewest discounts for each; None if those are more than `most`."""
    found = {coins: Chain(coins, ())}
    for members in _slots([cut for cut in cuts if cut.place.joins]):
        for before in list(found.values()):
            for cut in members:
                _keep(found, before, cut)
        if len(found) > most:
            return None
    for cut in cuts:
        if not cut.place.joins:
            _keep(found, Chain(coins, ()), cut)
    return None if len(found) > most else list(found.values())


def _keep(found: dict[int, Chain], before: Chain, cut: Cut) -> None:
    if amount := cut.of(before.left):
        chain = Chain(before.left - amount, (*before.taken, (cut, amount)))
        known = found.get(chain.left)
        if known is None or lesser(chain.rules, known.rules):
            found[chain.left] = chain


def _slots(cuts: Sequence[Cut]) -> Iterator[list[Cut]]:
    return (list(members) for _, members in groupby(cuts, key=lambda cut: cut.place.slot))
