"""Quotes edge to edge: for guests and customers, with what is in the way told as a program needs it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app import create_app
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.support import GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
QUOTE = """
query($items: [OrderItemInput!]!, $codes: [String!], $region: String) {
  quote(input: {items: $items, discountCodes: $codes, region: $region}) {
    region currency subtotal shippingTotal discountTotal netGoods netShipping taxTotal totalAmount
    items {
      product { id price priorPrice } quantity listPrice listTotal discountTotal lineTotal netTotal taxTotal
      discounts { name amount } taxes { name percent net amount }
    }
    discounts { name amount currency }
    taxes { name percent net amount currency }
    nearMisses { name missingAmount missingQuantity currency }
    problems {
      code message productId requested available discountCode condition missingAmount missingQuantity
    }
    priceTrace { total steps { amount } considered { name refusal } }
  }
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
        "nearMisses": [{"name": "By code", "missingAmount": 12.0, "missingQuantity": None, "currency": "EUR"}],
        "problems": problems_of(tea, never),
    }
    assert sum(each["amount"] for each in trace["steps"]) == trace["total"] == 27.0
    assert {each["name"]: each["refusal"] for each in trace["considered"]} == {
        "Tenth": None,
        "By code": "MINIMUM_AMOUNT",
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
    assert second["data"] is None
