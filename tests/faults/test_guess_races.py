"""Callers who guess discount codes by many requests at once: they guess as often as the limit says, and no more."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from app import create_app
from tests.faults.rivals import together
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.support import GraphQLClient, codes, make_products, token_of
from wiring import Shop

RIVALS = 40
# Of 600 a minute forty requests leave 560, which are 28 guesses of twenty; if guesses come before requests, it is the
# same: 27 guesses and 40 requests leave room for one more, 28 and 40 for none.
GUESSES = 28
QUOTE = """query($items: [OrderItemInput!]!, $codes: [String!]) {
  quote(input: {items: $items, discountCodes: $codes}) { problems { code } }
}"""
ORDER = """mutation($items: [OrderItemInput!]!, $codes: [String!]) {
  createOrder(input: {items: $items, discountCodes: $codes}) { id }
}"""
Ask = Callable[[str, list[str]], str]


@pytest.fixture
def ask(committing_shop: Shop) -> Ask:
    """Asks as Alice for one product with these codes, at 600 requests a minute; what it came to, in one word."""
    settings = committing_shop.settings.model_copy(update={"rate_limit_per_minute": 600})
    shop = replace(committing_shop, settings=settings)
    app = create_app(shop)
    [tea] = make_products(shop, 1, stock=100)
    headers = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}

    def asked(document: str, given: list[str]) -> str:
        variables = {"items": [{"productId": str(tea), "quantity": 1}], "codes": given}
        body: Any = GraphQLClient(app.test_client(), shop)(document, variables, headers=headers)
        if codes(body):
            [refusal] = codes(body)
            return refusal
        [found] = body["data"].values()
        return ",".join(each["code"] for each in found.get("problems", ())) or "fine"

    return asked


@pytest.mark.parametrize("document", [QUOTE, ORDER], ids=["quote", "order"])
def test_forty_at_once_guess_as_often_as_one_after_the_other(committing_shop: Shop, ask: Ask, document: str) -> None:
    with nothing_changed(committing_shop.database):
        told = together([partial(ask, document, [f"G{number}"]) for number in range(RIVALS)])
    assert Counter(told) == {"DISCOUNT_UNKNOWN": GUESSES, "RATE_LIMITED": RIVALS - GUESSES}


def test_ten_codes_at_once_are_ten_guesses(committing_shop: Shop, ask: Ask) -> None:
    # 40 requests and twice 200 leave 160; two tens are 400
    told = together([partial(ask, QUOTE, [f"G{number}{each}" for each in range(10)]) for number in range(RIVALS)])
    assert Counter(told) == {",".join(["DISCOUNT_UNKNOWN"] * 10): 2, "RATE_LIMITED": RIVALS - 2}


def test_codes_that_there_are_take_no_room_from_guesses(committing_shop: Shop, ask: Ask) -> None:
    # given forty who come with a code, at most ten at once, so that all find room
    offer(committing_shop, code="REAL")
    told = [each for _ in range(4) for each in together([partial(ask, QUOTE, ["REAL"])] * 10)]
    assert told == ["fine"] * 40
    # when the next forty guess: 600 - 80 leave 26
    told = together([partial(ask, QUOTE, [f"G{number}"]) for number in range(RIVALS)])
    assert Counter(told) == {"DISCOUNT_UNKNOWN": 26, "RATE_LIMITED": RIVALS - 26}
