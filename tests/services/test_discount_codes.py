"""Codes: found in any case, refused with the condition that failed, and silent about those of others."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.facts import Customer, Purchase, RegionFacts, Rule, Window
from services.pricing.calculating.priced import Priced, PricedLine, Refusal, Verdict
from services.pricing.discounts.codes import FoundCodes, GivenCode, find_codes, ran_out, refusals
from tests.services.using_discounts import offer, take
from tests.support import ALICE, BOB
from utils.errors import DomainError, ErrorCode, InvalidInput
from utils.ids import new_id
from utils.money import Money
from wiring import Shop

Counting = Callable[[], Any]
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NOTHING = Money(Decimal(0), "EUR")


def find(shop: Shop, *codes: str, customer: UUID | None = ALICE) -> FoundCodes:
    with shop.database.read() as session:
        return find_codes(session, codes, customer_id=customer)


def rule_of(discount: UUID, **more: Any) -> Rule:
    kind: dict[str, Any] = {"kind": DiscountKind.PERCENT, "applies_to": DiscountClass.PRODUCT, "percent": Decimal(10)}
    return Rule(id=discount, version=1, name="Ten percent", needs_code=True, **kind, **more)


def priced(*verdicts: Verdict) -> Priced:
    """A price of nothing for which these rules were considered, at noon."""
    region = RegionFacts(code="DE", version=1, currency="EUR", prices_include_tax=True, shipping_price=NOTHING)
    purchase = Purchase(
        moment=NOON, time_zone="UTC", region=region, customer=Customer(id=ALICE), lines=(), rules=(), codes={}
    )
    amounts: dict[str, Any] = dict.fromkeys(
        ("list_total", "discount_total", "net_goods", "net_shipping", "tax_total", "total"), NOTHING
    )
    free = PricedLine(list_total=NOTHING, total=NOTHING, discounts=(), net=NOTHING, tax=NOTHING, taxes=())
    return Priced(
        purchase=purchase, lines=(), shipping=free, discounts=(), taxes=(), steps=(), verdicts=verdicts, **amounts
    )


def told(error: DomainError) -> tuple[str, dict[str, Any]]:
    return error.code.value, error.details


def refused(found: FoundCodes, *verdicts: Verdict) -> list[tuple[str, str, dict[str, Any]]]:
    return [(each.code, *told(each.error)) for each in refusals(priced(*verdicts), found)]


def test_a_code_is_found_in_any_case_and_with_spaces_around_it(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"SUMMER-10": None})
    found = find(shop, " suMMer-10\t")
    assert found.given == ("SUMMER-10",)
    assert found.opened == {discount: "SUMMER-10"}
    assert (found.unknown, found.used_up, found.repeated) == ([], [], [])
    assert refused(found, Verdict(rule_of(discount), None)) == []


def test_a_code_that_is_given_twice_is_one(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"TEA": None})
    assert find(shop, "TEA", "tea", " Tea") == find(shop, "TEA")
    assert find(shop, "TEA", "tea").opened == {discount: "TEA"}


def test_no_codes_are_no_statement_and_some_are_one(shop: Shop, counted_sql: Counting) -> None:
    with counted_sql() as statements:
        assert find(shop) == FoundCodes()
    assert statements == []
    with counted_sql() as statements:
        find(shop, "ONE", "TWO", "THREE")
    assert len(statements) == 1


@pytest.mark.parametrize("customer", [BOB, None])
def test_a_code_for_somebody_else_is_as_if_it_did_not_exist(shop: Shop, customer: UUID | None) -> None:
    """Whatever it is: over, to come, used up or switched off."""
    hers: dict[str, Any] = {"for_named_customers": True, "named": [ALICE], "needs_code": True}
    offer(shop, codes={"HERS": None}, **hers)
    offer(shop, codes={"OVER": None}, ends_at=NOON - timedelta(days=900), **hers)
    offer(shop, codes={"LATER": None}, starts_at=NOON + timedelta(days=90_000), **hers)
    offer(shop, codes={"SPENT": 1}, total_limit=1, used_count=1, **hers)
    offer(shop, codes={"OFF": None}, is_active=False, needs_code=True)
    given = ["HERS", "OVER", "LATER", "SPENT", "OFF", "NONE"]
    found = find(shop, *given, customer=customer)
    assert (found.opened, found.unknown) == ({}, given)
    assert refused(found) == [(each, "DISCOUNT_UNKNOWN", {"discountCode": each}) for each in given]
    assert {str(each.error) for each in refusals(priced(), found)} == {"There is no such code."}
    assert list(find(shop, *given).opened.values()) == ["HERS", "OVER", "LATER", "SPENT"]


def test_a_code_of_another_time_says_so(shop: Shop) -> None:
    """What is over or to come is not among the rules, so no verdict speaks of it."""
    offer(shop, needs_code=True, codes={"OVER": None}, starts_at=NOON - timedelta(days=2), ends_at=NOON)
    offer(shop, needs_code=True, codes={"LATER": None}, starts_at=NOON + timedelta(microseconds=1))
    assert refused(find(shop, "later", "over")) == [
        (
            "LATER",
            "DISCOUNT_NOT_STARTED",
            {"discountCode": "LATER", "condition": "NOT_STARTED", "startsAt": "2026-11-18T12:00:00.000001+00:00"},
        ),
        ("OVER", "DISCOUNT_EXPIRED", {"discountCode": "OVER", "condition": "EXPIRED"}),
    ]


def test_a_discount_that_staff_ended_in_between_is_unknown(shop: Shop) -> None:
    offer(shop, needs_code=True, codes={"TEA": None})
    assert refused(find(shop, "TEA")) == [("TEA", "DISCOUNT_UNKNOWN", {"discountCode": "TEA"})]


def test_a_code_of_which_the_own_uses_are_used_up_says_so(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"ONCE": 1, "TWICE": 2})
    take(shop, discount, codes={discount: "ONCE"})
    found = find(shop, "once", "twice")
    assert (found.opened, found.used_up, found.repeated) == ({discount: "TWICE"}, ["ONCE"], [])
    assert refused(found, Verdict(rule_of(discount), None)) == [
        ("ONCE", "DISCOUNT_EXHAUSTED", {"discountCode": "ONCE", "condition": "EXHAUSTED"})
    ]


def test_a_second_code_of_the_same_discount_counts_for_nothing(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"ONE": None, "OTHER": None})
    found = find(shop, "OTHER", "ONE")
    assert (found.opened, found.repeated) == ({discount: "OTHER"}, ["ONE"])
    assert refused(found, Verdict(rule_of(discount), None)) == [
        ("ONE", "DISCOUNT_NOT_APPLICABLE", {"discountCode": "ONE", "condition": "BETTER_COMBINATION"})
    ]


def test_a_time_that_fails_is_told() -> None:
    """In the moments and hours of the schema."""
    later, fridays = new_id(), new_id()
    found = FoundCodes(
        given=("LATER", "FRIDAYS"),
        by_rule={later: GivenCode(new_id(), "LATER"), fridays: GivenCode(new_id(), "FRIDAYS")},
    )
    begins = datetime(2026, 12, 24, 18, tzinfo=timezone(timedelta(hours=1)))
    windows = (Window(4, 960, 1200), Window(6, 0, 1440))
    assert refused(
        found,
        Verdict(rule_of(later, starts_at=begins, windows=windows), Refusal.NOT_STARTED),
        Verdict(rule_of(fridays, starts_at=NOON, windows=windows), Refusal.OUTSIDE_WINDOW),
    ) == [
        (
            "LATER",
            "DISCOUNT_NOT_STARTED",
            {"discountCode": "LATER", "condition": "NOT_STARTED", "startsAt": "2026-12-24T17:00:00+00:00"},
        ),
        (
            "FRIDAYS",
            "DISCOUNT_NOT_APPLICABLE",
            {
                "discountCode": "FRIDAYS",
                "condition": "OUTSIDE_WINDOW",
                "windows": [
                    {"day": "FRIDAY", "from": "16:00", "until": "20:00"},
                    {"day": "SUNDAY", "from": "00:00", "until": "24:00"},
                ],
                "timeZone": "UTC",
            },
        ),
    ]


CODES = {
    Refusal.NOT_STARTED: ErrorCode.DISCOUNT_NOT_STARTED,
    Refusal.EXPIRED: ErrorCode.DISCOUNT_EXPIRED,
    Refusal.EXHAUSTED: ErrorCode.DISCOUNT_EXHAUSTED,
    Refusal.EXHAUSTED_FOR_CUSTOMER: ErrorCode.DISCOUNT_EXHAUSTED,
    Refusal.NOT_NAMED: ErrorCode.DISCOUNT_UNKNOWN,
    Refusal.NEEDS_CODE: ErrorCode.DISCOUNT_UNKNOWN,
}


@pytest.mark.parametrize("refusal", Refusal)
def test_each_condition_that_failed_is_told(refusal: Refusal) -> None:
    discount = new_id()
    found = FoundCodes(given=("TEA",), by_rule={discount: GivenCode(new_id(), "TEA")})
    [(code, error, details)] = refused(found, Verdict(rule_of(discount), refusal))
    assert (code, error) == ("TEA", CODES.get(refusal, ErrorCode.DISCOUNT_NOT_APPLICABLE).value)
    is_secret = error == "DISCOUNT_UNKNOWN"
    assert details == {
        "discountCode": "TEA",
        **({} if is_secret else {"condition": refusal.name}),
        **({"windows": [], "timeZone": "UTC"} if refusal is Refusal.OUTSIDE_WINDOW else {}),
    }


def test_each_condition_has_a_sentence_of_its_own() -> None:
    discount = new_id()
    found = FoundCodes(given=("TEA",), by_rule={discount: GivenCode(new_id(), "TEA")})
    sentences = [refusals(priced(Verdict(rule_of(discount), each)), found)[0].error.message for each in Refusal]
    # The two that are secret have the same one.
    assert len(set(sentences)) == len(Refusal) - 1


def test_a_minimum_says_what_is_missing() -> None:
    amount, quantity = new_id(), new_id()
    by_rule = {amount: GivenCode(new_id(), "FIFTY"), quantity: GivenCode(new_id(), "SIX")}
    found = FoundCodes(given=("SIX", "FIFTY"), by_rule=by_rule)
    assert refused(
        found,
        Verdict(rule_of(amount), Refusal.MINIMUM_AMOUNT, missing_amount=Money(Decimal("7.20"), "EUR")),
        Verdict(rule_of(quantity), Refusal.MINIMUM_QUANTITY, missing_quantity=2),
    ) == [
        (
            "SIX",
            "DISCOUNT_NOT_APPLICABLE",
            {"discountCode": "SIX", "condition": "MINIMUM_QUANTITY", "missingQuantity": 2},
        ),
        (
            "FIFTY",
            "DISCOUNT_NOT_APPLICABLE",
            {"discountCode": "FIFTY", "condition": "MINIMUM_AMOUNT", "missingAmount": 7.2, "currency": "EUR"},
        ),
    ]


@pytest.mark.parametrize(
    "codes",
    [
        [""],
        ["  \t "],
        ["TEA", ""],
        ["T" * 65],
        ["TEA\nTIME"],
        ["TEA\x00"],
        ["\ud800"],
        [f"CODE{number}" for number in range(11)],
        ["TEA"] * 11,
    ],
)
def test_what_is_no_code_is_refused_without_a_look(shop: Shop, counted_sql: Counting, codes: Sequence[str]) -> None:
    with counted_sql() as statements, pytest.raises(InvalidInput) as refusal:
        find(shop, *codes)
    assert refusal.value.details == {"field": "discountCodes"}
    assert statements == []


def test_the_longest_codes_and_the_most_of_them_are_taken(shop: Shop) -> None:
    given = [f"{number}".rjust(64, "X") for number in range(10)]
    assert find(shop, *given).unknown == given


@pytest.mark.parametrize(
    ("rule", "customer", "expected"),
    [
        ({}, {}, ("DISCOUNT_EXHAUSTED", "EXHAUSTED")),
        ({"per_customer_limit": 2}, {"uses": 1}, ("DISCOUNT_EXHAUSTED", "EXHAUSTED")),
        ({"per_customer_limit": 2}, {"uses": 2}, ("DISCOUNT_EXHAUSTED", "EXHAUSTED_FOR_CUSTOMER")),
        ({"first_order_only": True}, {"has_ordered": True}, ("DISCOUNT_NOT_APPLICABLE", "NOT_FIRST_ORDER")),
        ({"first_order_only": True}, {}, ("DISCOUNT_EXHAUSTED", "EXHAUSTED")),
        ({}, {"has_ordered": True}, ("DISCOUNT_EXHAUSTED", "EXHAUSTED")),
    ],
)
def test_who_was_slower_is_told_by_whom(rule: dict[str, Any], customer: dict[str, Any], expected: object) -> None:
    discount = new_id()
    more = dict(customer)
    facts = Customer(id=ALICE, uses={discount: more.pop("uses", 0)}, **more)
    error, details = told(ran_out("TEA", rule_of(discount, **rule), facts))
    assert (error, details["condition"], details["discountCode"]) == (*expected, "TEA")  # type: ignore[misc]
