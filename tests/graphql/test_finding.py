"""Finding products edge to edge: filters, orders, searches, facets, suggestions, and what staff see."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update

from models import Product
from services.catalogue.changes import announce_everything
from tests.services.acting import category_id, change
from tests.support import GraphQLClient, codes
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
FIND = """
query($filter: ProductFilter, $sort: ProductSort, $first: Int = 20, $after: String) {
  products(first: $first, after: $after, filter: $filter, sort: $sort) {
    totalCount correctedTerm nodes { name } pageInfo { hasNextPage endCursor }
    facets {
      categories { count category { slug department { slug } } } brands { count brand { id slug name } }
      prices { from to count } tags { tag count } inStock isComplete
    }
  }
}
"""
ACME = UUID("00000000-0000-7000-b000-00000000acce")


@pytest.fixture
def goods(shop: Shop, product: Make) -> dict[str, UUID]:
    """Four products, two of one brand."""
    made = {
        "Green Tea": product(name="Green Tea", price="2.00", category="tea"),
        "Black Tea": product(name="Black Tea", price="4.99", category="tea", stock=0),
        "Teapot": product(name="Teapot", price="25.00", category="kitchenware"),
        "Apple": product(name="Apple", price="0.50", category="fruit"),
    }
    with shop.database.write() as session:
        session.execute(
            text("INSERT INTO brands (id, slug, name, created_at) VALUES (:id, 'acme', 'Acme', now())"), {"id": ACME}
        )
        for name, wanted in {
            "Green Tea": {"brand_id": ACME, "tags": ["fresh", "loose"], "sku": "T-1"},
            "Black Tea": {"brand_id": ACME, "tags": ["loose"], "barcode": "96385074"},
        }.items():
            session.execute(update(Product).where(Product.id == made[name]).values(**wanted))
        announce_everything(session, shop.cache)
    return made


def find(graphql: GraphQLClient, **variables: Any) -> dict[str, Any]:
    body = graphql(FIND, variables)
    assert codes(body) == []
    found: dict[str, Any] = body["data"]["products"]
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [node["name"] for node in found["nodes"]]


@pytest.mark.usefixtures("goods")
def test_facets_of_the_whole_shop(graphql: GraphQLClient) -> None:
    acme = {"id": str(ACME), "slug": "acme", "name": "Acme"}
    facets = find(graphql)["facets"]
    shelves = [(each["category"]["slug"], each["count"]) for each in facets.pop("categories")]
    assert shelves[0] == ("tea", 2)
    assert sorted(shelves[1:]) == [("fruit", 1), ("kitchenware", 1)]
    assert facets == {
        "brands": [{"count": 2, "brand": acme}],
        "prices": [
            {"from": 0, "to": 1, "count": 1},
            {"from": 2, "to": 5, "count": 2},
            {"from": 20, "to": 50, "count": 1},
        ],
        "tags": [{"tag": "loose", "count": 2}, {"tag": "fresh", "count": 1}],
        "inStock": 3,
        "isComplete": True,
    }


def test_facets_offer_what_could_be_chosen_beside_what_is(
    graphql: GraphQLClient, shop: Shop, goods: dict[str, UUID], product: Make
) -> None:
    other = UUID("00000000-0000-7000-b000-00000000beef")
    with shop.database.write() as session:
        session.execute(
            text("INSERT INTO brands (id, slug, name, created_at) VALUES (:id, 'bolt', 'Bolt', now())"), {"id": other}
        )
        session.execute(update(Product).where(Product.id == goods["Teapot"]).values(brand_id=other, tags=["loose"]))
        announce_everything(session, shop.cache)

    def facets(**chosen: Any) -> tuple[dict[str, int], dict[float, int], dict[str, int], int]:
        counted = find(graphql, filter=chosen)["facets"]
        assert counted["isComplete"]
        return (
            {each["brand"]["slug"]: each["count"] for each in counted["brands"]},
            {each["from"]: each["count"] for each in counted["prices"]},
            {each["tag"]: each["count"] for each in counted["tags"]},
            sum(each["count"] for each in counted["categories"]),
        )

    assert facets(brandIds=[str(ACME)]) == ({"acme": 2, "bolt": 1}, {2: 2}, {"loose": 2, "fresh": 1}, 2)
    assert facets(priceMax=3) == ({"acme": 1}, {0: 1, 2: 2, 20: 1}, {"loose": 1, "fresh": 1}, 2)
    chosen = {"brandIds": [str(ACME)], "priceMin": 3}
    assert facets(**chosen) == ({"acme": 1, "bolt": 1}, {2: 2}, {"loose": 1}, 1)
    assert facets(**chosen, tags=["loose"], term="loose") == ({"acme": 1, "bolt": 1}, {2: 2}, {"loose": 1}, 1)
    assert facets(**chosen, categoryId=str(category_id(shop, "tea"))) == ({"acme": 1}, {2: 2}, {"loose": 1}, 1)
    # what is kept knows of another brand's product at once
    kept = {**chosen, "categoryId": str(category_id(shop, "drinks"))}
    assert facets(**kept) == ({"acme": 1}, {2: 2}, {"loose": 1}, 1)
    made = product(name="Cup", price="9.00", category="tea")
    assert facets(**kept) == ({"acme": 1}, {2: 2}, {"loose": 1}, 1)
    change(shop, "dana", made, brand="Bolt")
    assert facets(**kept) == ({"acme": 1, "bolt": 1}, {2: 2}, {"loose": 1}, 1)


@pytest.mark.usefixtures("goods")
def test_every_condition_of_the_filter(graphql: GraphQLClient, shop: Shop) -> None:
    drinks = str(category_id(shop, "drinks"))
    for chosen, expected in (
        ({"brandIds": [str(ACME)]}, ["Black Tea", "Green Tea"]),
        ({"brandIds": []}, ["Apple", "Black Tea", "Green Tea", "Teapot"]),
        (
            {"brandIds": None, "tags": None, "inStock": None, "term": None},
            ["Apple", "Black Tea", "Green Tea", "Teapot"],
        ),
        ({"brandIds": [str(new_id())]}, []),
        ({"tags": ["loose"]}, ["Black Tea", "Green Tea"]),
        ({"tags": ["Loose", "FRESH"]}, ["Green Tea"]),
        ({"inStock": True}, ["Apple", "Green Tea", "Teapot"]),
        ({"inStock": False}, ["Apple", "Black Tea", "Green Tea", "Teapot"]),
        ({"collectionId": str(new_id())}, []),
        ({"term": "tea"}, ["Black Tea", "Green Tea"]),
        ({"term": "acme"}, ["Black Tea", "Green Tea"]),
        ({"term": "loose green"}, ["Green Tea"]),
        ({"term": "t-1"}, ["Green Tea"]),
        ({"term": "96385074"}, ["Black Tea"]),
        ({"categoryId": drinks, "term": "tea", "priceMax": 3, "tags": ["loose"], "inStock": True}, ["Green Tea"]),
    ):
        found = find(graphql, filter=chosen, sort="NAME")
        assert (names(found), found["totalCount"]) == (expected, len(expected)), chosen
        assert sum(each["count"] for each in found["facets"]["categories"]) == len(expected)


@pytest.mark.usefixtures("goods")
def test_a_search_is_by_relevance_unless_told_otherwise(graphql: GraphQLClient) -> None:
    relevant = find(graphql, filter={"term": "teapot tea"})
    assert (names(relevant), relevant["correctedTerm"]) == ([], None)
    assert names(find(graphql, filter={"term": "tea"}, sort="RELEVANCE")) == names(
        find(graphql, filter={"term": "tea"})
    )
    assert names(find(graphql, filter={"term": "tea"}, sort="PRICE_DESC")) == ["Black Tea", "Green Tea"]
    assert names(find(graphql, filter={"term": "  "}, sort=None)) == ["Apple", "Teapot", "Black Tea", "Green Tea"]
    body = graphql(FIND, {"sort": "RELEVANCE"})
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "sort")


@pytest.mark.usefixtures("goods")
def test_what_was_searched_in_place_of_the_term_is_told(graphql: GraphQLClient) -> None:
    for _ in range(2):  # from PostgreSQL, then from the cache
        found = find(graphql, filter={"term": "teapt"})
        assert (names(found), found["correctedTerm"], found["totalCount"]) == (["Teapot"], "teapot", 1)
        assert found["facets"]["prices"] == [{"from": 20, "to": 50, "count": 1}]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("sort", ["RELEVANCE", "NAME", "NEWEST", "POPULARITY", None])
def test_pages_of_a_search(graphql: GraphQLClient, sort: str | None) -> None:
    first = find(graphql, filter={"term": "tea"}, sort=sort, first=1)
    after = first["pageInfo"]["endCursor"]
    second = find(graphql, filter={"term": " TEA "[1:4].lower()}, sort=sort, first=1, after=after)
    assert sorted(names(first) + names(second)) == ["Black Tea", "Green Tea"]
    assert [each["pageInfo"]["hasNextPage"] for each in (first, second)] == [True, False]
    assert first["totalCount"] == second["totalCount"] == 2
    for other in ({"term": "teas"}, {"term": "tea", "inStock": True}, {}):
        assert codes(graphql(FIND, {"filter": other, "sort": sort or "NEWEST", "after": after})) == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"term": "a\0"}, "term"),
        ({"term": "a" * 201}, "term"),
        ({"term": "a\u0007"}, "term"),
        ({"tags": ["a\0"]}, "tags"),
        ({"tags": ["a"] * 21}, "filter"),
        ({"brandIds": [str(ACME)] * 51}, "filter"),
        ({"priceMin": 2, "priceMax": 1}, "filter"),
    ],
    ids=str,
)
def test_bad_filters_are_refused(graphql: GraphQLClient, chosen: dict[str, Any], field: str) -> None:
    body = graphql(FIND, {"filter": chosen})
    assert (codes(body), body["data"]) == (["INVALID_INPUT"], None)
    assert body["errors"][0]["extensions"]["field"] == field


def test_suggestions_lead_to_what_they_name(graphql: GraphQLClient, goods: dict[str, UUID]) -> None:
    document = """
    query($term: String!, $first: Int = 8) { suggestions(term: $term, first: $first) {
      kind text product { id category { slug } } brand { slug name } category { slug department { slug } }
    } }
    """
    category = {"slug": "tea", "department": {"slug": "groceries"}}
    assert graphql(document, {"term": "te"})["data"]["suggestions"] == [
        {"kind": "CATEGORY", "text": "Tea", "product": None, "brand": None, "category": category},
        {
            "kind": "PRODUCT",
            "text": "Teapot",
            "product": {"id": str(goods["Teapot"]), "category": {"slug": "kitchenware"}},
            "brand": None,
            "category": None,
        },
        *(
            {
                "kind": "PRODUCT",
                "text": name,
                "product": {"id": str(goods[name]), "category": {"slug": "tea"}},
                "brand": None,
                "category": None,
            }
            for name in ("Black Tea", "Green Tea")
        ),
    ]
    assert graphql(document, {"term": "acm"})["data"]["suggestions"] == [
        {"kind": "BRAND", "text": "Acme", "product": None, "brand": {"slug": "acme", "name": "Acme"}, "category": None}
    ] + [
        {
            "kind": "PRODUCT",
            "text": name,
            "product": {"id": str(goods[name]), "category": {"slug": "tea"}},
            "brand": None,
            "category": None,
        }
        for name in ("Black Tea", "Green Tea")
    ]
    assert graphql(document, {"term": "t"}) == {"data": {"suggestions": []}}
    for variables in ({"term": "te", "first": 0}, {"term": "te", "first": 21}, {"term": "a\0b"}):
        assert codes(graphql(document, variables)) == ["INVALID_INPUT"]


def test_a_product_by_sku_and_by_barcode(graphql: GraphQLClient, goods: dict[str, UUID]) -> None:
    document = "query($by: ProductBy!) { product(by: $by) { id } }"
    green, black = {"id": str(goods["Green Tea"])}, {"id": str(goods["Black Tea"])}
    for by, expected in (
        ({"sku": "T-1"}, green),
        ({"sku": "t-1"}, green),
        ({"barcode": "96385074"}, black),
        ({"barcode": " 0000096385074 "}, black),
        ({"sku": "96385074"}, None),
        ({"barcode": ""}, None),
        ({"sku": "\0"}, None),
        ({"sku": "x" * 100_000}, None),
    ):
        assert graphql(document, {"by": by}) == {"data": {"product": expected}}
    assert "data" not in graphql(document, {"by": {"sku": "T-1", "barcode": "96385074"}})


def test_staff_see_what_shoppers_do_not(graphql: GraphQLClient, shop: Shop, goods: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        session.execute(update(Product).where(Product.id == goods["Apple"]).values(status="draft"))
        session.execute(update(Product).where(Product.id == goods["Teapot"]).values(status="withdrawn"))
        announce_everything(session, shop.cache)
    document = """
    query($filter: ProductFilter, $statuses: [ProductStatus!], $first: Int = 20, $after: String) {
      staffProducts(first: $first, after: $after, filter: $filter, statuses: $statuses) {
        nodes { name status } pageInfo { hasNextPage endCursor }
      }
    }
    """

    def seen(**variables: Any) -> list[str]:
        body = graphql(document, variables, as_="sam")
        return [f"{node['name']} {node['status']}" for node in body["data"]["staffProducts"]["nodes"]]

    everything = ["Apple DRAFT", "Teapot WITHDRAWN", "Black Tea PUBLISHED", "Green Tea PUBLISHED"]
    assert seen() == seen(statuses=[]) == seen(statuses=None) == everything
    assert seen(statuses=["DRAFT"]) == ["Apple DRAFT"]
    assert seen(filter={"term": "teapot"}) == ["Teapot WITHDRAWN"]
    body = graphql(document, {"first": 3}, as_="dana")["data"]["staffProducts"]
    assert seen(after=body["pageInfo"]["endCursor"]) == everything[3:]
    assert codes(graphql(document, {"first": 101}, as_="sam")) == ["INVALID_INPUT"]
    assert codes(graphql(document)) == ["UNAUTHENTICATED"]
    one = "query($by: ProductBy!) { staffProduct(by: $by) { name } product(by: $by) { name } }"
    for by in ({"id": str(goods["Apple"])}, {"slug": "apple"}):
        assert graphql(one, {"by": by}, as_="sam")["data"] == {"staffProduct": {"name": "Apple"}, "product": None}
    assert graphql(one, {"by": {"sku": "t-1"}}, as_="sam")["data"]["staffProduct"] == {"name": "Green Tea"}
    assert graphql(one, {"by": {"barcode": "1"}}, as_="sam")["data"]["staffProduct"] is None
