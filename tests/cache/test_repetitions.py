"""Repetitions of requests whose first writer committed and never told the cache: whoever gets an answer is told true.

The first writer dies between its commit and the version change, which is when people ask again with the same key.
"""

from collections.abc import Mapping

import pytest

from app import create_app
from services.catalogue.changes import CATALOGUE_CHANGED
from tests.cache.shoppers import category_id, killed
from tests.services.evidence import news_of
from tests.support import GraphQLClient, codes, make_products
from wiring import Shop

SHELF = "fruit"
# What staff and shoppers do, and what everybody is shown of it before and after.
ACTS: Mapping[str, tuple[str, str, object, object]] = {
    "stock that came": (
        'mutation { adjustStock(productId: "APPLE", quantity: 5, reason: RECEIVED) { id } }',
        '{ product(by: {id: "APPLE"}) { stockCount } }',
        {"product": {"stockCount": 2}},
        {"product": {"stockCount": 7}},
    ),
    "stock that ran out": (
        'mutation { adjustStock(productId: "APPLE", quantity: -2, reason: LOST) { id } }',
        '{ products(filter: {categoryId: "SHELF", inStock: true}) { nodes { name } } }',
        {"products": {"nodes": [{"name": "Apple"}]}},
        {"products": {"nodes": []}},
    ),
    "an order": (
        'mutation { createOrder(input: {items: [{productId: "APPLE", quantity: 1}]}) { id } }',
        '{ product(by: {id: "APPLE"}) { stockCount } }',
        {"product": {"stockCount": 2}},
        {"product": {"stockCount": 1}},
    ),
    "an order of all there is": (
        'mutation { createOrder(input: {items: [{productId: "APPLE", quantity: 2}]}) { id } }',
        "{ products(filter: {inStock: true}) { nodes { name } } }",
        {"products": {"nodes": [{"name": "Apple"}]}},
        {"products": {"nodes": []}},
    ),
    "a product": (
        'mutation { createProduct(input: {name: "Pear", price: 1, stockCount: 1, categoryId: "SHELF"}) { id } }',
        '{ products(filter: {categoryId: "SHELF"}) { nodes { name } } }',
        {"products": {"nodes": [{"name": "Apple"}]}},
        {"products": {"nodes": [{"name": "Pear"}, {"name": "Apple"}]}},
    ),
    "a collection": (
        'mutation { createCollection(input: {name: "New", isPublished: true}) { id } }',
        "{ collections { name } }",
        {"collections": []},
        {"collections": [{"name": "New"}]},
    ),
    "a price from now on": (
        'mutation { schedulePrice(productId: "APPLE", price: 8) { id } }',
        '{ product(by: {id: "APPLE"}) { price } }',
        {"product": {"price": 10.0}},
        {"product": {"price": 8.0}},
    ),
}


def told(shop: Shop) -> list[str]:
    """All that was announced so far."""
    return [tag for news in news_of(shop.database, CATALOGUE_CHANGED) for tag in news["tags"]]


@pytest.mark.parametrize("case", ACTS)
def test_a_repetition_tells_the_cache_what_the_first_one_could_not(committing_shop: Shop, case: str) -> None:
    # given a shop with one product, and answers that are kept
    shop = committing_shop
    [apple] = make_products(shop, 1, name="Apple", stock=2, category=SHELF)
    act, question, before, after = ACTS[case]
    names = {"APPLE": str(apple), "SHELF": str(category_id(shop, SHELF))}
    for name, value in names.items():
        act, question = act.replace(name, value), question.replace(name, value)
    living, dying = (GraphQLClient(create_app(each).test_client(), each) for each in (shop, killed(shop)))
    key = {"Idempotency-Key": "k"}
    assert [living(question)["data"] for _ in range(3)] == [before] * 3
    start = len(told(shop))
    # when the first writer commits and dies
    first = dying(act, as_="dana", headers=key)
    assert codes(first) == []
    assert living(question)["data"] == before  # the bounded exception
    by_the_first = told(shop)[start:]
    # then who repeats is told what was made, and from then on everybody is told what is
    assert living(act, as_="dana", headers=key) == first
    assert [living(question)["data"] for _ in range(2)] == [after] * 2
    # of all that the first one changed, not of this question alone
    assert set(by_the_first) <= set(told(shop)[start + len(by_the_first) :])
