"""Orders edge to edge: what they cost, by which discounts and taxes, in which region, and why."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app import create_app
from graphql_api import order_prices
from services.catalogue.changes import announce
from services.pricing.tags import REGIONS
from tests.services.acting import place
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.services.regional import set_price
from tests.support import ALICE, BOB, DANA, GraphQLClient, codes, token_of
from wiring import Shop

Make = Callable[..., UUID]
PRICED = """
mutation($items: [OrderItemInput!]!, $codes: [String!], $region: String, $key: String) {
  createOrder(input: {items: $items, discountCodes: $codes, region: $region}, idempotencyKey: $key) {
    orderId region currency subtotal shippingTotal discountTotal netGoods netShipping taxTotal totalAmount
    discounts { discountId name amount currency }
    taxes { name percent net amount currency }
    items { lineTotal discounts { name amount } taxes { name percent net amount } }
    priceTrace {
      moment timeZone region currency pricesIncludeTax total
      steps { stage amount line discountId taxRateId exact included }
      considered { name version isApplied refusal missingAmount missingQuantity }
      nearMisses { name kind appliesTo lines missingAmount missingQuantity currency }
      inputs { kind key version }
    }
  }
}
"""


def lines(*wanted: tuple[UUID, int]) -> dict[str, Any]:
    """The variables of an order."""
    return {"items": [{"productId": str(product), "quantity": quantity} for product, quantity in wanted]}


def order_id(body: dict[str, Any], name: str = "createOrder") -> str:
    """The id of the order that an answer shows."""
    found: str = body["data"][name]["orderId"]
    return found


def test_an_order_tells_why_it_costs_what_it_does(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given prices with 19 percent in them
    tea = product(name="Tee", price="10.00", currency="EUR")
    tenth = offer(shop, name="Tenth", code="TENTH")
    offer(shop, name="From 40", kind="amount", applies_to="order", amounts={"EUR": "5"}, min_amounts={"EUR": "40"})
    offer(shop, name="Secret", code="SECRET")
    # when
    variables = {**lines((tea, 3)), "codes": ["tenth"], "region": "DE"}
    made = graphql(PRICED, variables, as_="alice")["data"]["createOrder"]
    # then
    trace = made.pop("priceTrace")
    rate = trace["steps"][-1]["taxRateId"]
    assert made == {
        "orderId": made["orderId"],
        "region": "DE",
        "currency": "EUR",
        "subtotal": 30.0,
        "shippingTotal": 0.0,
        "discountTotal": 3.0,
        "netGoods": 22.69,
        "netShipping": 0.0,
        "taxTotal": 4.31,
        "totalAmount": 27.0,
        "discounts": [{"discountId": str(tenth), "name": "Tenth", "amount": 3.0, "currency": "EUR"}],
        "taxes": [{"name": "VAT", "percent": 19.0, "net": 22.69, "amount": 4.31, "currency": "EUR"}],
        "items": [
            {
                "lineTotal": 27.0,
                "discounts": [{"name": "Tenth", "amount": 3.0}],
                "taxes": [{"name": "VAT", "percent": 19.0, "net": 22.69, "amount": 4.31}],
            }
        ],
    }
    steps = [(each["stage"], each["amount"], each["line"], each["discountId"]) for each in trace["steps"]]
    assert steps[:2] == [("LIST_PRICE", 30.0, 0, None), ("PRODUCT_DISCOUNT", -3.0, 0, str(tenth))]
    assert sum(each["amount"] for each in trace["steps"]) == trace["total"] == 27.0
    assert (trace["steps"][-1]["stage"], trace["steps"][-1]["included"], rate is not None) == ("TAX", 4.31, True)
    told = {each["name"]: (each["isApplied"], each["refusal"], each["missingAmount"]) for each in trace["considered"]}
    assert told == {"Tenth": (True, None, None), "From 40": (False, "MINIMUM_AMOUNT", 10.0)}
    assert trace["nearMisses"] == [
        {
            "name": "From 40",
            "kind": "AMOUNT",
            "appliesTo": "ORDER",
            "lines": None,
            "missingAmount": 10.0,
            "missingQuantity": None,
            "currency": "EUR",
        }
    ]
    assert {(each["kind"], each["key"]) for each in trace["inputs"]} == {("region", "DE"), ("product", str(tea))}
    # and staff are told of the rest, later too
    again = graphql(
        "query($id: String!) { getOrderById(orderId: $id) { priceTrace { considered { name refusal } } } }",
        {"id": made["orderId"]},
        as_="dana",
    )["data"]["getOrderById"]
    names = {each["name"]: each["refusal"] for each in again["priceTrace"]["considered"]}
    assert names == {"Tenth": None, "From 40": "MINIMUM_AMOUNT", "Secret": "NEEDS_CODE"}


def test_an_order_of_before_has_no_trace(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    made = place(shop, "alice", (product(price="2.00"), 2))
    with shop.database.write() as session:
        session.execute(text("DELETE FROM order_pricing"))
        session.execute(text("UPDATE orders SET region_code = NULL"))
    found = graphql(
        """query($id: String!) { getOrderById(orderId: $id) {
          region subtotal shippingTotal discounts { name } taxes { name } priceTrace { total }
          items { discounts { name } taxes { name } }
        } }""",
        {"id": str(made)},
        as_="alice",
    )
    assert found["data"]["getOrderById"] == {
        "region": None,
        "subtotal": 4.0,
        "shippingTotal": 0.0,
        "discounts": [],
        "taxes": [],
        "priceTrace": None,
        "items": [{"discounts": [], "taxes": []}],
    }


def test_a_refused_code_is_told_to_a_program(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    offer(shop, code="MORE", min_quantity=3)
    variables = {**lines((product(), 1)), "codes": ["more"]}
    with nothing_changed(shop.database):
        body = graphql(PRICED, variables, as_="alice")
    [error] = body["errors"]
    assert (body["data"], error["message"]) == ({"createOrder": None}, "This code counts from more pieces on.")
    del error["extensions"]["requestId"]
    assert error["extensions"] == {
        "code": "DISCOUNT_NOT_APPLICABLE",
        "discountCode": "MORE",
        "condition": "MINIMUM_QUANTITY",
        "missingQuantity": 2,
    }


@pytest.mark.parametrize("region", ["XX", "de", ""])
def test_a_region_that_is_none(graphql: GraphQLClient, shop: Shop, product: Make, region: str) -> None:
    tea = product()
    with nothing_changed(shop.database):
        body = graphql(PRICED, {**lines((tea, 1)), "region": region}, as_="alice")
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["field"] == "region"


def test_the_home_region_by_its_name_and_a_region_by_the_header(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    tea, tee = product(price="1.00"), product(price="2.00", currency="EUR")
    at_home = graphql(PRICED, {**lines((tea, 1)), "region": "US"}, as_="alice")
    in_germany = graphql(PRICED, lines((tee, 1)), as_="alice", headers={"X-Region": "DE"})
    found = [each["data"]["createOrder"] for each in (at_home, in_germany)]
    assert [(each["region"], each["totalAmount"]) for each in found] == [("US", 1.0), ("DE", 2.0)]


def test_codes_and_region_belong_to_what_a_key_stands_for(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    tea = product(price="10.00", stock=9, currency="EUR")
    offer(shop, code="TENTH", total_limit=1)
    variables = {**lines((tea, 1)), "codes": ["TENTH"], "region": "DE", "key": "k"}
    first = graphql(PRICED, variables, as_="alice")
    # then the same is the same, though the code has no use left
    with nothing_changed(shop.database, but=("outbox_events",)):
        assert graphql(PRICED, variables, as_="alice") == first
    with nothing_changed(shop.database):
        for other in ({"codes": None}, {"region": "FR"}):
            assert codes(graphql(PRICED, {**variables, **other}, as_="alice")) == ["CONFLICT"]


@pytest.mark.parametrize("again", [["tenth", "Other"], [" TENTH ", "tenth", "other"]])
def test_a_code_in_other_letters_is_the_same_to_a_key(
    graphql: GraphQLClient, shop: Shop, product: Make, again: list[str]
) -> None:
    tea = product(price="10.00", stock=9)
    offer(shop, code="TENTH")
    offer(shop, code="OTHER")
    first = graphql(PRICED, {**lines((tea, 1)), "codes": ["TENTH", "OTHER"], "key": "k"}, as_="alice")
    assert first["data"]["createOrder"]["totalAmount"] == 8.1
    with nothing_changed(shop.database, but=("outbox_events",)):
        assert graphql(PRICED, {**lines((tea, 1)), "codes": again, "key": "k"}, as_="alice") == first
    with nothing_changed(shop.database):
        assert codes(graphql(PRICED, {**lines((tea, 1)), "codes": ["TENTH"], "key": "k"}, as_="alice")) == ["CONFLICT"]


SHOWN = "subtotal shippingTotal discounts { discountId name amount currency } taxes { rateId name percent net amount }"
OF_LINES = "items { discounts { discountId name amount } taxes { rateId name percent net amount } }"


def test_what_is_shown_of_an_order_is_the_same_with_and_without_its_reasons(
    graphql: GraphQLClient, shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an order with shipping, discounts and taxes
    goods = [product(price=price, currency="EUR", stock=9) for price in ("10.00", "3.33")]
    offer(shop)
    offer(shop, applies_to="order", percent=7)
    with shop.database.write() as session:
        session.execute(text("UPDATE regions SET shipping_price = 4.90, version = version + 1 WHERE code = 'DE'"))
        announce(session, shop.cache, also=[REGIONS])
    graphql(PRICED, {**lines((goods[0], 2), (goods[1], 1)), "region": "DE"}, as_="alice")
    [with_reasons] = graphql(f"{{ getOrders(first: 9) {{ {SHOWN} {OF_LINES} priceTrace {{ total }} }} }}", as_="alice")[
        "data"
    ]["getOrders"]
    del with_reasons["priceTrace"]
    assert (with_reasons["subtotal"], with_reasons["shippingTotal"]) == (23.33, 4.9)
    assert [len(each["discounts"]) for each in (with_reasons, *with_reasons["items"])] == [2, 2, 2]
    # then the same is shown where reasons cannot be read, and lines whether they are asked for at once or later
    monkeypatch.delattr(order_prices, "list_explanations")
    [alone] = graphql(f"{{ getOrders(first: 9) {{ {SHOWN} {OF_LINES} }} }}", as_="alice")["data"]["getOrders"]
    parts = graphql(f"{{ a: getOrders(first: 9) {{ {SHOWN} }} b: getOrders(first: 9) {{ {OF_LINES} }} }}", as_="alice")[
        "data"
    ]
    assert alone == with_reasons == {**parts["a"][0], **parts["b"][0]}


def bearer(shop: Shop, name: str, region: str | None) -> dict[str, str]:
    """The header of one of the cast whose token names a region, as it does from the next one on (`refreshSession`)."""
    claims = shop.tokens.read(token_of(shop, name))
    return {"Authorization": f"Bearer {shop.tokens.issue(replace(claims, region=region))}"}


def sold_everywhere(shop: Shop, product: Make) -> UUID:
    """A product at 10 dollars at home, 9 euros in Germany and 8 in France."""
    tea = product(price="10.00")
    set_price(shop, tea, "DE", "9")
    set_price(shop, tea, "FR", "8")
    return tea


def test_a_repetition_after_the_account_moved_is_the_first_order(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    # given an order in the region that the token names
    variables = {**lines((sold_everywhere(shop, product), 2)), "key": "k"}
    first = graphql(PRICED, variables, headers=bearer(shop, "alice", "DE"))
    made = first["data"]["createOrder"]
    assert (made["region"], made["totalAmount"]) == ("DE", 18.0)
    # when it is repeated with another token, as after a refresh or another choice
    for region in ("DE", "FR", None):
        with nothing_changed(shop.database, but=("outbox_events",)):
            again = graphql(PRICED, variables, headers=bearer(shop, "alice", region))
        # then
        assert again == first


def test_the_region_of_the_header_is_said_as_the_argument_is(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    variables = {**lines((sold_everywhere(shop, product), 2)), "key": "k"}
    germany, france = {"X-Region": "DE"}, {"X-Region": "FR"}
    first = graphql(PRICED, variables, as_="alice", headers=germany)
    assert first["data"]["createOrder"]["totalAmount"] == 18.0
    # then it is the same request, whoever says Germany, and another one where France or nothing is said
    with nothing_changed(shop.database, but=("outbox_events",)):
        assert graphql(PRICED, variables, as_="alice", headers=germany) == first
        assert graphql(PRICED, {**variables, "region": "DE"}, as_="alice", headers=france) == first
    with nothing_changed(shop.database):
        assert codes(graphql(PRICED, variables, as_="alice", headers=france)) == ["CONFLICT"]
        assert codes(graphql(PRICED, variables, as_="alice")) == ["CONFLICT"]
        assert codes(graphql(PRICED, variables, headers=bearer(shop, "alice", "DE"))) == ["CONFLICT"]


FOR_BOB = """
mutation($items: [OrderItemInput!]!, $bob: String, $region: String) {
  createOrder(input: {items: $items, customerId: $bob, region: $region}) {
    customerId region currency totalAmount netGoods taxTotal
  }
}
"""
AMOUNTS = {
    "US": {"region": "US", "currency": "USD", "totalAmount": 20.0, "netGoods": 20.0, "taxTotal": 0.0},
    "DE": {"region": "DE", "currency": "EUR", "totalAmount": 18.0, "netGoods": 15.13, "taxTotal": 2.87},
    "FR": {"region": "FR", "currency": "EUR", "totalAmount": 16.0, "netGoods": 13.33, "taxTotal": 2.67},
}


@pytest.mark.parametrize(
    ("argument", "header", "of_bob", "expected"),
    [
        ("DE", "FR", None, "DE"),
        ("US", "FR", "DE", "US"),
        (None, "FR", "DE", "FR"),
        (None, "US", "DE", "US"),
        (None, None, "DE", "DE"),
        (None, None, "US", "US"),
        (None, None, None, "US"),
        (None, "", "DE", "DE"),
        (None, None, "a region that is gone", "US"),
    ],
)
def test_what_staff_order_for_a_customer_is_in_the_customers_region(
    graphql: GraphQLClient,
    shop: Shop,
    product: Make,
    argument: str | None,
    header: str | None,
    of_bob: str | None,
    expected: str,
) -> None:
    # given a customer of some region, and staff who look at French prices
    tea = sold_everywhere(shop, product)
    with shop.database.write() as session:
        session.execute(text("INSERT INTO regions (code, name, currency) VALUES ('OLD', 'Old', 'EUR')"))
        session.execute(
            text("UPDATE users SET region_code = :code WHERE id = :bob"),
            {"code": "OLD" if of_bob == "a region that is gone" else of_bob, "bob": BOB},
        )
        session.execute(text("DELETE FROM regions WHERE code = 'OLD'"))
    headers = bearer(shop, "dana", "FR") | ({} if header is None else {"X-Region": header})
    # when
    made = graphql(FOR_BOB, {**lines((tea, 2)), "bob": str(BOB), "region": argument}, headers=headers)
    # then
    assert made["data"]["createOrder"] == {"customerId": str(BOB), **AMOUNTS[expected]}


def test_what_staff_order_for_themselves_is_where_they_look(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = sold_everywhere(shop, product)
    for customer in (None, str(DANA)):
        variables = {**lines((tea, 2)), "bob": customer}
        made = graphql(FOR_BOB, variables, headers=bearer(shop, "dana", "FR"))["data"]["createOrder"]
        assert made == {"customerId": str(DANA), **AMOUNTS["FR"]}


def test_one_document_orders_for_customers_of_two_regions(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = sold_everywhere(shop, product)
    with shop.database.write() as session:
        for customer, region in ((BOB, "DE"), (ALICE, "FR")):
            session.execute(
                text("UPDATE users SET region_code = :region WHERE id = :id"), {"region": region, "id": customer}
            )
    order = 'createOrder(input: {items: [{productId: "%s", quantity: 2}], customerId: "%s"}) { totalAmount currency }'
    document = f"mutation {{ b: {order % (tea, BOB)} a: {order % (tea, ALICE)} }}"
    assert graphql(document, as_="dana")["data"] == {
        "b": {"totalAmount": 18.0, "currency": "EUR"},
        "a": {"totalAmount": 16.0, "currency": "EUR"},
    }


def test_an_unknown_code_counts_like_twenty_requests(shop: Shop, product: Make) -> None:
    # given a limit of fifty a minute
    limited = replace(shop, settings=shop.settings.model_copy(update={"rate_limit_per_minute": 50}))
    graphql = GraphQLClient(create_app(limited).test_client(), limited)
    tea = product()
    wrong = {**lines((tea, 1)), "codes": ["WRONG"]}
    # when, then two are told; the third is not
    with nothing_changed(shop.database):
        told = [codes(graphql(PRICED, wrong, as_="alice")) for _ in range(3)]
    assert told == [["DISCOUNT_UNKNOWN"], ["DISCOUNT_UNKNOWN"], ["RATE_LIMITED"]]
    # and Bob still orders
    assert "errors" not in graphql(PRICED, lines((tea, 1)), as_="bob")
