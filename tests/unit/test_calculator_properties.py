"""What holds for every price: sums that agree to the coin, and the cheapest lawful combination of discounts."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.calculator import explain_each, price, price_each
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.priced import PricedLine, Refusal, Stage
from services.pricing.calculating.spreading import spread
from services.pricing.calculating.written import (
    differences,
    explanation_of,
    inputs_of,
    purchase_of,
    rules_of,
    rules_text,
)
from tests.unit import pricing_made as made
from tests.unit.pricing_brute_force import applies, least_total
from tests.unit.pricing_strategies import ORDER, PERCENTS, PRODUCT, RULES, coins, purchases
from utils import money
from utils.money import Money


@settings(max_examples=100)
@given(purchases())
def test_the_combination_is_the_cheapest_of_all_lawful_ones(purchase: Purchase) -> None:
    assert _shown(purchase) == coins(least_total(purchase)[0], purchase.region.currency)


@pytest.mark.long
@settings(max_examples=1500)
@given(purchases() | purchases(most_lines=3, most_rules=5, only=(ORDER, ORDER, PRODUCT)))
def test_the_combination_is_the_cheapest_in_thousands_of_cases(purchase: Purchase) -> None:
    assert _shown(purchase) == coins(least_total(purchase)[0], purchase.region.currency)


@settings(max_examples=50)
@given(purchases(most_lines=2, most_rules=4, only=(ORDER, ORDER, PRODUCT)))
def test_discounts_of_orders_that_mean_different_goods_are_combined_as_cheaply(purchase: Purchase) -> None:
    assert _shown(purchase) == coins(least_total(purchase)[0], purchase.region.currency)


@pytest.mark.parametrize("seed", range(8))
def test_three_codes_beside_a_group_of_ten_are_combined_exactly_for_fifty_lines(seed: int) -> None:
    dice = Random(seed)
    goods = [UUID(int=number) for number in range(1, 51)]
    lines = [made.line(each, str(dice.randrange(1, 9_000) / Decimal(100)), dice.randint(1, 3)) for each in goods]

    def order(number: int, **more: Any) -> Rule:
        given = {"applies_to": ORDER, "targets": made.of(*dice.sample(goods, dice.randint(5, 45))), **more}
        given["priority"] = dice.randint(0, 9)
        off = made.amount_off(0, str(dice.randrange(100, 90_000) / Decimal(100)), **given)
        found = dice.choice((off, made.rule(0, str(dice.randint(1, 80)), **given)))
        return replace(found, id=UUID(int=1_000 + number))

    group = [order(number, exclusive_group="one of ten") for number in range(10)]
    coded = [order(number, needs_code=True) for number in range(10, 13)]
    purchase = made.purchase(*lines, *group, *coded, codes=frozenset(rule.id for rule in coded))
    total, fewest = least_total(purchase)
    assert (_shown(purchase), len(price(purchase).discounts)) == (coins(total, "EUR"), fewest)


@settings(max_examples=50)
@given(purchases(most_lines=1))
def test_of_equals_the_fewest_discounts_count(purchase: Purchase) -> None:
    assert len(price(purchase).discounts) == least_total(purchase)[1]


@settings(max_examples=50)
@given(purchases(most_lines=5, most_rules=8))
def test_all_sums_agree_to_the_coin(purchase: Purchase) -> None:
    priced = price(purchase)
    nothing = Money.of_coins(0, purchase.region.currency)

    def total(amounts: list[Money]) -> Money:
        return sum(amounts, start=nothing)

    assert total([step.amount for step in priced.steps]) == priced.total
    assert total([line.net for line in priced.lines]) == priced.net_goods
    assert priced.net_goods + priced.net_shipping + priced.tax_total == priced.total
    assert total([line.list_total for line in priced.lines]) + priced.shipping.list_total == priced.list_total
    assert total([discount.amount for discount in priced.discounts]) == priced.discount_total
    assert total([tax.amount for tax in priced.taxes]) == priced.tax_total
    parts: list[PricedLine] = [*priced.lines, priced.shipping]
    for part in parts:
        assert total([discount.amount for discount in part.discounts]) == part.list_total - part.total
        assert total([tax.amount for tax in part.taxes]) == part.tax
        assert part.net + part.tax == (part.total if purchase.region.prices_include_tax else part.total + part.tax)
        assert nothing <= part.total <= part.list_total
        assert all(nothing <= each.amount for each in part.discounts)
        assert all(nothing <= each.amount for each in part.taxes)
        assert nothing <= part.net
    if purchase.region.prices_include_tax:
        included = [step.included for step in priced.steps if step.included is not None]
        assert total(included) == priced.tax_total


@settings(max_examples=35)
@given(purchases(most_lines=4, most_rules=6))
def test_steps_stand_in_the_order_of_work_and_tell_of_each_rounding(purchase: Purchase) -> None:
    priced = price(purchase)
    order = list(Stage)
    unit = Fraction(1, 10 ** money.exponent(purchase.region.currency))

    stages = [order.index(step.stage) for step in priced.steps]
    assert stages == sorted(stages)
    for step in priced.steps:
        if step.exact is not None:
            told = (step.amount if step.included is None else step.included).amount
            assert Fraction(step.exact) != Fraction(told)
            # A share of a rounded sum may be two roundings away.
            assert abs(Fraction(step.exact) - Fraction(told)) < 2 * unit
    taken: dict[tuple[object, object], Money] = defaultdict(lambda: Money.of_coins(0, purchase.region.currency))
    for step in priced.steps:
        taken[step.rule, step.line] += step.amount
    for place, line in enumerate(priced.lines):
        assert all(taken[each.rule.id, place] == -each.amount for each in line.discounts)


@settings(max_examples=35)
@given(purchases(most_lines=4, most_rules=6))
def test_each_discount_has_one_verdict(purchase: Purchase) -> None:
    priced = price(purchase)
    considered = [rule for rule in purchase.rules if rule.applies_to in purchase.classes]
    applied = {each.rule.id for each in priced.discounts}

    assert sorted(each.rule.id for each in priced.verdicts) == sorted(rule.id for rule in considered)
    for verdict in priced.verdicts:
        assert (verdict.refusal is None) == (verdict.rule.id in applied)
        allowed = (None, Refusal.NOTHING_TO_REDUCE, Refusal.BETTER_COMBINATION)
        assert applies(verdict.rule, purchase) == (verdict.refusal in allowed)


@settings(max_examples=25)
@given(purchases(most_lines=3, most_rules=6), st.randoms(use_true_random=False))
def test_the_order_in_which_discounts_are_named_changes_nothing(purchase: Purchase, dice: Random) -> None:
    shuffled = list(purchase.rules)
    dice.shuffle(shuffled)

    assert explanation_of(price(replace(purchase, rules=tuple(shuffled)))) == explanation_of(price(purchase))


@settings(max_examples=35)
@given(purchases(most_lines=4, most_rules=6))
def test_a_product_by_itself_costs_what_its_explanation_says(purchase: Purchase) -> None:
    explained = [priced.lines[0] for priced in explain_each(purchase) if priced is not None]
    assert list(price_each(purchase)) == explained


@settings(max_examples=50)
@given(purchases(most_lines=4, most_rules=0))
def test_the_gross_price_of_a_region_that_includes_taxes_has_the_same_net(purchase: Purchase) -> None:
    without = replace(purchase, region=replace(purchase.region, prices_include_tax=False), ships=False)
    single = replace(without, lines=tuple(replace(line, quantity=1) for line in without.lines))
    before = price(single)
    gross = tuple(
        replace(line, price=priced.net + priced.tax) for line, priced in zip(single.lines, before.lines, strict=True)
    )
    within = price(replace(single, lines=gross, region=replace(single.region, prices_include_tax=True)))

    assert [(line.net, line.tax) for line in within.lines] == [(line.net, line.tax) for line in before.lines]
    assert (within.total, within.taxes) == (before.total, before.taxes)


@settings(max_examples=50)
@given(purchases(most_lines=4, most_rules=0), PERCENTS)
def test_both_kinds_of_regions_agree_to_the_rounding_of_each_line(purchase: Purchase, percent: Decimal) -> None:
    """Several pieces with a percentage off: each rounding moves an amount by half a coin at most.

    Without taxes in the price a line rounds its discount and its tax; with them, each piece's gross price, its
    discount, and the tax that is taken out again.
    """
    off = Rule(
        id=RULES[0],
        version=1,
        name="Off",
        kind=DiscountKind.PERCENT,
        applies_to=PRODUCT,
        percent=percent,
        combines_with=frozenset(DiscountClass),
    )
    region = replace(purchase.region, prices_include_tax=False)
    without = replace(purchase, region=region, rules=(off,), codes={}, classes=frozenset(DiscountClass), ships=False)
    pieces = price(replace(without, rules=(), lines=tuple(replace(line, quantity=1) for line in without.lines)))
    gross = tuple(
        replace(line, price=piece.net + piece.tax) for line, piece in zip(without.lines, pieces.lines, strict=True)
    )
    within = replace(without, lines=gross, region=replace(region, prices_include_tax=True))
    half = Fraction(1, 2 * 10 ** money.exponent(region.currency))

    for line, one, other in zip(without.lines, price(without).lines, price(within).lines, strict=True):
        kept = 1 - Fraction(percent) / 100
        taxed = 1 + sum(Fraction(rate.percent) for rate in region.rates if rate.tax_class == line.tax_class) / 100
        net = Fraction(line.price.amount) * line.quantity * kept
        assert abs(Fraction(one.net.amount) - net) <= half
        assert abs(Fraction((one.net + one.tax).amount) - net * taxed) <= half * (taxed + 1)
        assert abs(Fraction(other.total.amount) - net * taxed) <= half * (line.quantity * kept + 1)
        assert abs(Fraction(other.net.amount) - net) <= half * ((line.quantity * kept + 1) / taxed + 1)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_spreading_loses_no_coin_and_gives_nobody_more_than_its_share_and_one(whole: int, weights: list[int]) -> None:
    shares = spread(whole, weights)
    together = sum(weights)

    assert sum(shares) == (whole if together else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert not together or abs(share - Fraction(whole * weight, together)) < 1
        assert whole > together or share <= weight


@settings(max_examples=35)
@given(purchases(most_lines=4, most_rules=6))
def test_what_is_written_is_read_again(purchase: Purchase) -> None:
    # given somebody who is named in more than these rules, and used more than these
    somebody, other = purchase.customer, UUID(int=1)
    somebody = replace(somebody, named_in=somebody.named_in | {other}, uses={**somebody.uses, other: 2})
    purchase = replace(purchase, customer=somebody)
    # when
    rules = sorted(purchase.rules, key=lambda rule: rule.id)
    text = rules_text(purchase.rules)
    inputs = orjson.loads(orjson.dumps(inputs_of(purchase)))
    priced = price(purchase)
    stored = orjson.loads(orjson.dumps(explanation_of(priced)))
    read = purchase_of(inputs, rules)

    assert list(rules_of(text)) == rules
    assert rules_text(rules_of(text)) == text
    # then of the customer that is kept which these rules ask, and the price is the same in all its parts
    naming = {rule.id for rule in rules if rule.for_named_customers}
    limited = {rule.id for rule in rules if rule.per_customer_limit is not None}
    kept = {rule: count for rule, count in somebody.uses.items() if rule in limited}
    asked = replace(somebody, named_in=somebody.named_in & naming, uses=kept)
    assert read == replace(purchase, rules=tuple(rules), customer=asked)
    assert price(read) == replace(priced, purchase=read)
    assert differences(stored, price(purchase_of(inputs, rules_of(text.encode())))) == []


@settings(max_examples=30)
@given(purchases(most_lines=3, most_rules=5, only=(DiscountClass.PRODUCT,)))
def test_a_line_costs_alone_what_it_costs_with_others_unless_goods_are_counted_together(purchase: Purchase) -> None:
    alike = [
        rule
        for rule in purchase.rules
        if not rule.min_amounts and rule.min_quantity is None and rule.buy_quantity is None
    ]
    simple = replace(purchase, rules=tuple(alike))

    assert list(price_each(simple)) == list(price(simple).lines)


def _shown(purchase: Purchase) -> Money:
    """Goods and shipping as the region shows them."""
    priced = price(purchase)
    return sum((line.total for line in priced.lines), start=priced.shipping.total)
