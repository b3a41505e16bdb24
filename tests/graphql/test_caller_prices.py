"""What products cost whoever looks at them: tiers, named customers, times; never another's price, never a stale one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import insert

from models import CustomerTier
from services.pricing.discounts.customers import announce_customer
from tests.support import ALICE, GraphQLClient, codes, token_of
from wiring import Shop

Make = Callable[..., UUID]

PRICED = "price listPrice yourPrice discounts { name amount currency }"
SHOWN = f'{{ product(by: {{id: "TEA"}}) {{ {PRICED} }} }}'
CREATE = "mutation($input: DiscountInput!) { createDiscount(input: $input) { id version } }"
# A Friday in Berlin, an hour before the window.
FRIDAY_AT_15 = datetime(2026, 7, 3, 13, tzinfo=UTC)


@pytest.fixture
def tea(product: Make) -> UUID:
    """Costs 10 dollars."""
    return product(name="Tea", price="10", stock=5)


@pytest.fixture
def discount(graphql: GraphQLClient) -> Callable[..., str]:
    """Makes a percentage off all goods by Dana, line by line; returns its id."""

    def make(name: str, percent: float, **more: Any) -> str:
        given = {"name": name, "kind": "PERCENT", "percent": percent, "combinesWith": ["PRODUCT", "ORDER"], **more}
        body = graphql(CREATE, {"input": given}, as_="dana")
        assert "errors" not in body, body
        return str(body["data"]["createDiscount"]["id"])

    return make


def shown(graphql: GraphQLClient, product: UUID, *, as_: str | None = None) -> tuple[float, list[tuple[str, float]]]:
    """What it costs the caller, and by which discounts; the list price stays 10."""
    body = graphql(SHOWN.replace("TEA", str(product)), as_=as_)
    assert "errors" not in body, body
    found = body["data"]["product"]
    assert (found["price"], found["listPrice"]) == (10.0, 10.0)
    assert all(each["currency"] == "USD" for each in found["discounts"])
    return found["yourPrice"], [(each["name"], each["amount"]) for each in found["discounts"]]


def make_gold(shop: Shop, customer_id: UUID) -> None:
    with shop.database.write() as session:
        session.execute(insert(CustomerTier).values(customer_id=customer_id, tier="gold", successful_orders=50))
        announce_customer(session, shop.cache, customer_id=customer_id)


def test_without_discounts_everybody_pays_the_list_price(graphql: GraphQLClient, tea: UUID) -> None:
    assert [shown(graphql, tea, as_=who) for who in (None, "alice", "dana")] == [(10.0, [])] * 3


def test_each_tier_has_its_own_price(
    graphql: GraphQLClient, shop: Shop, tea: UUID, discount: Callable[..., str]
) -> None:
    # given
    discount("For all", 10)
    discount("For gold", 20, tiers=["GOLD"], priority=200)
    everybody = (9.0, [("For all", 1.0)])
    assert [shown(graphql, tea, as_=who) for who in (None, "alice", "bob")] == [everybody] * 3
    # when
    make_gold(shop, ALICE)
    # then, and what she is shown is nobody else's
    assert shown(graphql, tea, as_="alice") == (7.2, [("For all", 1.0), ("For gold", 1.8)])
    assert [shown(graphql, tea, as_=who) for who in (None, "bob")] == [everybody] * 2


def test_an_answer_kept_for_guests_is_served_to_no_customer(
    client: FlaskClient, graphql: GraphQLClient, shop: Shop, tea: UUID, discount: Callable[..., str]
) -> None:
    discount("For gold", 20, tiers=["GOLD"])
    make_gold(shop, ALICE)
    asked = {"query": SHOWN.replace("TEA", str(tea))}
    bearer = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
    nobodys = {"Authorization": "Basic x"}
    seen = []
    for headers in (nobodys, {}, bearer, bearer, nobodys):
        answer = client.post("/graphql", json=asked, headers=headers)
        seen.append((answer.headers["X-Cache"], answer.get_json()["data"]["product"]["yourPrice"]))
    assert seen == [("miss", 10.0), ("hit", 10.0), ("miss", 8.0), ("hit", 8.0), ("hit", 10.0)]


def test_the_first_read_after_a_change_of_a_discount_is_right(
    graphql: GraphQLClient, tea: UUID, discount: Callable[..., str]
) -> None:
    everybody = (None, "alice")
    assert [shown(graphql, tea, as_=who)[0] for who in everybody] == [10.0, 10.0]
    made = discount("Sale", 10)
    assert [shown(graphql, tea, as_=who)[0] for who in everybody] == [9.0, 9.0]
    update = (
        "mutation($id: String!, $input: DiscountUpdateInput!) "
        "{ updateDiscount(discountId: $id, version: VERSION, input: $input) { version } }"
    )
    for version, given, price in ((1, {"percent": 30}, 7.0), (2, {"isActive": False}, 10.0)):
        body = graphql(update.replace("VERSION", str(version)), {"id": made, "input": given}, as_="dana")
        assert body == {"data": {"updateDiscount": {"version": version + 1}}}
        assert [shown(graphql, tea, as_=who)[0] for who in everybody] == [price, price]


def test_each_of_two_orders_in_one_request_tells_the_prices_after_it(
    graphql: GraphQLClient, tea: UUID, discount: Callable[..., str]
) -> None:
    discount("Twice", 10, perCustomerLimit=2)
    fields = "{ totalAmount items { product { yourPrice } } }"
    order = f'createOrder(input: {{items: [{{productId: "{tea}", quantity: 1}}]}}) {fields}'
    body = graphql(f"mutation {{ first: {order} second: {order} }}", as_="alice")
    assert "errors" not in body, body
    found = [body["data"][each] for each in ("first", "second")]
    told = [(each["totalAmount"], each["items"][0]["product"]["yourPrice"]) for each in found]
    assert told == [(9.0, 9.0), (9.0, 10.0)]


def test_a_weekly_window_opens_and_closes_by_the_clock_alone(
    graphql: GraphQLClient,
    shop: Shop,
    tea: UUID,
    discount: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(shop.settings.__dict__, "time_zone", "Europe/Berlin")
    with time_machine.travel(FRIDAY_AT_15, tick=False) as clock:
        discount("Friday", 50, windows=[{"day": "FRIDAY", "from": "16:00", "until": "20:00"}])
        seen = []
        hour = timedelta(hours=1)
        second = timedelta(seconds=1)
        for moment in (0 * hour, hour - second, hour, 5 * hour - second, 5 * hour, 169 * hour):
            clock.move_to(FRIDAY_AT_15 + moment)
            seen.append([shown(graphql, tea, as_=who)[0] for who in (None, "alice")])
    assert seen == [[price, price] for price in (10.0, 10.0, 5.0, 5.0, 10.0, 5.0)]


def test_a_token_that_is_not_valid_is_told_so_and_shown_no_guests_price(graphql: GraphQLClient, tea: UUID) -> None:
    body = graphql(SHOWN.replace("TEA", str(tea)), headers={"Authorization": "Bearer no.such.token"})
    assert (body["data"], codes(body)) == ({"product": None}, ["UNAUTHENTICATED"])


def test_a_page_and_its_variants_are_priced_as_one_product_is(
    graphql: GraphQLClient, product: Make, discount: Callable[..., str]
) -> None:
    prices = ("1", "2.50", "0.05", "0", "19.99")
    for number, price in enumerate(prices):
        product(name=f"Good {number}", price=price)
    discount("A tenth", 10)
    body = graphql("{ products(first: 5, sort: NAME) { nodes { price yourPrice discounts { amount } } } }")
    found = [(each["price"], each["yourPrice"], each["discounts"]) for each in body["data"]["products"]["nodes"]]
    # Half a cent is rounded up, which takes it all; what costs nothing is not made cheaper.
    assert found == [
        (1.0, 0.9, [{"amount": 0.1}]),
        (2.5, 2.25, [{"amount": 0.25}]),
        (0.05, 0.04, [{"amount": 0.01}]),
        (0.0, 0.0, []),
        (19.99, 17.99, [{"amount": 2.0}]),
    ]


def test_the_trace_of_a_product_adds_up_and_names_what_it_was_made_of(
    graphql: GraphQLClient, tea: UUID, discount: Callable[..., str]
) -> None:
    # given
    all_, gold = discount("For all", 10), discount("For gold", 20, tiers=["GOLD"])
    discount("By code", 50, needsCode=True)
    document = f"""{{ product(by: {{id: "{tea}"}}) {{ priceTrace {{
      region currency total moment timeZone pricesIncludeTax
      steps {{ stage amount line discountId exact }}
      considered {{ discountId name version isApplied refusal }}
      inputs {{ kind key version }}
    }} }} }}"""
    # when
    trace = graphql(document, as_="bob")["data"]["product"]["priceTrace"]
    # then
    assert (trace["region"], trace["currency"], trace["total"], trace["timeZone"]) == ("US", "USD", 9.0, "UTC")
    assert sum(Decimal(str(step["amount"])) for step in trace["steps"]) == Decimal("9")
    assert [(step["stage"], step["amount"], step["discountId"]) for step in trace["steps"]] == [
        ("LIST_PRICE", 10.0, None),
        ("PRODUCT_DISCOUNT", -1.0, all_),
    ]
    # Nobody is told of a code that others have.
    assert sorted((each["name"], each["isApplied"], each["refusal"]) for each in trace["considered"]) == [
        ("For all", True, None),
        ("For gold", False, "WRONG_TIER"),
    ]
    assert {each["discountId"]: each["version"] for each in trace["considered"]} == {all_: 1, gold: 1}
    assert [(each["kind"], each["key"], each["version"]) for each in trace["inputs"]] == [
        ("region", "US", 1),
        ("product", str(tea), 1),
    ]
    # Staff who may read everything are told of everything.
    told = graphql(document, as_="dana")["data"]["product"]["priceTrace"]["considered"]
    assert sorted(each["name"] for each in told) == ["By code", "For all", "For gold"]


@pytest.mark.parametrize(
    "first",
    [
        {"regionCodes": ["DE"]},
        {"windows": [{"day": "MONDAY", "from": "16:00", "until": "16:01"}]},
        {"startsAt": "2026-07-03T13:00:30Z"},
        {"tiers": ["GOLD"]},
        {},
    ],
    ids=lambda first: next(iter(first), "nothing"),
)
@pytest.mark.parametrize("secret", ["needsCode", "forNamedCustomers"])
def test_a_secret_discount_is_told_to_nobody_whatever_else_is_in_its_way(
    graphql: GraphQLClient, tea: UUID, discount: Callable[..., str], first: dict[str, Any], secret: str
) -> None:
    asked = "priceTrace { considered { name } nearMisses { name } }"
    document = f'{{ product(by: {{id: "{tea}"}}) {{ {asked} }} }}'
    with time_machine.travel(FRIDAY_AT_15, tick=False):
        discount("For all", 10)
        discount("Secret", 50, **{secret: True}, **first)
        for who in (None, "bob", "sam"):
            trace = graphql(document, as_=who)["data"]["product"]["priceTrace"]
            names = {each["name"] for each in [*trace["considered"], *trace["nearMisses"]]}
            assert names - {"Secret"} == {"For all"}
            assert ("Secret" in names) == (who == "sam")  # who may read everything


def test_near_misses_of_a_product_name_the_pieces_that_are_missing(
    graphql: GraphQLClient, tea: UUID, discount: Callable[..., str]
) -> None:
    discount("Three or more", 10, minQuantity=3, targets={"productIds": [str(tea)]})
    asked = "nearMisses { name kind appliesTo lines missingQuantity missingAmount }"
    document = f'{{ product(by: {{id: "{tea}"}}) {{ yourPrice {asked} priceTrace {{ {asked} }} }} }}'
    missed = {"name": "Three or more", "kind": "PERCENT", "appliesTo": "PRODUCT", "lines": None}
    misses = [{**missed, "missingQuantity": 2, "missingAmount": None}]
    assert graphql(document)["data"]["product"] == {
        "yourPrice": 10.0,
        "nearMisses": misses,
        "priceTrace": {"nearMisses": misses},
    }
