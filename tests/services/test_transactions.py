"""The database of the house: one commit, nothing before it, and "not now" is said as UNAVAILABLE."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import Region
from services.catalogue.stock.stock import lock_products
from tests.services.evidence import nothing_changed
from tests.support import make_products
from utils.database import Database, after_commit
from utils.errors import Unavailable
from wiring import Shop


@pytest.fixture
def hurried(own_shop: Shop) -> Iterator[Database]:
    """The same database with little patience and one connection."""
    database = Database(
        str(own_shop.settings.database_url),
        pool_size=1,
        statement_timeout_ms=100,
        lock_timeout_ms=50,
        connect_timeout_seconds=1,
    )
    yield database
    database.dispose()


def moon() -> Region:
    """A row to be written."""
    return Region(code="MO", name="Moon", currency="USD")


def test_a_block_that_raises_leaves_nothing_and_runs_nothing(shop: Shop) -> None:
    done: list[str] = []

    def fail_late() -> None:
        with shop.database.write() as session:
            after_commit(session, lambda: done.append("told"))
            session.add(moon())
            session.flush()
            raise ZeroDivisionError

    with nothing_changed(shop.database), pytest.raises(ZeroDivisionError):
        fail_late()
    assert done == []


def test_what_waits_for_the_commit_runs_after_it_in_order(committing_shop: Shop) -> None:
    database, seen = committing_shop.database, list[object]()

    def look(word: str) -> None:
        with database.read() as session:
            seen.append((word, session.scalars(select(Region.name).where(Region.code == "MO")).one_or_none()))

    try:
        with database.write() as session:
            session.add(moon())
            after_commit(session, lambda: look("first"))
            after_commit(session, lambda: look("second"))
            look("before")
        assert seen == [("before", None), ("first", "Moon"), ("second", "Moon")]
    finally:
        with database.write() as session:
            session.execute(text("DELETE FROM regions WHERE code = 'MO'"))


def test_an_act_after_the_commit_that_fails_fails_alone(shop: Shop) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError("the cache is away")

    with shop.database.write() as session:
        after_commit(session, fail)
        after_commit(session, lambda: done.append("told"))
        session.add(moon())
    with shop.database.read() as session:
        assert session.get_one(Region, "MO").name == "Moon"
    assert done == ["told"]


def test_a_failure_at_the_commit_itself_is_the_callers(committing_shop: Shop) -> None:
    # given a constraint that is only checked at the commit
    database, told = committing_shop.database, list[str]()
    with database.write() as session:
        session.execute(text("CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))

    def insert() -> None:
        with database.write() as session:
            after_commit(session, lambda: told.append("told"))
            session.execute(text("INSERT INTO late VALUES (1), (1)"))

    try:
        # when
        with pytest.raises(IntegrityError):
            insert()
        # then
        assert told == []
    finally:
        with database.write() as session:
            session.execute(text("DROP TABLE late"))


def test_a_read_session_refuses_to_write(committing_shop: Shop) -> None:
    database = committing_shop.database
    with nothing_changed(database):
        with database.read() as session:
            session.add(moon())
            with pytest.raises(RuntimeError, match="a read session was asked to write"):
                session.flush()
            session.rollback()
        with pytest.raises(DBAPIError, match="read-only transaction"), database.read() as session:
            session.execute(text("DELETE FROM regions"))


def test_a_lock_that_somebody_keeps_is_unavailable(committing_shop: Shop, hurried: Database) -> None:
    (tea,) = make_products(committing_shop, 1)
    wanted: dict[UUID, int] = {tea: 1}
    with committing_shop.database.write() as holder:
        lock_products(holder, wanted, cache=committing_shop.cache)
        with pytest.raises(Unavailable) as refusal, hurried.write() as session:
            lock_products(session, wanted, cache=committing_shop.cache)
    assert refusal.value.message == "The database did not answer in time. Try again in a few seconds."
    with hurried.write() as session:
        locked = lock_products(session, wanted, cache=committing_shop.cache)
        assert [product.id for product in locked.products] == [tea]


def test_a_statement_that_takes_too_long_is_unavailable(hurried: Database) -> None:
    with pytest.raises(Unavailable), hurried.read() as session:
        session.execute(text("SELECT pg_sleep(5)"))
    hurried.ping()


def test_a_connection_that_is_cut_is_unavailable_and_the_next_is_well(hurried: Database) -> None:
    with pytest.raises(Unavailable), hurried.write() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    hurried.ping()
    with hurried.write() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1


def test_no_free_connection_is_unavailable(own_shop: Shop) -> None:
    database = Database(str(own_shop.settings.database_url), pool_size=1, connect_timeout_seconds=1)
    with database.write() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Unavailable) as refusal, database.write() as rival:
            rival.execute(text("SELECT 1"))
    database.dispose()
    assert refusal.value.message == "The shop is very busy. Try again in a few seconds."


def test_a_database_that_is_not_there_is_unavailable() -> None:
    away = Database("postgresql+psycopg2://nobody:x@127.0.0.1:1/none", connect_timeout_seconds=1)
    with pytest.raises(Unavailable):
        away.ping()


def test_a_fault_of_ours_is_not_called_unavailable(shop: Shop) -> None:
    with pytest.raises(DBAPIError, match="does not exist"), shop.database.write() as session:
        session.execute(text("SELECT * FROM moon"))


def test_sessions_speak_utc(committing_shop: Shop) -> None:
    for opened in (committing_shop.database.read, committing_shop.database.write):
        with opened() as session:
            assert session.execute(text("SHOW timezone")).scalar_one() == "UTC"


def test_a_fault_does_not_tell_what_was_written(own_shop: Shop) -> None:
    statement = text("SELECT 1 / 0, CAST(:secret AS text)")
    with pytest.raises(DBAPIError) as fault, own_shop.database.write() as session:
        session.execute(statement, {"secret": "$argon2id$of-somebody"})
    assert "division by zero" in str(fault.value)
    assert "$argon2id$of-somebody" not in str(fault.value)
