"""Whole answers ahead of Flask: the same to everybody, gone with the first change of what they show, never an error."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
import redis
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from services.catalogue.products.changing import ProductChange, update_product
from tests.faults.ordering import place
from tests.faults.rivals import eventually
from tests.support import ADMIN, make_products, token_of
from tests.web.conftest import Opened
from utils import clock
from utils.answers import Answers
from utils.cache import Cache
from wiring import Shop

LIST = "{ products(first: 20, sort: NAME) { nodes { id name price stockCount } } }"


def post(client: FlaskClient, document: str = LIST, **headers: str) -> TestResponse:
    """A query by POST."""
    return client.post("/graphql", json={"query": document}, headers=headers)


def get(client: FlaskClient, document: str = LIST, **headers: str) -> TestResponse:
    """A query by GET."""
    return client.get(f"/graphql?{urlencode({'query': document})}", headers=headers)


def kinds(*answers: TestResponse) -> list[str]:
    """What became of each."""
    return [answer.headers["X-Cache"] for answer in answers]


def reprice(shop: Shop, product_id: UUID, price: int) -> None:
    """A change of price by staff."""
    with shop.database.write() as session:
        update_product(session, product_id, ProductChange(price=Decimal(price)), actor=ADMIN, cache=shop.cache)


@pytest.fixture
def goods(shop: Shop) -> Sequence[UUID]:
    """Three products."""
    return make_products(shop, 3, price="10")


@pytest.mark.parametrize("ask", [post, get])
def test_the_second_who_asks_gets_the_same_answer_with_the_same_headers(
    client: FlaskClient, goods: Sequence[UUID], ask: Callable[..., TestResponse]
) -> None:
    first, second = ask(client), ask(client)
    assert kinds(first, second) == ["miss", "hit"]
    assert first.data == second.data
    assert {each["id"] for each in second.get_json()["data"]["products"]["nodes"]} == {str(each) for each in goods}

    def told(answer: TestResponse) -> dict[str, str]:
        return {name: value for name, value in answer.headers if name not in ("X-Cache", "X-Request-Id")}

    assert told(first) == told(second)
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_hit_runs_nothing(client: FlaskClient, goods: Sequence[UUID], counted_sql: Callable[[], Any]) -> None:
    post(client)
    with counted_sql() as statements:
        assert kinds(post(client)) == ["hit"]
    assert statements == []


def test_every_way_to_ask_has_an_answer_of_its_own(client: FlaskClient, goods: Sequence[UUID]) -> None:
    ways: list[Callable[[], TestResponse]] = [
        lambda: post(client),
        lambda: post(client, LIST + " "),
        lambda: post(client, Accept="application/graphql-response+json"),
        lambda: get(client),
        lambda: get(client, Accept="application/graphql-response+json"),
        lambda: client.post("/graphql", json={"query": LIST, "variables": {}}),
    ]
    assert kinds(*(way() for way in ways)) == ["miss"] * len(ways)
    again = [way() for way in ways]
    assert kinds(*again) == ["hit"] * len(ways)
    assert [each.headers["Content-Type"].startswith("application/graphql-response+json") for each in again] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("who", [None, "alice", "sam", "nobody we know"])
def test_who_asks_does_not_matter(client: FlaskClient, shop: Shop, goods: Sequence[UUID], who: str | None) -> None:
    told = token_of(shop, who) if who in ("alice", "sam") else who
    headers = {} if told is None else {"Authorization": f"Bearer {told}"}
    post(client)
    post(client, Authorization="Bearer of bad news")
    assert kinds(post(client, **headers)) == ["hit"]


@pytest.mark.parametrize(
    "document",
    [
        "{ me { name } }",
        "{ products(first: 1) { nodes { id } } me { name } }",
        "{ ...mine } fragment mine on Query { me { id } }",
        "{ products(first: 0) { nodes { id } } }",
        "{ products(first: 1) { nodes { id } } a: products(first: 101) { nodes { id } } }",
        "{ nothing }",
        "{",
        "{ departments { slug } }",
    ],
)
def test_what_is_personal_or_refused_is_never_kept(client: FlaskClient, shop: Shop, document: str) -> None:
    headers = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
    assert kinds(*(post(client, document, **headers) for _ in range(3))) == ["bypass"] * 3
    assert kinds(*(post(client, document) for _ in range(3))) == ["bypass"] * 3


def test_mutations_batches_pages_and_long_requests_go_past_it(client: FlaskClient, goods: Sequence[UUID]) -> None:
    mutation = 'mutation { login(email: "alice@example.com", password: "wrong") { accessToken } }'
    batch = [{"query": LIST}, {"query": LIST}]
    padded = LIST + " " * 17_000
    ways: list[Callable[[], TestResponse]] = [
        lambda: post(client, mutation),
        lambda: client.post("/graphql", json=batch),
        lambda: client.post("/graphql", json=batch[:1]),
        lambda: post(client, padded),
        lambda: client.get("/graphql", headers={"Accept": "text/html"}),
    ]
    for ask in ways:
        assert kinds(ask(), ask()) == ["bypass", "bypass"]
    assert kinds(post(client)) == ["miss"]


def test_doors_beside_it_know_nothing_of_it(client: FlaskClient) -> None:
    assert "X-Cache" not in client.get("/health").headers


def test_a_change_of_what_is_shown_ends_it_and_of_other_things_does_not(
    client: FlaskClient, shop: Shop, goods: Sequence[UUID], product: Callable[..., UUID]
) -> None:
    other = product(name="Zebra", price="5", stock=10, category="cheese")
    one = f'{{ product(by: {{id: "{goods[0]}"}}) {{ price stockCount }} }}'
    assert kinds(post(client), post(client, one)) == ["miss", "miss"]
    reprice(shop, other, 6)  # stands on the list, and in the lists' order
    assert kinds(post(client), post(client, one)) == ["miss", "hit"]
    place(shop, [(goods[1], 1)])
    assert kinds(post(client), post(client, one)) == ["miss", "hit"]
    reprice(shop, goods[0], 7)
    changed = post(client, one)
    assert changed.get_json()["data"]["product"]["price"] == 7
    assert kinds(changed, post(client, one)) == ["miss", "hit"]


def test_an_order_ends_only_the_pages_that_show_its_goods(
    client: FlaskClient, shop: Shop, product: Callable[..., UUID]
) -> None:
    names = [f"Tea {number}" for number in range(4)]
    made = [product(name=name, price="3", stock=9, category="fruit") for name in names]
    pages = ["{ products(first: 2, sort: NAME) { nodes { name stockCount } pageInfo { endCursor } } }"]
    cursor = post(client, pages[0]).get_json()["data"]["products"]["pageInfo"]["endCursor"]
    pages.append(f'{{ products(first: 2, sort: NAME, after: "{cursor}") {{ nodes {{ name stockCount }} }} }}')
    assert kinds(*(post(client, each) for each in pages)) == ["hit", "miss"]
    place(shop, [(made[0], 2)])
    first, second = (post(client, each) for each in pages)
    assert kinds(first, second) == ["miss", "hit"]
    assert first.get_json()["data"]["products"]["nodes"][0] == {"name": "Tea 0", "stockCount": 7}


def test_another_process_finds_it_in_redis_and_proves_it_first(shop: Shop, goods: Sequence[UUID]) -> None:
    clients = [create_app(shop).test_client() for _ in range(3)]
    assert kinds(*(post(each) for each in clients[:2])) == ["miss", "hit"]
    reprice(shop, goods[0], 4)
    assert kinds(*(post(each) for each in clients)) == ["miss", "hit", "hit"]
    for each in clients:
        nodes = post(each).get_json()["data"]["products"]["nodes"]
        assert [node["price"] for node in nodes if node["id"] == str(goods[0])] == [4]


def test_a_release_that_answers_otherwise_does_not_know_the_answers_of_this_one(
    shop: Shop, goods: Sequence[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    post(create_app(shop).test_client())
    monkeypatch.setattr("app.SHAPE", "another")
    assert kinds(post(create_app(shop).test_client())) == ["miss"]


def test_a_minute_is_the_longest(client: FlaskClient, goods: Sequence[UUID]) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        assert kinds(post(client), post(client)) == ["miss", "hit"]
        traveller.shift(timedelta(seconds=59))
        assert kinds(post(client)) == ["hit"]
        traveller.shift(timedelta(seconds=1))
        assert kinds(post(client), post(client)) == ["miss", "hit"]


def test_a_flush_and_a_clearing_end_all_of_it(
    client: FlaskClient, shop: Shop, redis_client: redis.Redis, goods: Sequence[UUID]
) -> None:
    assert kinds(post(client), post(client)) == ["miss", "hit"]
    redis_client.flushdb()
    assert kinds(post(client), post(client)) == ["miss", "hit"]
    shop.cache.clear()
    assert kinds(post(client), post(client)) == ["miss", "hit"]


def test_an_evicted_epoch_costs_a_look_and_no_answer(
    client: FlaskClient, redis_client: redis.Redis, goods: Sequence[UUID]
) -> None:
    post(client)
    redis_client.delete("epoch")
    assert kinds(post(client), post(client)) == ["hit", "hit"]
    redis_client.delete("epoch", "everything")  # what it was made under: nothing proves it any more
    assert kinds(post(client), post(client)) == ["miss", "hit"]


def test_without_redis_everything_is_made_anew(shop: Shop, goods: Sequence[UUID]) -> None:
    away = replace(shop, cache=Cache("redis://127.0.0.1:1/0"))
    client = create_app(away).test_client()
    answers = [post(client) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert kinds(*answers) == ["bypass"] * 3


def test_none_are_kept_where_there_is_no_room(opened: Opened, goods: Sequence[UUID]) -> None:
    client = opened(answer_cache_megabytes=0)
    assert kinds(post(client), post(client)) == ["bypass", "bypass"]


def test_room_is_bounded_and_the_oldest_go_first(shop: Shop, goods: Sequence[UUID]) -> None:
    app = create_app(shop)
    answers = app.wsgi_app._answers  # type: ignore[attr-defined]
    answers._most_bytes = 40_000
    client = app.test_client()
    documents = [LIST + " " * number for number in range(20)]
    for document in documents:
        post(client, document)
    assert 0 < answers._bytes <= 40_000
    assert len(answers._kept) < 10
    assert any(document.encode() in key for document in documents[-1:] for key in answers._kept)
    # What this process let go lies in Redis still.
    assert kinds(post(client, documents[0])) == ["hit"]


def test_a_caller_who_has_it_is_told_only_that_it_stands(
    client: FlaskClient, shop: Shop, goods: Sequence[UUID]
) -> None:
    first = get(client)
    etag = first.headers["ETag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = get(client, **{"If-None-Match": sent})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Content-Type" not in answer.headers
    assert get(client, **{"If-None-Match": '"other"'}).status_code == 200
    reprice(shop, goods[0], 3)
    changed = get(client, **{"If-None-Match": etag})
    assert (changed.status_code, kinds(changed)) == (200, ["miss"])
    assert changed.headers["ETag"] != etag
    # Made anew, it can be what the caller has as well.
    reprice(shop, goods[0], 10)
    again = get(client, **{"If-None-Match": etag})
    assert (again.status_code, again.data, kinds(again), again.headers["ETag"]) == (304, b"", ["miss"], etag)
    assert "ETag" not in post(client).headers


def test_a_hit_is_counted_like_any_request_and_refused_like_any(opened: Opened, goods: Sequence[UUID]) -> None:
    client = opened(rate_limit_per_minute=6)
    assert kinds(*(post(client) for _ in range(6))) == ["miss"] + ["hit"] * 5
    refused = post(client)
    assert refused.status_code == 429
    assert kinds(refused) == ["bypass"]
    assert refused.get_json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize("origin", ["https://shop.example", "https://evil.example"])
@pytest.mark.parametrize("ask", [post, get])
def test_pages_of_other_origins_are_told_the_same(
    opened: Opened, goods: Sequence[UUID], origin: str, ask: Callable[..., TestResponse]
) -> None:
    client = opened(cors_origins=("https://shop.example",), own_public_url="https://api.example")
    ask(client)
    bare, made, kept = ask(client), ask(client, LIST + " ", Origin=origin), ask(client, Origin=origin)
    assert kinds(bare, made, kept) == ["hit", "miss", "hit"]
    left_out = ("X-Cache", "X-Request-Id", "ETag")
    told, as_kept = (
        sorted(line for line in each.headers.to_wsgi_list() if line[0] not in left_out) for each in (made, kept)
    )
    assert told == as_kept
    assert ("Access-Control-Allow-Origin" in kept.headers) == (origin == "https://shop.example")
    assert "Access-Control-Allow-Origin" not in bare.headers
    assert kept.headers["Vary"] == "Accept, Authorization, X-Region, Origin"
    assert "Strict-Transport-Security" in kept.headers


def test_a_chosen_request_id_is_given_back(client: FlaskClient, goods: Sequence[UUID]) -> None:
    chosen = "0192f0c1-2345-7000-8000-000000000001"
    post(client)
    assert post(client, **{"X-Request-Id": chosen}).headers["X-Request-Id"] == chosen
    assert post(client, **{"X-Request-Id": "word"}).headers["X-Request-Id"] != "word"


def test_what_appears_and_goes_by_the_clock_is_there_and_gone_on_time(
    client: FlaskClient, shop: Shop, session: Session, goods: Sequence[UUID]
) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        start = clock.now()
        session.execute(
            text("UPDATE products SET publish_from = :a, publish_until = :b WHERE id = :id"),
            {"a": start + timedelta(seconds=10), "b": start + timedelta(seconds=20), "id": goods[0]},
        )
        session.flush()
        shop.cache.clear()

        def count() -> int:
            return len(post(client).get_json()["data"]["products"]["nodes"])

        found = []
        for _ in range(5):
            found.append((count(), count()))
            traveller.shift(timedelta(seconds=5))
        assert found == [(2, 2), (2, 2), (3, 3), (3, 3), (2, 2)]


def test_answers_are_counted_for_whoever_looks_after_the_shop(
    client: FlaskClient, shop: Shop, goods: Sequence[UUID]
) -> None:
    with time_machine.travel(clock.now(), tick=True):
        for _ in range(3):
            post(client)
        post(client, "{ me { name } }")
    client.application.extensions["answers"]._told_at = 0.0
    post(client)
    found = shop.cache.stats()
    assert found.counted == {"hit": 3, "miss": 1, "bypass": 1}
    assert found.kept["answers"] == 1
    shop.cache.clear()
    cleared = shop.cache.stats()
    assert (cleared.counted, cleared.kept) == ({}, dict.fromkeys(found.kept, 0))


def test_what_was_counted_is_told_when_no_request_comes_any_more(
    client: FlaskClient, shop: Shop, goods: Sequence[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utils.answers._TELL_SECONDS", 0.05)
    counted = Answers(shop.cache, most_bytes=0, shape="")
    counted._told_at = time.monotonic() + 3600
    counted.count("hit")
    counted.tell_each_second()
    eventually(lambda: shop.cache.stats().counted == {"hit": 1, "miss": 0, "bypass": 0}, "it is told")
