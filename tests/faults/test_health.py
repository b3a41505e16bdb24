"""/health tells within a second what is up, whether a server is stopped or merely does not answer any more."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from app import create_app
from launch import Servers
from tests.faults.away import AWAY, PROMISED_SECONDS, Away, frozen
from tests.faults.rivals import together
from wiring import Shop


@pytest.fixture
def visitor(faulty_shop: Shop) -> FlaskClient:
    return create_app(faulty_shop).test_client()


def asked(visitor: FlaskClient) -> tuple[int, dict[str, Any]]:
    """The status and the body, the time taken off."""
    began = time.monotonic()
    answer = visitor.get("/health")
    assert time.monotonic() - began < PROMISED_SECONDS
    assert answer.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = answer.get_json()
    moment = datetime.fromisoformat(body.pop("timestamp"))
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=5)
    return answer.status_code, body


def told(status: str, *, database: str = "up", redis: str = "up") -> dict[str, Any]:
    return {"status": status, "services": {"database": {"status": database}, "redis": {"status": redis}}}


def test_all_is_well(visitor: FlaskClient) -> None:
    assert asked(visitor) == (200, told("healthy"))


@AWAY
def test_without_redis_the_shop_is_degraded_and_says_so_again_and_again(
    own_servers: Servers, visitor: FlaskClient, away: Away
) -> None:
    asked(visitor)
    with away(own_servers.valkey):
        for _ in range(3):
            assert asked(visitor) == (200, told("degraded", redis="down"))
    assert asked(visitor) == (200, told("healthy"))


@AWAY
def test_without_postgresql_the_shop_is_unhealthy_and_redis_still_told_apart(
    own_servers: Servers, visitor: FlaskClient, away: Away
) -> None:
    asked(visitor)
    with away(own_servers.postgres):
        for _ in range(5):
            assert asked(visitor) == (503, told("unhealthy", database="down"))
    # The question that hung in a frozen server is answered first.
    assert asked(visitor) == (200, told("healthy"))


def test_a_frozen_server_is_asked_once_however_many_want_to_know(
    own_servers: Servers, faulty_shop: Shop, visitor: FlaskClient
) -> None:
    pings: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        pings.append(statement)

    asked(visitor)
    event.listen(faulty_shop.database.reading_engine, "before_cursor_execute", note)
    with frozen(own_servers.postgres):
        for _ in range(3):
            asked(visitor)
    asked(visitor)
    asked(visitor)
    assert len(pings) <= 3  # the one that hung, and one or two after it


def test_it_is_told_from_the_start(own_servers: Servers, visitor: FlaskClient) -> None:
    with frozen(own_servers.postgres), frozen(own_servers.valkey):
        assert asked(visitor) == (503, told("unhealthy", database="down", redis="down"))


def test_many_at_once_are_told_in_time(own_servers: Servers, visitor: FlaskClient) -> None:
    application = visitor.application
    with frozen(own_servers.postgres):
        answers = together([lambda: asked(application.test_client())] * 12)
    assert answers == [(503, told("unhealthy", database="down"))] * 12
