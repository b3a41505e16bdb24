"""The least that a purchase can cost, by trying every lawful assignment of its discounts, in plain fractions."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import floor

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.facts import Line, Purchase, Rule, Targets
from utils import money

_PRODUCT, _ORDER, _SHIPPING = DiscountClass
Subset = tuple[Rule, ...]


def least_total(purchase: Purchase) -> tuple[int, int]:
    """Goods and shipping before taxes on top, in coins; and the fewest discounts that make it so cheap."""
    applied = [rule for rule in purchase.rules if applies(rule, purchase)]
    by_class = {each: [rule for rule in applied if rule.applies_to is each] for each in DiscountClass}
    shipping = _coins(purchase, purchase.region.shipping_price.amount) if purchase.ships and purchase.lines else 0
    of_lines = [
        [subset for subset in _subsets(by_class[_PRODUCT]) if all(_is_meant(line, rule.targets) for rule in subset)]
        for line in purchase.lines
    ]
    best: tuple[int, int] | None = None
    for chosen in product(*of_lines):
        used = {rule.id: rule for subset in chosen for rule in subset}
        costs = [_after_products(purchase, place, subset) for place, subset in enumerate(chosen)]
        for order, shippers in product(_subsets(by_class[_ORDER]), _subsets(by_class[_SHIPPING])):
            if not _stand_together([list(used.values()), list(order), list(shippers)]):
                continue
            goods = sum(_after_orders(purchase, costs, order))
            found = (goods + (0 if shippers else shipping), len(used) + len(order) + len(shippers))
            best = found if best is None or found < best else best
    assert best is not None
    return best


def applies(rule: Rule, purchase: Purchase) -> bool:
    """Whether nothing but a better combination keeps the rule from counting; windows are not asked."""
    currency, customer = purchase.region.currency, purchase.customer
    meant = [line for line in purchase.lines if _is_meant(line, rule.targets)]
    cost = sum((line.price.amount * line.quantity for line in meant), start=money.LARGEST_AMOUNT * 0)
    return all(
        (
            _is_open(rule, purchase),
            rule.kind is not DiscountKind.AMOUNT or currency in rule.amounts,
            not rule.min_amounts or (currency in rule.min_amounts and cost >= rule.min_amounts[currency]),
            rule.min_quantity is None or sum(line.quantity for line in meant) >= rule.min_quantity,
            bool(meant),
            rule.bought is None or any(_is_meant(line, rule.bought) for line in purchase.lines),
            not rule.first_order_only or not customer.has_ordered,
        )
    )


def _is_open(rule: Rule, purchase: Purchase) -> bool:
    customer = purchase.customer
    return all(
        (
            rule.applies_to in purchase.classes,
            not rule.region_codes or purchase.region.code in rule.region_codes,
            not rule.tiers or customer.tier in rule.tiers,
            not rule.needs_code or rule.id in purchase.codes,
            not rule.for_named_customers or rule.id in customer.named_in,
            not rule.first_order_only or not customer.has_ordered,
            not rule.is_exhausted,
            rule.per_customer_limit is None or customer.uses.get(rule.id, 0) < rule.per_customer_limit,
        )
    )


def _subsets(rules: Sequence[Rule]) -> list[Subset]:
    """All sets of rules of one class that may count together on the same thing."""
    found: list[Subset] = []
    for size in range(len(rules) + 1):
        for subset in combinations(rules, size):
            groups = [rule.exclusive_group for rule in subset if rule.exclusive_group is not None]
            if len(groups) == len(set(groups)) and (
                size < 2 or all(rule.applies_to in rule.combines_with for rule in subset)
            ):
                found.append(subset)
    return found


def _stand_together(classes: Sequence[Sequence[Rule]]) -> bool:
    return all(
        one.applies_to in other.combines_with and other.applies_to in one.combines_with
        for some, others in combinations(classes, 2)
        for one in some
        for other in others
    )


def _in_order(subset: Subset, purchase: Purchase) -> list[Rule]:
    open_here = [rule for rule in purchase.rules if _is_open(rule, purchase)]

    def place(rule: Rule) -> tuple[int, str, int]:
        group = rule.exclusive_group
        if group is None:
            return rule.priority, "", rule.id.int
        same = [each for each in open_here if (each.exclusive_group, each.applies_to) == (group, rule.applies_to)]
        return min(each.priority for each in same), group, 0

    return sorted(subset, key=place)


def _after_products(purchase: Purchase, place: int, subset: Subset) -> int:
    line = purchase.lines[place]
    left = _coins(purchase, line.price.amount) * line.quantity
    for rule in _in_order(subset, purchase):
        if rule.kind is DiscountKind.AMOUNT:
            taken = _coins(purchase, rule.amounts[purchase.region.currency]) * line.quantity
        else:
            taken = floor(left * _share(rule, purchase, place) + Fraction(1, 2))
        left = max(0, left - taken)
    return left


def _share(rule: Rule, purchase: Purchase, place: int) -> Fraction:
    line = purchase.lines[place]
    if rule.kind is DiscountKind.QUANTITY_STEPS:
        reached = sorted((step.quantity, step.percent) for step in rule.steps if step.quantity <= line.quantity)
        return Fraction(reached[-1][1]) / 100 if reached else Fraction(0)
    assert rule.percent is not None
    if rule.kind is DiscountKind.PERCENT:
        return Fraction(rule.percent) / 100
    return Fraction(rule.percent) / 100 * _given(rule, purchase).count(place) / line.quantity


def _given(rule: Rule, purchase: Purchase) -> list[int]:
    """The line of each piece that a "buy X, get Y" gives: all pieces are laid out, dearest first."""
    assert rule.buy_quantity is not None
    assert rule.get_quantity is not None
    row = sorted(
        (-line.price.amount, place)
        for place, line in enumerate(purchase.lines)
        for _ in range(line.quantity)
        if _is_meant(line, rule.targets)
    )
    if rule.bought is None:
        count = len(row) // (rule.buy_quantity + rule.get_quantity) * rule.get_quantity
    else:
        bought = [place for place, line in enumerate(purchase.lines) if _is_meant(line, rule.bought)]
        pieces = sum(purchase.lines[place].quantity for place in bought)
        count = pieces // rule.buy_quantity * rule.get_quantity
        row = [piece for piece in row if piece[1] not in bought]
    return [place for _, place in row[max(0, len(row) - count) :]]


def _after_orders(purchase: Purchase, costs: Sequence[int], subset: Subset) -> list[int]:
    left = list(costs)
    for rule in _in_order(subset, purchase):
        places = [place for place, line in enumerate(purchase.lines) if _is_meant(line, rule.targets)]
        whole = sum(left[place] for place in places)
        if rule.kind is DiscountKind.AMOUNT:
            taken = min(whole, _coins(purchase, rule.amounts[purchase.region.currency]))
        else:
            assert rule.percent is not None
            taken = floor(whole * Fraction(rule.percent) / 100 + Fraction(1, 2))
        for place, share in _spread(taken, [(place, left[place]) for place in places]):
            left[place] -= share
    return left


def _spread(coins: int, weights: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    whole = sum(weight for _, weight in weights)
    if not whole:
        return
    exact = {place: Fraction(coins * weight, whole) for place, weight in weights}
    over = coins - sum(floor(share) for share in exact.values())
    lucky = sorted(exact, key=lambda place: (floor(exact[place]) - exact[place], place))[:over]
    for place, share in exact.items():
        yield place, floor(share) + (place in lucky)


def _is_meant(line: Line, targets: Targets | None) -> bool:
    return targets is None or any(
        (
            line.product_id in targets.products,
            bool(line.categories & targets.categories),
            bool(line.collections & targets.collections),
            line.brand_id in targets.brands,
        )
    )


def _coins(purchase: Purchase, amount: object) -> int:
    exact = Fraction(str(amount)) * int(10 ** money.exponent(purchase.region.currency))
    return floor(exact + Fraction(1, 2))
