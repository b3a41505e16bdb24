"""Products edge to edge: look-ups, changes, pages and cursors."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.services.acting import category_id, place
from tests.services.evidence import ledger_of, nothing_changed, stock_of
from tests.support import DANA, SAM, GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
PAGE = """
query($first: Int!, $after: String, $filter: ProductFilter, $sort: ProductSort!) {
  products(first: $first, after: $after, filter: $filter, sort: $sort) {
    totalCount nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
FULL = """
fragment All on Product {
  id productId slug name description unit price currency stockCount status createdAt lastUpdated
  category { id slug name parentId department { slug name } }
}
"""


def page(graphql: GraphQLClient, **variables: Any) -> dict[str, Any]:
    """The connection of one page, by name unless told otherwise."""
    body = graphql(PAGE, {"first": 20, "sort": "NAME", **variables})
    assert codes(body) == []
    found: dict[str, Any] = body["data"]["products"]
    return found


def test_a_product_in_full_by_every_look_up(graphql: GraphQLClient, shop: Shop) -> None:
    # given
    fruit, produce = (str(category_id(shop, slug)) for slug in ("fruit", "fresh-produce"))
    made = graphql(
        "mutation($input: ProductInput!) { createProduct(input: $input) { ...All } }" + FULL,
        {
            "input": {
                "price": "2.50",
                "stockCount": 7,
                "name": "Green Apple",
                "description": "Sour.",
                "unit": "1 kg",
                "categoryId": fruit,
            }
        },
        as_="dana",
    )["data"]["createProduct"]
    # then
    assert made == {
        "id": made["productId"],
        "productId": made["productId"],
        "slug": "green-apple",
        "name": "Green Apple",
        "description": "Sour.",
        "unit": "1 kg",
        "price": 2.5,
        "currency": "USD",
        "stockCount": 7,
        "status": "PUBLISHED",
        "createdAt": made["lastUpdated"],
        "lastUpdated": made["lastUpdated"],
        "category": {
            "id": fruit,
            "slug": "fruit",
            "name": "Fruit",
            "parentId": produce,
            "department": {"slug": "fresh-food", "name": "Fresh Food"},
        },
    }
    found = graphql(
        """
        query($id: String!, $key: ID!) {
          getProducts { ...All }  getProductsById(id: $id) { ...All }
          a: product(by: {id: $key}) { ...All }  b: product(by: {slug: "green-apple"}) { ...All }
          products { nodes { ...All } edges { node { ...All } } }
        }
        """
        + FULL,
        {"id": made["id"], "key": made["id"]},
    )
    assert found == {
        "data": {
            "getProducts": [made],
            "getProductsById": made,
            "a": made,
            "b": made,
            "products": {"nodes": [made], "edges": [{"node": made}]},
        }
    }


def test_fields_that_share_a_category_each_get_what_they_asked_of_it(graphql: GraphQLClient, product: Make) -> None:
    """A first field that loads a category without its department must not hide it from the second."""
    product()
    body = graphql(
        "{ a: getProducts { category { slug } } b: getProducts { category { department { slug } } } "
        "products { edges { node { category { slug } } } nodes { category { slug department { slug } } } } }"
    )
    assert body == {
        "data": {
            "a": [{"category": {"slug": "everything-else"}}],
            "b": [{"category": {"department": {"slug": "marketplace"}}}],
            "products": {
                "edges": [{"node": {"category": {"slug": "everything-else"}}}],
                "nodes": [{"category": {"slug": "everything-else", "department": {"slug": "marketplace"}}}],
            },
        }
    }


@pytest.mark.parametrize("by", ["{}", "{id: null}", '{id: "ID", slug: "tea"}', '{slug: "tea", id: null}', "null"])
def test_a_product_is_named_in_exactly_one_way(graphql: GraphQLClient, product: Make, by: str) -> None:
    tea = product(name="Tea")
    body = graphql(f"{{ product(by: {by.replace('ID', str(tea))}) {{ id }} }}")
    assert codes(body) == ["GRAPHQL_VALIDATION_FAILED"] * len(body["errors"])
    assert "data" not in body


@pytest.mark.parametrize(
    "by", [{}, {"id": None}, {"id": "ID", "slug": "tea"}, {"slug": "tea", "id": None}, None, "tea"]
)
def test_a_product_is_named_in_exactly_one_way_by_variables_as_well(graphql: GraphQLClient, by: object) -> None:
    body = graphql("query($by: ProductBy!) { product(by: $by) { id } }", {"by": by})
    assert codes(body) == ["INVALID_INPUT"] * len(body["errors"])
    assert "data" not in body


@pytest.mark.parametrize(
    "by", [{"id": str(new_id())}, {"slug": "moon"}, {"slug": ""}, {"slug": "a\0"}, {"slug": "TEA"}]
)
def test_an_unknown_product_is_null(graphql: GraphQLClient, product: Make, by: dict[str, str]) -> None:
    product(name="Tea")
    assert graphql("query($by: ProductBy!) { product(by: $by) { id } }", {"by": by}) == {"data": {"product": None}}


def test_what_is_no_id_is_refused_by_the_new_look_up_and_finds_nothing_by_the_old(graphql: GraphQLClient) -> None:
    body = graphql('{ product(by: {id: "1"}) { id } }')
    assert codes(body) == ["INVALID_INPUT"]
    assert graphql('{ getProductsById(id: "1") { id } }') == {"data": {"getProductsById": None}}


def test_a_withdrawn_product_is_seen_by_nobody_but_in_orders(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea")
    place(shop, "alice", (tea, 1))
    document = "mutation($id: String!) { updateProduct(input: {productId: $id, status: WITHDRAWN}) { status } }"
    assert graphql(document, {"id": str(tea)}, as_="sam") == {"data": {"updateProduct": {"status": "WITHDRAWN"}}}
    # then
    for who in (None, "alice", "sam", "dana"):
        body = graphql(
            "query($id: String!) { getProducts { id } getProductsById(id: $id) { id } "
            'product(by: {slug: "tea"}) { id } products { totalCount nodes { id } } }',
            {"id": str(tea)},
            as_=who,
        )
        assert body == {
            "data": {
                "getProducts": [],
                "getProductsById": None,
                "product": None,
                "products": {"totalCount": 0, "nodes": []},
            }
        }
    body = graphql("{ getOrders { items { product { name status } } } }", as_="alice")
    assert body["data"]["getOrders"] == [{"items": [{"product": {"name": "Tea", "status": "WITHDRAWN"}}]}]


def test_null_leaves_a_thing_as_it_is(graphql: GraphQLClient, product: Make) -> None:
    tea = product(name="Tea", price="2.50", stock=4)
    change = {"productId": str(tea), "price": None, "stockCount": None, "name": None, "status": None, "unit": "1 kg"}
    body = graphql(
        "mutation($input: ProductUpdateInput!) { updateProduct(input: $input) { name price stockCount status unit } }",
        {"input": change},
        as_="sam",
    )
    assert body["data"]["updateProduct"] == {
        "name": "Tea",
        "price": 2.5,
        "stockCount": 4,
        "status": "PUBLISHED",
        "unit": "1 kg",
    }


@pytest.mark.parametrize(
    ("price", "code"),
    [
        ("29.99", None),
        (29.99, None),
        (30, None),
        (0, None),
        (-1, "INVALID_INPUT"),
        (0.001, "INVALID_INPUT"),
        ("29.999", "INVALID_INPUT"),
        ("", "INVALID_INPUT"),
        ("abc", "INVALID_INPUT"),
        ("NaN", "INVALID_INPUT"),
        ("1e99", "INVALID_INPUT"),
        ("1e9999999", "INVALID_INPUT"),
        ("1e-9999999", "INVALID_INPUT"),
        (True, "INVALID_INPUT"),
        ([1], "INVALID_INPUT"),
        ({}, "INVALID_INPUT"),
        (None, "INVALID_INPUT"),
    ],
)
def test_a_price_is_a_number_or_a_numeric_string(
    graphql: GraphQLClient, shop: Shop, price: object, code: str | None
) -> None:
    document = "mutation($input: ProductInput!) { createProduct(input: $input) { price } }"
    variables = {"input": {"price": price, "stockCount": 1}}
    if code is None:
        assert graphql(document, variables, as_="sam") == {"data": {"createProduct": {"price": float(str(price))}}}
    else:
        with nothing_changed(shop.database):
            assert codes(graphql(document, variables, as_="sam")) == [code]


def test_changes_of_stock_name_who_made_them(graphql: GraphQLClient, shop: Shop) -> None:
    made = graphql("mutation { createProduct(input: {price: 1, stockCount: 5}) { id } }", as_="sam")
    tea = UUID(made["data"]["createProduct"]["id"])
    document = "mutation($id: String!) { updateProduct(input: {productId: $id, stockCount: 2}) { stockCount } }"
    graphql(document, {"id": str(tea)}, as_="dana")
    assert ledger_of(shop.database, tea) == [(5, "initial", None, SAM), (-3, "adjustment", None, DANA)]
    assert stock_of(shop.database, tea) == [2]


def test_a_connection_says_where_its_page_begins_and_ends(graphql: GraphQLClient, product: Make) -> None:
    # given
    ids = [str(product(name=name)) for name in "abc"]
    # when
    first = page(graphql, first=2)
    second = page(graphql, first=2, after=first["pageInfo"]["endCursor"])
    # then
    assert [node["id"] for node in first["nodes"] + second["nodes"]] == ids
    assert [edge["node"]["id"] for edge in first["edges"] + second["edges"]] == ids
    cursors = [edge["cursor"] for edge in first["edges"] + second["edges"]]
    assert len(set(cursors)) == 3
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursors[0],
        "endCursor": cursors[1],
    }
    assert second["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": cursors[2],
        "endCursor": cursors[2],
    }
    assert first["totalCount"] == second["totalCount"] == 3


def test_an_empty_page_has_no_cursors(graphql: GraphQLClient) -> None:
    assert page(graphql) == {
        "totalCount": 0,
        "nodes": [],
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def test_filters_of_a_connection(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    apple = str(product(name="Apple", price="2.00", category="fruit"))
    product(name="Banana", price="3.00", category="fruit")
    product(name="Cheese", price="2.00", category="cheese")
    chosen = {"categoryId": str(category_id(shop, "fresh-produce")), "priceMin": "1", "priceMax": 2}
    found = page(graphql, filter=chosen)
    assert (found["totalCount"], found["nodes"]) == (1, [{"id": apple}])
    assert page(graphql, filter={"categoryId": str(new_id())})["totalCount"] == 0
    assert page(graphql, filter={"categoryId": None, "priceMin": None})["totalCount"] == 3
    assert page(graphql, filter=None)["totalCount"] == 3


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": -1}, "first"),
        ({"first": 101}, "first"),
        ({"filter": {"priceMin": 2, "priceMax": 1}}, "filter"),
        ({"after": ""}, "after"),
        ({"after": "garbage"}, "after"),
        ({"after": "a" * 100_000}, "after"),
        ({"after": "\0"}, "after"),
        ({"after": "WyJuYW1lIiwgImFcdTAwMDAiLCAiMDE5OGMwZGUtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIl0"}, "after"),
    ],
)
def test_bad_pages_are_refused(graphql: GraphQLClient, variables: dict[str, Any], field: str) -> None:
    body = graphql(PAGE, {"first": 20, "sort": "NAME", **variables})
    assert (codes(body), body["data"]) == (["INVALID_INPUT"], None)
    assert body["errors"][0]["extensions"]["field"] == field


@pytest.mark.parametrize("sort", ["NEWEST", "PRICE_ASC", "PRICE_DESC"])
def test_a_cursor_of_another_order_or_tampered_with_is_refused(
    graphql: GraphQLClient, product: Make, sort: str
) -> None:
    product()
    cursor = page(graphql)["pageInfo"]["endCursor"]
    assert page(graphql, after=cursor)["nodes"] == []
    for sent, order in ((cursor, sort), (cursor[:-2], "NAME"), (cursor[1:], "NAME"), (f"{cursor}AAAA", "NAME")):
        body = graphql(PAGE, {"first": 20, "sort": order, "after": sent})
        assert codes(body) == ["INVALID_INPUT"]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_get_products_has_bounds(graphql: GraphQLClient, first: int) -> None:
    body = graphql("query($first: Int!) { getProducts(first: $first) { id } }", {"first": first})
    assert codes(body) == ["INVALID_INPUT"]


def test_get_products_is_capped_at_a_hundred(graphql: GraphQLClient, product: Make) -> None:
    ids = [str(product()) for _ in range(101)]
    listed = [each["id"] for each in graphql("{ getProducts { id } }")["data"]["getProducts"]]
    assert listed == ids[:0:-1]
    assert page(graphql, first=100)["totalCount"] == 101


def test_categories_are_a_tree_laid_flat(graphql: GraphQLClient) -> None:
    found = graphql("{ categories { id slug parentId department { slug } } }")["data"]["categories"]
    by_id = {each["id"]: each for each in found}
    fruit = next(each for each in found if each["slug"] == "fruit")
    assert by_id[fruit["parentId"]]["slug"] == "fresh-produce"
    assert fruit["department"] == {"slug": "fresh-food"}
    parents = [each["parentId"] is None for each in found]
    assert parents == sorted(parents, reverse=True)


def test_regions_are_listed_by_name_with_their_currency(graphql: GraphQLClient) -> None:
    found = graphql("{ regions { code name currency } }")["data"]["regions"]
    assert len(found) == 14
    assert found[0] == {"code": "AU", "name": "Australia", "currency": "AUD"}
    assert [each["name"] for each in found] == sorted(each["name"] for each in found)
