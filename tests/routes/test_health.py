"""The health door: healthy, degraded without Redis, unhealthy without PostgreSQL, and soon in each case."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from socket import create_server
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app import create_app
from tests.services.evidence import nothing_changed
from utils.cache import Cache
from utils.database import Database
from wiring import Shop

NOWHERE = "127.0.0.1:1"


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def database_at(address: str) -> Database:
    """A database that may not be there."""
    return Database(f"postgresql+psycopg2://nobody:x@{address}/none", connect_timeout_seconds=2)


def cache_at(address: str) -> Cache:
    """A cache that may not be there."""
    return Cache(f"redis://{address}/0")


def asked(shop: Shop, **parts: Any) -> tuple[int, str, dict[str, str], int]:
    """Status, word, the services' words, and how many whole seconds the answer took."""
    client = create_app(replace(shop, **parts)).test_client()
    began = time.monotonic()
    answer = client.get("/health")
    seconds = int(time.monotonic() - began)
    body = answer.get_json()
    assert answer.headers["Cache-Control"] == "no-store"
    return (
        answer.status_code,
        body["status"],
        {name: each["status"] for name, each in body["services"].items()},
        seconds,
    )


def test_healthy(client: FlaskClient, committing_shop: Shop) -> None:
    with nothing_changed(committing_shop.database):
        assert asked(committing_shop) == (200, "healthy", {"database": "up", "redis": "up"}, 0)


@time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False)
def test_it_says_when(committing_shop: Shop) -> None:
    body = create_app(committing_shop).test_client().get("/health").get_json()
    assert body["timestamp"] == "2026-03-01T12:00:00+00:00"
    assert set(body) == {"status", "timestamp", "services"}


def test_degraded_without_redis(committing_shop: Shop) -> None:
    expected = (200, "degraded", {"database": "up", "redis": "down"}, 0)
    assert asked(committing_shop, cache=cache_at(NOWHERE)) == expected
    with silent_server() as address:
        assert asked(committing_shop, cache=cache_at(address)) == expected


def test_unhealthy_without_postgresql(committing_shop: Shop) -> None:
    expected = (503, "unhealthy", {"database": "down", "redis": "up"}, 0)
    assert asked(committing_shop, database=database_at(NOWHERE)) == expected
    with silent_server() as address:
        assert asked(committing_shop, database=database_at(address)) == expected


def test_unhealthy_without_either(committing_shop: Shop) -> None:
    assert asked(committing_shop, database=database_at(NOWHERE), cache=cache_at(NOWHERE)) == (
        503,
        "unhealthy",
        {"database": "down", "redis": "down"},
        0,
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(client: FlaskClient, method: str) -> None:
    answer = client.open("/health", method=method)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
