"""Tiers and what becomes of orders, from edge to edge."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from models.user import Right
from tests.services.acting import place
from tests.services.evidence import nothing_changed
from tests.services.hiring import hire
from tests.services.offers import offer
from tests.services.tiers import add_orders, repair
from tests.support import ALICE, BOB, GraphQLClient, codes, token_of
from utils.ids import new_id
from wiring import Shop
from workers.relay import relay_all

Make = Callable[..., UUID]
Counted = Callable[[], AbstractContextManager[list[str]]]
STANDING = "tier successfulOrders ordersToNextTier tierChanges { before after successfulOrders }"
RECORD = "mutation($id: String!, $to: OrderStatus!) { recordOrderStatus(orderId: $id, status: $to) "
RECORD += "{ id status history { status } items { product { stockCount } } } }"


def standing(tier: str, orders: int, missing: int | None, *changes: tuple[str, str, int]) -> dict[str, Any]:
    """What the fields say."""
    shown = [dict(zip(("before", "after", "successfulOrders"), each, strict=True)) for each in changes]
    return {"tier": tier, "successfulOrders": orders, "ordersToNextTier": missing, "tierChanges": shown}


def test_my_tier_and_how_i_came_to_it(graphql: GraphQLClient, shop: Shop) -> None:
    def me() -> Any:
        return graphql(f"{{ me {{ {STANDING} }} }}", as_="alice")["data"]["me"]

    assert me() == standing("BRONZE", 0, 21)
    add_orders(shop, ALICE, 20)
    repair(shop)
    assert me() == standing("BRONZE", 20, 1)
    add_orders(shop, ALICE, 29)
    repair(shop)
    assert me() == standing("SILVER", 49, 1, ("BRONZE", "SILVER", 49))
    add_orders(shop, ALICE, 1)
    repair(shop)
    assert me() == standing("GOLD", 50, None, ("SILVER", "GOLD", 50), ("BRONZE", "SILVER", 49))
    assert graphql("{ me { tierChanges(first: 1) { after reason } } }", as_="alice")["data"]["me"] == {
        "tierChanges": [{"after": "GOLD", "reason": "REPAIR"}]
    }


def test_staff_and_the_customer_see_why_a_tier_changed(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given a customer who lacks one order, and one that is paid
    add_orders(shop, ALICE, 20)
    repair(shop)
    order = place(shop, "alice", (product(), 1))
    assert codes(graphql(RECORD, {"id": str(order), "to": "PAID"}, as_="dana")) == []
    relay_all(shop)
    # then
    changes = {"tierChanges": [{"after": "SILVER", "reason": "ORDER"}]}
    assert graphql("{ me { tierChanges { after reason } } }", as_="alice")["data"]["me"] == changes
    document = f'{{ customerTier(customerId: "{ALICE}") {{ tierChanges {{ after reason }} }} }}'
    assert graphql(document, as_="sam")["data"]["customerTier"] == changes


def test_staff_see_where_a_customer_stands(graphql: GraphQLClient, shop: Shop) -> None:
    add_orders(shop, ALICE, 21)
    repair(shop)
    document = f"query($id: String!) {{ customerTier(customerId: $id) {{ customerId {STANDING} }} }}"

    def seen(customer: object, who: str = "sam") -> Any:
        body = graphql(document, {"id": str(customer)}, as_=who)
        assert codes(body) == []
        return body["data"]["customerTier"]

    silver = standing("SILVER", 21, 29, ("BRONZE", "SILVER", 21))
    assert seen(ALICE) == seen(ALICE, "dana") == {"customerId": str(ALICE)} | silver
    assert seen(BOB) == {"customerId": str(BOB)} | standing("BRONZE", 0, 21)
    assert (seen(new_id()), seen("nonsense")) == (None, None)


@pytest.mark.parametrize("first", [0, 101, -1])
def test_a_page_of_changes_has_a_length(graphql: GraphQLClient, first: int) -> None:
    mine = graphql(f"{{ me {{ tierChanges(first: {first}) {{ after }} }} }}", as_="alice")
    theirs = graphql(
        f'{{ customerTier(customerId: "{BOB}") {{ tierChanges(first: {first}) {{ after }} }} }}', as_="dana"
    )
    assert codes(mine) == codes(theirs) == ["INVALID_INPUT"]


def test_a_list_of_accounts_loads_all_tiers_at_once(graphql: GraphQLClient, shop: Shop, counted_sql: Counted) -> None:
    for number, name in enumerate("abcdef"):
        add_orders(shop, hire(shop, name).id, 20 + number % 2)
    repair(shop)
    document = f"{{ users(first: 100) {{ nodes {{ id {STANDING} more: tierChanges(first: 1) {{ after }} }} }} }}"
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    with counted_sql() as statements:
        body = graphql(document, headers=headers)
    # the accounts; their tiers; their changes, by how many were asked for
    assert (codes(body), len(statements)) == ([], 4)
    found = [each["tier"] for each in body["data"]["users"]["nodes"]]
    assert (found.count("SILVER"), found.count("BRONZE")) == (3, len(found) - 3)


def test_an_order_goes_its_way(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    order = place(shop, "alice", (product(stock=5), 2))

    def record(status: str) -> Any:
        body = graphql(RECORD, {"id": str(order), "to": status}, as_="dana")
        assert codes(body) == []
        return body["data"]["recordOrderStatus"]

    paid = {
        "id": str(order),
        "status": "paid",
        "history": [{"status": "pending"}, {"status": "paid"}],
        "items": [{"product": {"stockCount": 3}}],
    }
    assert record("PAID") == record("PAID") == paid
    relay_all(shop)
    assert graphql("{ me { successfulOrders } }", as_="alice")["data"]["me"] == {"successfulOrders": 1}
    cancelled = record("CANCELLED")
    assert (cancelled["status"], cancelled["items"]) == ("cancelled", [{"product": {"stockCount": 5}}])
    relay_all(shop)
    assert graphql("{ me { successfulOrders } }", as_="alice")["data"]["me"] == {"successfulOrders": 0}


def test_the_code_of_a_cancelled_order_counts_again(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given a code that one order has used up
    tea = product(price="10.00", stock=9)
    offer(shop, code="ONCE", use_limit=1, total_limit=1, per_customer_limit=1)
    document = """mutation($items: [OrderItemInput!]!) {
      createOrder(input: {items: $items, discountCodes: ["ONCE"]}) { orderId discountTotal totalAmount }
    }"""
    quote = """query($items: [OrderItemInput!]!) {
      quote(input: {items: $items, discountCodes: ["ONCE"]}) { discountTotal problems { code } }
    }"""

    def order(who: str) -> Any:
        return graphql(document, {"items": [{"productId": str(tea), "quantity": 1}]}, as_=who)

    def quoted() -> Any:
        found = graphql(quote, {"items": [{"productId": str(tea), "quantity": 1}]}, as_="bob")["data"]["quote"]
        return found["discountTotal"], [each["code"] for each in found["problems"]]

    made = order("alice")["data"]["createOrder"]
    assert (made["discountTotal"], made["totalAmount"]) == (1.0, 9.0)
    with nothing_changed(shop.database):
        assert codes(order("bob")) == ["DISCOUNT_EXHAUSTED"]
        assert quoted() == (0.0, ["DISCOUNT_EXHAUSTED"])
    # when
    assert codes(graphql(RECORD, {"id": made["orderId"], "to": "CANCELLED"}, as_="dana")) == []
    # then it counts for one order more
    assert quoted() == (1.0, [])
    assert order("bob")["data"]["createOrder"]["discountTotal"] == 1.0
    assert codes(order("alice")) == ["DISCOUNT_EXHAUSTED"]


@pytest.mark.parametrize(
    ("order", "status", "who", "expected"),
    [
        ("ORDER", "REFUNDED", "dana", "CONFLICT"),
        ("ORDER", "REFUNDED", "sam", "FORBIDDEN"),
        ("ORDER", "PAID", "alice", "FORBIDDEN"),
        ("ORDER", "PAID", None, "UNAUTHENTICATED"),
        ("0198c0de-0000-7000-8000-000000000001", "PAID", "sam", "NOT_FOUND"),
        ("nonsense", "PAID", "sam", "INVALID_INPUT"),
    ],
)
def test_a_refusal_changes_nothing(
    graphql: GraphQLClient, shop: Shop, product: Make, order: str, status: str, who: str | None, expected: str
) -> None:
    given = str(place(shop, "alice", (product(), 1))) if order == "ORDER" else order
    with nothing_changed(shop.database):
        body = graphql(RECORD, {"id": given, "to": status}, as_=who)
    assert (codes(body), body["data"]) == ([expected], {"recordOrderStatus": None})


def test_a_catalogue_answer_that_is_kept_shows_what_came_back(
    client: FlaskClient, graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    tea = product(stock=2, category="tea")
    lists = "{ products(filter: {inStock: true}) { totalCount nodes { id stockCount } } }"

    def shown() -> Any:
        graphql(lists)
        return graphql(lists)["data"]["products"]

    order = place(shop, "alice", (tea, 2))
    assert shown() == {"totalCount": 0, "nodes": []}
    clerk = hire(shop, "cleo", Right.ORDERS)
    body = client.post(
        "/graphql", json={"query": RECORD, "variables": {"id": str(order), "to": "CANCELLED"}}, headers=clerk.headers
    ).get_json()
    assert codes(body) == []
    assert shown() == {"totalCount": 1, "nodes": [{"id": str(tea), "stockCount": 2}]}
