"""While Redis is away limits are counted in memory, quickly and never not at all; when it is back, in Redis."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from flask.testing import FlaskClient

from launch import Servers
from launch.valkey import ValkeyServer
from tests.faults.away import PROMISED_SECONDS, Away, frozen, stopped
from tests.faults.rivals import eventually
from tests.web.conftest import Opened
from web import counting

WRONG = {"email": "nobody@example.com", "password": "wrong"}


@contextmanager
def full(server: ValkeyServer) -> Iterator[None]:
    """A Redis that answers, but takes no writes."""
    with redis.Redis.from_url(server.url) as client:
        client.config_set("maxmemory", "1")
        try:
            yield
        finally:
            client.config_set("maxmemory", "0")


AWAY = pytest.mark.parametrize("away", [stopped, frozen, full])


@pytest.fixture(autouse=True)
def empty(own_servers: Servers) -> None:
    """Nothing counted yet."""
    with redis.Redis.from_url(own_servers.redis) as client:
        client.flushall()


def log_in(client: FlaskClient, network: str = "192.0.2.1") -> int:
    """The status of a login with a wrong password, which comes in time."""
    began = time.monotonic()
    answer = client.post("/auth/login", json=WRONG, environ_base={"REMOTE_ADDR": network})
    assert time.monotonic() - began < PROMISED_SECONDS
    return answer.status_code


@AWAY
def test_limits_hold_in_memory_and_then_in_redis_again(own_servers: Servers, opened: Opened, away: Away) -> None:
    client = opened(redis_url=own_servers.redis)
    client.post("/auth/login", json={"email": "another@example.com", "password": "wrong"})  # connected
    with away(own_servers.valkey):
        assert [log_in(client) for _ in range(11)] == [401] * 10 + [429]
        answer = client.post("/auth/login", json=WRONG, environ_base={"REMOTE_ADDR": "192.0.2.1"})
        assert 1 <= int(answer.headers["Retry-After"]) <= 900

    # What Redis did not see does not count there.
    eventually(lambda: log_in(client) == 401, "counts go to Redis again")
    assert [log_in(client) for _ in range(10)] == [401] * 9 + [429]


@AWAY
def test_the_general_limit_holds_without_redis(own_servers: Servers, opened: Opened, away: Away) -> None:
    client = opened(redis_url=own_servers.redis, rate_limit_per_minute=5)
    with away(own_servers.valkey):
        began = time.monotonic()
        statuses = [client.post("/graphql", json={"query": "{ __typename }"}).status_code for _ in range(7)]
        assert time.monotonic() - began < PROMISED_SECONDS
    assert statuses == [200] * 5 + [429] * 2


def test_a_redis_that_is_nowhere_is_not_waited_for(opened: Opened) -> None:
    client = opened(redis_url="redis://127.0.0.1:1/0")
    assert [log_in(client) for _ in range(11)] == [401] * 10 + [429]


def test_while_redis_is_away_it_is_tried_once_a_second(
    own_servers: Servers, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = opened(redis_url=own_servers.redis, redis_timeout_ms=300)
    with frozen(own_servers.valkey):
        log_in(client)
        began = time.monotonic()
        for at in range(5):
            client.post("/auth/verify", json={"token": f"made up {at}"})
        assert time.monotonic() - began < 0.3  # one try alone would have waited as long


def test_memory_for_windows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_KEYS", 3)
    memory = counting.Memory()
    # given
    for key in "abcd":
        assert memory.acquire(key, limit=1, expiry=60, amount=1)
    # then the one used longest ago is forgotten, and no other
    assert [memory.window(key, 60)[1] for key in "abcd"] == [0, 1, 1, 1]
    assert not memory.acquire("b", limit=1, expiry=60, amount=1)
    assert memory.acquire("e", limit=1, expiry=60, amount=1)
    assert [memory.window(key, 60)[1] for key in "bcde"] == [1, 0, 1, 1]


def test_more_than_a_limit_at_once_is_never_granted() -> None:
    memory = counting.Memory()
    assert not memory.acquire("a", limit=5, expiry=60, amount=6)
    assert memory.acquire("a", limit=5, expiry=60, amount=5)
