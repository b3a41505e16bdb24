"""Why discounts do not count, each reason by example, and what would bring them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from models.discount import Tier
from services.pricing.calculating.calculator import price
from services.pricing.calculating.facts import Customer, Purchase, Rule, Targets, Window
from services.pricing.calculating.priced import Refusal
from tests.unit.pricing_made import (
    CUP,
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
)
from tests.unit.pricing_strategies import NOW, ORDER, RULES

SILVER = Customer(tier=Tier.SILVER, has_ordered=True, uses={RULES[0]: 2})
# Each condition that fails, in the order in which they are asked.
FAILING: dict[Refusal, dict[str, Any]] = {
    Refusal.WRONG_REGION: {"region_codes": frozenset({"US"})},
    Refusal.NOT_STARTED: {"starts_at": NOW + timedelta(seconds=1)},
    Refusal.EXPIRED: {"ends_at": NOW},
    Refusal.OUTSIDE_WINDOW: {"windows": (Window(4, 0, 1020), Window(4, 1021, 1440))},
    Refusal.NEEDS_CODE: {"needs_code": True},
    Refusal.NOT_NAMED: {"for_named_customers": True},
    Refusal.WRONG_TIER: {"tiers": frozenset({Tier.GOLD, Tier.BRONZE})},
    Refusal.NOT_FIRST_ORDER: {"first_order_only": True},
    Refusal.EXHAUSTED: {"is_exhausted": True},
    Refusal.EXHAUSTED_FOR_CUSTOMER: {"per_customer_limit": 2},
    Refusal.NO_AMOUNT_IN_CURRENCY: {"min_amounts": {"USD": Decimal(1)}},
    Refusal.NO_GOODS: {"targets": of(MILK)},
    Refusal.MINIMUM_QUANTITY: {"min_quantity": 3},
}
HOLDING: list[dict[str, Any]] = [
    {"region_codes": frozenset({"DE", "US"})},
    {"starts_at": NOW},
    {"ends_at": NOW + timedelta(seconds=1)},
    {"windows": (Window(4, 1020, 1021),)},
    {"tiers": frozenset({Tier.SILVER})},
    {"per_customer_limit": 3},
    {"min_amounts": {"EUR": Decimal("20.00"), "USD": Decimal(99)}},
    {"min_quantity": 2},
]


def cart(*rules: Rule, **more: Any) -> Purchase:
    """Two teas for ten euros each, bought by a silver customer."""
    return purchase(line(TEA, "10.00", 2), *rules, customer=SILVER, **more)


@pytest.mark.parametrize("refusal", FAILING, ids=str)
def test_a_condition_that_fails_is_named(refusal: Refusal) -> None:
    assert refusals(cart(rule(0, "10", **FAILING[refusal]))) == {0: refusal}


@pytest.mark.parametrize("condition", HOLDING, ids=lambda condition: next(iter(condition)))
def test_a_condition_that_holds_refuses_nothing(condition: dict[str, Any]) -> None:
    assert refusals(cart(rule(0, "10", **condition))) == {0: None}


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(FAILING)))
def test_of_two_that_fail_the_first_is_named(earlier: Refusal, later: Refusal) -> None:
    # What both are about is said once, by the earlier.
    assert refusals(cart(rule(0, "10", **{**FAILING[later], **FAILING[earlier]}))) == {0: earlier}


def test_a_code_and_a_name_open_what_needs_them() -> None:
    discount = rule(0, "10", needs_code=True, for_named_customers=True, first_order_only=True)
    known = replace(cart(discount), codes={RULES[0]: "MAY"})
    named = replace(known, customer=Customer(named_in=frozenset({RULES[0]})))

    assert [refusals(each)[0] for each in (known, named)] == [Refusal.NOT_NAMED, None]


def test_minimums_are_asked_of_the_goods_the_discount_means_by_list_prices() -> None:
    goods = (line(TEA, "10.00", 2), line(CUP, "30.00"), rule(1, "50"))
    least = {"min_amounts": {"EUR": Decimal("27.20")}, "min_quantity": 5}

    all_goods = price(purchase(*goods, rule(0, "10", applies_to=ORDER, **least))).verdicts[0]
    tea = price(purchase(*goods, rule(0, "10", applies_to=ORDER, targets=of(TEA), **least))).verdicts[0]

    assert (all_goods.refusal, all_goods.missing_amount, all_goods.missing_quantity) == (
        *(Refusal.MINIMUM_QUANTITY, None),
        2,
    )
    assert (tea.refusal, tea.missing_amount, tea.missing_quantity) == (Refusal.MINIMUM_AMOUNT, euro("7.20"), 3)


@pytest.mark.parametrize(
    ("discount", "amount", "quantity"),
    [
        (free_shipping(min_amounts={"EUR": Decimal("27.20")}), "7.20", None),
        (rule(percent="5", min_quantity=3), None, 1),
        (rule(percent="5", min_quantity=3, min_amounts={"EUR": Decimal(21)}), "1.00", 1),
        (amount_off(0, "5", applies_to=ORDER, min_amounts={"EUR": Decimal("20.01")}), "0.01", None),
        (stepped((5, "5"), (9, "9")), None, 3),
        (stepped((2, "5"), (9, "9")), None, 7),
        (given_with(2, 1), None, 1),
        (
            given_with(3, 1, bought=of(TEA)),
            *(None, 1),
        ),
    ],
)
def test_what_lacks_little_is_named(discount: Rule, amount: str | None, quantity: int | None) -> None:
    priced = price(cart(discount))

    assert [(miss.rule, miss.missing_amount, miss.missing_quantity) for miss in priced.near_misses] == [
        (discount, None if amount is None else euro(amount), quantity)
    ]


@pytest.mark.parametrize(
    ("discount", "places"),
    [
        (free_shipping(min_amounts={"EUR": Decimal("99")}), None),
        (rule(percent="5", min_quantity=9), None),
        (rule(percent="5", min_quantity=9, targets=of(TEA)), (0, 2)),
        (rule(percent="5", min_amounts={"EUR": Decimal(99)}, targets=of(MILK)), (1,)),
        # Of quantity steps those lines that lack the fewest, even where all goods have them.
        (stepped((4, "5")), (2,)),
        (replace(stepped((4, "5")), targets=of(MILK)), (1,)),
        (given_with(9, 1), None),
        (given_with(9, 1, targets=of(MILK)), (1,)),
        # What is missing is what must be bought, not what is given.
        (given_with(9, 1, targets=of(MILK), bought=of(TEA)), (0, 2)),
    ],
)
def test_a_near_miss_says_of_which_lines_more_is_missing(discount: Rule, places: tuple[int, ...] | None) -> None:
    lines = line(TEA, "2.00", 1), line(MILK, "2.00", 2), line(TEA, "2.00", 3)

    [missed] = price(replace(cart(discount), lines=lines)).near_misses
    assert missed.lines == places


@pytest.mark.parametrize(
    "discount",
    [
        free_shipping(min_amounts={"EUR": Decimal("20.00")}),
        rule(percent="5", min_quantity=3, targets=Targets()),
        rule(percent="5", min_quantity=3, is_exhausted=True),
        rule(percent="5", min_amounts={"USD": Decimal(100)}),
        stepped((1, "9"), (9, "9")),
        given_with(1, 1),
    ],
)
def test_what_counts_already_or_is_refused_for_another_reason_is_no_near_miss(discount: Rule) -> None:
    assert price(cart(discount)).near_misses == ()


def test_free_shipping_is_no_near_miss_where_shipping_costs_nothing() -> None:
    discount = free_shipping(min_amounts={"EUR": Decimal(100)})

    assert price(cart(discount, region=region(shipping="0"))).near_misses == ()
    assert [miss.rule for miss in price(cart(discount, rule(1, "5"))).near_misses] == [discount]
    assert price(cart(discount, free_shipping(1))).near_misses == ()
    assert price(replace(cart(discount), ships=False)).near_misses == ()


@pytest.mark.parametrize(
    "discount",
    [
        free_shipping(),
        # A tenth of a coin.
        rule(percent="0.01", targets=of(CUP)),
        rule(percent="0.01", applies_to=ORDER, targets=of(CUP)),
        given_with(2, 1, targets=of(TEA)),
        stepped((3, "9")),
        given_with(1, 1, bought=of(TEA), targets=of(TEA)),
    ],
)  # fmt: skip
def test_what_takes_nothing_is_refused(discount: Rule) -> None:
    bought = purchase(line(TEA, "10.00", 2), line(CUP, "0.10"), discount, region=region(shipping="0"))

    assert refusals(bought) == {0: Refusal.NOTHING_TO_REDUCE}
