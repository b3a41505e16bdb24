"""The general limit: so many requests a minute for each caller, exact to within a thirtieth for each process."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from tests.faults.rivals import together
from tests.services.evidence import nothing_changed
from tests.support import codes, token_of
from tests.web.conftest import Opened
from utils.errors import RateLimited
from web import general_limit
from web.limiting import Limits
from wiring import Shop

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
QUERY = {"query": "{ __typename }"}
CREATE = {"query": "mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def ask(client: FlaskClient, sent: Any = QUERY, token: str | None = None, network: str = "192.0.2.1") -> int:
    """The status of one request."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.post("/graphql", json=sent, headers=headers, environ_base={"REMOTE_ADDR": network}).status_code


def test_beyond_it_a_request_is_refused_whole(opened: Opened, shop: Shop) -> None:
    client, token = opened(rate_limit_per_minute=5), token_of(shop, "dana")
    assert [ask(client, token=token) for _ in range(5)] == [200] * 5
    with nothing_changed(shop.database):
        answer = client.post("/graphql", json=CREATE, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert answer.content_type == "application/json; charset=utf-8"
    assert answer.get_json() == {
        "errors": [
            {
                "message": "That was too often. Try again in 60 seconds.",
                "extensions": {
                    "code": "RATE_LIMITED",
                    "requestId": answer.headers["X-Request-Id"],
                    "retryAfter": 60,
                },
            }
        ]
    }


def test_it_is_told_in_the_type_the_caller_takes(opened: Opened) -> None:
    client = opened(rate_limit_per_minute=1)
    headers = {"Accept": "application/graphql-response+json"}
    answers = [client.post("/graphql", json=QUERY, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.mimetype) for answer in answers] == [
        (200, "application/graphql-response+json"),
        (429, "application/graphql-response+json"),
    ]


def test_the_window_moves(opened: Opened, noon: time_machine.Traveller) -> None:
    client = opened(rate_limit_per_minute=4)
    assert [ask(client), ask(client)] == [200, 200]
    noon.shift(timedelta(seconds=40))
    assert [ask(client), ask(client), ask(client)] == [200, 200, 429]
    noon.shift(timedelta(seconds=21))
    assert [ask(client), ask(client), ask(client)] == [200, 200, 429]
    noon.shift(timedelta(seconds=40))
    assert [ask(client), ask(client), ask(client)] == [200, 200, 429]


def test_a_caller_is_an_account_wherever_it_is_else_a_network(opened: Opened, shop: Shop) -> None:
    client = opened(rate_limit_per_minute=2)
    alice, bob = token_of(shop, "alice"), token_of(shop, "bob")
    assert [ask(client, token=alice, network=f"192.0.2.{at}") for at in range(3)] == [200, 200, 429]
    assert [ask(client, token=bob) for _ in range(3)] == [200, 200, 429]
    assert [ask(client) for _ in range(3)] == [200, 200, 429]
    # A token that is none counts for the network, however many are made up.
    assert [ask(client, token=f"made up {at}") for at in range(2)] == [429, 429]
    assert ask(client, network="192.0.2.2") == 200


def test_a_batch_counts_as_what_it_holds(opened: Opened, shop: Shop) -> None:
    client = opened(rate_limit_per_minute=12)
    assert ask(client, [QUERY] * 10) == 200
    with nothing_changed(shop.database):
        assert ask(client, [CREATE] * 3) == 429
    fresh = "192.0.2.2"
    assert [ask(client, [QUERY] * 4, network=fresh) for _ in range(4)] == [200, 200, 200, 429]


def creating(count: int) -> dict[str, str]:
    """A document of so many mutations."""
    fields = " ".join(f"c{at}: createProduct(input: {{price: 1, stockCount: 1}}) {{ id }}" for at in range(count))
    return {"query": f"mutation {{ {fields} }}"}


def test_a_document_counts_as_what_it_does(opened: Opened, shop: Shop) -> None:
    client, token = opened(rate_limit_per_minute=12), token_of(shop, "dana")
    assert [ask(client, creating(10)), ask(client), ask(client), ask(client)] == [200, 200, 200, 429]
    # What does one thing, and what only looks, is one request.
    assert [ask(client, creating(1), network="192.0.2.2") for _ in range(13)] == [200] * 12 + [429]
    # Without room for all of it, none of it is done.
    assert [ask(client, token=token) for _ in range(3)] == [200] * 3
    with nothing_changed(shop.database):
        assert ask(client, creating(10), token=token) == 429


def test_each_document_of_a_batch_counts_as_what_it_does(opened: Opened, shop: Shop) -> None:
    client = opened(rate_limit_per_minute=12)
    assert ask(client, [creating(5), creating(5)]) == 200
    assert [ask(client) for _ in range(3)] == [200, 200, 429]
    headers, elsewhere = {"Authorization": f"Bearer {token_of(shop, 'dana')}"}, opened(rate_limit_per_minute=9)
    bodies = elsewhere.post("/graphql", json=[creating(5), creating(5), QUERY], headers=headers).get_json()
    assert [codes(body) for body in bodies] == [[], ["RATE_LIMITED"], []]


@pytest.mark.parametrize("sent", [{}, [], {"query": "{"}, {"query": "{ nothing }"}])
def test_what_is_refused_for_other_reasons_counts_too(opened: Opened, sent: Any) -> None:
    client = opened(rate_limit_per_minute=2)
    statuses = [ask(client, sent) for _ in range(3)]
    assert statuses[:2] != [429, 429]
    assert statuses[2] == 429


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/refresh", "/api/v1/auth/login", "/users/", "/verify/", "/verify"]
)
def test_it_holds_for_the_doors_and_for_pages_that_post(opened: Opened, path: str) -> None:
    client = opened(rate_limit_per_minute=1)
    assert ask(client, network="127.0.0.1") == 200
    sent = {"data": {"token": "made up"}} if path == "/verify" else {"json": {"token": "made up"}}
    answer = client.post(path, **sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_looking_is_free(opened: Opened) -> None:
    client = opened(rate_limit_per_minute=1)
    assert ask(client, network="127.0.0.1") == 200
    preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    for _ in range(3):
        for path in ("/", "/health", "/docs", "/schema.graphql", "/static/site.css", "/verify?token=x"):
            assert client.get(path).status_code == 200
        assert client.get("/graphql", headers={"Accept": "text/html"}).status_code == 200
        assert client.options("/graphql", headers=preflight).status_code == 204
    assert client.get("/graphql?query={__typename}").status_code == 429


def test_most_requests_make_no_journey_to_redis(opened: Opened, redis_client: redis.Redis) -> None:
    client = opened(rate_limit_per_minute=600)
    taken = []
    for _ in range(72):
        assert ask(client) == 200
        [key] = redis_client.keys("limits:*")
        taken.append(redis_client.llen(key))
    assert list(dict.fromkeys(taken)) == [1, 3, 7, 15, 31, 51, 71, 91]
    assert 0 < redis_client.ttl(key) <= 60


def test_processes_share_the_limit_to_within_a_thirtieth_each(opened: Opened, noon: time_machine.Traveller) -> None:
    one, other = opened(rate_limit_per_minute=90), opened(rate_limit_per_minute=90)
    assert [ask(each) for each in (one, other) for _ in range(4)] == [200] * 8  # of six taken by each
    granted = [ask(one) for _ in range(90)].count(200)
    assert granted == 80  # two are still the other's
    assert [ask(other) for _ in range(3)] == [200, 200, 429]
    noon.shift(timedelta(seconds=61))
    assert [ask(one) for _ in range(91)].count(200) == 90


def test_many_processes_with_few_requests_each_do_not_use_it_up(opened: Opened) -> None:
    assert [ask(opened(rate_limit_per_minute=60)) for _ in range(61)] == [200] * 60 + [429]


def test_a_very_high_limit_keeps_few_moments(opened: Opened, redis_client: redis.Redis) -> None:
    client = opened(rate_limit_per_minute=1_000_000)
    assert [ask(client) for _ in range(1001)] == [200] * 1001
    [key] = redis_client.keys("limits:*")
    assert redis_client.llen(key) == 3  # of a thousand requests each: one, then two


def test_what_is_not_used_within_a_minute_is_void(opened: Opened, noon: time_machine.Traveller) -> None:
    client = opened(rate_limit_per_minute=90)
    assert [ask(client), ask(client)] == [200, 200]
    noon.shift(timedelta(seconds=61))
    assert [ask(client) for _ in range(91)].count(200) == 90


def test_threads_of_one_caller_do_not_take_ahead_each(committing_shop: Shop, redis_client: redis.Redis) -> None:
    settings = committing_shop.settings.model_copy(update={"rate_limit_per_minute": 600})
    app = create_app(replace(committing_shop, settings=settings))
    assert together([lambda: ask(app.test_client())] * 15) == [200] * 15
    [key] = redis_client.keys("limits:*")
    assert redis_client.llen(key) == 15  # one, two, four and eight


def test_a_refused_caller_does_not_ask_redis_again(
    opened: Opened, redis_client: redis.Redis, noon: time_machine.Traveller
) -> None:
    client = opened(rate_limit_per_minute=1)
    assert [ask(client), ask(client)] == [200, 429]
    redis_client.flushdb()  # whoever asked now would be let in
    assert [ask(client) for _ in range(5)] == [429] * 5
    noon.shift(timedelta(seconds=61))
    assert ask(client) == 200


def test_memory_for_callers_is_bounded(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_limit, "MOST_CALLERS", 3)
    client = opened(rate_limit_per_minute=30)
    for at in range(10):
        assert ask(client, network=f"192.0.2.{at}") == 200
    assert [ask(client, network="192.0.2.9") for _ in range(30)] == [200] * 29 + [429]


@pytest.fixture
def limits(app: Flask, shop: Shop) -> Iterator[Limits]:
    """Limits of thirty requests a minute, in a request of Alice's."""
    settings = shop.settings.model_copy(update={"rate_limit_per_minute": 30})
    headers = {"Authorization": f"Bearer {token_of(shop, 'alice')}"}
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.1"}, headers=headers):
        yield Limits(replace(shop, settings=settings))


def granted(limits: Limits) -> int:
    """How many single requests the caller has left; none afterwards."""
    for number in range(100):
        try:
            limits.count()
        except RateLimited:
            return number
    raise AssertionError("without end")


def test_what_has_no_room_leaves_it_to_smaller_things(limits: Limits) -> None:
    limits.count(25)
    for _ in range(2):
        with pytest.raises(RateLimited):
            limits.count(6)
    assert granted(limits) == 5


@pytest.mark.parametrize(("used", "room"), [(0, 30), (5, 25), (20, 10)])
def test_what_was_reserved_and_not_used_is_there_again(limits: Limits, used: int, room: int) -> None:
    give_back = limits.reserve(20)
    give_back(20 - used)
    assert granted(limits) == room


def test_who_had_nothing_left_has_what_is_given_back(limits: Limits) -> None:
    give_back = limits.reserve(20)
    assert granted(limits) == 10
    give_back(15)
    assert granted(limits) == 15


def test_what_is_given_back_too_late_is_void(limits: Limits, noon: time_machine.Traveller) -> None:
    give_back = limits.reserve(20)
    noon.shift(timedelta(seconds=61))
    limits.count()
    give_back(20)
    assert granted(limits) == 29


def test_what_is_given_back_is_for_whom_it_was_taken_from(app: Flask, limits: Limits) -> None:
    give_back = limits.reserve(20)
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.2"}):
        limits.count(5)
        give_back(20)
        assert granted(limits) == 25
    assert granted(limits) == 30


def test_what_was_given_back_is_void_when_its_minute_is_over(limits: Limits, noon: time_machine.Traveller) -> None:
    # given twenty that were taken at noon, given back, and taken again with one more just before the minute ends
    limits.reserve(20)(20)
    noon.shift(timedelta(seconds=59))
    limits.reserve(21)(21)
    # then they are none of the next minute's, of which one is taken
    noon.shift(timedelta(seconds=2))
    assert granted(limits) == 29


def test_what_comes_back_late_is_not_held_as_long_as_what_was_taken_since(
    limits: Limits, noon: time_machine.Traveller
) -> None:
    give_back = limits.reserve(20)
    noon.shift(timedelta(seconds=30))
    limits.count()
    noon.shift(timedelta(seconds=29))
    give_back(20)
    noon.shift(timedelta(seconds=2))
    assert granted(limits) == 29


def test_as_many_as_there_is_room_for(limits: Limits) -> None:
    assert limits.count_up_to(25) == (25, None)
    counted, refused = limits.count_up_to(25)
    assert (counted, refused.details["retryAfter"] if refused else None) == (5, 60)
    assert granted(limits) == 0


def test_what_a_network_reserves_is_counted_apart(app: Flask, limits: Limits) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.2"}):
        limits.reserve(30)
        with pytest.raises(RateLimited):
            limits.reserve(1)
        assert granted(limits) == 30
