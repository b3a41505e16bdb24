"""Tokens that are not ours or not in time open no door, and change nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine

from tests.services.evidence import nothing_changed
from tests.support import DANA, GraphQLClient, codes, token_of
from utils.tokens import Claims
from wiring import Shop

Make = Callable[..., UUID]
CALLS = (
    "{ me { id } }",
    "{ getOrders { id } }",
    '{ getOrderById(orderId: "TEA") { id } }',
    "mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }",
    'mutation { updateProduct(input: {productId: "TEA", stockCount: 1}) { id } }',
    'mutation { deleteProduct(productId: "TEA") }',
    'mutation { createOrder(input: {items: [{productId: "TEA", quantity: 1}]}) { id } }',
)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def forged(
    shop: Shop, *, key: str | None = None, algorithm: str = "HS256", kid: str | None = None, **claims: Any
) -> str:
    """A token that makes its bearer an admin, with some things otherwise than they should be."""
    good = {
        "iss": "commerce-backend",
        "aud": "commerce-api",
        "sub": str(DANA),
        "sid": str(DANA),
        "iat": NOON,
        "exp": NOON + timedelta(minutes=5),
        "jti": str(DANA),
        "role": "admin",
        "departments": [],
        "rights": [],
        "verified": True,
    }
    wanted = {name: value for name, value in {**good, **claims}.items() if value is not None}
    secret = shop.tokens.secret if key is None else key
    headers = {"kid": shop.tokens.key_id if kid is None else kid}
    return jwt.encode(wanted, None if algorithm == "none" else secret, algorithm=algorithm, headers=headers)


BAD: dict[str, dict[str, Any]] = {
    "another key": {"key": "another key, just as long as ours is, if not longer"},
    "another algorithm": {"algorithm": "HS512", "key": "k" * 64},
    "no algorithm": {"algorithm": "none"},
    "another key id": {"kid": "another"},
    "another issuer": {"iss": "elsewhere"},
    "another audience": {"aud": "elsewhere"},
    "expired": {"exp": NOON},
    "not yet": {"iat": NOON + timedelta(hours=1)},
    "no expiry": {"exp": None},
    "no subject": {"sub": None},
    "no role": {"role": None},
    "no departments": {"departments": None},
    "no id": {"jti": None},
    "no session": {"sid": None},
    "a session that never was": {"sid": "5e550000-0000-4000-8000-00000000dead"},
    "no rights": {"rights": None},
    "an unknown right": {"rights": ["everything"]},
    "an unknown role": {"role": "king"},
    "a subject that is no id": {"sub": "dana"},
    "huge": {"more": "a" * 10_000},
}


def refused_everywhere(graphql: GraphQLClient, shop: Shop, tea: UUID, token: str) -> None:
    """Asserts that no field that needs a caller answers to this token, and that none changes anything."""
    with nothing_changed(shop.database):
        for document in CALLS:
            body = graphql(document.replace("TEA", str(tea)), headers={"Authorization": f"Bearer {token}"})
            assert codes(body) == ["UNAUTHENTICATED"]


@time_machine.travel(NOON, tick=False)
def test_the_token_that_the_others_are_made_from_is_good(graphql: GraphQLClient, shop: Shop) -> None:
    body = graphql("{ me { id } }", headers={"Authorization": f"Bearer {forged(shop)}"})
    assert body == {"data": {"me": {"id": str(DANA)}}}


@pytest.mark.parametrize("name", BAD)
@time_machine.travel(NOON, tick=False)
def test_a_forged_token_opens_nothing(graphql: GraphQLClient, shop: Shop, product: Make, name: str) -> None:
    refused_everywhere(graphql, shop, product(), forged(shop, **BAD[name]))


def test_a_cut_or_bent_token_opens_nothing(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea, good = product(), token_of(shop, "dana")
    head, body, signature = good.split(".")
    for token in (good[:-1], good[1:], f"{head}.{body}.", f"{head}.{body}", head, f"{good}.{signature}", "a" * 10_000):
        refused_everywhere(graphql, shop, tea, token)


def test_a_token_opens_nothing_after_its_time(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea, hurried = product(), replace(shop.tokens, lifetime=timedelta(minutes=30))
    with time_machine.travel(NOON, tick=False) as now:
        token = hurried.issue(Claims(subject=DANA, session_id=DANA, role="admin"))
        now.shift(timedelta(minutes=29, seconds=59))
        assert codes(graphql("{ getOrders { id } }", headers={"Authorization": f"Bearer {token}"})) == []
        now.shift(timedelta(seconds=1))
        refused_everywhere(graphql, shop, tea, token)


def test_what_anyone_may_read_is_read_with_any_token(graphql: GraphQLClient, product: Make) -> None:
    tea = product()
    body = graphql("{ getProducts { id } }", headers={"Authorization": "Bearer nonsense"})
    assert body == {"data": {"getProducts": [{"id": str(tea)}]}}
