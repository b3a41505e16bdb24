"""What quotes and reasons of prices count against their caller's limit: exactly, and before anything is done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient

from app import create_app
from graphql_api import order_prices
from services.orders import quoting
from services.pricing import showing
from services.pricing.calculating.calculator import explain_each
from services.pricing.calculating.facts import Purchase
from services.pricing.calculating.priced import Priced
from tests.services.acting import place
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.support import GraphQLClient, codes, make_products
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LIMIT = 60
QUOTE = "query($items: [OrderItemInput!]!) { quote(input: {items: $items}) { totalAmount } }"
PAGE = "{ products(first: %d) { nodes { %s } } }"
REASONS = "priceTrace { total }"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """A clock that stands still: nothing that was counted is forgotten."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def client(shop: Shop) -> FlaskClient:
    """A client of a program with a limit of sixty requests a minute, and without whole answers in the cache."""
    settings = shop.settings.model_copy(update={"rate_limit_per_minute": LIMIT, "answer_cache_megabytes": 0})
    return create_app(replace(shop, settings=settings)).test_client()


@pytest.fixture
def graphql(client: FlaskClient, shop: Shop) -> GraphQLClient:
    """Sends documents to it."""
    return GraphQLClient(client, shop)


def items(goods: Sequence[UUID]) -> dict[str, Any]:
    """The variables of a quote of these."""
    return {"items": [{"productId": str(each), "quantity": 1} for each in goods]}


def room(graphql: GraphQLClient, as_: str | None = None) -> int:
    """How many requests the caller has left; none afterwards."""
    return next(number for number in range(LIMIT + 1) if codes(graphql("{ __typename }", as_=as_)))


@pytest.mark.parametrize(("lines", "requests"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_a_quote_counts_as_one_request_for_each_ten_lines(
    graphql: GraphQLClient, shop: Shop, lines: int, requests: int
) -> None:
    goods = make_products(shop, lines)
    assert codes(graphql(QUOTE, items(goods))) == []
    assert room(graphql) == LIMIT - requests


def test_lines_of_one_product_are_one_line(graphql: GraphQLClient, product: Callable[..., UUID]) -> None:
    assert codes(graphql(QUOTE, items([product(stock=100)] * 100))) == []
    assert room(graphql) == LIMIT - 1


@pytest.mark.parametrize(("lines", "requests"), [(1, 50), (10, 50), (100, LIMIT)])
def test_fifty_quotes_in_one_document_count_as_fifty_at_least(
    graphql: GraphQLClient, shop: Shop, lines: int, requests: int
) -> None:
    quotes = " ".join(f"q{number}: quote(input: {{items: $items}}) {{ totalAmount }}" for number in range(50))
    body = graphql(f"query($items: [OrderItemInput!]!) {{ {quotes} }}", items(make_products(shop, lines)))
    # of a hundred lines six are answered, and the rest are refused by themselves
    assert [each is not None for each in body["data"].values()] == [True] * (6 if lines == 100 else 50) + [False] * (
        44 if lines == 100 else 0
    )
    assert codes(body) == (["RATE_LIMITED"] * 44 if lines == 100 else [])
    assert room(graphql) == LIMIT - requests


def test_a_quote_without_room_is_not_counted_out_and_hides_nothing_else(
    graphql: GraphQLClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given room for nine requests
    goods = make_products(shop, 100)
    for _ in range(LIMIT - 9):
        assert codes(graphql("{ __typename }")) == []
    # when
    with monkeypatch.context() as broken:
        broken.delattr(quoting, "gather")
        document = QUOTE.replace("{ quote", "{ regions { code } quote")
        body = graphql(document, items(goods))
    # then nothing was counted for it but the request
    assert codes(body) == ["RATE_LIMITED"]
    assert body["errors"][0]["path"] == ["quote"]
    assert body["errors"][0]["extensions"]["retryAfter"] == 60
    assert (body["data"]["quote"], len(body["data"]["regions"]) > 0) == (None, True)
    # and what is smaller has room
    assert codes(graphql(QUOTE, items(goods[:70]))) == []
    assert room(graphql) == 1


@pytest.mark.parametrize(
    ("fields", "requests"),
    [
        (REASONS, 7),
        ("nearMisses { name }", 7),
        (f"{REASONS} nearMisses {{ name }}", 7),
        ("yourPrice discounts { name }", 1),
    ],
)
def test_reasons_count_as_one_request_for_each_product(
    graphql: GraphQLClient, shop: Shop, fields: str, requests: int
) -> None:
    make_products(shop, 7)
    body = graphql(PAGE % (7, fields))
    assert (codes(body), len(body["data"]["products"]["nodes"])) == ([], 7)
    assert room(graphql) == LIMIT - requests


def test_what_one_request_has_worked_out_counts_once(graphql: GraphQLClient, shop: Shop) -> None:
    goods = make_products(shop, 3)
    page = PAGE % (3, REASONS)
    one = f'product(by: {{id: "{goods[0]}"}}) {{ {REASONS} }}'
    assert codes(graphql(f"{{ a: {page[2:-2]} b: {page[2:-2]} {one} }}")) == []
    assert room(graphql) == LIMIT - 3


def test_a_quote_and_the_reasons_of_its_products_count_together(graphql: GraphQLClient, shop: Shop) -> None:
    document = QUOTE.replace("totalAmount", f"items {{ product {{ {REASONS} }} }} priceTrace {{ total }}")
    assert codes(graphql(document, items(make_products(shop, 12)))) == []
    assert room(graphql) == LIMIT - (2 + 12)


def test_reasons_without_room_are_not_worked_out(
    graphql: GraphQLClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_products(shop, 100)
    with monkeypatch.context() as broken:
        broken.delattr(showing, "explain_each")
        body = graphql(PAGE % (100, f"id {REASONS} nearMisses {{ name }}"))
    # then each field that asked is refused, once, and the rest is told
    assert [(each["extensions"]["code"], each["path"]) for each in body["errors"]] == [
        ("RATE_LIMITED", ["products", "nodes", 0, "priceTrace"]),
        ("RATE_LIMITED", ["products", "nodes", 0, "nearMisses"]),
    ]
    told = body["data"]["products"]["nodes"]
    assert (len(told), len({each.pop("id") for each in told})) == (100, 100)
    assert told == [{"priceTrace": None, "nearMisses": None}] * 100
    assert room(graphql) == LIMIT - 1


def test_a_quote_is_told_without_reasons_that_have_no_room(graphql: GraphQLClient, shop: Shop) -> None:
    document = QUOTE.replace("totalAmount", "totalAmount items { product { nearMisses { name } } }")
    body = graphql(document, items(make_products(shop, 60, price="1.00")))
    assert codes(body) == ["RATE_LIMITED"]
    assert body["data"]["quote"]["totalAmount"] == 60.0
    assert [each["product"] for each in body["data"]["quote"]["items"]] == [{"nearMisses": None}] * 60
    assert room(graphql) == LIMIT - 6


def test_each_operation_of_a_batch_pays_for_its_own(client: FlaskClient, graphql: GraphQLClient, shop: Shop) -> None:
    sent = {"query": QUOTE, "variables": items(make_products(shop, 30))}
    assert [codes(each) for each in client.post("/graphql", json=[sent] * 4).get_json()] == [[]] * 4
    assert room(graphql) == LIMIT - 4 * 3


def test_an_answer_that_is_kept_was_worked_out_once(shop: Shop) -> None:
    # given a program with whole answers in the cache
    settings = shop.settings.model_copy(update={"rate_limit_per_minute": LIMIT})
    graphql = GraphQLClient(create_app(replace(shop, settings=settings)).test_client(), shop)
    make_products(shop, 7)
    for _ in range(3):
        assert codes(graphql(PAGE % (7, REASONS))) == []
    assert room(graphql) == LIMIT - 7 - 1 - 1


ORDER = "mutation($items: [OrderItemInput!]!, $key: String) { %s }"
ONE = "%s: createOrder(input: {items: $items}, idempotencyKey: $key) { %s }"


def spend(graphql: GraphQLClient, requests: int, *, as_: str | None = None) -> None:
    """Uses up so many of the caller's requests."""
    for _ in range(requests):
        assert codes(graphql("{ __typename }", as_=as_)) == []


def test_what_a_mutation_did_is_told_with_the_reasons_that_have_room(graphql: GraphQLClient, shop: Shop) -> None:
    # given a customer with five requests of room
    offer(shop)
    goods = make_products(shop, 9, price="10.00", stock=5)
    spend(graphql, LIMIT - 5, as_="alice")
    # when
    fields = "totalAmount items { product { priceTrace { total } nearMisses { name } } }"
    body = graphql(ORDER % ONE % ("o", fields), items(goods), as_="alice")
    # then the order is told; of the reasons four, and the first of the others is refused
    told = body["data"]["o"]
    assert told["totalAmount"] == 81.0
    assert [each["product"]["priceTrace"] for each in told["items"]] == [{"total": 9.0}] * 4 + [None] * 5
    assert [each["product"]["nearMisses"] for each in told["items"]] == [[]] * 4 + [None] * 5
    assert [(each["extensions"]["code"], each["path"]) for each in body["errors"]] == [
        ("RATE_LIMITED", ["o", "items", 4, "product", name]) for name in ("priceTrace", "nearMisses")
    ]
    assert room(graphql, "alice") == 0
    assert room(graphql, "bob") == LIMIT


def test_ten_orders_in_one_document_explain_no_more_than_there_is_room_for(
    graphql: GraphQLClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = []

    def explaining(purchase: Purchase) -> Sequence[Priced | None]:
        explained.append(len(purchase.lines))
        return explain_each(purchase)

    monkeypatch.setattr(showing, "explain_each", explaining)
    goods = make_products(shop, 10, stock=10)
    document = ORDER % " ".join(
        ONE % (f"o{number}", "id items { product { priceTrace { total } } }") for number in range(10)
    )
    body = graphql(document, items(goods), as_="alice")
    # ten requests for the orders; five times ten reasons have room
    assert [each["id"] is not None for each in body["data"].values()] == [True] * 10
    assert explained == [10] * 5
    assert codes(body) == ["RATE_LIMITED"] * 5


@pytest.mark.parametrize(("lines", "requests"), [(1, 1), (10, 1), (11, 2), (100, 10)])
def test_an_order_counts_as_a_quote_does(graphql: GraphQLClient, shop: Shop, lines: int, requests: int) -> None:
    goods = make_products(shop, lines)
    assert codes(graphql(ORDER % ONE % ("o", "id"), items(goods), as_="alice")) == []
    assert room(graphql, "alice") == LIMIT - requests


def test_an_order_without_room_is_not_begun_and_a_repetition_counts_as_the_first(
    graphql: GraphQLClient, shop: Shop
) -> None:
    goods = make_products(shop, 30)
    variables = {**items(goods), "key": "k"}
    first = graphql(ORDER % ONE % ("o", "id"), variables, as_="alice")
    again = graphql(ORDER % ONE % ("o", "id"), variables, as_="alice")
    assert (codes(first), again) == ([], first)
    spend(graphql, LIMIT - 6 - 2, as_="alice")
    with nothing_changed(shop.database):
        body = graphql(ORDER % ONE % ("o", "id"), items(goods), as_="alice")
    assert (codes(body), body["data"]) == (["RATE_LIMITED"], {"o": None})
    assert body["errors"][0]["extensions"]["retryAfter"] == 60
    assert room(graphql, "alice") == 1


def test_ten_orders_of_a_hundred_lines_are_a_hundred_requests(graphql: GraphQLClient, shop: Shop) -> None:
    goods = make_products(shop, 100, stock=100)
    document = ORDER % " ".join(ONE % (f"o{number}", "id") for number in range(10))
    body = graphql(document, items(goods), as_="alice")
    # ten for the document, and nine more for each of five; the rest is refused by itself
    assert [each is not None for each in body["data"].values()] == [True] * 5 + [False] * 5
    assert codes(body) == ["RATE_LIMITED"] * 5
    assert room(graphql, "alice") == LIMIT - 55


def test_reasons_of_orders_count_as_one_request_for_each(graphql: GraphQLClient, shop: Shop) -> None:
    [tea] = make_products(shop, 1, price="10.00", stock=100)
    for _ in range(7):
        place(shop, "alice", (tea, 1))
    reasons = "getOrders { priceTrace { total } }"
    assert codes(graphql(f"{{ a: {reasons} b: {reasons} }}", as_="alice")) == []
    assert room(graphql, "alice") == LIMIT - 7
    # what they came to does not count
    light = (
        "getOrders(first: 10) { subtotal shippingTotal discounts { name } taxes { name } items { discounts { name } } }"
    )
    assert codes(graphql(f"{{ a: {light} b: {light} }}", as_="bob")) == []
    assert room(graphql, "bob") == LIMIT - 1


def test_reasons_of_orders_without_room_are_not_read(
    graphql: GraphQLClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    [tea] = make_products(shop, 1, price="10.00", stock=100)
    for _ in range(7):
        place(shop, "alice", (tea, 1))
    spend(graphql, LIMIT - 6, as_="alice")
    with monkeypatch.context() as broken:
        broken.delattr(order_prices, "list_explanations")
        body = graphql("{ getOrders { subtotal priceTrace { total } } }", as_="alice")
    assert body["data"]["getOrders"] == [{"subtotal": 10.0, "priceTrace": None}] * 7
    [error] = body["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("RATE_LIMITED", ["getOrders", 0, "priceTrace"])
    assert room(graphql, "alice") == 5
