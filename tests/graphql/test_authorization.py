"""Who may call which field: one row for every field of Query and Mutation, and a refused call changes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from graphql_api.schema import core_schema
from tests.services.evidence import everything, nothing_changed
from tests.support import GraphQLClient, codes
from wiring import Shop

CALLERS = (None, "alice", "sam", "dana")
YES, NOBODY, FORBIDDEN = [], ["UNAUTHENTICATED"], ["FORBIDDEN"]  # type: list[str], list[str], list[str]
ANYONE = (YES, YES, YES, YES)
SIGNED_IN = (NOBODY, YES, YES, YES)
STAFF = (NOBODY, FORBIDDEN, YES, YES)
ADMIN = (NOBODY, FORBIDDEN, FORBIDDEN, YES)

# Field: a call of it, and what nobody, Alice, Sam (of the marketplace) and Dana get. OURS is a product of the
# marketplace and THEIRS one of fresh food.
TABLE: dict[str, list[tuple[str, tuple[list[str], ...]]]] = {
    "Query.getProducts": [("{ getProducts { id } }", ANYONE)],
    "Query.getProductsById": [('{ getProductsById(id: "OURS") { id } }', ANYONE)],
    "Query.product": [('{ product(by: {id: "OURS"}) { id } }', ANYONE)],
    "Query.products": [("{ products { totalCount nodes { id category { department { id } } } } }", ANYONE)],
    "Query.categories": [("{ categories { id department { id } } }", ANYONE)],
    "Query.regions": [("{ regions { code } }", ANYONE)],
    "Query.me": [("{ me { id } }", SIGNED_IN)],
    "Query.getOrders": [("{ getOrders { id } }", SIGNED_IN)],
    "Query.getOrderById": [('{ getOrderById(orderId: "OURS") { id } }', SIGNED_IN)],
    "Mutation.register": [
        ('mutation { register(name: "E", email: "e@example.com", password: "12345678") { user { id } } }', ANYONE)
    ],
    "Mutation.login": [
        ('mutation { login(email: "alice@example.com", password: "Market-Demo-1") { user { id } } }', ANYONE)
    ],
    "Mutation.createProduct": [
        ("mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }", STAFF),
        ('mutation { createProduct(input: {price: 1, stockCount: 1, categoryId: "FRUIT"}) { id } }', ADMIN),
    ],
    "Mutation.updateProduct": [
        ('mutation { updateProduct(input: {productId: "OURS", stockCount: 7}) { id } }', STAFF),
        ('mutation { updateProduct(input: {productId: "THEIRS", stockCount: 7}) { id } }', ADMIN),
        ('mutation { updateProduct(input: {productId: "OURS", categoryId: "FRUIT"}) { id } }', ADMIN),
    ],
    "Mutation.deleteProduct": [
        ('mutation { deleteProduct(productId: "OURS") }', STAFF),
        ('mutation { deleteProduct(productId: "THEIRS") }', ADMIN),
    ],
    "Mutation.createOrder": [
        ('mutation { createOrder(input: {items: [{productId: "OURS", quantity: 1}]}) { id } }', SIGNED_IN),
        (
            'mutation { createOrder(input: {customerId: "b0b00000-0000-4000-8000-000000000002", '
            'items: [{productId: "THEIRS", quantity: 1}]}) { id } }',
            STAFF,
        ),
    ],
}
READS = ("Query.", "Mutation.login")


def fields() -> dict[str, Any]:
    """Every field of Query and Mutation, by type and name."""
    roots = (core_schema().query_type, core_schema().mutation_type)
    return {f"{root.name}.{name}": field for root in roots if root for name, field in root.fields.items()}


def test_every_field_has_a_row() -> None:
    assert sorted(TABLE) == sorted(fields())


def test_every_field_says_which_permission_it_needs() -> None:
    said = {name: (field.description or "").rpartition(" Permission: ")[2] for name, field in fields().items()}
    words = {str(ANYONE): "anyone, without a token.", str(SIGNED_IN): "anyone who is signed in.", str(STAFF): "staff."}
    assert said == {name: words[str(rows[0][1])] for name, rows in TABLE.items()}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("field", TABLE)
def test_a_caller_may_or_may_not(
    field: str, caller: str | None, graphql: GraphQLClient, shop: Shop, product: Callable[..., UUID]
) -> None:
    # given
    names = {"OURS": str(product()), "THEIRS": str(product(category="fruit"))}
    body = graphql("{ categories { id slug } }")
    names["FRUIT"] = next(each["id"] for each in body["data"]["categories"] if each["slug"] == "fruit")
    for document, expected in TABLE[field]:
        for name, value in names.items():
            document = document.replace(name, value)
        wanted = expected[CALLERS.index(caller)]
        before = everything(shop.database)
        # when
        body = graphql(document, as_=caller)
        # then
        assert codes(body) == wanted
        assert (body["data"] is None or None in body["data"].values()) is (wanted != YES or "getOrderById" in field)
        assert (everything(shop.database) == before) is (wanted != YES or field.startswith(READS))


@pytest.mark.parametrize("field", [name for name, rows in TABLE.items() if rows[0][1] is not ANYONE])
def test_a_bad_token_is_nobody_and_changes_nothing(
    field: str, graphql: GraphQLClient, shop: Shop, product: Callable[..., UUID]
) -> None:
    document = TABLE[field][0][0].replace("OURS", str(product()))
    for token in ("Bearer nonsense", "Bearer ", "Bearer", "Basic YWxpY2U6eA==", "nonsense", ""):
        with nothing_changed(shop.database):
            body = graphql(document, headers={"Authorization": token})
        assert codes(body) == ["UNAUTHENTICATED"]


def test_a_refusal_does_not_hide_the_success_beside_it(graphql: GraphQLClient, product: Callable[..., UUID]) -> None:
    tea, fruit = product(), product(category="fruit")
    body = graphql(
        "mutation($tea: String!, $fruit: String!) { a: deleteProduct(productId: $fruit) "
        "b: updateProduct(input: {productId: $tea, stockCount: 3}) { stockCount } }",
        {"tea": str(tea), "fruit": str(fruit)},
        as_="sam",
    )
    assert body["data"] == {"a": None, "b": {"stockCount": 3}}
    assert codes(body) == ["FORBIDDEN"]
    assert body["errors"][0]["path"] == ["a"]


@pytest.mark.parametrize(("who", "code"), [(None, "UNAUTHENTICATED"), ("alice", "FORBIDDEN"), ("dana", "NOT_FOUND")])
def test_only_staff_learn_whether_a_product_exists(
    graphql: GraphQLClient, shop: Shop, who: str | None, code: str
) -> None:
    unknown = "0198c0de-0000-7000-8000-000000000001"
    for document in (
        f'mutation {{ deleteProduct(productId: "{unknown}") }}',
        f'mutation {{ updateProduct(input: {{productId: "{unknown}", stockCount: 1}}) {{ id }} }}',
    ):
        with nothing_changed(shop.database):
            assert codes(graphql(document, as_=who)) == [code]
