"""Prices by region over GraphQL: set by staff, told to shoppers by argument or header, in one region a request."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.services.evidence import nothing_changed
from tests.services.regional import fall_back, set_price
from tests.services.test_collection_order import create
from tests.services.test_families import create as create_family
from tests.services.test_families import join
from tests.support import GraphQLClient, codes
from wiring import Shop

Make = Callable[..., UUID]
SET = (
    "mutation($id: String!, $region: String!, $price: Money!) { setRegionPrice(productId: $id, region: $region, "
    "price: $price) { id productId regionCode price currency source setAt product { name price } } }"
)


def test_staff_set_see_and_remove_prices_of_regions(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    fall_back(shop, "IE", "DE")
    tea = product(name="Tea", price="10")
    # when
    body = graphql(SET, {"id": str(tea), "region": "DE", "price": 9.5}, as_="sam")
    # then
    found = body["data"]["setRegionPrice"]
    common = {"productId": str(tea), "price": 9.5, "currency": "EUR", "product": {"name": "Tea", "price": 10.0}}
    assert isinstance(found[0].pop("setAt"), str)
    assert found == [
        {"id": f"{tea}.DE", "regionCode": "DE", "source": "REGION", **common},
        {"id": f"{tea}.IE", "regionCode": "IE", "source": "FALLBACK", "setAt": None, **common},
    ]
    seen = graphql(f'{{ productRegionPrices(productId: "{tea}") {{ regionCode price }} }}', as_="sam")["data"]
    assert seen["productRegionPrices"] == [{"regionCode": each, "price": 9.5} for each in ("DE", "IE")]
    ours = f'{{ priceHistory(productId: "{tea}", region: "DE") {{ nodes {{ price currency regionCode reason }} }} }}'
    assert graphql(ours, as_="sam")["data"]["priceHistory"]["nodes"] == [
        {"price": 9.5, "currency": "EUR", "regionCode": "DE", "reason": "CHANGED"}
    ]
    # at home it is the product's own
    home = graphql(ours.replace("DE", "US"), as_="sam")["data"]["priceHistory"]["nodes"]
    assert home == [{"price": 10.0, "currency": "USD", "regionCode": None, "reason": "INITIAL"}]
    removed = graphql(f'mutation {{ removeRegionPrice(productId: "{tea}", region: "DE") {{ id }} }}', as_="sam")
    assert removed["data"]["removeRegionPrice"] == []
    assert graphql(ours, as_="sam")["data"]["priceHistory"]["nodes"] == [
        {"price": None, "currency": "EUR", "regionCode": "DE", "reason": "REMOVED"},
        {"price": 9.5, "currency": "EUR", "regionCode": "DE", "reason": "CHANGED"},
    ]


def test_prices_to_come_of_regions(graphql: GraphQLClient, product: Make) -> None:
    tea = product(price="10")
    document = (
        f'mutation {{ schedulePrice(productId: "{tea}", region: "JP", price: 300, from: "2100-01-01T00:00:00Z") '
        "{ regionCode } }"
    )
    refused = graphql(document.replace("2100", "2000"), as_="sam")
    assert codes(refused) == ["INVALID_INPUT"]
    near = document.replace('from: "2100-01-01T00:00:00Z"', "until: null")
    assert graphql(near, as_="sam")["data"]["schedulePrice"] == [{"regionCode": "JP"}]
    assert graphql('{ product(by: {id: "TEA"}, region: "JP") { price currency } }'.replace("TEA", str(tea)))[
        "data"
    ] == {"product": {"price": 300.0, "currency": "JPY"}}
    for region, amount in (("JP", 0), ("US", 0), ("XX", None)):
        body = graphql(f'{{ scheduledPrices(region: "{region}") {{ nodes {{ id }} }} }}', as_="sam")
        if amount is None:
            assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "region")
        else:
            assert len(body["data"]["scheduledPrices"]["nodes"]) == amount


REFUSED: dict[str, tuple[str, Any, str]] = {
    "an unknown region": ("XX", 1, "region"),
    "no code": ("\0", 1, "region"),
    "the home region": ("US", 1, "region"),
    "half a yen": ("JP", 0.5, "price"),
    "a negative price": ("DE", -1, "price"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_prices_of_regions_change_nothing(graphql: GraphQLClient, shop: Shop, product: Make, case: str) -> None:
    region, price, field = REFUSED[case]
    tea = product()
    with nothing_changed(shop.database):
        body = graphql(SET, {"id": str(tea), "region": region, "price": price}, as_="sam")
    assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], field)
    assert body["data"] == {"setRegionPrice": None}


@pytest.mark.parametrize("by", ["argument", "header"])
def test_shoppers_of_a_region_see_what_is_sold_there(
    graphql: GraphQLClient, shop: Shop, product: Make, by: str
) -> None:
    # given two of a family, one of which is sold in Germany
    tea, rice = product(name="Earl Tea", price="10"), product(name="Earl Rice", price="5")
    window, family = create(shop, tea, rice), create_family(shop)
    for each in (tea, rice):
        join(shop, each, family, Size=str(each))
    set_price(shop, tea, "DE", "9")
    set_price(shop, tea, "DE", "8")
    document = """{
        getProducts REGION { id price currency priorPrice variants { id } }
        products(sort: PRICE_ASC AND) { totalCount nodes { id price currency } facets { prices { from to count } } }
        narrow: products(filter: {priceMax: 8.5} AND) { totalCount }
        suggestions(term: "earl" AND) { text product { price currency } }
        collection(by: {id: "WINDOW"} AND) { products { id price } }
        collections REGION { products(first: 1) { id price } }
        tea: product(by: {id: "TEA"} AND) { price currency variants { id } }
        rice: product(by: {slug: "earl-rice"} AND) { price }
        getProductsById(id: "GRAIN" AND) { price }
    }"""
    argument = 'region: "DE"' if by == "argument" else ""
    document = document.replace("REGION", f"({argument})" if argument else "").replace("AND", f"{argument}")
    for word, each in (("WINDOW", window), ("TEA", tea), ("GRAIN", rice)):
        document = document.replace(word, str(each))
    # when
    for _ in range(2):
        body = graphql(document, headers={"X-Region": "DE"} if by == "header" else None)
        # then
        assert "errors" not in body, body
        there = {"id": str(tea), "price": 8.0}
        assert body["data"] == {
            "getProducts": [{**there, "currency": "EUR", "priorPrice": 9.0, "variants": []}],
            "products": {
                "totalCount": 1,
                "nodes": [{**there, "currency": "EUR"}],
                "facets": {"prices": [{"from": 5.0, "to": 10.0, "count": 1}]},
            },
            "narrow": {"totalCount": 1},
            "suggestions": [{"text": "Earl Tea", "product": {"price": 8.0, "currency": "EUR"}}],
            "collection": {"products": [there]},
            "collections": [{"products": [there]}],
            "tea": {"price": 8.0, "currency": "EUR", "variants": []},
            "rice": None,
            "getProductsById": None,
        }
        home = graphql("{ products(sort: PRICE_ASC) { nodes { price currency } } }")
        assert [each["price"] for each in home["data"]["products"]["nodes"]] == [5.0, 10.0]


def test_staff_see_everything_unless_they_name_a_region(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea, rice = product(price="10"), product(price="5")
    set_price(shop, tea, "DE", "8")
    document = "{ staffProducts ARGUMENTS { nodes { id price currency } } }"
    every = graphql(document.replace("ARGUMENTS", ""), as_="sam", headers={"X-Region": "DE"})
    assert every["data"]["staffProducts"]["nodes"] == [
        {"id": str(rice), "price": 5.0, "currency": "USD"},
        {"id": str(tea), "price": 10.0, "currency": "USD"},
    ]
    there = graphql(document.replace("ARGUMENTS", '(region: "DE")'), as_="sam")
    assert there["data"]["staffProducts"]["nodes"] == [{"id": str(tea), "price": 8.0, "currency": "EUR"}]


def test_brands_are_those_with_goods_there(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product()
    graphql(f'mutation {{ updateProduct(input: {{productId: "{tea}", brand: "Acme"}}) {{ id }} }}', as_="dana")
    document = '{ brands(region: "DE") { name } }'
    assert graphql(document)["data"]["brands"] == []
    set_price(shop, tea, "DE", "1")
    assert graphql(document)["data"]["brands"] == [{"name": "Acme"}]


def test_an_unknown_region_is_refused_everywhere(graphql: GraphQLClient) -> None:
    for field in (
        "getProducts(region: R) { id }",
        'getProductsById(id: "x", region: R) { id }',
        'product(by: {id: "x"}, region: R) { id }',
        "products(region: R) { nodes { id } }",
        'suggestions(term: "tea", region: R) { text }',
        "brands(region: R) { id }",
        "collections(region: R) { id }",
        'collection(by: {slug: "x"}, region: R) { id }',
    ):
        body = graphql("{ " + field.replace("R)", '"XX")') + " }")
        assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "region"), field
