"""What each kind of discount takes off: from which lines, and how much of what they cost at that point."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating import rounding
from services.pricing.calculating.facts import Rule, Step
from services.pricing.calculating.lines import Lines

# Sets of classes are the bits of a number, since they are compared for each discount of each line.
BITS: Mapping[DiscountClass, int] = {each: 1 << number for number, each in enumerate(DiscountClass)}


class Place(NamedTuple):
    """Where a rule stands in the order of application, and which classes it allows beside itself (BITS).

    Rules of one exclusive group share a `slot`. `joins`: whether it allows others of its own class.
    """

    slot: int
    allows: int
    joins: bool


class Cut(NamedTuple):
    """What a rule takes from one line, or from some lines together (`meant`, for the goods of an order).

    Either a fixed number of coins, or a part of what is there.
    """

    place: Place
    rule: Rule
    fixed: int | None
    numerator: int = 0
    denominator: int = 1
    meant: int = 0

    def of(self, coins: int) -> int:
        """How much it takes of so many coins; never more than they are."""
        if self.fixed is None:
            return rounding.half_up(coins * self.numerator, self.denominator)
        return self.fixed if self.fixed < coins else coins


def placed(rules: Sequence[Rule]) -> list[tuple[Rule, Place]]:
    """Rules of one class in the order of application, a lower priority number first.

    An exclusive group stands together, where its lowest priority puts it; after that the order is by its name, for
    rules of no group by id.
    """
    lowest: dict[str, int] = {}
    for rule in rules:
        group = rule.exclusive_group
        if group is not None:
            lowest[group] = min(rule.priority, lowest.get(group, rule.priority))
    keyed = []
    for number, rule in enumerate(rules):
        group = rule.exclusive_group
        slot = (rule.priority, "", rule.id.int) if group is None else (lowest[group], group, 0)
        keyed.append((slot, rule.priority, rule.id.int, number))
    keyed.sort()
    found: list[tuple[Rule, Place]] = []
    slot_number = -1
    last: tuple[int, str, int] | None = None
    for slot, _, _, number in keyed:
        if slot != last:
            slot_number, last = slot_number + 1, slot
        rule = rules[number]
        allows = _bits(rule.combines_with)
        found.append((rule, Place(slot_number, allows, bool(allows & BITS[rule.applies_to]))))
    return found


@lru_cache(maxsize=16)
def _bits(classes: frozenset[DiscountClass]) -> int:
    return sum(BITS[each] for each in classes)


def offer_lines(
    rule: Rule, place: Place, *, lines: Lines, meant: int, currency: str, offers: Sequence[list[Cut]]
) -> bool:
    """Adds what a discount of products takes from each of the lines it means to the offers of that line.

    False if it takes nothing from any: because too few pieces are bought, or since they cost next to nothing.
    """
    if rule.kind is DiscountKind.BUY_X_GET_Y:
        numerator, denominator = rounding.hundredth(_percent(rule))
        cuts = {
            position: Cut(place, rule, None, pieces * numerator, lines.quantities[position] * denominator)
            for position, pieces in pieces_given(rule, lines, meant).items()
        }
    elif rule.kind is DiscountKind.PERCENT:
        cuts = dict.fromkeys(
            lines.portion(meant).positions, Cut(place, rule, None, *rounding.hundredth(_percent(rule)))
        )
    else:
        each = {
            position: line_cut(rule, place, quantity=lines.quantities[position], currency=currency)
            for position in lines.portion(meant).positions
        }
        cuts = {position: cut for position, cut in each.items() if cut is not None}
    for position, cut in cuts.items():
        offers[position].append(cut)
    return any(cut.of(lines.totals[position]) for position, cut in cuts.items())


def line_cut(rule: Rule, place: Place, *, quantity: int, currency: str) -> Cut | None:
    """What a discount of products takes from a line of so many pieces, by itself; None: nothing."""
    if rule.kind is DiscountKind.PERCENT:
        return Cut(place, rule, None, *rounding.hundredth(_percent(rule)))
    if rule.kind is DiscountKind.AMOUNT:
        return Cut(place, rule, rounding.coins_of(rule.amounts[currency], currency) * quantity)
    if rule.kind is DiscountKind.QUANTITY_STEPS:
        step = step_reached(rule, quantity)
        return None if step is None else Cut(place, rule, None, *rounding.hundredth(step.percent))
    given = quantity // _of_a_group(rule) * (rule.get_quantity or 0) if rule.bought is None else 0
    numerator, denominator = rounding.hundredth(_percent(rule))
    return Cut(place, rule, None, given * numerator, quantity * denominator) if given else None


def order_cut(rule: Rule, place: Place, *, meant: int, currency: str) -> Cut:
    """What a discount of orders takes from the lines it means, together."""
    if rule.kind is DiscountKind.PERCENT:
        return Cut(place, rule, None, *rounding.hundredth(_percent(rule)), meant)
    return Cut(place, rule, rounding.coins_of(rule.amounts[currency], currency), meant=meant)


def step_reached(rule: Rule, quantity: int) -> Step | None:
    """The highest step that so many pieces reach."""
    reached = [step for step in rule.steps if step.quantity <= quantity]
    return max(reached, key=lambda step: step.quantity) if reached else None


def pieces_given(rule: Rule, lines: Lines, meant: int) -> dict[int, int]:
    """How many pieces of which lines a "buy X, get Y" reduces: the cheapest, the later line first among equals.

    The pieces that are bought are counted out dearest first. Where they are of goods of their own, a line that is of
    both kinds counts as bought, and not as given.
    """
    buy, get = rule.buy_quantity or 0, rule.get_quantity or 0
    if rule.bought is None:
        left = lines.portion(meant).quantity // _of_a_group(rule) * get
    else:
        bought = lines.meant(rule.bought)
        left = lines.portion(bought).quantity // buy * get
        meant &= ~bought
    given: dict[int, int] = {}
    for position in reversed(lines.dearest_first(meant)):
        if not left:
            break
        pieces = min(left, lines.quantities[position])
        left -= pieces
        given[position] = pieces
    return given


def _of_a_group(rule: Rule) -> int:
    return (rule.buy_quantity or 0) + (rule.get_quantity or 0)


def _percent(rule: Rule) -> Decimal:
    assert rule.percent is not None  # a constraint of the table
    return rule.percent
