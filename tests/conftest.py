"""Real servers for all tests: one throw-away PostgreSQL and Redis, one database and one Redis number per worker."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import hypothesis
import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, create_engine, delete, event, make_url, select, text, update
from sqlalchemy.orm import Session

import init_db
from app import create_app
from demo.cast import CAST, PASSWORD
from demo.people import add_missing_people
from gateways.storage.local import LocalStorage
from launch import embedded_servers
from models import Region, TaxRate, User
from tests.support import GraphQLClient, QuickPasswords, TestDatabase, add_cast_sessions, make_product, truncate
from utils.config import load_settings
from wiring import Shop, build

# A busy machine is no fault of an example.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

TEMPLATE = "shop_template"
# What tests that really commit may leave behind; seeds and the cast stay.
_TOUCHED = (
    "products, stripe_products, orders, order_items, order_steps, stock_movements, outbox_events, idempotency_keys, "
    "discounts, pricing_rules, customer_tiers, tier_changes, periodic_runs, user_sessions, refresh_tokens, "
    "account_links, staff_invitations, addresses, audit_entries, import_jobs, brands, families, collections, "
    "search_words, search_word_variants"
)


def pytest_configure(config: pytest.Config) -> None:
    """Starts the servers in the process that starts the workers, and builds the template of their databases."""
    if hasattr(config, "workerinput"):
        return
    stack = ExitStack()
    running = stack.enter_context(embedded_servers(throw_away=True))
    config.add_cleanup(stack.close)
    os.environ["TEST_DATABASE_URL"] = running.database
    os.environ["TEST_REDIS_URL"] = running.redis
    _build_template(running.database, running.redis)


def _build_template(database_url: str, redis_url: str) -> None:
    _recreate(database_url, TEMPLATE)
    shop = build(_settings(_named(database_url, TEMPLATE), redis_url))
    init_db.migrate(shop)
    init_db.seed(shop)
    with shop.database.write() as session:
        add_missing_people(session, password_hash=QuickPasswords().hash(PASSWORD))
        add_cast_sessions(session)
    shop.database.dispose()
    shop.cache.close()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _recreate(url: str, name: str, template: str | None = None) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    engine.dispose()


def _settings(database_url: str, redis_url: str) -> Any:
    given = {
        "ENVIRONMENT": "test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LOG_LEVEL": "ERROR",
        # Tests are one caller, and a busy one; what limits do is tested with limits of their own.
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "JWT_SECRET": "a secret of the tests, long enough for every algorithm we allow to be chosen",
    }
    return load_settings(given)


@pytest.fixture(scope="session")
def own_shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """This worker's shop over its own database and Redis number; it really commits."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    url = os.environ["TEST_DATABASE_URL"]
    _recreate(url, f"shop_{worker_id}", TEMPLATE)
    redis_url = f"{os.environ['TEST_REDIS_URL'].rsplit('/', 1)[0]}/{number}"
    shop = build(_settings(_named(url, f"shop_{worker_id}"), redis_url))
    shop = replace(shop, storage=LocalStorage(tmp_path_factory.mktemp("media")), passwords=QuickPasswords())
    yield shop
    shop.database.dispose()
    shop.cache.close()


@pytest.fixture(scope="session")
def redis_client(own_shop: Shop) -> Iterator[redis.Redis]:
    """A plain client of this worker's Redis number."""
    client = redis.Redis.from_url(str(own_shop.settings.redis_url))
    yield client
    client.close()


@pytest.fixture
def connection(own_shop: Shop) -> Iterator[Connection]:
    """One connection in a transaction that is rolled back after the test."""
    with own_shop.database.engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def shop(own_shop: Shop, connection: Connection, redis_client: redis.Redis) -> Shop:
    """The shop in a transaction that is rolled back: whatever a test commits is a savepoint of it."""
    redis_client.flushdb()
    return replace(own_shop, database=TestDatabase(own_shop.database, connection))


@pytest.fixture
def committing_shop(own_shop: Shop, redis_client: redis.Redis) -> Iterator[Shop]:
    """The shop with real commits, for tests with threads; it is cleaned afterwards."""
    redis_client.flushdb()
    cast = [person.id for person in CAST]
    with own_shop.database.read() as session:
        before = [dict(row) for row in session.execute(select(User.__table__).where(User.id.in_(cast))).mappings()]
        regions = [dict(row) for row in session.execute(select(Region.__table__)).mappings()]
        rates = list(session.scalars(select(TaxRate.id)))
    yield own_shop
    with own_shop.database.write() as session:
        truncate(session, _TOUCHED)
        # Not truncated: the categories, which may show one, would go with them.
        session.execute(text("DELETE FROM images"))
        session.execute(text("DELETE FROM users WHERE id <> ALL(:cast)"), {"cast": cast})
        # Whoever was renamed, promoted or erased is again who everybody knows.
        session.execute(update(User), before)
        add_cast_sessions(session)
        # And every region is what the seed made it.
        session.execute(delete(TaxRate).where(TaxRate.id.not_in(rates)))
        session.execute(update(Region), regions)
        session.execute(delete(Region).where(Region.code.not_in([each["code"] for each in regions])))


@pytest.fixture
def session(shop: Shop) -> Iterator[Session]:
    """A writing session inside the test's transaction."""
    with shop.database.write() as session:
        yield session


@pytest.fixture
def app(shop: Shop) -> Flask:
    """The web program over the test's transaction."""
    return create_app(shop)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An HTTP client of the web program."""
    return app.test_client()


@pytest.fixture
def graphql(client: FlaskClient, shop: Shop) -> GraphQLClient:
    """Sends a document, as nobody or as one of the cast: graphql("{ me { name } }", as_="alice")."""
    return GraphQLClient(client, shop)


@pytest.fixture
def product(shop: Shop) -> Callable[..., UUID]:
    """Makes a product: product(name="Tea", price="2.50", stock=10, category="fruit") -> its id."""

    def make(**wanted: Any) -> UUID:
        with shop.database.write() as session:
            return make_product(session, shop.cache, **wanted)

    return make


@pytest.fixture
def counted_sql(own_shop: Shop) -> Callable[[], Any]:
    """Counts statements: `with counted_sql() as statements: ...`, then `len(statements)`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            # What is prepared is prepared once for a connection.
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "PREPARE")):
                statements.append(statement)

        engines = (own_shop.database.engine, own_shop.database.reading_engine)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    return counting
