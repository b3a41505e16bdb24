"""Migrations: what they build is what the models say, they can be taken back, and two at once take turns."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import CheckConstraint, Engine, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError

import init_db
from models import Base
from tests.services.evidence import everything
from utils.database import Database
from wiring import Shop

PROJECT = Path(__file__).resolve().parents[2]
MIGRATION_LOCK = 6_218_450_017  # as alembic/env.py has it
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
# Everything that a migration could leave behind: tables, sequences, functions, types.
LEFTOVERS = text(
    """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v')
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    ORDER BY 1
    """
)


@pytest.fixture
def empty(own_shop: Shop, worker_id: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    url = make_url(str(own_shop.settings.database_url))
    name = f"migrated_{worker_id}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def engine(empty: str) -> Iterator[Engine]:
    """Connections to it."""
    engine = create_engine(empty)
    yield engine
    engine.dispose()


def things(engine: Engine) -> list[str]:
    """The names of everything in the database."""
    with engine.connect() as connection:
        return list(connection.scalars(LEFTOVERS))


def test_models_and_migrations_say_the_same_and_everything_can_be_taken_back(empty: str, engine: Engine) -> None:
    config = init_db.alembic_config(empty)
    command.upgrade(config, "head")
    built = things(engine)
    command.check(config)  # raises when autogenerate finds anything
    command.downgrade(config, "base")
    assert things(engine) == ["alembic_version"]
    command.upgrade(config, "head")
    assert things(engine) == built


def test_a_second_migration_changes_nothing(empty: str, engine: Engine) -> None:
    command.upgrade(init_db.alembic_config(empty), "head")
    built = things(engine)
    command.upgrade(init_db.alembic_config(empty), "head")
    assert things(engine) == built


def test_the_database_has_the_checks_of_the_models(own_shop: Shop) -> None:
    """Alembic does not compare CHECK constraints."""
    declared = [
        str(constraint.name)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    with own_shop.database.read() as session:
        built = session.scalars(text("SELECT conname FROM pg_constraint WHERE contype = 'c' ORDER BY conname"))
        assert [name for name in built if name.startswith("ck_")] == sorted(declared)


def test_two_programs_that_start_at_once_take_turns(empty: str, engine: Engine, own_shop: Shop) -> None:
    # given somebody who migrates, and two programs that begin as a host begins two copies of the shop
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": empty,
        "REDIS_URL": str(own_shop.settings.redis_url),
        "ENVIRONMENT": "test",
        "JWT_SECRET": own_shop.settings.jwt_secret,
    }
    with engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        both = [
            subprocess.Popen(
                [sys.executable, "init_db.py"], cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            for _ in range(2)
        ]
        deadline = time.monotonic() + 30
        while holder.execute(WAITING).scalar_one() < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        # then both wait, and nothing is built
        assert holder.execute(WAITING).scalar_one() == 2
        assert things(engine) == []
    # when it is their turn
    printed = [each.communicate(timeout=60)[0].decode() for each in both]
    # then
    assert [each.returncode for each in both] == [0, 0], printed
    seeded = Database(empty)
    rows = {name: len(rows) for name, rows in everything(seeded).items()}
    seeded.dispose()
    assert rows == {name: len(rows) for name, rows in everything(own_shop.database).items()} | {
        # The cast and its sessions are of the tests.
        "users": 0,
        "staff_memberships": 0,
        "user_sessions": 0,
    }


def test_a_migration_waits_three_seconds_for_a_table_and_then_leaves_all_as_it_was(empty: str, engine: Engine) -> None:
    # given the first migration alone, since each is a transaction of its own, and somebody who reads the products and
    # does not stop
    config = init_db.alembic_config(empty)
    command.upgrade(config, "e87d29ee6735")
    built = things(engine)
    with engine.connect() as reader:
        # ... but in the end does, so that a migration without a bound fails this test and does not hang it
        reader.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10s'"))
        reader.execute(text("SELECT count(*) FROM products"))
        # when
        began = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            command.downgrade(config, "base")
        waited = time.monotonic() - began
    # then
    assert int(waited) == 3
    assert things(engine) == built
    # and the next one is not kept out by the lock of the first
    command.downgrade(config, "base")
    assert things(engine) == ["alembic_version"]


ONE_BARCODE_TWICE = """
WITH place AS (
    INSERT INTO departments (id, slug, name) VALUES (gen_random_uuid(), 'all', 'All') RETURNING id
), shelf AS (
    INSERT INTO categories (id, slug, name, department_id, position)
    SELECT gen_random_uuid(), 'all', 'All', id, 0 FROM place RETURNING id
)
INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id, created_at,
    updated_at, barcode)
SELECT ('0190a000-0000-7000-8000-00000000000' || number)::uuid, 'p' || number, 'P', '', 'each', 1, 'USD', 0,
    'published', shelf.id, now(), now(), barcode
FROM shelf, (VALUES (1, '036000291452'), (2, '0036000291452'), (3, '4006381333931')) AS written (number, barcode)
"""


def test_a_barcode_that_two_products_have_in_two_lengths_stops_the_migration_by_name(
    empty: str, engine: Engine
) -> None:
    # given two products of one GTIN, as they could be until then
    config = init_db.alembic_config(empty)
    command.upgrade(config, "c910289208e2")
    with engine.begin() as connection:
        connection.execute(text(ONE_BARCODE_TWICE))
    built = things(engine)
    # when
    with pytest.raises(SystemExit) as refusal:
        command.upgrade(config, "head")
    # then it says which, and leaves all as it was
    [one, other] = (f"0190a000-0000-7000-8000-00000000000{number}" for number in (1, 2))
    assert str(refusal.value).endswith(f": {other} (0036000291452) and {one} (036000291452)")
    assert things(engine) == built
    # and goes on once one of them has another
    with engine.begin() as connection:
        connection.execute(text("UPDATE products SET barcode = NULL WHERE slug = 'p2'"))
    command.upgrade(config, "head")
    with engine.begin() as connection, pytest.raises(IntegrityError, match="uq_products_barcode"):
        connection.execute(text("UPDATE products SET barcode = '00036000291452' WHERE slug = 'p3'"))


REMOVED_TWICE = """
INSERT INTO regions (code, name, currency) VALUES ('DE', 'Germany', 'EUR'), ('FR', 'France', 'EUR');
INSERT INTO price_changes (product_id, region_code, price, currency, effective_from, reason, created_at)
SELECT id, written.region, written.price, 'EUR', now(), written.reason, now()
FROM products, (VALUES ('DE', 9, 'changed'), ('DE', 10, 'removed'), ('FR', 9, 'changed'), ('FR', NULL, 'removed'))
    AS written (region, price, reason)
WHERE slug = 'p3'
"""


def test_removals_of_prices_become_what_the_release_before_wrote(empty: str, engine: Engine) -> None:
    # given
    config = init_db.alembic_config(empty)
    command.upgrade(config, "head")
    with engine.begin() as connection:
        connection.execute(text(ONE_BARCODE_TWICE.replace("(2, '0036000291452'), ", "")))
        connection.execute(text(REMOVED_TWICE))
    # when
    command.downgrade(config, "1862765d91e2")
    # then
    found = text("SELECT region_code, price, reason FROM price_changes ORDER BY id")
    with engine.begin() as connection:
        kept = [tuple(row) for row in connection.execute(found)]
        assert kept == [("DE", 9, "changed"), ("DE", 10, "changed"), ("FR", 9, "changed")]
        with pytest.raises(IntegrityError, match="append-only"), connection.begin_nested():
            connection.execute(text("UPDATE price_changes SET price = 1"))
    command.upgrade(config, "head")
    with engine.begin() as connection:
        assert [tuple(row) for row in connection.execute(found)] == kept
        with pytest.raises(IntegrityError, match="append-only"):
            connection.execute(text("DELETE FROM price_changes"))


def test_the_schema_is_what_init_db_builds(empty: str, engine: Engine, own_shop: Shop) -> None:
    settings = own_shop.settings.model_copy(update={"database_url": empty})
    init_db.migrate(replace(own_shop, settings=settings))
    assert things(engine) == things(own_shop.database.engine)
