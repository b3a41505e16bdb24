"""Quotes edge to edge: for guests and customers, with what is in the way told as a program needs it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import insert, update

from app import create_app
from models import Region, TaxRate
from services.catalogue.changes import announce
from services.pricing.tags import REGIONS
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.services.test_placing_priced import shipping
from tests.support import GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LARGEST = "99999999999.99"
QUOTE = """
query($items: [OrderItemInput!]!, $codes: [String!], $region: String) {
  quote(input: {items: $items, discountCodes: $codes, region: $region}) {
    region currency decimals subtotal shippingTotal discountTotal netGoods netShipping taxTotal totalAmount
    items {
      product { id price priorPrice } quantity listPrice listTotal discountTotal lineTotal netTotal taxTotal
      discounts { name amount } taxes { name percent net amount }
    }
    discounts { name amount currency }
    taxes { name percent net amount currency }
    nearMisses { name kind appliesTo lines missingAmount missingQuantity currency }
    problems { ...problem }
    codes { discountCode isApplied windows { day from until } problem { ...problem } }
    priceTrace { decimals total steps { amount } considered { name refusal } }
  }
}
fragment problem on QuoteProblem {
  code message productId requested available discountCode condition missingAmount missingQuantity startsAt
}
"""
NO_PROBLEM = {
    "productId": None,
    "requested": None,
    "available": None,
    "discountCode": None,
    "condition": None,
    "missingAmount": None,
    "missingQuantity": None,
    "startsAt": None,
}

MISSED = {
    "name": "By code",
    "kind": "PERCENT",
    "appliesTo": "PRODUCT",
    "lines": None,
    "missingAmount": 12.0,
    "missingQuantity": None,
    "currency": "EUR",
}


def lines(*wanted: tuple[UUID, int]) -> dict[str, Any]:
    """The variables of a quote."""
    return {"items": [{"productId": str(product), "quantity": quantity} for product, quantity in wanted]}


def problems_of(tea: UUID, never: UUID) -> list[dict[str, Any]]:
    """What stands in the way of the purchase below."""
    return [
        {
            **NO_PROBLEM,
            "code": "OUT_OF_STOCK",
            "message": "This product has less stock than was asked for.",
            "productId": str(tea),
            "requested": 3,
            "available": 2,
        },
        {
            **NO_PROBLEM,
            "code": "NOT_FOR_SALE",
            "message": "This product is not sold at present.",
            "productId": str(never),
        },
        {
            **NO_PROBLEM,
            "code": "DISCOUNT_NOT_APPLICABLE",
            "message": "This code counts from a higher amount on.",
            "discountCode": "CODE",
            "condition": "MINIMUM_AMOUNT",
            "missingAmount": 12.0,
        },
        {
            **NO_PROBLEM,
            "code": "DISCOUNT_UNKNOWN",
            "message": "There is no such code.",
            "discountCode": "NONE",
        },
    ]


def test_a_quote_in_full(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    tea, never = product(price="10.00", currency="EUR", stock=2), new_id()
    offer(shop, name="Tenth")
    offer(shop, name="By code", code="CODE", min_amounts={"EUR": "42.00"})
    # when
    with nothing_changed(shop.database):
        variables = {**lines((tea, 3), (never, 1)), "codes": ["code", "none"], "region": "DE"}
        found = graphql(QUOTE, variables)["data"]["quote"]
    # then
    trace = found.pop("priceTrace")
    assert found == {
        "region": "DE",
        "currency": "EUR",
        "decimals": 2,
        "subtotal": 30.0,
        "shippingTotal": 0.0,
        "discountTotal": 3.0,
        "netGoods": 22.69,
        "netShipping": 0.0,
        "taxTotal": 4.31,
        "totalAmount": 27.0,
        "items": [
            {
                "product": {"id": str(tea), "price": 10.0, "priorPrice": None},
                "quantity": 3,
                "listPrice": 10.0,
                "listTotal": 30.0,
                "discountTotal": 3.0,
                "lineTotal": 27.0,
                "netTotal": 22.69,
                "taxTotal": 4.31,
                "discounts": [{"name": "Tenth", "amount": 3.0}],
                "taxes": [{"name": "VAT", "percent": 19.0, "net": 22.69, "amount": 4.31}],
            }
        ],
        "discounts": [{"name": "Tenth", "amount": 3.0, "currency": "EUR"}],
        "taxes": [{"name": "VAT", "percent": 19.0, "net": 22.69, "amount": 4.31, "currency": "EUR"}],
        "nearMisses": [MISSED],
        "problems": problems_of(tea, never),
        "codes": [
            {"discountCode": each["discountCode"], "isApplied": False, "windows": [], "problem": each}
            for each in problems_of(tea, never)[2:]
        ],
    }
    assert sum(each["amount"] for each in trace["steps"]) == trace["total"] == 27.0
    assert trace["decimals"] == 2
    assert {each["name"]: each["refusal"] for each in trace["considered"]} == {
        "Tenth": None,
        "By code": "MINIMUM_AMOUNT",
    }


def test_a_code_that_others_are_better_than_says_so_and_refuses_no_order(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    # given two codes that do not stand together, and a guest's secret
    tea = product(price="10.00")
    offer(shop, name="Half", code="HALF", percent=50, combines_with=[])
    offer(shop, name="Tenth", code="TENTH", combines_with=[])
    offer(shop, name="Named", code="NAMED", for_named_customers=True)
    # when
    found = graphql(QUOTE, {**lines((tea, 1)), "codes": ["tenth", "half", "TENTH"]})["data"]["quote"]
    # then
    told = {
        **NO_PROBLEM,
        "code": "DISCOUNT_NOT_APPLICABLE",
        "message": "Other discounts make it cheaper, and this code does not stand beside them.",
        "discountCode": "TENTH",
        "condition": "BETTER_COMBINATION",
    }
    assert (found["totalAmount"], found["problems"]) == (5.0, [])
    assert found["codes"] == [
        {"discountCode": "TENTH", "isApplied": False, "windows": [], "problem": told},
        {"discountCode": "HALF", "isApplied": True, "windows": [], "problem": None},
    ]
    ordered = graphql(
        "mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items, discountCodes: "
        '["TENTH", "HALF"]}) { totalAmount } }',
        lines((tea, 1)),
        as_="alice",
    )
    assert ordered["data"]["createOrder"] == {"totalAmount": 5.0}
    # and of a code for somebody else nothing is told
    [strange] = graphql(QUOTE, {**lines((tea, 1)), "codes": ["named"]})["data"]["quote"]["codes"]
    unknown = {**NO_PROBLEM, "code": "DISCOUNT_UNKNOWN", "message": "There is no such code.", "discountCode": "NAMED"}
    assert strange == {"discountCode": "NAMED", "isApplied": False, "windows": [], "problem": unknown}


@pytest.mark.parametrize("ahead", [timedelta(seconds=30), timedelta(days=30)], ids=["among the rules", "not yet"])
def test_a_code_of_another_time_says_when_it_counts(
    graphql: GraphQLClient, shop: Shop, product: Make, ahead: timedelta
) -> None:
    tea = product(price="10.00")
    with time_machine.travel(NOON, tick=False):
        # given: a Monday at noon
        offer(shop, code="LATER", starts_at=NOON + ahead)
        offer(shop, code="FRIDAYS", windows=[[4, 960, 1200], [5, 0, 1440]])
        # when
        variables = {**lines((tea, 1)), "codes": ["later", "fridays"]}
        later, fridays = graphql(QUOTE, variables)["data"]["quote"]["codes"]
        ordering = (
            "mutation($items: [OrderItemInput!]!, $codes: [String!]) "
            "{ createOrder(input: {items: $items, discountCodes: $codes}) { id } }"
        )
        refused = [
            graphql(ordering, {**variables, "codes": [each]}, as_="alice")["errors"][0]["extensions"]
            for each in ("LATER", "FRIDAYS")
        ]
    # then
    begins = (NOON + ahead).isoformat()
    hours = [
        {"day": "FRIDAY", "from": "16:00", "until": "20:00"},
        {"day": "SATURDAY", "from": "00:00", "until": "24:00"},
    ]
    assert (later["problem"]["code"], later["problem"]["startsAt"]) == ("DISCOUNT_NOT_STARTED", begins)
    assert (later["isApplied"], later["windows"]) == (False, [])
    assert (fridays["problem"]["condition"], fridays["problem"]["startsAt"]) == ("OUTSIDE_WINDOW", None)
    assert (fridays["isApplied"], fridays["windows"]) == (False, hours)
    assert [{name: each for name, each in one.items() if name not in ("code", "requestId")} for one in refused] == [
        {"discountCode": "LATER", "condition": "NOT_STARTED", "startsAt": begins},
        {"discountCode": "FRIDAYS", "condition": "OUTSIDE_WINDOW", "windows": hours, "timeZone": "UTC"},
    ]


def test_a_near_miss_says_what_it_is_and_of_which_goods_more_is_missing(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    # given
    shipping(shop, "US", "5.00")
    tea, rice, salt = product(price="10.00"), product(price="2.00"), product(price="1.00")
    offer(shop, name="Free", kind="free_shipping", applies_to="shipping", min_amounts={"USD": "22.05"})
    offer(shop, name="Rice", targets=[{"product_id": rice}], min_quantity=3)
    # when
    found = graphql(QUOTE, lines((tea, 1), (rice, 1), (salt, 1)))["data"]["quote"]["nearMisses"]
    # then "9.05 more and delivery is free"
    assert {
        each["name"]: [each[name] for name in ("kind", "appliesTo", "lines", "missingAmount")] for each in found
    } == {
        "Free": ["FREE_SHIPPING", "SHIPPING", None, 9.05],
        "Rice": ["PERCENT", "PRODUCT", [1], None],
    }


def test_each_caller_is_quoted_their_own_price(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(price="10.00")
    offer(shop, first_order_only=True)
    document = "mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { totalAmount } }"
    graphql(document, lines((tea, 1)), as_="bob")
    paid = [
        graphql(QUOTE, lines((tea, 1)), as_=who)["data"]["quote"]["totalAmount"] for who in (None, "alice", "bob", None)
    ]
    assert paid == [9.0, 9.0, 10.0, 9.0]


def test_staff_are_told_of_every_discount(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    offer(shop, name="Secret", code="SECRET")
    tea = product()
    told = [
        graphql(QUOTE, lines((tea, 1)), as_=who)["data"]["quote"]["priceTrace"]["considered"]
        for who in (None, "alice", "sam")
    ]
    assert told == [[], [], [{"name": "Secret", "refusal": "NEEDS_CODE"}]]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [{"productId": "SOLD", "quantity": 1}] * 101}, "items"),
        ({"items": [{"productId": "SOLD", "quantity": 0}]}, "quantity"),
        ({"items": [{"productId": "1", "quantity": 1}]}, "productId"),
        ({"codes": ["A"] * 11}, "discountCodes"),
        ({"codes": ["a\nb"]}, "discountCodes"),
        ({"region": "XX"}, "region"),
    ],
)
def test_bad_quotes_name_the_field(
    graphql: GraphQLClient, shop: Shop, product: Make, wanted: dict[str, Any], field: str
) -> None:
    sold = product()
    variables = {**lines((sold, 1)), **wanted}
    variables["items"] = [
        {**each, "productId": each["productId"].replace("SOLD", str(sold))} for each in variables["items"]
    ]
    with nothing_changed(shop.database):
        body = graphql(QUOTE, variables)
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["field"] == field


def test_guessing_codes_counts(shop: Shop, product: Make) -> None:
    # given a limit of a hundred requests a minute
    limited = replace(shop, settings=shop.settings.model_copy(update={"rate_limit_per_minute": 100}))
    graphql = GraphQLClient(create_app(limited).test_client(), limited)
    variables = lines((product(), 1))
    # when a guest guesses three codes, and three more
    first, second = (graphql(QUOTE, {**variables, "codes": ["A1", "A2", f"A{number}"]}) for number in (3, 4))
    # then the second answer is none
    assert [each["code"] for each in first["data"]["quote"]["problems"]] == ["DISCOUNT_UNKNOWN"] * 3
    assert codes(second) == ["RATE_LIMITED"]
    assert second["data"] == {"quote": None}


def test_only_guesses_count(shop: Shop, product: Make) -> None:
    # given a limit of a hundred requests a minute, and two codes that there are
    limited = replace(shop, settings=shop.settings.model_copy(update={"rate_limit_per_minute": 100}))
    graphql = GraphQLClient(create_app(limited).test_client(), limited)
    offer(shop, code="A1")
    offer(shop, code="A2", min_quantity=2)
    variables = lines((product(), 1))

    def quoted(*given: str) -> list[str]:
        body = graphql(QUOTE, {**variables, "codes": given}, as_="alice")
        return codes(body) or [each["code"] for each in body["data"]["quote"]["problems"]]

    with time_machine.travel(NOON, tick=False):
        # when: twenty with codes that there are, in any case; too many and impossible ones, which nobody looked for
        assert [quoted("A1", " a1 ", "a1", "A1 ", " A1", "A2") for _ in range(20)] == [["DISCOUNT_NOT_APPLICABLE"]] * 20
        assert (quoted(*map(str, range(11))), quoted("a\nb")) == (["INVALID_INPUT"], ["INVALID_INPUT"])
        # then there is room for three guesses: 100 - 22, less a request each
        assert [quoted("A1", "NO"), quoted("NO", "no"), quoted("NO")] == [
            *([["DISCOUNT_UNKNOWN"]] * 3),
        ]
        # beyond it nobody learns which codes there are
        assert (quoted("NO"), quoted("A1")) == (["RATE_LIMITED"], ["RATE_LIMITED"])
        # and there is room for what guesses nothing: 100 - 22 - 3 x 21 - 2
        assert [quoted() for _ in range(14)] == [[]] * 13 + [["RATE_LIMITED"]]


def test_what_no_amount_can_hold_is_refused_or_has_no_trace(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given a region that adds 10 percent to its prices
    with shop.database.write() as session:
        session.execute(update(Region).where(Region.code == "US").values(prices_include_tax=False))
        rate = {"id": new_id(), "region_code": "US", "tax_class": "standard", "name": "Sales tax", "percent": 10}
        session.execute(insert(TaxRate).values(valid_from=datetime(2020, 1, 1, tzinfo=UTC), **rate))
        announce(session, shop.cache, also=[REGIONS])
    tea, gold = product(price="10.00"), product(price=LARGEST)
    # when
    body = graphql("{ products(first: 2) { nodes { id yourPrice nearMisses { name } priceTrace { total } } } }")
    # then
    assert codes(body) == []
    assert {each.pop("id"): each for each in body["data"]["products"]["nodes"]} == {
        str(tea): {"yourPrice": 10.0, "nearMisses": [], "priceTrace": {"total": 11.0}},
        str(gold): {"yourPrice": float(LARGEST), "nearMisses": None, "priceTrace": None},
    }
    # and a quote is refused as an order is, beside what is not
    both = "query($a: QuoteInput!, $b: QuoteInput!) { a: quote(input: $a) { totalAmount } "
    both += "b: quote(input: $b) { totalAmount } }"
    refused = graphql(both, {"a": lines((gold, 1)), "b": lines((tea, 1))})
    assert (codes(refused), refused["data"]) == (["INVALID_INPUT"], {"a": None, "b": {"totalAmount": 11.0}})
    ordered = graphql(
        "mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) { id } }",
        lines((gold, 1)),
        as_="alice",
    )
    assert [each["extensions"]["field"] for each in (*refused["errors"], *ordered["errors"])] == ["items", "items"]
