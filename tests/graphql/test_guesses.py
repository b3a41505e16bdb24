"""Guessing at discount codes: whatever comes of a request, its guesses count, for the account and for the network."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient

from app import create_app
from services.orders import pricing_placed, quoting
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.support import GraphQLClient, codes, token_of
from utils.errors import Unavailable
from web.limiting import Limits
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LIMIT = 100
QUOTE = """query($items: [OrderItemInput!]!, $codes: [String!], $region: String) {
  quote(input: {items: $items, discountCodes: $codes, region: $region}) { totalAmount problems { code } }
}"""
ORDER = """mutation($items: [OrderItemInput!]!, $codes: [String!], $region: String) {
  createOrder(input: {items: $items, discountCodes: $codes, region: $region}) { id }
}"""
BOTH = pytest.mark.parametrize("document", [QUOTE, ORDER], ids=["quote", "order"])
Make = Callable[..., UUID]


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def client_of(shop: Shop, limit: int = LIMIT, **more: Any) -> FlaskClient:
    """A client of a program with such a limit."""
    settings = shop.settings.model_copy(update={"rate_limit_per_minute": limit, **more})
    return create_app(replace(shop, settings=settings)).test_client()


@pytest.fixture
def graphql(shop: Shop) -> GraphQLClient:
    """Sends documents to a program with a limit of a hundred requests a minute."""
    return GraphQLClient(client_of(shop), shop)


def wanted(product_id: UUID, given: list[str], *, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """The variables of a quote or an order."""
    return {"items": [{"productId": str(product_id), "quantity": quantity}], "codes": given, **more}


def room(graphql: GraphQLClient) -> int:
    """How many requests Alice has left; none afterwards."""
    return next(number for number in range(LIMIT + 1) if codes(graphql("{ __typename }", as_="alice")))


@pytest.fixture
def car(product: Make) -> UUID:
    """A car in Canada, of which a hundred thousand are more than an amount can hold by their taxes alone."""
    return product(stock=100_000, price="980000.00", currency="CAD")


@BOTH
def test_a_total_that_no_amount_can_hold_tells_nothing_of_a_code_and_is_no_way_to_guess(
    graphql: GraphQLClient, shop: Shop, car: UUID, document: str
) -> None:
    offer(shop, code="REAL")
    with nothing_changed(shop.database):
        told = [
            codes(graphql(document, wanted(car, [given], quantity=100_000, region="CA"), as_="alice"))
            for given in ("REAL", "G1", "G2", "G3", "G4", "G5")
        ]
    # a request, three with a guess, and no room for a fourth
    assert told == [["INVALID_INPUT"]] * 5 + [["RATE_LIMITED"]]


@BOTH
def test_guesses_count_whatever_comes_of_them(
    graphql: GraphQLClient, product: Make, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = product()

    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable("Not now.")

    with monkeypatch.context() as broken:
        for module in (quoting, pricing_placed):
            broken.setattr(module, "counted", fails)
        assert codes(graphql(document, wanted(tea, ["NO"]), as_="alice")) == ["UNAVAILABLE"]
    assert room(graphql) == LIMIT - 1 - 20


@BOTH
def test_codes_that_nobody_looked_for_are_no_guesses(
    graphql: GraphQLClient, product: Make, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = product()

    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable("Not now.")

    with monkeypatch.context() as broken:
        for module in (quoting, pricing_placed):
            broken.setattr(module, "find_codes", fails)
        assert codes(graphql(document, wanted(tea, ["NO"]), as_="alice")) == ["UNAVAILABLE"]
    assert room(graphql) == LIMIT - 1


@BOTH
@pytest.mark.parametrize("given", [["a\nb"], [""], ["x" * 65], [str(each) for each in range(11)]])
def test_what_is_no_code_is_refused_before_anything_is_reserved(
    graphql: GraphQLClient, shop: Shop, product: Make, document: str, given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = product()
    with monkeypatch.context() as broken, nothing_changed(shop.database):
        broken.delattr(Limits, "reserve")
        body = graphql(document, wanted(tea, given), as_="alice")
    assert codes(body) == ["INVALID_INPUT"]
    assert body["errors"][0]["extensions"]["field"] == "discountCodes"
    assert room(graphql) == LIMIT - 1


def test_a_network_guesses_a_hundred_times_in_a_quarter_of_an_hour_with_any_number_of_accounts(
    shop: Shop, product: Make, noon: time_machine.Traveller
) -> None:
    # given accounts with much room
    tea, graphql = product(), GraphQLClient(client_of(shop, 10_000, trusted_proxies=1), shop)
    offer(shop, code="REAL")

    def asked(who: str | None, *given: str, document: str = QUOTE, network: str = "192.0.2.1") -> Any:
        headers = {"X-Forwarded-For": network} | (
            {} if who is None else {"Authorization": f"Bearer {token_of(shop, who)}"}
        )
        return graphql(document, wanted(tea, list(given)), headers=headers)

    unknown = ["DISCOUNT_UNKNOWN"]
    for number, who in enumerate(["alice", "bob", None] * 3):
        body = asked(who, *(f"G{number}{each}" for each in range(10)))
        assert [each["code"] for each in body["data"]["quote"]["problems"]] == unknown * 10
        assert codes(asked(who, "REAL")) == []
    assert codes(asked("alice", "NO", document=ORDER)) == unknown
    # then nine are left: there is no room for ten codes, for nine there is, and for none afterwards
    assert codes(asked("dana", *(f"N{each}" for each in range(10)))) == ["RATE_LIMITED"]
    assert codes(asked("dana", *(f"N{each}" for each in range(9)))) == []
    with nothing_changed(shop.database):
        for document in (QUOTE, ORDER):
            refused = asked("dana", "REAL", document=document)
            assert (codes(refused), refused["errors"][0]["extensions"]["retryAfter"]) == (["RATE_LIMITED"], 900)
    # and whoever gives none, or is elsewhere, or comes later
    assert codes(asked("dana")) == codes(asked("dana", "REAL", network="192.0.2.2")) == []
    noon.shift(timedelta(minutes=15, seconds=1))
    assert codes(asked("dana", "REAL")) == []


def test_a_guest_who_guesses_keeps_nobody_from_logging_in(graphql: GraphQLClient, product: Make) -> None:
    tea = product()
    told = [codes(graphql(QUOTE, wanted(tea, [f"G{number}"]))) for number in range(7)]
    assert told == [[]] * 5 + [["RATE_LIMITED"]] * 2
    login = 'mutation { login(email: "alice@example.com", password: "Market-Demo-1") { user { id } } }'
    assert codes(graphql(login)) == []
