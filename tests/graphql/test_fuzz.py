"""Whatever is sent, the answer is never a fault of ours: random bodies, and random values for every argument."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import create_app
from graphql_api.schema import core_schema
from tests.services.hiring import departments_as_before
from tests.support import codes, token_of
from wiring import Shop

ROOTS = [core_schema().query_type, core_schema().mutation_type]
FIELDS = {f"{root.name}.{name}": field for root in ROOTS if root for name, field in root.fields.items()}
WITH_ARGUMENTS = sorted(name for name, field in FIELDS.items() if field.args)
# `make test` sends the same few examples every time; `make test-long` sends others every time.
SHORT_AND_LONG = pytest.mark.parametrize("examples", [30, pytest.param(1500, marks=pytest.mark.long)])


def for_all(examples: int, values: st.SearchStrategy[Any], act: Callable[[Any], None]) -> None:
    """Does the act for so many values."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(values)
    def each(value: Any) -> None:
        act(value)

    each()


@pytest.fixture
def open_client(committing_shop: Shop) -> Iterator[FlaskClient]:
    """A client of a shop that really commits: no transaction is left open over minutes of examples.

    It may ask as often as it likes, and what departments it made are gone afterwards.
    """
    settings = committing_shop.settings.model_copy(update={"rate_limit_per_minute": 1_000_000})
    with departments_as_before(committing_shop):
        yield create_app(replace(committing_shop, settings=settings)).test_client()


NASTY = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "\udfff\ud800",
        "'; DROP TABLE users; --",
        "%00",
        "\u202e",
        "a" * 5000,
        "1e999999",
        "1e-999999",
        "NaN",
        "-0",
        "a94102ff-32e3-4240-b251-dd8934065961",
        "alice@example.com",
        "\ufffe",
        "\x1b[31m",
        "9999999999999999999999999",
        "{}",
        "$a",
        "\\",
        '"',
        "\n",
        "\u2028",
        "\N{OWL}",
    ]
)
SCALARS = st.one_of(
    NASTY,
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=[]), max_size=20),
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def selection(field: Any) -> str:
    """What to ask of a field: nothing of a leaf, else its type's name."""
    return " { __typename }" if isinstance(get_named_type(field.type), GraphQLObjectType) else ""


def value_of(graphql_type: Any) -> st.SearchStrategy[Any]:
    """Values that often have the form the type asks for, with nasty contents, and sometimes have not."""
    named: Any = get_named_type(graphql_type)
    shaped: st.SearchStrategy[Any]
    if isinstance(named, GraphQLInputObjectType):
        fields = {name: value_of(each.type) for name, each in named.fields.items()}
        needed = {name for name, each in named.fields.items() if is_required_input_field(each)}
        shaped = st.fixed_dictionaries(
            {name: values for name, values in fields.items() if name in needed},
            optional={name: values for name, values in fields.items() if name not in needed},
        )
    elif isinstance(named, GraphQLEnumType):
        shaped = st.sampled_from(sorted(named.values))
    else:
        shaped = {"Int": st.integers(-5, 200), "Money": st.floats(-5, 200) | NASTY}.get(named.name, NASTY)
    if "[" in str(graphql_type):
        shaped = st.lists(shaped, max_size=3)
    return st.one_of(shaped, shaped, shaped, ANYTHING)


def send(client: FlaskClient, sent: Any, **headers: str) -> None:
    """Sends JSON, half characters as escapes, as JavaScript writes them; nobody here may be to blame for the answer."""
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    answer = client.post("/graphql", data=body, content_type="application/json", headers=headers)
    assert answer.status_code in {200, 400, 413}
    said = answer.get_json()
    for each in said if isinstance(said, list) else [said]:
        assert "INTERNAL" not in codes(each), each


@SHORT_AND_LONG
def test_random_bodies(open_client: FlaskClient, examples: int) -> None:
    shaped = st.fixed_dictionaries({"query": SCALARS}, optional={"variables": ANYTHING, "operationName": SCALARS})
    for_all(examples, st.one_of(ANYTHING, shaped, st.binary(max_size=200)), lambda body: send(open_client, body))


WORDS = ("query", "mutation", "fragment", "on", "Query", "me", "id", "getProducts", "first", "1", "-1", "1e999", "null")
SIGNS = st.sampled_from([*WORDS, *"{}()[]:!$@", "...", '"a"', '"""', '"\\u0000"', '"\\ud800"', "#", "\0", "\ufeff"])


@SHORT_AND_LONG
def test_random_documents(open_client: FlaskClient, examples: int) -> None:
    for_all(examples, st.lists(SIGNS, max_size=30), lambda signs: send(open_client, {"query": " ".join(signs)}))


@SHORT_AND_LONG
@pytest.mark.parametrize("name", WITH_ARGUMENTS)
def test_random_arguments(open_client: FlaskClient, committing_shop: Shop, name: str, examples: int) -> None:
    # given a call of the field with a variable for each argument, by the one who may do everything
    arguments = FIELDS[name].args
    declared = ", ".join(f"${each}: {argument.type}" for each, argument in arguments.items())
    passed = ", ".join(f"{each}: ${each}" for each in arguments)
    root, _, called = name.partition(".")
    document = f"{root.lower()}({declared}) {{ {called}({passed}){selection(FIELDS[name])} }}"
    token = f"Bearer {token_of(committing_shop, 'dana')}"
    needed = {each for each, argument in arguments.items() if is_required_argument(argument)}
    values = {each: value_of(argument.type) for each, argument in arguments.items()}
    # then
    for_all(
        examples,
        st.fixed_dictionaries(
            {each: drawn for each, drawn in values.items() if each in needed},
            optional={each: drawn for each, drawn in values.items() if each not in needed},
        ),
        lambda variables: send(open_client, {"query": document, "variables": variables}, Authorization=token),
    )
