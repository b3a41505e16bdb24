"""Our own faults: the caller learns a request id, the log learns the cause, and other fields are answered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes, token_of
from utils.database import Database
from wiring import Shop

SECRET = "the password of the database is hunter2"
MESSAGE = "Something went wrong on our side. Tell us the requestId, and we can find out what."


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault planted in the reading of departments and in the taking of stock."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("services.accounts.departments.list_departments", fail)
    monkeypatch.setattr("services.catalogue.stock.stock.take", fail)


@pytest.mark.usefixtures("broken")
def test_a_fault_is_masked_and_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    # when
    answer = client.post(
        "/graphql",
        json={"query": "{ departments { slug } }"},
        headers={"X-Request-Id": "0192f0c1-2345-7000-8000-000000000017"},
    )
    # then
    assert answer.status_code == 200
    assert answer.get_json() == {
        "data": None,
        "errors": [
            {
                "message": MESSAGE,
                "path": ["departments"],
                "locations": [{"line": 1, "column": 3}],
                "extensions": {"code": "INTERNAL", "requestId": "0192f0c1-2345-7000-8000-000000000017"},
            }
        ],
    }
    assert "0192f0c1-2345-7000-8000-000000000017" in caplog.text
    assert SECRET in caplog.text


@pytest.mark.usefixtures("broken")
def test_a_fault_in_a_mutation_leaves_nothing_behind(
    graphql: GraphQLClient, shop: Shop, product: Callable[..., UUID]
) -> None:
    # given an order whose fault comes after its rows are written
    document = 'mutation { createOrder(input: {items: [{productId: "TEA", quantity: 1}]}) { orderId } }'
    document = document.replace("TEA", str(product()))
    # then, also with a key
    for headers in ({}, {"Idempotency-Key": "k1"}):
        with nothing_changed(shop.database):
            body = graphql(document, as_="alice", headers=headers)
        assert (codes(body), body["data"]) == (["INTERNAL"], {"createOrder": None})
        assert "hunter2" not in str(body)


@pytest.mark.usefixtures("broken")
def test_a_fault_is_told_in_debug_only(shop: Shop) -> None:
    told = replace(shop, settings=shop.settings.model_copy(update={"debug": True}))
    for each, extensions in ((shop, {}), (told, {"cause": f"RuntimeError: {SECRET}"})):
        body = GraphQLClient(create_app(each).test_client(), each)("{ departments { slug } }")
        (error,) = body["errors"]
        assert error["message"] == MESSAGE
        assert error["extensions"] == {
            "code": "INTERNAL",
            "requestId": error["extensions"]["requestId"],
            **extensions,
        }


def test_a_fault_of_the_database_shows_no_sql(graphql: GraphQLClient, shop: Shop, product: Callable[..., UUID]) -> None:
    # given a table that lost a column
    product()
    with shop.database.write() as session:
        session.execute(text("ALTER TABLE departments RENAME COLUMN name TO title"))
    # when
    body = graphql("{ departments { slug } }")
    # then
    assert codes(body) == ["INTERNAL"]
    assert (body["errors"][0]["message"], "SELECT" in str(body), "psycopg" in str(body)) == (MESSAGE, False, False)


def test_a_fault_outside_of_resolvers_is_masked_as_well(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("graphql_api.requests.from_body", fail)
    answer = client.post("/graphql", json={"query": "{ __typename }"})
    body: dict[str, Any] = answer.get_json()
    assert (answer.status_code, codes(body), body["errors"][0]["message"]) == (500, ["INTERNAL"], MESSAGE)
    assert "hunter2" not in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in caplog.text


@pytest.mark.usefixtures("broken")
def test_a_refusal_is_not_logged_as_a_fault(graphql: GraphQLClient, caplog: pytest.LogCaptureFixture) -> None:
    assert codes(graphql("{ me { id } }")) == ["UNAUTHENTICATED"]
    assert codes(graphql('{ product(by: {id: "1"}) { id } }')) == ["INVALID_INPUT"]
    assert caplog.text == ""


def test_a_database_that_is_away_is_no_fault_of_ours(shop: Shop) -> None:
    # given
    nowhere = Database("postgresql+psycopg2://nobody:x@127.0.0.1:1/none", connect_timeout_seconds=1)
    headers = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}
    graphql = GraphQLClient(create_app(replace(shop, database=nowhere)).test_client(), shop)
    # then
    for document in (
        "{ regions { code } }",
        "{ departments { slug } }",
        "{ getProducts { id } }",
        "{ me { id } }",
        "{ getOrders { id } }",
        'mutation { login(email: "alice@example.com", password: "x") { accessToken } }',
        "mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }",
    ):
        body = graphql(document, headers=headers)
        assert codes(body) == ["UNAVAILABLE"]
        assert body["errors"][0]["message"] == "The database did not answer in time. Try again in a few seconds."
