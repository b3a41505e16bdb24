"""Discounts that a little more would open: "7.20 more and delivery is free"."""

from collections.abc import Iterator, Mapping, Sequence

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.eligibility import Judged
from services.pricing.calculating.facts import Rule, Targets
from services.pricing.calculating.lines import Lines, positions_of
from services.pricing.calculating.priced import NearMiss, Refusal
from services.pricing.calculating.reductions import step_reached
from services.pricing.calculating.rounding import in_money

_MINIMUMS = (Refusal.MINIMUM_AMOUNT, Refusal.MINIMUM_QUANTITY)
_BY_PIECES = (DiscountKind.QUANTITY_STEPS, DiscountKind.BUY_X_GET_Y)


def near_misses(
    judged: Sequence[tuple[Rule, Judged]], *, lines: Lines, shipping: int, currency: str
) -> Iterator[NearMiss]:
    """Those that lack nothing but a minimum, a higher quantity step, or the pieces of a first "buy X, get Y".

    `shipping`: what bringing it costs after all discounts; where that is nothing, none on shipping is named.

    What is promised is the condition, not a saving: with so much more of its goods nothing refuses the discount any
    more, and it is among those of which the cheapest combination is found. Others that it does not combine with may
    still be better. To know that, the whole would have to be counted once more for each, and for goods that nobody has
    named yet.
    """
    for rule, verdict in judged:
        if verdict.refusal in _MINIMUMS:
            if rule.applies_to is not DiscountClass.SHIPPING or shipping:
                amount = verdict.missing_amount
                missing = None if amount is None else in_money(amount, currency)
                yield NearMiss(rule, missing, verdict.missing_quantity, _places(rule.targets, verdict.meant))
        elif rule.kind in _BY_PIECES and verdict.refusal in (None, Refusal.NOTHING_TO_REDUCE):
            pieces = missing_pieces(rule, verdict.meant, lines)
            if pieces is not None:
                yield NearMiss(rule, None, pieces, _places_of_pieces(rule, verdict.meant, lines, pieces))


def missing_pieces(rule: Rule, meant: int, lines: Lines) -> int | None:
    """How many more pieces reach the next step, or a first group of pieces given; None where there is no such thing."""
    if rule.kind is DiscountKind.QUANTITY_STEPS:
        return min(_to_next_steps(rule, meant, lines).values(), default=None)
    if rule.kind is DiscountKind.BUY_X_GET_Y:
        buy, get = rule.buy_quantity or 0, rule.get_quantity or 0
        if rule.bought is None:
            missing_to_group = buy + get - lines.portion(meant).quantity
        else:
            missing_to_group = buy - lines.portion(lines.meant(rule.bought)).quantity
        return missing_to_group if missing_to_group > 0 else None
    return None


def _places(targets: Targets | None, meant: int) -> tuple[int, ...] | None:
    """The lines that are meant; None where any goods are."""
    return None if targets is None else positions_of(meant)


def _places_of_pieces(rule: Rule, meant: int, lines: Lines, pieces: int) -> tuple[int, ...] | None:
    """The lines of whose goods so many more pieces are missing; None where pieces of any goods do."""
    if rule.kind is DiscountKind.QUANTITY_STEPS:
        # Each line has steps of its own: with so many more of another product nothing is won.
        missing = _to_next_steps(rule, meant, lines)
        return tuple(place for place, each in missing.items() if each == pieces)
    if rule.bought is None:
        return _places(rule.targets, meant)
    return _places(rule.bought, lines.meant(rule.bought))


def _to_next_steps(rule: Rule, meant: int, lines: Lines) -> Mapping[int, int]:
    """By the positions of lines that cost something and have a higher step yet: how many more pieces reach it."""
    places = [place for place in lines.portion(meant).positions if lines.totals[place]]
    missing = ((place, _to_next_step(rule, lines.quantities[place])) for place in places)
    return {place: each for place, each in missing if each is not None}


def _to_next_step(rule: Rule, quantity: int) -> int | None:
    reached = step_reached(rule, quantity)
    missing = [
        step.quantity - quantity
        for step in rule.steps
        if step.quantity > quantity and (reached is None or step.percent > reached.percent)
    ]
    return min(missing, default=None)
