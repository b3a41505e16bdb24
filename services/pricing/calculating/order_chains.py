"""Discounts of the goods of an order together: which of them leave least, given what discounts of products left.

Where all of them are of the same lines, they are a chain on one sum. Else what one takes is spread over its lines
before the next counts its own, and that is searched.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import groupby, permutations, product
from math import prod
from typing import NamedTuple

from services.pricing.calculating.chains import Chain, cheapest, lesser
from services.pricing.calculating.facts import Rule
from services.pricing.calculating.lines import positions_of
from services.pricing.calculating.reductions import Cut
from services.pricing.calculating.spreading import spread

# How many amounts of lines an exact search keeps at a time: 1,250 ways to price four lines, 100 for fifty. Three codes
# beside an exclusive group of ten are 88 ways.
_MOST_AMOUNTS = 5000
# And one that follows the cheapest only.
_MOST_OF_CHEAPEST = 1000
# How often discounts are taken anew to find those that can be spared: that changes no price.
_MOST_TAKEN_ANEW = 500

# All that discounts of products might leave of each line; None if it is more than so many amounts for any.
Alternatives = Callable[[int], Sequence[Sequence[Chain]] | None]


class Ordered(NamedTuple):
    """What is left of the goods in coins; what was taken from each line before; and what from them together."""

    total: int
    lines: Sequence[Chain]
    taken: tuple[tuple[Cut, int], ...]

    @property
    def rules(self) -> list[Rule]:
        """The rules that take anything."""
        return [*(rule for line in self.lines for rule in line.rules), *(cut.rule for cut, _ in self.taken)]


def best_order(lines: Sequence[Chain], cuts: Sequence[Cut], alternatives: Alternatives) -> Ordered:
    """The cheapest of: no discount, one by itself, or some of those that go together, at most one of each slot.

    `lines` are what costs least by itself. Discounts of the same lines are a chain, which is exact. Discounts of
    different lines are searched: every choice where all can be kept (_MOST_AMOUNTS), which is exact to the coin; beyond
    that one of each slot, going on with the cheapest so far, which is exact but for how coins are rounded when they are
    spread, as long as none had to be dropped.
    """
    costs = [line.left for line in lines]
    whole = sum(costs)
    best = Ordered(whole, lines, ())
    alike: dict[int, list[Cut]] = {}
    for cut in cuts:
        if not cut.place.joins:
            alike.setdefault(cut.meant, []).append(cut)
    together = [cut for cut in cuts if cut.place.joins]
    if len({cut.meant for cut in together}) == 1:
        alike.setdefault(together[0].meant, []).extend(together)
    elif together:
        best = _better(best, _searched(lines, together, alternatives))
    for meant, members in alike.items():
        coins = _sum(costs, meant)
        chain = cheapest(coins, sorted(members, key=lambda cut: cut.place.slot))
        best = _better(best, Ordered(whole - coins + chain.left, lines, chain.taken))
    return best


def most_taken(lines: Sequence[Chain], cuts: Sequence[Cut]) -> int:
    """A number of coins that these discounts of orders cannot exceed together."""
    costs = [line.left for line in lines]
    together: dict[int, int] = {}
    alone = 0
    for cut in cuts:
        amount, slot = cut.of(_sum(costs, cut.meant)), cut.place.slot
        if cut.place.joins:
            together[slot] = max(amount, together.get(slot, 0))
        else:
            alone = max(amount, alone)
    # Spreading may move a coin of each line each time.
    return max(alone, sum(together.values())) + len(together) * len(lines)


def shares(cut: Cut, amount: int, costs: Sequence[int]) -> dict[int, int]:
    """What each line that the cut means bears of what it takes from all of them, in proportion to what each costs."""
    places = positions_of(cut.meant)
    return dict(zip(places, spread(amount, [costs[place] for place in places]), strict=True))


def _sum(costs: Sequence[int], meant: int) -> int:
    return sum([costs[place] for place in positions_of(meant)])


def _better(one: Ordered, other: Ordered) -> Ordered:
    if other.total != one.total:
        return other if other.total < one.total else one
    return other if lesser(other.rules, one.rules) else one


class _State(NamedTuple):
    costs: tuple[int, ...]
    lines: Sequence[Chain]
    taken: tuple[tuple[Cut, int], ...]

    def after(self, cut: Cut) -> "_State":
        """With this cut taken; itself if that takes nothing."""
        places = positions_of(cut.meant)
        weights = [self.costs[place] for place in places]
        amount = cut.of(sum(weights))
        if not amount:
            return self
        costs = list(self.costs)
        for place, share in zip(places, spread(amount, weights), strict=True):
            costs[place] -= share
        return _State(tuple(costs), self.lines, (*self.taken, (cut, amount)))

    @property
    def goods(self) -> Ordered:
        return Ordered(sum(self.costs), self.lines, self.taken)


def _searched(lines: Sequence[Chain], cuts: Sequence[Cut], alternatives: Alternatives) -> Ordered:
    slots = [list(members) for _, members in groupby(cuts, key=lambda cut: cut.place.slot)]
    count = max(1, len(lines))
    width = max(2, _MOST_AMOUNTS // count)
    states = [_State(tuple(line.left for line in lines), lines, ())]
    found = _taken_most(states, slots, max(2, _MOST_OF_CHEAPEST // count))
    if not _cross(cuts) or (choices := prod(len(slot) + 1 for slot in slots)) > width:
        return found
    others = alternatives(width // choices)
    if others is not None and choices * prod(map(len, others)) <= width:
        states = [_State(tuple(line.left for line in each), each, ()) for each in product(*others)]
    for slot, most in zip(slots, _most_after(states, slots), strict=True):
        states = _without_doubles([each for state in states for each in (state, *map(state.after, slot))])
        # Whatever comes, the others stay dearer than what was found.
        states = [state for state in states if sum(state.costs) - most <= found.total]
    return reduce(_better, (state.goods for state in states), found)


def _most_after(states: Sequence[_State], slots: Sequence[Sequence[Cut]]) -> list[int]:
    """For each slot, a number of coins that those after it cannot exceed together: what is there only grows less."""
    dearest = [max(costs) for costs in zip(*(state.costs for state in states), strict=True)]
    most = [max(cut.of(_sum(dearest, cut.meant)) for cut in slot) for slot in slots]
    return [sum(most[number + 1 :]) for number in range(len(most))]


def _taken_most(states: list[_State], slots: Sequence[Sequence[Cut]], width: int) -> Ordered:
    """With one of each slot, whichever takes most; where they mean different lines, with each of them."""
    for slot in slots:
        states = _without_doubles([each for state in states for each in _taking(state, slot)])
        states = sorted(states, key=lambda state: sum(state.costs))[:width]
    return _spared(states[0], len(slots)).goods


def _taking(state: _State, slot: Sequence[Cut]) -> Iterator[_State]:
    """With one of the slot: of those that mean the same lines the one that takes most."""
    if len(slot) == 1:
        return iter((state.after(slot[0]),))
    most: dict[int, tuple[int, Cut]] = {}
    for cut in slot:
        amount = cut.of(_sum(state.costs, cut.meant))
        if cut.meant not in most or amount > most[cut.meant][0]:
            most[cut.meant] = (amount, cut)
    return (state.after(cut) for _, cut in most.values())


def _spared(state: _State, slots: int) -> _State:
    """Without the discounts that the total would be as low without, the last to be applied first."""
    total, before = sum(state.costs), sum(line.left for line in state.lines)
    most_tries = _MOST_TAKEN_ANEW // max(1, len(state.taken))
    for spare, amount in reversed(state.taken):
        # What comes through to the end of most amounts is more than what rounding can make good.
        if amount * total > 2 * slots * before:
            continue
        most_tries -= 1
        if most_tries < 0:
            break
        without = _State(tuple(line.left for line in state.lines), state.lines, ())
        for cut, _ in state.taken:
            without = without if cut is spare else without.after(cut)
        if sum(without.costs) <= total:
            state, total = without, sum(without.costs)
    return state


def _without_doubles(states: Sequence[_State]) -> list[_State]:
    kept: dict[tuple[int, ...], _State] = {}
    for state in states:
        known = kept.get(state.costs)
        if known is None or (known is not state and lesser(state.goods.rules, known.goods.rules)):
            kept[state.costs] = state
    return list(kept.values())


def _cross(cuts: Sequence[Cut]) -> bool:
    """Whether what one takes is ever spread over lines of which a later one means some and not others."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for cut in cuts:
        first.setdefault(cut.meant, cut.place.slot)
        last[cut.meant] = cut.place.slot
    return any(one & other and one & ~other and first[one] < last[other] for one, other in permutations(first, 2))
