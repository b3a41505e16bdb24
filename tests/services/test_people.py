"""Finding accounts: who sees whom, page by page, with nobody twice and nobody lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.people import PeopleQuery, count_people, find_person, list_people
from tests.services.hiring import Hired, erase, hire
from tests.support import ADMIN, ALICE, BOB, CHARLIE, DANA, SAM
from utils import clock
from utils.cursors import cursor_of
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop

CUSTOMERS = {ALICE, BOB, CHARLIE}


@pytest.fixture
def una(shop: Shop) -> Hired:
    """Who looks after the staff of two departments."""
    return hire(shop, "una", Right.USERS, departments=("marketplace", "groceries"))


def found(shop: Shop, actor: Actor = ADMIN, **wanted: Any) -> list[UUID]:
    """The ids on one long page."""
    query = PeopleQuery(actor=actor, first=100, **wanted)
    with shop.database.read() as session:
        page = list_people(session, query)
        assert count_people(session, query) == len(page.users)
    return [each.id for each in page.users]


def test_an_admin_sees_all_but_the_erased(shop: Shop, una: Hired) -> None:
    # given
    ada = hire(shop, "ada", role=Role.ADMIN)
    erase(shop, BOB)
    # then
    assert set(found(shop)) == {ALICE, CHARLIE, SAM, DANA, una.id, ada.id}
    with shop.database.read() as session:
        assert find_person(session, BOB, actor=ADMIN) is None


def test_others_see_customers_and_those_they_work_with(shop: Shop, una: Hired) -> None:
    # given
    elsewhere = hire(shop, "elsewhere", departments=("household",))
    shared = hire(shop, "shared", departments=("household", "groceries"))
    erase(shop, CHARLIE)
    # then
    seen = {ALICE, BOB, SAM, una.id, shared.id}
    assert set(found(shop, una.actor)) == seen
    with shop.database.read() as session:
        for who in (ALICE, BOB, CHARLIE, SAM, DANA, una.id, elsewhere.id, shared.id, new_id()):
            person = find_person(session, who, actor=una.actor)
            assert (None if person is None else person.id) == (who if who in seen else None)


def test_by_role(shop: Shop, una: Hired) -> None:
    assert set(found(shop, role=Role.CUSTOMER)) == CUSTOMERS
    assert set(found(shop, role=Role.STAFF)) == {SAM, una.id}
    assert found(shop, role=Role.ADMIN) == [DANA]
    assert found(shop, una.actor, role=Role.ADMIN) == []


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("alice@example.com", {ALICE}),
        (" Alice@EXAMPLE.com ", {ALICE}),
        ("ALI", {ALICE}),
        ("alice@example.co", {ALICE}),
        ("example.com", set()),
        ("a%", set()),
        ("_lice@example.com", set()),
        ("\\", set()),
    ],
)
def test_by_an_address_or_how_it_begins(shop: Shop, email: str, expected: set[UUID]) -> None:
    assert set(found(shop, email=email)) == expected


def test_an_address_that_is_seen_by_others_only_is_not_found(shop: Shop, una: Hired) -> None:
    hire(shop, "elsewhere", departments=("household",))
    assert found(shop, una.actor, email="elsewhere@example.com") == []
    assert found(shop, una.actor, email="dana@example.com") == []


@pytest.mark.parametrize("first", [1, 2, 3, 7, 100])
def test_the_pages_hold_everybody_once_the_newest_first(shop: Shop, first: int) -> None:
    # given people of whom many came at one moment
    start = clock.now() + timedelta(days=1)
    made = []
    for number in range(7):
        with time_machine.travel(start + timedelta(hours=number // 3), tick=False):
            made.append((number // 3, hire(shop, f"p{number}").id))
    # when
    seen: list[UUID] = []
    after = None
    while True:
        query = PeopleQuery(actor=ADMIN, first=first, after=after)
        with shop.database.read() as session:
            page = list_people(session, query)
        seen += [each.id for each in page.users]
        if not page.has_next:
            break
        assert len(page.users) == first
        after = query.cursor(page.users[-1])
    # then
    assert len(seen) == len(set(seen)) == 12
    assert seen[:7] == [each for _, each in sorted(made, reverse=True)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"first": 0},
        {"first": 101},
        {"email": ""},
        {"email": "a\0"},
        {"email": "x" * 255},
        {"after": ""},
        {"after": "nonsense"},
        {"after": "é"},
        {"after": "x" * 201},
        {"after": cursor_of("auditLog", new_id())},
        {"after": cursor_of("users", new_id())},
        {"after": cursor_of("users", datetime(2026, 1, 1, tzinfo=UTC), "x")},
        {"after": cursor_of("users", "2026-01-01", new_id())},
        {"after": cursor_of("users", "0001-01-01T00:00:00+23:59", new_id())},
        {"after": cursor_of("users", datetime(2026, 1, 1, tzinfo=UTC), new_id(), "x")},
        {"after": "WzEsMiwzXQ"},
        {"after": "e30"},
        {"after": "MQ"},
    ],
)
def test_bad_pages_are_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        PeopleQuery(actor=ADMIN, **wanted)
    assert refused.value.details["field"] == next(iter(wanted))
