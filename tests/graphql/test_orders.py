"""Orders edge to edge: what clients see of them, of refusals and of repetitions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app import create_app
from graphql_api.schema import core_schema
from models.user import Right
from services.accounts.sessions import remembering
from tests.services.acting import change, place
from tests.services.evidence import everything, ledger_of, nothing_changed, stock_of
from tests.services.hiring import hire
from tests.services.people import come_in, registered
from tests.support import ALICE, BOB, GraphQLClient, codes, make_products
from utils.ids import new_id
from utils.tokens import Claims
from wiring import Shop

Make = Callable[..., UUID]
ORDER = """
mutation($items: [OrderItemInput!]!, $customerId: String, $key: String) {
  createOrder(input: {items: $items, customerId: $customerId}, idempotencyKey: $key) { orderId totalAmount }
}
"""
IN_FULL = """
mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items, region: "KW"}) {
  id orderId number customerId region currency totalAmount status createdAt lastUpdated
  subtotal shippingTotal netGoods netShipping taxTotal discountTotal
  discounts { name } taxes { name }
  items {
    id productId productName quantity priceAtPurchase lineTotal
    discountTotal netTotal taxTotal discounts { name } taxes { name }
    product { id name stockCount category { slug } }
  }
  history { status createdAt }
} }
"""


def lines(*wanted: tuple[UUID, int]) -> dict[str, Any]:
    """The variables of an order."""
    return {"items": [{"productId": str(product), "quantity": quantity} for product, quantity in wanted]}


def order_id(body: dict[str, Any], name: str = "createOrder") -> str:
    """The id of the order that an answer shows."""
    found: str = body["data"][name]["orderId"]
    return found


def test_an_order_in_full(graphql: GraphQLClient, product: Make) -> None:
    # given
    tea = product(name="Tea", price="1.005", currency="KWD", stock=5)
    # when
    made = graphql(IN_FULL, lines((tea, 3)), as_="alice")["data"]["createOrder"]
    # then
    assert made == {
        "id": made["orderId"],
        "orderId": made["orderId"],
        "number": made["number"],
        "customerId": str(ALICE),
        "region": "KW",
        "currency": "KWD",
        "totalAmount": 3.015,
        "subtotal": 3.015,
        "shippingTotal": 0.0,
        "netGoods": 3.015,
        "netShipping": 0.0,
        "taxTotal": 0.0,
        "discountTotal": 0.0,
        "discounts": [],
        "taxes": [],
        "status": "pending",
        "createdAt": made["createdAt"],
        "lastUpdated": made["createdAt"],
        "items": [
            {
                "id": made["items"][0]["id"],
                "productId": str(tea),
                "productName": "Tea",
                "quantity": 3,
                "priceAtPurchase": 1.005,
                "lineTotal": 3.015,
                "discountTotal": 0.0,
                "netTotal": 3.015,
                "taxTotal": 0.0,
                "discounts": [],
                "taxes": [],
                "product": {
                    "id": str(tea),
                    "name": "Tea",
                    "stockCount": 2,
                    "category": {"slug": "everything-else"},
                },
            }
        ],
        "history": [{"status": "pending", "createdAt": made["createdAt"]}],
    }


def test_no_input_of_an_order_is_a_price() -> None:
    types = core_schema().type_map
    assert set(types["CreateOrderInput"].fields) == {"customerId", "discountCodes", "items", "region"}  # type: ignore[attr-defined]
    assert set(types["OrderItemInput"].fields) == {"productId", "quantity"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["price", "priceAtPurchase", "totalAmount", "status"])
def test_a_price_in_a_line_is_refused(graphql: GraphQLClient, shop: Shop, product: Make, name: str) -> None:
    variables = lines((product(), 1))
    variables["items"][0][name] = 0.01
    with nothing_changed(shop.database):
        body = graphql(ORDER, variables, as_="alice")
    assert codes(body) == ["INVALID_INPUT"]


def test_short_lines_are_told_to_a_program(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    few, none = product(stock=2), product(stock=0)
    with nothing_changed(shop.database):
        body = graphql(ORDER, lines((few, 3), (none, 1)), as_="alice")
    (error,) = body["errors"]
    assert body["data"] == {"createOrder": None}
    assert error == {
        "message": "Some products have less stock than was asked for.",
        "path": ["createOrder"],
        "locations": [{"line": 3, "column": 3}],
        "extensions": {
            "code": "OUT_OF_STOCK",
            "requestId": error["extensions"]["requestId"],
            "lines": [
                {"productId": str(few), "requested": 3, "available": 2},
                {"productId": str(none), "requested": 1, "available": 0},
            ],
        },
    }


def test_what_is_not_sold_is_told_to_a_program(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    sold, never = product(), new_id()
    with nothing_changed(shop.database):
        body = graphql(ORDER, lines((sold, 1), (never, 1)), as_="alice")
    assert codes(body) == ["NOT_FOR_SALE"]
    assert body["errors"][0]["extensions"]["productIds"] == [str(never)]


@pytest.mark.parametrize(
    ("wanted", "customer", "field"),
    [
        ([], None, "items"),
        ([{"productId": "SOLD", "quantity": 1}] * 101, None, "items"),
        ([{"productId": "SOLD", "quantity": 0}], None, "quantity"),
        ([{"productId": "SOLD", "quantity": -1}], None, "quantity"),
        ([{"productId": "SOLD", "quantity": 100_001}], None, "quantity"),
        ([{"productId": "1", "quantity": 1}], None, "productId"),
        ([{"productId": "SOLD", "quantity": 1}], "alice", "customerId"),
    ],
)
def test_bad_orders_name_the_field(
    graphql: GraphQLClient, shop: Shop, product: Make, wanted: list[dict[str, Any]], customer: str | None, field: str
) -> None:
    sold = str(product())
    items = [{**each, "productId": each["productId"].replace("SOLD", sold)} for each in wanted]
    with nothing_changed(shop.database):
        body = graphql(ORDER, {"items": items, "customerId": customer}, as_="alice")
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["field"] == field


@pytest.mark.parametrize(
    ("who", "code"), [("alice", "FORBIDDEN"), ("charlie", "FORBIDDEN"), ("sam", "NOT_FOUND"), ("dana", "NOT_FOUND")]
)
def test_a_customer_who_does_not_exist(graphql: GraphQLClient, shop: Shop, product: Make, who: str, code: str) -> None:
    variables = {**lines((product(), 1)), "customerId": str(new_id())}
    with nothing_changed(shop.database):
        body = graphql(ORDER, variables, as_=who)
    assert codes(body) == [code]


@pytest.mark.parametrize("way", ["header", "argument"])
def test_a_key_makes_a_repetition_harmless(graphql: GraphQLClient, shop: Shop, product: Make, way: str) -> None:
    # given
    tea = product(stock=10)

    def send(quantity: int, who: str = "alice", key: str = "k1") -> dict[str, Any]:
        variables = lines((tea, quantity))
        if way == "argument":
            return graphql(ORDER, {**variables, "key": key}, as_=who)
        return graphql(ORDER, variables, as_=who, headers={"Idempotency-Key": key})

    first = send(2)
    # when, then the same is the same
    with nothing_changed(shop.database, but=("outbox_events",)):  # the cache is told again
        assert send(2) == first
    with nothing_changed(shop.database):
        assert codes(send(3)) == ["CONFLICT"]
        assert codes(send(2, key="a" * 201)) == ["INVALID_INPUT"]
        assert codes(send(2, key="")) == ["INVALID_INPUT"]
    # and the key is Alice's own
    assert order_id(send(2, "bob")) != order_id(first)
    assert stock_of(shop.database, tea) == [6]


def test_the_argument_counts_more_than_the_header(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=10)
    header = {"Idempotency-Key": "the header"}
    first = graphql(ORDER, {**lines((tea, 1)), "key": "a"}, as_="alice", headers=header)
    second = graphql(ORDER, {**lines((tea, 1)), "key": "b"}, as_="alice", headers=header)
    assert order_id(first) != order_id(second)
    assert stock_of(shop.database, tea) == [8]


def test_a_refused_request_may_succeed_later_under_its_key(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=1)
    variables = {**lines((tea, 2)), "key": "k1"}
    with nothing_changed(shop.database):
        assert codes(graphql(ORDER, variables, as_="alice")) == ["OUT_OF_STOCK"]
    change(shop, "dana", tea, stock_count=2)
    first = order_id(graphql(ORDER, variables, as_="alice"))
    assert order_id(graphql(ORDER, variables, as_="alice")) == first
    assert stock_of(shop.database, tea) == [0]


def test_two_fields_of_one_document_share_the_header_and_are_two_orders(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    graphql = GraphQLClient(create_app(shop).test_client(), shop)
    (tea,) = make_products(shop, 1, stock=10)
    document = """
    mutation($items: [OrderItemInput!]!) {
      a: createOrder(input: {items: $items}) { orderId }
      b: createOrder(input: {items: $items}) { orderId }
    }
    """
    # when
    answers = [
        graphql(document, lines((tea, 2)), as_="alice", headers={"Idempotency-Key": "k1"}) for _ in ("once", "again")
    ]
    # then
    assert order_id(answers[0], "a") != order_id(answers[0], "b")
    assert answers[0] == answers[1]
    assert stock_of(shop.database, tea) == [6]


def test_a_key_of_ones_own_is_one_order_under_whatever_name(committing_shop: Shop) -> None:
    # given
    shop = committing_shop
    graphql = GraphQLClient(create_app(shop).test_client(), shop)
    (tea,) = make_products(shop, 1, stock=10)
    field = 'createOrder(input: $input, idempotencyKey: "mine") { orderId }'
    spelled = {"customerId": str(ALICE), "items": [{"productId": str(tea).upper(), "quantity": 2}]}
    plain = {"items": [{"productId": str(tea), "quantity": 2}]}
    # when
    first = graphql(f"mutation($input: CreateOrderInput!) {{ a: {field} b: {field} }}", {"input": plain}, as_="alice")
    again = graphql(f"mutation($input: CreateOrderInput!) {{ c: {field} }}", {"input": spelled}, as_="alice")
    # then
    assert order_id(first, "a") == order_id(first, "b") == order_id(again, "c")
    assert stock_of(shop.database, tea) == [8]


def test_a_second_field_that_is_refused_leaves_the_first(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=3)
    document = """
    mutation($items: [OrderItemInput!]!) {
      a: createOrder(input: {items: $items}) { orderId items { product { stockCount } } }
      b: createOrder(input: {items: $items}) { orderId }
    }
    """
    body = graphql(document, lines((tea, 2)), as_="alice")
    assert body["data"]["a"]["items"] == [{"product": {"stockCount": 1}}]
    assert body["data"]["b"] is None
    assert codes(body) == ["OUT_OF_STOCK"]
    assert stock_of(shop.database, tea) == [1]


def test_get_orders_lists_own_orders_and_everybodys_for_staff(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    tea = product()
    alices, bobs = (str(place(shop, who, (tea, 1))) for who in ("alice", "bob"))

    def listed(who: str, first: int = 100) -> list[str]:
        document = "query($first: Int!) { getOrders(first: $first) { orderId } }"
        return [each["orderId"] for each in graphql(document, {"first": first}, as_=who)["data"]["getOrders"]]

    assert (listed("alice"), listed("bob"), listed("charlie")) == ([alices], [bobs], [])
    assert listed("sam") == listed("dana") == [bobs, alices]
    assert listed("dana", first=1) == [bobs]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_get_orders_has_bounds(graphql: GraphQLClient, first: int) -> None:
    body = graphql("query($first: Int!) { getOrders(first: $first) { orderId } }", {"first": first}, as_="alice")
    assert (codes(body), body["data"]) == (["INVALID_INPUT"], None)
    assert body["errors"][0]["extensions"]["field"] == "first"


def test_a_strangers_order_answers_as_one_that_does_not_exist(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    # given
    made = place(shop, "alice", (product(), 1))
    document = "query($id: String!) { getOrderById(orderId: $id) { orderId } }"
    # then
    for who in ("alice", "sam", "dana"):
        body = graphql(document, {"id": str(made)}, as_=who)
        assert body == {"data": {"getOrderById": {"orderId": str(made)}}}
    for wanted in (str(made), str(new_id()), "1", ""):
        assert graphql(document, {"id": wanted}, as_="bob") == {"data": {"getOrderById": None}}


def test_an_account_that_is_gone_does_nothing(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given a token of an account whose row is gone, while Redis still thinks that its session lives
    tea, session_id = product(), new_id()
    token = shop.tokens.issue(Claims(subject=new_id(), session_id=session_id, role="admin", verified=True))
    remembering(shop.cache, session_id)()
    headers = {"Authorization": f"Bearer {token}"}
    writes = [
        (ORDER, lines((tea, 1))),
        ("mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }", None),
        (f'mutation {{ updateProduct(input: {{productId: "{tea}", stockCount: 1}}) {{ id }} }}', None),
    ]
    # then
    for document, variables in writes:
        with nothing_changed(shop.database):
            assert codes(graphql(document, variables, headers=headers)) == ["UNAUTHENTICATED"]
    assert graphql("{ me { id } }", headers=headers) == {"data": {"me": None}}


@pytest.mark.parametrize(("rights", "sees"), [((), False), ((Right.ORDERS, Right.USERS), False), ((Right.READ,), True)])
def test_staff_see_everybodys_orders_with_the_right_to_read(
    graphql: GraphQLClient, shop: Shop, product: Make, rights: tuple[Right, ...], sees: bool
) -> None:
    # given
    tea = product()
    kim = hire(shop, "kim", *rights)
    alices = str(place(shop, "alice", (tea, 1)))
    kims = order_id(graphql(ORDER, lines((tea, 1)), headers=kim.headers))
    # when
    body = graphql(
        "query($id: String!) { getOrders { orderId } getOrderById(orderId: $id) { orderId } }",
        {"id": alices},
        headers=kim.headers,
    )
    # then
    assert body["data"] == {
        "getOrders": [{"orderId": kims}] + ([{"orderId": alices}] if sees else []),
        "getOrderById": {"orderId": alices} if sees else None,
    }


def test_staff_order_for_customers_with_the_right_to(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    tea = product()
    variables = {**lines((tea, 1)), "customerId": str(BOB), "key": "k"}
    kim, lee = hire(shop, "kim", Right.READ, Right.USERS), hire(shop, "lee", Right.ORDERS)
    # then
    with nothing_changed(shop.database):
        assert codes(graphql(ORDER, variables, headers=kim.headers)) == ["FORBIDDEN"]
    # and who may not see it afterwards still learns what was made, also the second time
    first = graphql(ORDER, variables, headers=lee.headers)
    assert order_id(graphql(ORDER, variables, headers=lee.headers)) == order_id(first)
    assert graphql("{ getOrders { orderId } }", headers=lee.headers) == {"data": {"getOrders": []}}
    assert graphql("{ getOrders { orderId } }", as_="bob") == {"data": {"getOrders": [{"orderId": order_id(first)}]}}


@pytest.mark.parametrize(("wanted", "refusals"), [(True, ["EMAIL_NOT_VERIFIED"]), (False, []), (None, [])])
def test_whether_an_unproven_address_may_order_is_a_setting(
    shop: Shop, product: Make, wanted: bool | None, refusals: list[str]
) -> None:
    # given a customer who has registered and not followed the link
    registered(shop)
    settings = shop.settings.model_copy(update={"email_verification_required": wanted})
    graphql = GraphQLClient(create_app(replace(shop, settings=settings)).test_client(), shop)
    headers = {"Authorization": f"Bearer {come_in(shop).access_token}"}
    # when
    body = graphql(ORDER, lines((product(), 1)), headers=headers)
    # then
    assert codes(body) == refusals


def test_one_document_may_ask_for_orders_in_several_ways(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    made = place(shop, "alice", (product(name="Tea"), 1))
    body = graphql(
        "query($id: String!) { a: getOrders { orderId } b: getOrders { items { productName } history { status } } "
        "c: getOrderById(orderId: $id) { items { product { name category { department { slug } } } } } }",
        {"id": str(made)},
        as_="alice",
    )
    assert body == {
        "data": {
            "a": [{"orderId": str(made)}],
            "b": [{"items": [{"productName": "Tea"}], "history": [{"status": "pending"}]}],
            "c": {"items": [{"product": {"name": "Tea", "category": {"department": {"slug": "marketplace"}}}}]},
        }
    }


def test_the_ledger_names_who_ordered(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=4)
    made = UUID(order_id(graphql(ORDER, {**lines((tea, 4)), "customerId": str(BOB)}, as_="dana")))
    assert [(quantity, reason, order) for quantity, reason, order, _ in ledger_of(shop.database, tea)] == [
        (4, "initial", None),
        (-4, "order", made),
    ]
    assert len(everything(shop.database)["orders"]) == 1
