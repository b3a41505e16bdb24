"""A PostgreSQL and a Redis of these tests' own, started when the first of them needs one."""

from collections.abc import Iterator

import pytest
import redis
from sqlalchemy import text

from launch import Servers, embedded_servers
from tests.faults.own import opened_shop, prepare
from tests.support import truncate
from wiring import Shop


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Servers]:
    """Two servers with a prepared database, for tests that stop or freeze them and always bring them back."""
    with embedded_servers(throw_away=True) as servers:
        with opened_shop(servers) as shop:
            prepare(shop)
            with shop.database.write() as session:
                # Throw-away servers may forget in a crash what they acknowledged a moment before; these may not.
                session.execute(text("ALTER DATABASE shop SET synchronous_commit = on"))
        yield servers


@pytest.fixture
def faulty_shop(own_servers: Servers) -> Iterator[Shop]:
    """A shop over servers that the test may stop or freeze; without goods, orders and cached answers at its start."""
    with opened_shop(own_servers) as shop:
        with redis.Redis.from_url(own_servers.redis) as client:
            client.flushall()
        with shop.database.write() as session:
            truncate(session, "products, orders, outbox_events, idempotency_keys")
        yield shop
