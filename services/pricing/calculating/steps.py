"""Every step of a sum, in the order of work (`Stage`)."""

from collections.abc import Iterator, Sequence

from services.pricing.calculating.assembling import Counted, Taken
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.priced import Stage, StepTaken
from services.pricing.calculating.rounding import in_money
from utils import money


def steps_of(
    purchase: Purchase, lines: Sequence[Counted], shipping: Counted, order_rules: Sequence[Rule]
) -> Iterator[StepTaken]:
    """The steps whose amounts add up to the total. `order_rules`: the discounts of orders, as they were applied."""
    currency = purchase.region.currency
    yield from _of_goods(purchase, lines, order_rules)
    if purchase.ships:
        yield StepTaken(Stage.SHIPPING, in_money(shipping.list_total, currency))
    yield from (_taken(Stage.SHIPPING_DISCOUNT, taken, currency, None) for taken in shipping.by_order)
    for place, counted in enumerate(lines):
        yield from _taxes(purchase, counted, place)
    if shipping.list_total:
        yield from _taxes(purchase, shipping, None)


def _of_goods(purchase: Purchase, lines: Sequence[Counted], order_rules: Sequence[Rule]) -> Iterator[StepTaken]:
    currency = purchase.region.currency
    for place, counted in enumerate(lines):
        yield StepTaken(Stage.LIST_PRICE, in_money(counted.list_total, currency), place)
    for place, line in enumerate(purchase.lines):
        if line.scheduled:
            yield StepTaken(Stage.SCHEDULED_PRICE, in_money(0, currency), place)
    for place, counted in enumerate(lines):
        yield from (_taken(Stage.PRODUCT_DISCOUNT, taken, currency, place) for taken in counted.by_product)
    # By the object: an id is slow to hash, and all rules are of one purchase.
    borne: dict[int, list[tuple[int, Taken]]] = {}
    for place, counted in enumerate(lines):
        for taken in counted.by_order:
            borne.setdefault(id(taken.rule), []).append((place, taken))
    for rule in order_rules:
        for place, taken in borne.get(id(rule), ()):
            yield _taken(Stage.ORDER_DISCOUNT, taken, currency, place)


def _taken(stage: Stage, taken: Taken, currency: str, place: int | None) -> StepTaken:
    return StepTaken(stage, in_money(-taken.amount, currency), place, taken.rule.id, None, taken.exact)


def _taxes(purchase: Purchase, counted: Counted, place: int | None) -> Iterator[StepTaken]:
    rates = counted.tax_class.rates
    if not rates:
        return
    currency, included = purchase.region.currency, purchase.region.prices_include_tax
    exponent, nothing = money.exponent(currency), in_money(0, currency)
    for number, rate in enumerate(rates):
        amount = in_money(counted.taxed.parts[number], currency)
        before = counted.tax_class.exact(counted.total, number, exponent)
        if included:
            yield StepTaken(Stage.TAX, nothing, place, None, rate.id, before, amount)
        else:
            yield StepTaken(Stage.TAX, amount, place, None, rate.id, before)
