"""Prices over time and stock through the counter: what shoppers are shown, what staff do and see."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
import time_machine

from tests.services.evidence import ledger_of, nothing_changed, stock_of
from tests.services.pricing import adjust, schedule_price
from tests.support import DANA, SAM, GraphQLClient, codes, make_products
from wiring import Shop
from workers.relay import relay_all

Make = Callable[..., UUID]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHOWN = '{ product(by: {id: "TEA"}) { price priorPrice inStock stockCount } }'


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def shown(graphql: GraphQLClient, product: UUID) -> tuple[Any, ...]:
    """Price, prior price, whether it is in stock, and how many."""
    body = graphql(SHOWN.replace("TEA", str(product)))
    assert "errors" not in body, body
    return tuple(body["data"]["product"].values())


def test_a_sale_from_its_beginning_to_its_end_as_shoppers_see_it(
    graphql: GraphQLClient, product: Make, clock: time_machine.Traveller
) -> None:
    # given
    tea = product(price="10", stock=3)
    body = graphql(
        "mutation($id: String!, $from: DateTime!, $until: DateTime!) { "
        "schedulePrice(productId: $id, price: 7.50, from: $from, until: $until) "
        "{ productId price startsAt appliedAt createdBy product { price } } }",
        {"id": str(tea), "from": "2026-07-01T15:00:00+02:00", "until": "2026-07-02T12:00:00Z"},
        as_="sam",
    )
    assert body["data"]["schedulePrice"] == [
        {
            "productId": str(tea),
            "price": price,
            "startsAt": moment,
            "appliedAt": None,
            "createdBy": str(SAM),
            "product": {"price": 10.0},
        }
        for price, moment in ((7.5, "2026-07-01T13:00:00+00:00"), (10.0, "2026-07-02T12:00:00+00:00"))
    ]
    # then, the same question again and again
    seen = []
    for moment in (NOON, NOON + 0.9 * HOUR, NOON + HOUR, NOON + 2 * HOUR, NOON + DAY, NOON + 2 * DAY):
        clock.move_to(moment)
        seen.append(shown(graphql, tea)[:2])
    assert seen == [(10.0, None), (10.0, None), (7.5, 10.0), (7.5, 10.0), (10.0, None), (10.0, None)]


def test_a_list_sorted_by_price_is_in_the_order_of_the_moment(
    graphql: GraphQLClient, shop: Shop, product: Make, clock: time_machine.Traveller
) -> None:
    tea, rice = product(name="Tea", price="10"), product(name="Rice", price="8")
    schedule_price(shop, tea, "7", NOON + HOUR)
    document = "{ products(sort: PRICE_ASC) { nodes { name price } } }"

    def order() -> list[str]:
        return [each["name"] for each in graphql(document)["data"]["products"]["nodes"]]

    assert (order(), order()) == (["Rice", "Tea"], ["Rice", "Tea"])
    clock.move_to(NOON + HOUR)
    assert (order(), order()) == (["Tea", "Rice"], ["Tea", "Rice"])
    assert rice


def test_prior_prices_of_a_page_are_one_statement_more(
    graphql: GraphQLClient,
    shop: Shop,
    redis_client: redis.Redis,
    clock: time_machine.Traveller,
    counted_sql: Callable[[], Any],
) -> None:
    goods = make_products(shop, 9, price="10")
    clock.shift(1)
    for number, each in enumerate(goods[:5]):
        schedule_price(shop, each, str(5 + number))
    with counted_sql() as without:
        graphql("{ products(first: 9) { nodes { price } } }")
    redis_client.flushdb()
    with counted_sql() as with_them:
        body = graphql("{ products(first: 9) { nodes { price priorPrice } edges { node { priorPrice } } } }")
    assert len(with_them) == len(without) + 1
    assert sorted(str(each["priorPrice"]) for each in body["data"]["products"]["nodes"]) == ["10.0"] * 5 + ["None"] * 4


def test_orders_show_the_prior_price_of_their_products_too(
    graphql: GraphQLClient, shop: Shop, product: Make, clock: time_machine.Traveller
) -> None:
    tea = product(price="10")
    clock.shift(60)
    schedule_price(shop, tea, "7")
    items = [{"productId": str(tea), "quantity": 1}]
    body = graphql(
        "mutation($items: [OrderItemInput!]!) { createOrder(input: {items: $items}) "
        "{ totalAmount items { product { priorPrice inStock } } } }",
        {"items": items},
        as_="alice",
    )
    assert body["data"]["createOrder"] == {
        "totalAmount": 7.0,
        "items": [{"product": {"priorPrice": 10.0, "inStock": True}}],
    }


def test_the_history_of_prices_is_for_staff_and_knows_what_has_just_begun(
    graphql: GraphQLClient, shop: Shop, product: Make, clock: time_machine.Traveller
) -> None:
    tea = product(price="10")
    schedule_price(shop, tea, "7", NOON + HOUR)
    clock.move_to(NOON + 2 * HOUR)
    body = graphql(
        f'{{ priceHistory(productId: "{tea}", first: 1) {{ nodes {{ price currency effectiveFrom reason actorId }} '
        "edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } }",
        as_="sam",
    )["data"]["priceHistory"]
    assert body["nodes"] == [
        {
            "price": 7.0,
            "currency": "USD",
            "effectiveFrom": "2026-07-01T13:00:00+00:00",
            "reason": "SCHEDULED",
            "actorId": str(DANA),
        }
    ]
    end = body["pageInfo"].pop("endCursor")
    assert (body["pageInfo"], body["edges"]) == ({"hasNextPage": True, "hasPreviousPage": False}, [{"cursor": end}])
    rest = f'{{ priceHistory(productId: "{tea}", after: "{end}") {{ nodes {{ price reason }} }} }}'
    assert graphql(rest, as_="sam")["data"]["priceHistory"]["nodes"] == [{"price": 10.0, "reason": "INITIAL"}]


def test_prices_to_come_are_shown_the_soonest_first_and_to_their_department(
    graphql: GraphQLClient, shop: Shop, product: Make, clock: time_machine.Traveller
) -> None:
    # given
    tea, apple = product(name="Tea"), product(name="Apple", category="fruit")
    schedule_price(shop, tea, "7", NOON + DAY)
    schedule_price(shop, apple, "6", NOON + HOUR)
    schedule_price(shop, tea, "5", NOON + 2 * HOUR)
    document = "{ scheduledPrices(first: 2 AFTER) { edges { cursor node { price product { name } } } } }"

    def page(who: str, after: str = "") -> list[Any]:
        found: list[Any] = graphql(document.replace("AFTER", after), as_=who)["data"]["scheduledPrices"]["edges"]
        return found

    # then
    first = page("dana")
    assert [(each["node"]["price"], each["node"]["product"]["name"]) for each in first] == [
        (6.0, "Apple"),
        (5.0, "Tea"),
    ]
    rest = page("dana", f', after: "{first[-1]["cursor"]}"')
    assert [each["node"]["price"] for each in rest] == [7.0]
    assert [each["node"]["price"] for each in page("sam")] == [5.0, 7.0]
    assert [each["node"]["price"] for each in page("dana", f', productId: "{apple}"')] == [6.0]
    # what has begun is not to come, whether or not anybody has read since
    clock.move_to(NOON + HOUR)
    assert [each["node"]["price"] for each in page("dana")] == [5.0, 7.0]


def test_calling_off(graphql: GraphQLClient, shop: Shop, product: Make, clock: time_machine.Traveller) -> None:
    [sale] = schedule_price(shop, product(name="Tea"), "7", NOON + DAY)
    document = f'mutation {{ cancelScheduledPrice(scheduledPriceId: "{sale}") {{ cancelledAt product {{ name }} }} }}'
    body = graphql(document, as_="sam")
    assert body["data"]["cancelScheduledPrice"] == {
        "cancelledAt": "2026-07-01T12:00:00+00:00",
        "product": {"name": "Tea"},
    }
    with nothing_changed(shop.database):
        assert codes(graphql(document, as_="sam")) == ["CONFLICT"]
    assert clock


ADJUST = (
    "mutation($id: String!, $quantity: Int!, $reason: StockReason!, $note: String, $key: String) { "
    "adjustStock(productId: $id, quantity: $quantity, reason: $reason, note: $note, idempotencyKey: $key) "
    "{ stockCount inStock version } }"
)


def test_adjusting_answers_with_the_product_as_it_is_then(graphql: GraphQLClient, product: Make) -> None:
    tea = product(stock=2)
    given = {"id": str(tea), "quantity": -2, "reason": "LOST", "note": "flood"}
    body = graphql(ADJUST, given, as_="sam")
    assert body["data"]["adjustStock"] == {"stockCount": 0, "inStock": False, "version": 2}
    assert shown(graphql, tea)[2:] == (False, 0)
    graphql(ADJUST, {**given, "quantity": 1, "reason": "RETURNED"}, as_="sam")
    assert shown(graphql, tea)[2:] == (True, 1)
    ledger = graphql(
        f'{{ stockMovements(productId: "{tea}", first: 2) {{ nodes {{ quantity reason note actorId orderId }} '
        "pageInfo { hasNextPage } } }",
        as_="sam",
    )["data"]["stockMovements"]
    assert ledger == {
        "nodes": [
            {"quantity": 1, "reason": "RETURNED", "note": "flood", "actorId": str(SAM), "orderId": None},
            {"quantity": -2, "reason": "LOST", "note": "flood", "actorId": str(SAM), "orderId": None},
        ],
        "pageInfo": {"hasNextPage": True},
    }


@pytest.mark.parametrize("by_header", [True, False])
def test_a_double_click_counts_once(graphql: GraphQLClient, shop: Shop, product: Make, *, by_header: bool) -> None:
    tea = product(stock=2)
    given: dict[str, Any] = {"id": str(tea), "quantity": 5, "reason": "RECEIVED"}
    headers = {"Idempotency-Key": "pallet 12"} if by_header else {}
    if not by_header:
        given["key"] = "pallet 12"
    answers = [graphql(ADJUST, given, as_="sam", headers=headers)["data"]["adjustStock"] for _ in range(2)]
    assert [each["stockCount"] for each in answers] == [7, 7]
    assert [quantity for quantity, *_ in ledger_of(shop.database, tea)] == [2, 5]
    with nothing_changed(shop.database):
        assert codes(graphql(ADJUST, {**given, "quantity": 6}, as_="sam", headers=headers)) == ["CONFLICT"]


def test_two_adjustments_of_one_document_share_the_headers_key_and_are_two(
    graphql: GraphQLClient, shop: Shop, product: Make
) -> None:
    tea = product(stock=0)
    one = f'adjustStock(productId: "{tea}", quantity: 1, reason: COUNTED) {{ stockCount }}'
    for _ in range(2):
        graphql(f"mutation {{ a: {one} b: {one} }}", as_="sam", headers={"Idempotency-Key": "k"})
    assert stock_of(shop.database, tea) == [2]


def test_the_stock_never_goes_below_zero(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(stock=2)
    with nothing_changed(shop.database):
        body = graphql(ADJUST, {"id": str(tea), "quantity": -3, "reason": "COUNTED"}, as_="sam")
    assert codes(body) == ["OUT_OF_STOCK"]
    assert body["errors"][0]["extensions"]["lines"] == [{"productId": str(tea), "requested": 3, "available": 2}]


def test_alerts_are_shown_with_their_product(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea, apple = product(name="Tea", stock=1), product(name="Apple", stock=1, category="fruit")
    for each in (tea, apple):
        adjust(shop, each, -1)
    adjust(shop, tea, 4)
    relay_all(shop)
    document = "{ stockAlerts(KIND) { nodes { kind stockCount product { name stockCount category { slug } } } } }"
    asked = [("dana", "first: 5"), ("sam", "first: 5"), ("dana", "kind: OUT, first: 1")]
    found = [graphql(document.replace("KIND", said), as_=who)["data"]["stockAlerts"]["nodes"] for who, said in asked]
    said = [[(each["kind"], each["stockCount"], each["product"]["name"]) for each in nodes] for nodes in found]
    assert said == [
        [("BACK", 4, "Tea"), ("OUT", 0, "Apple"), ("OUT", 0, "Tea")],
        [("BACK", 4, "Tea"), ("OUT", 0, "Tea")],
        [("OUT", 0, "Apple")],
    ]
    assert found[1][1]["product"] == {"name": "Tea", "stockCount": 4, "category": {"slug": "everything-else"}}


@pytest.mark.parametrize(
    "field",
    [
        'priceHistory(productId: "TEA" WANTED) { nodes { id } }',
        "scheduledPrices(WANTED) { nodes { id } }",
        'stockMovements(productId: "TEA" WANTED) { nodes { id } }',
        "stockAlerts(WANTED) { nodes { id } }",
    ],
)
def test_pages_of_no_length_and_cursors_of_another_list_are_refused(
    graphql: GraphQLClient, product: Make, field: str
) -> None:
    tea = product()
    foreign = "WyJhdWRpdExvZyIsIngiXQ"  # of the audit log
    for wanted in ("first: 0", "first: -1", "first: 101", 'after: "nonsense"', f'after: "{foreign}"', 'after: ""'):
        document = f"{{ {field.replace('TEA', str(tea)).replace('WANTED', wanted)} }}"
        assert codes(graphql(document, as_="dana")) == ["INVALID_INPUT"], wanted
