"""Kept answers with the caller's prices: the same for all who are alike, never another's, gone with what they show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, text

from models import CustomerTier
from models.discount import Tier
from services.accounts.sessions import end_all_sessions
from services.pricing.discounts.customers import announce_customer
from tests.services.offers import changed, offer
from tests.support import ALICE, BOB, codes, make_product, token_of
from tests.web.conftest import Opened
from tests.web.test_answers import get, kinds, post, reprice
from utils import clock
from wiring import Shop

LIST = "{ products(first: 20, sort: NAME) { nodes { name yourPrice discounts { name amount } } } }"
CHEAPEST = "{ products(first: 20, sort: PRICE_ASC) { nodes { name yourPrice } } }"


def bearer(shop: Shop, name: str) -> dict[str, str]:
    """A header by which this person asks."""
    return {"Authorization": f"Bearer {token_of(shop, name)}"}


def priced(answer: Any) -> list[float]:
    """What the goods of a list cost the caller."""
    return [each["yourPrice"] for each in answer.get_json()["data"]["products"]["nodes"]]


def make_tier(shop: Shop, customer_id: UUID, tier: Tier | None) -> None:
    """Puts a customer into a tier, None for that of everybody new."""
    with shop.database.write() as session:
        session.execute(delete(CustomerTier).where(CustomerTier.customer_id == customer_id))
        if tier is not None:
            session.execute(insert(CustomerTier).values(customer_id=customer_id, tier=tier, successful_orders=50))
        announce_customer(session, shop.cache, customer_id=customer_id)


@pytest.fixture
def tea(shop: Shop) -> UUID:
    """A product for 10 dollars; for gold customers there is a fifth off."""
    offer(shop, name="For gold", percent=20, tiers=["gold"])
    with shop.database.write() as session:
        return make_product(session, shop.cache, name="Tea", price="10")


@pytest.mark.parametrize("ask", [post, get])
def test_all_who_are_alike_get_one_answer_and_nobody_else(
    client: FlaskClient, shop: Shop, tea: UUID, ask: Callable[..., Any]
) -> None:
    alice, bob = bearer(shop, "alice"), bearer(shop, "bob")
    answers = [ask(client, LIST, **alice), ask(client, CHEAPEST, **bob), ask(client, LIST, **alice)]
    # Bob's first request has told who he is: what Alice asked for before is kept for him too.
    answers += [ask(client, LIST, **bob), ask(client, LIST), ask(client, LIST, **bob)]
    assert kinds(*answers) == ["miss", "miss", "hit", "hit", "miss", "hit"]
    assert [priced(each) for each in answers] == [[10.0]] * 6
    # when
    make_tier(shop, BOB, Tier.GOLD)
    # then
    answers = [ask(client, LIST, **each) for each in (bob, bob, alice, bob, {})]
    assert [priced(each) for each in answers] == [[8.0], [8.0], [10.0], [8.0], [10.0]]
    assert kinds(*answers) == ["miss", "hit", "hit", "hit", "hit"]
    # and back again
    make_tier(shop, BOB, None)
    assert priced(ask(client, LIST, **bob)) == [10.0]


def test_a_hit_runs_nothing_and_is_counted(
    opened: Opened, shop: Shop, tea: UUID, counted_sql: Callable[[], Any]
) -> None:
    client, alice = opened(rate_limit_per_minute=3), bearer(shop, "alice")
    first = post(client, LIST, **alice)
    with counted_sql() as statements:
        second = post(client, LIST, **alice)
    assert (statements, kinds(first, second)) == ([], ["miss", "hit"])
    told = [{name: each for name, each in one.headers if name[:2] != "X-"} for one in (first, second)]
    assert (first.data, told[0]) == (second.data, told[1])
    assert kinds(post(client, LIST, **alice)) == ["hit"]
    assert codes(post(client, LIST, **alice).get_json()) == ["RATE_LIMITED"]


def test_an_answer_ends_with_what_it_shows(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    alice = bearer(shop, "alice")
    discount = offer(shop, name="For all", percent=10)
    assert priced(post(client, LIST, **alice)) == [9.0]
    reprice(shop, tea, 20)
    assert priced(post(client, LIST, **alice)) == [18.0]
    changed(shop, discount, percent=50)
    assert priced(post(client, LIST, **alice)) == [10.0]
    changed(shop, discount, is_active=False)
    answers = [post(client, LIST, **alice) for _ in range(2)]
    assert ([priced(each) for each in answers], kinds(*answers)) == ([[20.0]] * 2, ["miss", "hit"])


def test_named_customers_share_with_nobody_who_is_not(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    discount = offer(shop, name="For Alice", percent=30, for_named_customers=True)
    with shop.database.write() as session:
        values = {"discount": discount, "customer": ALICE}
        session.execute(text("INSERT INTO discount_customers VALUES (:discount, :customer)"), values)
        announce_customer(session, shop.cache, customer_id=ALICE)
    alice, bob = bearer(shop, "alice"), bearer(shop, "bob")
    answers = [post(client, LIST, **each) for each in (alice, bob, alice, bob)]
    assert [priced(each) for each in answers] == [[7.0], [10.0], [7.0], [10.0]]
    assert kinds(*answers) == ["miss", "miss", "hit", "hit"]


def test_a_session_that_ended_gets_no_kept_answer(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    alice = bearer(shop, "alice")
    assert kinds(post(client, LIST, **alice), post(client, LIST, **alice)) == ["miss", "hit"]
    with shop.database.write() as session:
        end_all_sessions(session, ALICE, cache=shop.cache)
    refused = post(client, LIST, **alice)
    assert (codes(refused.get_json()), kinds(refused)) == (["UNAUTHENTICATED"], ["bypass"])


def test_a_token_that_expired_gets_no_kept_answer(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        token = shop.tokens.issue(shop.tokens.read(token_of(shop, "alice")))
        time.shift(shop.tokens.lifetime - timedelta(seconds=10))
        alice, bob = {"Authorization": f"Bearer {token}"}, bearer(shop, "bob")
        assert kinds(*(post(client, LIST, **bob) for _ in range(2))) == ["miss", "hit"]
        assert kinds(*(post(client, LIST, **alice) for _ in range(2))) == ["miss", "hit"]
        time.shift(timedelta(seconds=9))
        assert kinds(post(client, LIST, **alice)) == ["hit"]
        # when
        time.shift(timedelta(seconds=1))
        assert codes(post(client, LIST, **alice).get_json()) == ["UNAUTHENTICATED"]
        assert kinds(post(client, LIST, **bob)) == ["hit"]


def test_a_forged_token_gets_no_kept_answer(client: FlaskClient, shop: Shop, tea: UUID) -> None:
    token = token_of(shop, "alice")
    forged = replace(shop.tokens, secret="another secret of forty characters or so").issue(shop.tokens.read(token))
    unsigned = token.rpartition(".")[0] + "."
    assert kinds(*(post(client, LIST, Authorization=f"Bearer {token}") for _ in range(2))) == ["miss", "hit"]
    for each in (forged, unsigned, token + "x", token[:-4] + "AAAA"):
        assert codes(post(client, LIST, Authorization=f"Bearer {each}").get_json()) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("field", ["priceTrace { total }", "nearMisses { name }"])
def test_reasons_are_the_callers_own(client: FlaskClient, shop: Shop, tea: UUID, field: str) -> None:
    document = f"{{ products(first: 20) {{ nodes {{ yourPrice {field} }} }} }}"
    assert kinds(*(post(client, document, **bearer(shop, "alice")) for _ in range(3))) == ["bypass"] * 3


def test_through_random_changes_everybody_is_told_what_a_shop_without_kept_answers_tells(
    opened: Opened, client: FlaskClient, shop: Shop, tea: UUID
) -> None:
    dice, discount = Random(4), offer(shop, name="For all", percent=10)
    clients, truth = [client, opened()], opened(answer_cache_megabytes=0)
    people = {"alice": ALICE, "bob": BOB}
    tokens = {name: bearer(shop, name) for name in people}
    seen: list[str] = []
    for step in range(60):
        choice = dice.randrange(6)
        if choice == 0:
            make_tier(shop, people[dice.choice(("alice", "bob"))], dice.choice((None, Tier.SILVER, Tier.GOLD)))
        elif choice == 1:
            changed(shop, discount, percent=dice.randint(1, 90))
        elif choice == 2:
            reprice(shop, tea, dice.randint(1, 500))
        for name in people:
            document = dice.choice((LIST, CHEAPEST))
            expected = post(truth, document, **tokens[name]).data
            answer = post(dice.choice(clients), document, **tokens[name])
            assert answer.data == expected, (step, choice, name)
            seen += kinds(answer)
    assert seen.count("hit") > 20
    assert seen.count("miss") > 20
