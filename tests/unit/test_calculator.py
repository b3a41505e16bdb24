"""What purchases cost, by example: each kind of discount, how they stand beside one another, and taxes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from models.discount import DiscountClass
from services.pricing.calculating import rounding
from services.pricing.calculating.calculator import explain_each, price, price_each
from services.pricing.calculating.facts import Rule, Targets
from services.pricing.calculating.priced import Refusal, Stage
from services.pricing.calculating.written import differences, explanation_of
from tests.unit.pricing_made import (
    ALL,
    CUP,
    DRINKS,
    MILK,
    TEA,
    amount_off,
    euro,
    free_shipping,
    given_with,
    line,
    of,
    purchase,
    refusals,
    region,
    rule,
    stepped,
    totals,
)
from tests.unit.pricing_strategies import ORDER, PRODUCT, RULES
from utils.money import Money

STEPS = stepped((10, "20"), (3, "5"))


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (rule(percent="10"), ["27.00", "1.80", "5.40", "4.90"]),
        (rule(percent="12.5", targets=of(TEA)), ["26.25", "2.00", "6.00", "4.90"]),
        (rule(percent="12.5", targets=Targets(categories=frozenset({DRINKS}))), ["26.25", "1.75", "6.00", "4.90"]),
        (rule(percent="10", targets=Targets()), ["30.00", "2.00", "6.00", "4.90"]),
        # So much for each piece, and never more than it costs.
        (amount_off(0, "2.50"), ["22.50", "0.00", "1.00", "4.90"]),
        (STEPS, ["28.50", "2.00", "6.00", "4.90"]),
        # Six pieces: two groups of three, and the two cheapest are given: one of the milk, one of two cups.
        (given_with(2, 1), ["30.00", "0.00", "3.00", "4.90"]),
        (given_with(3, 3, "50"), ["30.00", "1.00", "3.00", "4.90"]),
        # Three teas bought: as many cups given, of which there are two.
        (given_with(1, 1, bought=of(TEA), targets=of(CUP)), ["30.00", "2.00", "0.00", "4.90"]),
        # What serves as bought is not given as well.
        (given_with(3, 1, bought=of(TEA)), ["30.00", "0.00", "6.00", "4.90"]),
        # 38.00 less 10 %: 3.80, of which the lines bear 3.00, 0.20 and 0.60.
        (rule(percent="10", applies_to=ORDER), ["27.00", "1.80", "5.40", "4.90"]),
        # 10.00 over 30, 2 and 6: 7.8947, 0.5263 and 1.5789; the last coin goes to the first.
        (amount_off(0, "10", applies_to=ORDER), ["22.11", "1.47", "4.42", "4.90"]),
        (amount_off(0, "10", applies_to=ORDER, targets=of(MILK, CUP)), ["30.00", "0.00", "0.00", "4.90"]),
        (free_shipping(), ["30.00", "2.00", "6.00", "0.00"]),
    ],
)  # fmt: skip
def test_a_discount_of_each_kind(discount: Rule, expected: list[str]) -> None:
    cart = purchase(line(TEA, "10.00", 3), line(MILK, "2.00"), line(CUP, "3.00", 2), discount)

    assert totals(price(cart)) == expected


def test_the_later_of_equals_is_given() -> None:
    cart = purchase(line(TEA, "2.00"), line(MILK, "2.00"), given_with(1, 1))

    assert totals(price(cart)) == ["2.00", "0.00", "4.90"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Both allow each other: the second counts from what the first left.
        ({}, {}, "7.20"),
        ({"combines_with": frozenset()}, {}, "8.00"),
        ({}, {"combines_with": frozenset()}, "8.00"),
        ({"exclusive_group": "season"}, {"exclusive_group": "season"}, "8.00"),
        ({"exclusive_group": "season"}, {"exclusive_group": "club"}, "7.20"),
        ({"combines_with": frozenset()}, {"targets": of(MILK), "combines_with": frozenset()}, "9.00"),
        ({"combines_with": frozenset({ORDER})}, {"applies_to": ORDER}, "7.20"),
        ({"combines_with": frozenset()}, {"applies_to": ORDER}, "8.00"),
        ({}, {"applies_to": ORDER, "combines_with": frozenset({ORDER})}, "8.00"),
    ],
)
def test_what_stands_beside_what(first: dict[str, Any], second: dict[str, Any], expected: str) -> None:
    cart = purchase(line(TEA, "10.00"), rule(0, "10", **first), rule(1, "20", **second))

    assert totals(price(cart))[0] == expected


@pytest.mark.parametrize(("percent_first", "expected"), [(True, "8.00"), (False, "9.00")])
def test_the_lower_priority_number_is_taken_first(percent_first: bool, expected: str) -> None:
    percent = rule(0, "50", priority=1 if percent_first else 2)
    amount = amount_off(1, "2.00", priority=2 if percent_first else 1)

    assert totals(price(purchase(line(TEA, "20.00"), percent, amount)))[0] == expected


def test_an_exclusive_group_stands_where_its_first_does() -> None:
    # Of the group the second counts, and it is taken first since the group stands there.
    group = [rule(0, "1", priority=1, exclusive_group="g"), rule(1, "50", priority=9, exclusive_group="g")]
    cart = purchase(line(TEA, "20.00"), *group, amount_off(2, "2.00", priority=5))

    assert totals(price(cart))[0] == "8.00"
    assert refusals(cart) == {0: Refusal.BETTER_COMBINATION, 1: None, 2: None}


@pytest.mark.parametrize("willing", ["nobody", "product", "shipping"])
def test_the_better_of_two_classes_counts_where_they_do_not_combine(willing: str) -> None:
    alone: dict[str, Any] = {"combines_with": frozenset()}
    product = amount_off(0, "4.00", **({} if willing == "product" else alone))
    cart = purchase(line(TEA, "30.00"), product, free_shipping(1, **({} if willing == "shipping" else alone)))

    assert refusals(cart) == {0: Refusal.BETTER_COMBINATION, 1: None}
    assert refusals(replace(cart, ships=False)) == {0: None, 1: Refusal.NOTHING_TO_REDUCE}


def test_a_discount_of_orders_counts_in_place_of_one_of_products_that_takes_nearly_as_much() -> None:
    alone = {"combines_with": frozenset[DiscountClass]()}
    cart = purchase(line(TEA, "10.00"), rule(0, "45", **alone), rule(1, "50", applies_to=ORDER, **alone))

    assert refusals(cart) == {0: Refusal.BETTER_COMBINATION, 1: None}


def test_of_discounts_that_all_make_delivery_free_the_first_by_priority_is_told() -> None:
    # A group stands where its lowest number puts it, which is not where this member of it would stand.
    cart = purchase(
        line(TEA, "10.00"),
        free_shipping(0, priority=50, exclusive_group="g"),
        free_shipping(1, priority=1, exclusive_group="g", combines_with=frozenset()),
        free_shipping(2, priority=10),
        rule(3, "10", applies_to=ORDER),
    )

    assert [each.rule.name for each in price(cart).discounts] == ["No 3", "No 2"]


@pytest.mark.parametrize("applies_to", [PRODUCT, ORDER])
def test_a_thousand_discounts_that_all_stand_together_are_all_taken(applies_to: DiscountClass) -> None:
    goods = [UUID(int=number) for number in range(1, 21)]
    some = [of(goods[number % 20], goods[(7 * number + 3) % 20]) for number in range(1_000)]
    each = [amount_off(0, "0.10", applies_to=applies_to, targets=targets) for targets in some]
    rules = [replace(rule, id=UUID(int=1_000 + number)) for number, rule in enumerate(each)]

    priced = price(purchase(*(line(each, "90.00") for each in goods), *rules))

    # By product 0.10 off each of two lines a thousand times; by order 0.10 off both together.
    taken = "200.00" if applies_to is PRODUCT else "100.00"
    assert (priced.discount_total, len(priced.discounts)) == (euro(taken), 1_000)


def test_of_a_group_of_orders_not_the_one_that_takes_most_now_but_the_one_that_leaves_least() -> None:
    # Taking 6.00 off the cup first would leave less for the half price that follows: 10.00 + 7.00.
    cart = purchase(
        line(TEA, "10.00"),
        line(CUP, "20.00"),
        amount_off(0, "5.00", applies_to=ORDER, targets=of(TEA), exclusive_group="g", priority=1),
        amount_off(1, "6.00", applies_to=ORDER, targets=of(CUP), exclusive_group="g", priority=1),
        rule(2, "50", applies_to=ORDER, targets=of(CUP), priority=2),
    )

    assert totals(price(cart)) == ["5.00", "10.00", "4.90"]


def test_the_cheapest_is_found_to_the_coin_though_a_lower_line_may_cost_more_in_the_end() -> None:
    # With 0.02 off the tea: 0.14 less 0.01, which the tea bears, less 90 % of 0.06 is 0.08. Without: 0.16 less 0.02, of
    # which the tea bears 0.01, less 90 % of 0.08 is 0.07.
    cart = purchase(
        line(TEA, "0.09"),
        line(CUP, "0.07"),
        line(MILK, "1.00"),
        amount_off(0, "0.02", targets=of(TEA)),
        rule(1, "10", applies_to=ORDER, targets=of(TEA, CUP), priority=1),
        rule(2, "90", applies_to=ORDER, targets=of(TEA), priority=2),
        rule(3, "50", targets=of(MILK)),
    )

    assert totals(price(cart)) == ["0.01", "0.06", "0.50", "4.90"]
    assert refusals(cart) == {0: Refusal.BETTER_COMBINATION, 1: None, 2: None, 3: None}


@pytest.mark.parametrize(
    ("cost", "first", "second"),
    [
        ("5.00", amount_off(0, "3.00", priority=1), rule(1, "100", priority=2)),
        # Half of 5 cents is 3, rounded; half of 4 is 2, and the cent from before: as much.
        ("0.05", rule(0, "10", priority=1), rule(1, "50", priority=2)),
    ],
)
def test_a_discount_that_makes_no_difference_does_not_count(cost: str, first: Rule, second: Rule) -> None:
    cart = purchase(line(TEA, cost), first, second)

    assert refusals(cart) == {0: Refusal.BETTER_COMBINATION, 1: None}


def test_among_equals_the_lower_priority_counts_and_then_the_lower_id() -> None:
    alone = {"combines_with": frozenset[DiscountClass]()}
    same = [rule(0, "10", priority=9, **alone), rule(2, "10", priority=5, **alone), rule(1, "10", priority=5, **alone)]

    assert refusals(purchase(line(TEA, "5.00"), *same)) == {
        0: Refusal.BETTER_COMBINATION,
        1: None,
        2: Refusal.BETTER_COMBINATION,
    }


@pytest.mark.parametrize(
    ("currency", "cost", "included", "rates", "expected"),
    [
        ("EUR", "10.00", True, "19", ("8.40", "1.60", "10.00", ["1.60"])),
        ("EUR", "10.00", False, "19", ("10.00", "1.90", "11.90", ["1.90"])),
        # 7.5 % of 0.99 is 0.07425; split 5 : 2.5.
        ("USD", "0.99", False, "5+2.5", ("0.99", "0.07", "1.06", ["0.05", "0.02"])),
        ("USD", "0.50", False, "5+4", ("0.50", "0.05", "0.55", ["0.03", "0.02"])),
        ("JPY", "105", False, "10", ("105", "11", "116", ["11"])),
        ("JPY", "104", True, "10", ("95", "9", "104", ["9"])),
        ("KWD", "1.001", False, "5", ("1.001", "0.050", "1.051", ["0.050"])),
        ("KWD", "1.010", True, "5", ("0.962", "0.048", "1.010", ["0.048"])),
        ("EUR", "10.00", True, "0", ("10.00", "0.00", "10.00", ["0.00"])),
    ],
)
def test_taxes_are_in_the_price_or_come_on_top(
    currency: str, cost: str, included: bool, rates: str, expected: tuple[str, str, str, list[str]]
) -> None:
    place = region(currency, "0", included=included, standard=rates)
    priced = price(purchase(line(TEA, cost, currency=currency), region=place))

    found = priced.lines[0]
    assert (str(found.net.amount), str(found.tax.amount)) == expected[:2]
    assert str(priced.total.amount) == expected[2]
    assert [str(part.amount.amount) for part in priced.taxes] == expected[3]


def test_taxes_are_told_by_line_for_shipping_and_by_rate() -> None:
    place = region(included=False, standard="20", reduced="10")
    lines = (line(TEA, "10.00"), line(MILK, "5.05", tax_class="reduced"), line(CUP, "7.00", tax_class="zero"))
    priced = price(purchase(*lines, region=place))

    assert [str(each.tax.amount) for each in priced.lines] == ["2.00", "0.51", "0.00"]
    assert priced.shipping.tax == euro("0.98")
    assert [(part.name, part.net, part.amount) for part in priced.taxes] == [
        ("Tax 0", euro("14.90"), euro("2.98")),
        ("Tax 1", euro("5.05"), euro("0.51")),
    ]
    assert (priced.net_goods, priced.net_shipping, priced.tax_total) == (euro("22.05"), euro("4.90"), euro("3.49"))
    assert priced.total == euro("30.44")


def test_every_step_is_told_with_what_it_was_before_rounding() -> None:
    place = region(included=True, standard="19")
    lines = (line(TEA, "3.33", scheduled=True), line(CUP, "3.33"), line(MILK, "3.35"))
    product, order = rule(0, "10", targets=of(TEA)), amount_off(1, "1.00", applies_to=ORDER)
    priced = price(purchase(*lines, product, order, free_shipping(2), region=place))

    told = [
        (step.stage, str(step.amount.amount), step.line, step.rule and RULES.index(step.rule), step.exact)
        for step in priced.steps
    ]
    assert told == [
        (Stage.LIST_PRICE, "3.33", 0, None, None),
        (Stage.LIST_PRICE, "3.33", 1, None, None),
        (Stage.LIST_PRICE, "3.35", 2, None, None),
        (Stage.SCHEDULED_PRICE, "0.00", 0, None, None),
        (Stage.PRODUCT_DISCOUNT, "-0.33", 0, 0, "-0.333"),
        (Stage.ORDER_DISCOUNT, "-0.31", 0, 1, "-75/242"),
        (Stage.ORDER_DISCOUNT, "-0.34", 1, 1, "-333/968"),
        (Stage.ORDER_DISCOUNT, "-0.35", 2, 1, "-335/968"),
        (Stage.SHIPPING, "4.90", None, None, None),
        (Stage.SHIPPING_DISCOUNT, "-4.90", None, 2, None),
        (Stage.TAX, "0.00", 0, None, "5111/11900"),
        (Stage.TAX, "0.00", 1, None, "5681/11900"),
        (Stage.TAX, "0.00", 2, None, "57/119"),
        (Stage.TAX, "0.00", None, None, None),
    ]
    assert [str(step.included.amount) for step in priced.steps if step.included] == ["0.43", "0.48", "0.48"]


def test_amounts_of_two_currencies_never_meet() -> None:
    mixed = purchase(line(TEA, "10.00"), line(CUP, "10.00", currency="USD"))
    shipped = purchase(line(TEA, "10.00"), region=replace(region(), shipping_price=Money(Decimal(5), "USD")))
    for act in (price, price_each, explain_each):
        with pytest.raises(TypeError, match="do not meet"):
            act(mixed)
    with pytest.raises(TypeError, match="do not meet"):
        price(shipped)


def test_the_largest_amount_is_counted_and_a_larger_one_refused() -> None:
    place = region("KWD", "0")
    largest = line(TEA, "99999999999.999", currency="KWD")
    more = [largest, line(CUP, "0.001", currency="KWD")]

    assert price(purchase(largest, region=place)).total == Money(Decimal("99999999999.999"), "KWD")
    with pytest.raises(ValueError, match="at most"):
        price(purchase(*more, region=place))
    with pytest.raises(ValueError, match="at most"):
        price(purchase(*more, rule(0, "50"), region=place))


def test_a_product_that_costs_too_much_with_its_taxes_has_no_explanation_and_the_others_have() -> None:
    place = region(included=False, standard="10")
    page = purchase(line(TEA, "10.00"), line(CUP, "99999999999.99"), line(MILK, "1.00"), region=place)

    assert [None if each is None else str(each.total.amount) for each in explain_each(page)] == ["11.00", None, "1.10"]


def test_nothing_costs_nothing() -> None:
    priced = price(purchase(rule(0, "10"), free_shipping(1)))

    assert (priced.total, priced.list_total, priced.lines) == (euro("0"), euro("0"), ())
    assert {each.refusal for each in priced.verdicts} == {Refusal.NO_GOODS}


def test_products_by_themselves_know_discounts_of_products_only() -> None:
    lines = (line(TEA, "10.00"), line(CUP, "4.00"))
    discounts = (rule(0, "10"), rule(1, "50", applies_to=ORDER), rule(2, "5", min_amounts={"EUR": Decimal(10)}))
    page = purchase(*lines, *discounts, free_shipping(3), region=region(included=False, standard="10"))

    assert [(str(each.total.amount), str(each.tax.amount)) for each in price_each(page)] == [
        ("8.55", "0.86"),
        ("3.60", "0.36"),
    ]
    explained = [priced for priced in explain_each(page) if priced is not None]
    assert [[RULES.index(verdict.rule.id) for verdict in each.verdicts] for each in explained] == [[0, 2], [0, 2]]
    assert [each.shipping.list_total for each in explained] == [euro("0"), euro("0")]
    nothing = replace(page, classes=frozenset({ORDER}))
    assert [str(each.total.amount) for each in price_each(nothing)] == ["10.00", "4.00"]
    without_products = explain_each(replace(page, classes=ALL - {PRODUCT}))
    assert [priced.total for priced in without_products if priced is not None] == [
        euro("11"),
        euro("4.4"),
    ]


def test_a_changed_rounding_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    cart = purchase(line(TEA, "3.35"), rule(0, "10"), region=region(standard="19"))
    stored = explanation_of(price(cart))
    assert differences(stored, price(cart)) == []

    monkeypatch.setattr(rounding, "half_up", lambda numerator, denominator: numerator // denominator)

    # 0.335 is 0.34 by the rule, and 0.33 rounded down.
    assert "lines[0].total: 3.01 stored, 3.02 now" in differences(stored, price(cart))


def test_what_differs_from_a_stored_explanation_is_named() -> None:
    cart = purchase(line(TEA, "3.35"), rule(0, "10"))
    stored = {**explanation_of(price(cart)), "total": "0.01", "steps": [], "extra": 1}
    now = explanation_of(price(cart))["total"]

    assert differences(stored, price(cart)) == [
        "extra: 1 stored, None now",
        "steps: 0 stored, 3 now",
        f"total: 0.01 stored, {now} now",
    ]
