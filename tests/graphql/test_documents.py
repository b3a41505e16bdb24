"""Documents that would cost too much are refused before they run, each with the code that says why."""

import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from graphql import parse

from graphql_api.documents import MOST_KEPT, Documents, Invalid
from graphql_api.schema import core_schema
from tests.services.evidence import nothing_changed
from tests.support import GraphQLClient, codes
from wiring import Shop


def bomb(levels: int) -> str:
    """A document of few lines that would be 2^levels fields."""
    fragments = "".join(
        f"fragment F{n} on Query {{ ...G{n} ...H{n} }} fragment G{n} on Query {{ a{n}: __typename ...F{n + 1} }} "
        f"fragment H{n} on Query {{ b{n}: __typename ...F{n + 1} }} "
        for n in range(levels)
    )
    return f"{{ ...F0 }} {fragments} fragment F{levels} on Query {{ __typename }}"


TOO_MUCH = {
    "ten thousand brackets": ("{a" * 10_000 + "}" * 10_000, "QUERY_TOO_COMPLEX"),
    "ten thousand lists": ("{ product(by: " + "[" * 10_000 + "]" * 10_000 + ") { id } }", "QUERY_TOO_COMPLEX"),
    "ten thousand brackets that never close": ("{a" * 10_000, "QUERY_TOO_COMPLEX"),
    "deep types": ("query($a: " + "[" * 200 + "Int" + "]" * 200 + ") { __typename }", "QUERY_TOO_COMPLEX"),
    "too many tokens": ("{ " + "a " * 10_001 + "}", "GRAPHQL_PARSE_FAILED"),
    "too many fields": ("{ products { nodes {" + "id " * 2001 + "} } }", "QUERY_TOO_COMPLEX"),
    "too many other fields": (
        "{ products { nodes {" + " ".join(f"a{n}: id" for n in range(2001)) + "} } }",
        "QUERY_TOO_COMPLEX",
    ),
    "too many aliases": (
        "{" + " ".join(f"a{n}: getProducts {{ id }}" for n in range(51)) + "}",
        "QUERY_TOO_COMPLEX",
    ),
    "too many logins": (
        "mutation {"
        + " ".join(f'a{n}: login(email: "alice@example.com", password: "{n}") {{ accessToken }}' for n in range(51))
        + "}",
        "QUERY_TOO_COMPLEX",
    ),
    "introspection in circles": (
        "{ __schema { types { " + "fields { type { " * 12 + "name" + " } }" * 12 + " } } }",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a fragment that spreads itself": ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown fragment": ("{ ...F }", "GRAPHQL_VALIDATION_FAILED"),
    "an unknown field": ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
    "two operations without names": ("{ __typename } { __typename }", "GRAPHQL_VALIDATION_FAILED"),
    "a subscription": ("subscription { a }", "GRAPHQL_VALIDATION_FAILED"),
    "nothing": ("", "GRAPHQL_PARSE_FAILED"),
    "only spaces": (" \n ", "GRAPHQL_PARSE_FAILED"),
    "no operation": ("fragment F on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
    "a type": ("type A { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
    "NUL": ("{ __typename }\0", "GRAPHQL_PARSE_FAILED"),
    "half a character": ('{ getProductsById(id: "\\ud800") { id } }', "GRAPHQL_PARSE_FAILED"),
    "a string without an end": ('{ getProductsById(id: "', "GRAPHQL_PARSE_FAILED"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_bad_documents(graphql: GraphQLClient, shop: Shop, name: str) -> None:
    document, code = TOO_MUCH[name]
    with nothing_changed(shop.database):
        body = graphql(document, as_="alice")
    assert "data" not in body
    assert set(codes(body)) == {code}


def test_a_bomb_small_enough_is_answered(graphql: GraphQLClient) -> None:
    assert len(graphql(bomb(9))["data"]) == 19


@pytest.mark.parametrize("levels", [10, 40])
def test_a_bomb_of_fragments_costs_nothing(graphql: GraphQLClient, levels: int) -> None:
    began = time.process_time()
    body = graphql(bomb(levels))
    assert (codes(body), "data" in body) == (["QUERY_TOO_COMPLEX"], False)
    assert int(time.process_time() - began) == 0


def test_deep_variables_are_refused_not_a_fault(client: FlaskClient) -> None:
    document = "mutation($a: [OrderItemInput!]!) { createOrder(input: {items: $a}) { id } }"
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    answer = client.post("/graphql", json={"query": document, "variables": {"a": deep}})
    assert (answer.status_code, set(codes(answer.get_json()))) == (200, {"INVALID_INPUT"})


def test_errors_say_where_they_are(graphql: GraphQLClient) -> None:
    (error,) = graphql("{\n  getProducts { nonsense }\n}")["errors"]
    assert error == {
        "message": "Cannot query field 'nonsense' on type 'Product'.",
        "locations": [{"line": 2, "column": 17}],
        "extensions": {
            "code": "GRAPHQL_VALIDATION_FAILED",
            "requestId": error["extensions"]["requestId"],
        },
    }


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "INVALID_INPUT"),
        ({"first": None}, "INVALID_INPUT"),
        ({"first": "1"}, "INVALID_INPUT"),
        ({"first": 1.5}, "INVALID_INPUT"),
        ({"first": True}, "INVALID_INPUT"),
        ({"first": [1]}, "INVALID_INPUT"),
        ({"first": {}}, "INVALID_INPUT"),
        ({"first": 2**31}, "INVALID_INPUT"),
        ({"first": -(2**63)}, "INVALID_INPUT"),
    ],
)
def test_variables_of_another_type(graphql: GraphQLClient, variables: dict[str, object], code: str) -> None:
    body = graphql("query($first: Int!) { getProducts(first: $first) { id } }", variables)
    assert (codes(body), "data" in body) == ([code], False)


def test_what_is_valid_is_kept_within_bounds_and_what_is_not_is_not() -> None:
    # given
    documents = Documents(core_schema())
    # when
    first = documents.get("{ __typename }")
    assert documents.get("{ __typename }") is first
    for number in range(MOST_KEPT):
        documents.get(f"{{ a{number}: __typename }}")
    # then
    assert len(documents._kept) == MOST_KEPT
    assert "{ __typename }" not in documents._kept
    with pytest.raises(Invalid):
        documents.get("{ nonsense }")
    assert len(documents._kept) == MOST_KEPT
    assert documents.get("{ __typename }").node.definitions == parse("{ __typename }").definitions
