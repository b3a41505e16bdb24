"""Brands edge to edge: shoppers see those with goods on sale, staff all of them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.support import GraphQLClient, codes
from utils import clock

PUBLIC = "query($starts: String) { brands(startsWith: $starts) { name slug } }"
OF_STAFF = "query($starts: String) { staffBrands(startsWith: $starts) { name } }"
MAKE = "mutation($input: ProductInput!) { createProduct(input: $input) { id } }"
CHANGE = "mutation($input: ProductUpdateInput!) { updateProduct(input: $input) { id } }"


def make(graphql: GraphQLClient, brand: str, **wanted: Any) -> str:
    """A product of this brand."""
    body = graphql(MAKE, {"input": {"price": 1, "stockCount": 1, "brand": brand, **wanted}}, as_="dana")
    assert codes(body) == [], body
    return str(body["data"]["createProduct"]["id"])


def change(graphql: GraphQLClient, product: str, **wanted: Any) -> None:
    """Another value of the product."""
    assert codes(graphql(CHANGE, {"input": {"productId": product, **wanted}}, as_="dana")) == []


def seen(graphql: GraphQLClient, starts: str | None = None) -> list[str]:
    """The names that anybody sees; the second answer is the kept one."""
    first, second = (graphql(PUBLIC, {"starts": starts}) for _ in range(2))
    assert first == second
    return [each["name"] for each in first["data"]["brands"]]


def of_staff(graphql: GraphQLClient, starts: str | None = None) -> list[str]:
    """The names that staff see."""
    return [each["name"] for each in graphql(OF_STAFF, {"starts": starts}, as_="sam")["data"]["staffBrands"]]


def test_brands_are_listed_by_the_beginning_of_their_names(graphql: GraphQLClient) -> None:
    assert seen(graphql) == of_staff(graphql) == []
    for name in ("Beta", "acme", "Acme  Foods"):
        make(graphql, name)
    assert seen(graphql) == of_staff(graphql) == ["acme", "Acme Foods", "Beta"]
    for starts, found in {"BE": ["Beta"], " acme  f": ["Acme Foods"], "%": [], "a\0": [], "": 3}.items():
        expected = ["acme", "Acme Foods", "Beta"] if found == 3 else found
        assert seen(graphql, starts) == of_staff(graphql, starts) == expected
    assert graphql(PUBLIC, {"starts": "be"})["data"]["brands"] == [{"name": "Beta", "slug": "beta"}]
    for field in ("brands", "staffBrands"):
        short = graphql(f"{{ {field}(first: 2) {{ name }} }}", as_="sam")["data"][field]
        assert [each["name"] for each in short] == ["acme", "Acme Foods"]
        for first in (0, 101):
            body = graphql(f"{{ {field}(first: {first}) {{ id }} }}", as_="sam")
            assert (codes(body), body["errors"][0]["extensions"]["field"]) == (["INVALID_INPUT"], "first")


@pytest.mark.parametrize("status", ["DRAFT", "WITHDRAWN"])
def test_a_brand_of_what_is_not_on_sale_is_known_to_staff_only(graphql: GraphQLClient, status: str) -> None:
    # given a brand on sale, and answers that are kept
    make(graphql, "Known")
    assert (seen(graphql), seen(graphql, "Secret")) == (["Known"], [])
    # when
    launch = make(graphql, "Secretbrand Launch", status=status)
    # then
    assert (seen(graphql), seen(graphql, "Secret")) == (["Known"], [])
    assert (of_staff(graphql), of_staff(graphql, "secret")) == (["Known", "Secretbrand Launch"], ["Secretbrand Launch"])
    # when it is published, and taken back
    change(graphql, launch, status="PUBLISHED")
    assert (seen(graphql), seen(graphql, "Secret")) == (["Known", "Secretbrand Launch"], ["Secretbrand Launch"])
    change(graphql, launch, status=status)
    assert (seen(graphql), seen(graphql, "Secret")) == (["Known"], [])


def test_a_brand_goes_with_its_last_product_and_stays_for_staff(graphql: GraphQLClient) -> None:
    first, second = make(graphql, "Acme"), make(graphql, "Acme")
    change(graphql, first, brand="Other")
    assert seen(graphql) == ["Acme", "Other"]
    assert graphql(f'mutation {{ deleteProduct(productId: "{second}") }}', as_="dana")["data"]["deleteProduct"]
    assert (seen(graphql), of_staff(graphql)) == (["Other"], ["Acme", "Other"])
    change(graphql, first, brand=None)
    assert (seen(graphql), of_staff(graphql)) == ([], ["Acme", "Other"])


def test_a_brand_appears_and_goes_with_the_times_of_its_goods(client: FlaskClient, graphql: GraphQLClient) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        start = clock.now()
        times = {"publishFrom": start + timedelta(seconds=10), "publishUntil": start + timedelta(seconds=20)}
        make(graphql, "Timed", **{name: moment.isoformat() for name, moment in times.items()})
        found, kinds = [], []
        for _ in range(5):
            answers = [client.post("/graphql", json={"query": "{ brands { name } }"}) for _ in range(2)]
            found.append([len(each.get_json()["data"]["brands"]) for each in answers])
            kinds.append([each.headers["X-Cache"] for each in answers])
            traveller.shift(timedelta(seconds=5))
    # the kept answer ends when the brand appears, and when it goes
    assert found == [[0, 0], [0, 0], [1, 1], [1, 1], [0, 0]]
    assert kinds == [["miss", "hit"], ["hit", "hit"], ["miss", "hit"], ["hit", "hit"], ["miss", "hit"]]
