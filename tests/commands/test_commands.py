"""What the commands of manage.py say and how they end when something is not as it should be."""

import logging
import os
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, make_url, select, text

from manage import manage
from models import Department, StaffMembership, User
from tests.faults.own import variables_of
from tests.services.evidence import nothing_changed
from tests.services.tiers import add_orders, kept
from tests.support import ALICE, BOB, make_products
from wiring import Shop
from workers.tiers import categorize_customers


def call(shop: Shop, *words: str, database_url: str | None = None) -> Result:
    variables = variables_of(shop) | ({"DATABASE_URL": database_url} if database_url else {})
    before = logging.getLogger().handlers[:]
    try:
        return CliRunner().invoke(manage, list(words), env=variables)
    finally:
        logging.getLogger().handlers[:] = before  # the command's own writes to an output that is no more


@pytest.fixture
def empty_database(worker_id: str) -> Iterator[str]:
    """A database without a single table."""
    url = make_url(os.environ["TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg2")
    name = f"empty_{worker_id}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


def test_the_cache_is_counted_and_emptied(committing_shop: Shop) -> None:
    shop = committing_shop
    make_products(shop, 2)
    shop.cache.count({"hit": 3, "miss": 1, "bypass": 2})
    told = call(shop, "cache", "stats")
    lines = dict(line.rsplit(maxsplit=1) for line in told.output.splitlines() if not line.startswith("memory"))
    assert told.exit_code == 0
    assert (lines["hit"], lines["miss"]) == ("3", "1")
    assert (lines["bypass"], lines["hits of those kept"], lines["answers"]) == ("2", "75.0%", "0")
    tickets = shop.cache.fetch({"k": "x"}).tickets
    shop.cache.store({"k": b"1"}, tickets)
    cleared = call(shop, "cache", "clear")
    assert (cleared.exit_code, cleared.output) == (0, "The cache is empty.\n")
    assert shop.cache.fetch({"k": "x"}).hits == {}
    assert shop.cache.stats().counted == {}


def test_check_stock_names_what_differs_and_fails(committing_shop: Shop) -> None:
    (tea,) = make_products(committing_shop, 1, name="Tea", stock=10)
    sound = call(committing_shop, "check-stock")
    assert (sound.exit_code, sound.output) == (0, "Every stock count equals the sum of its ledger.\n")
    with committing_shop.database.write() as session:
        session.execute(text("UPDATE products SET stock_count = 9"))
    wrong = call(committing_shop, "check-stock")
    assert (wrong.exit_code, wrong.output) == (1, f"{tea} Tea: stock 9, ledger 10\n")


def test_a_database_without_tables_is_told_in_one_line(committing_shop: Shop, empty_database: str) -> None:
    refused = call(committing_shop, "check-stock", database_url=empty_database)
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: The database has no tables yet. Run `make migrate_and_seed` first.\n",
    )


STAFF = ("create-staff", "--email", "new@example.com", "--name", "New", "--password", "long-enough-1")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (STAFF, 2, "Name the departments of a member of staff, or say --admin."),
        ((*STAFF, "--admin", "--department", "household"), 2, "Name the departments"),
        ((*STAFF, "--department", "nowhere"), 1, "There is no department of this name."),
        ((*STAFF[:-1], "short", "--admin"), 1, "password must have 8 to 128 characters."),
        ((*STAFF[:2], "dana@example.com", *STAFF[3:], "--admin"), 1, "An account with this e-mail address exists."),
    ],
)
def test_staff_that_cannot_be_made_are_not(
    committing_shop: Shop, words: tuple[str, ...], status: int, said: str
) -> None:
    with nothing_changed(committing_shop.database):
        refused = call(committing_shop, *words)
    assert refused.exit_code == status
    assert said in refused.output


def test_staff_are_made_with_their_departments(committing_shop: Shop) -> None:
    made = call(committing_shop, *STAFF, "--department", "household", "--department", "groceries")
    assert made.exit_code == 0
    chosen = (
        select(User.role, Department.slug)
        .join(StaffMembership, StaffMembership.user_id == User.id)
        .join(Department, Department.id == StaffMembership.department_id)
        .where(User.email == "new@example.com")
        .order_by(Department.slug)
    )
    with committing_shop.database.read() as session:
        assert [tuple(row) for row in session.execute(chosen)] == [("staff", "groceries"), ("staff", "household")]


def test_tiers_are_corrected_and_told(committing_shop: Shop) -> None:
    shop = committing_shop
    add_orders(shop, ALICE, 21)
    add_orders(shop, BOB, 3)
    told = []
    for _ in range(2):
        result = call(shop, "categorize-customers")
        assert result.exit_code == 0
        told.append(result.output)
    assert told == [
        "2 customers were counted: of 2 something else was kept, and 1 are in another tier now.\n",
        "2 customers were counted: of 0 something else was kept, and 0 are in another tier now.\n",
    ]
    assert (kept(shop, ALICE), kept(shop, BOB)) == (("silver", 21), ("bronze", 3))
    # and the worker need not do it for a day
    assert categorize_customers(shop, only_if_due=True) is None


def test_tiers_are_not_corrected_by_two_at_once(committing_shop: Shop) -> None:
    shop = committing_shop
    add_orders(shop, ALICE, 21)
    with shop.database.write() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('repair of tiers'))"))
        with nothing_changed(shop.database):
            refused = call(shop, "categorize-customers")
    assert (refused.exit_code, refused.output) == (
        1,
        "Error: Another repair of the tiers is at work. Nothing was done.\n",
    )
