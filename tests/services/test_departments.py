"""Departments: made, renamed and removed, and never taken from those who need them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from models import Department
from models.user import Role
from services.accounts.departments import (
    create_department,
    find_department,
    list_departments,
    list_departments_of,
    remove_department,
    rename_department,
)
from services.accounts.granting import Post
from services.accounts.inviting import invite_staff, withdraw_invitation
from tests.faults.rivals import beside, interrupted, outcomes, together, until_blocked
from tests.services.evidence import nothing_changed
from tests.services.hiring import department_id, departments_as_before, entries, hire
from tests.support import ADMIN, ALICE, DANA, SAM
from utils import clock
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop


def created(shop: Shop, name: str) -> UUID:
    """Makes a department."""
    with shop.database.write() as session:
        return create_department(session, name, actor=ADMIN)


def renamed(shop: Shop, department: UUID, name: str) -> None:
    """Gives a department another name."""
    with shop.database.write() as session:
        rename_department(session, department, name, actor=ADMIN)


def removed(shop: Shop, department: UUID) -> None:
    """Removes a department."""
    with shop.database.write() as session:
        remove_department(session, department, actor=ADMIN)


def found(shop: Shop, department: UUID) -> tuple[str, str] | None:
    """The slug and the name of a department."""
    with shop.database.read() as session:
        row = find_department(session, department)
        return None if row is None else (row.slug, row.name)


def test_a_department_is_made_renamed_and_removed_and_all_of_it_is_noted(shop: Shop) -> None:
    # when
    department = created(shop, "  Café & Bar's ")
    # then
    assert found(shop, department) == ("cafe-bars", "Café & Bar's")
    # and when
    renamed(shop, department, "Bistro")
    # then
    assert found(shop, department) == ("cafe-bars", "Bistro")
    # and when
    removed(shop, department)
    # then
    assert found(shop, department) is None
    assert [
        (each.action, each.subject_id, each.actor_id, each.before, each.after) for each in entries(shop.database)
    ] == [
        ("department.created", department, DANA, None, {"name": "Café & Bar's", "slug": "cafe-bars"}),
        ("department.changed", department, DANA, {"name": "Café & Bar's"}, {"name": "Bistro"}),
        ("department.removed", department, DANA, {"name": "Bistro", "slug": "cafe-bars"}, None),
    ]


def test_departments_are_listed_by_name(shop: Shop) -> None:
    created(shop, "Aquarium")
    with shop.database.read() as session:
        names = [each.name for each in list_departments(session)]
    assert names == ["Aquarium", "Fresh Food", "Groceries", "Household", "Marketplace"]


def test_who_works_where_is_read_for_many_at_once(shop: Shop) -> None:
    kim = hire(shop, "kim", departments=("marketplace", "groceries"))
    with shop.database.read() as session:
        names = {
            user_id: [each.name for each in rows]
            for user_id, rows in list_departments_of(session, [kim.id, SAM, ALICE, DANA]).items()
        }
    assert names == {kim.id: ["Groceries", "Marketplace"], SAM: ["Marketplace"], ALICE: [], DANA: []}


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "x" * 101])
def test_bad_names_are_refused(shop: Shop, name: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        created(shop, name)


@pytest.mark.parametrize("name", ["漢字", "---"])
def test_a_name_without_letters_for_an_address_gets_one_of_the_id(shop: Shop, name: str) -> None:
    made = created(shop, name)
    with shop.database.read() as session:
        department = session.get_one(Department, made)
    assert (department.name, department.slug) == (name, f"department-{made.hex[-12:]}")


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 101])
def test_bad_new_names_are_refused(shop: Shop, name: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        renamed(shop, department_id(shop, "household"), name)


def test_a_slug_is_had_once(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(Conflict) as refused:
        created(shop, "Fresh  FOOD!")
    assert refused.value.details == {"field": "name", "slug": "fresh-food"}


@pytest.mark.parametrize("act", [lambda shop, each: renamed(shop, each, "X"), removed])
def test_what_does_not_exist_is_not_found(shop: Shop, act: Callable[[Shop, UUID], None]) -> None:
    for unknown in (new_id(), DANA):
        with nothing_changed(shop.database), pytest.raises(NotFound):
            act(shop, unknown)


def test_a_department_with_categories_stays(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(Conflict, match="categories"):
        removed(shop, department_id(shop, "household"))


def test_a_department_with_staff_stays(shop: Shop) -> None:
    department = created(shop, "Bistro")
    hire(shop, "kim", departments=("bistro",))
    with nothing_changed(shop.database), pytest.raises(Conflict, match="still has staff"):
        removed(shop, department)


def test_a_department_with_open_invitations_stays_until_they_are_gone(shop: Shop) -> None:
    # given
    department = created(shop, "Bistro")
    post = Post(Role.STAFF, frozenset({department, department_id(shop, "household")}))
    with shop.database.write() as session:
        invitation = invite_staff(session, "eve@example.com", post, actor=ADMIN)
    # then
    with nothing_changed(shop.database), pytest.raises(Conflict, match="still has open invitations"):
        removed(shop, department)
    # when it is withdrawn
    with shop.database.write() as session:
        withdraw_invitation(session, invitation, actor=ADMIN)
    # then
    removed(shop, department)


def test_an_invitation_past_its_time_keeps_no_department(shop: Shop) -> None:
    department = created(shop, "Bistro")
    with shop.database.write() as session:
        invite_staff(session, "eve@example.com", Post(Role.STAFF, frozenset({department})), actor=ADMIN)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        removed(shop, department)
    assert found(shop, department) is None


@pytest.fixture
def own_departments(committing_shop: Shop) -> Iterator[Shop]:
    """A shop with real commits; what departments a test made are gone afterwards."""
    with departments_as_before(committing_shop):
        yield committing_shop


def test_of_many_departments_of_one_name_at_once_one_is_made(own_departments: Shop) -> None:
    results = together([lambda: created(own_departments, "Bistro") for _ in range(4)])
    assert outcomes(results) == {"UUID": 1, "Conflict": 3}


def test_nobody_is_invited_into_a_department_that_is_being_removed(own_departments: Shop) -> None:
    # given
    shop = own_departments
    department = created(shop, "Bistro")
    post = Post(Role.STAFF, frozenset({department}))
    ada = hire(shop, "ada", role=Role.ADMIN)

    def invite() -> None:
        with shop.database.write() as session:
            invite_staff(session, "eve@example.com", post, actor=ada.actor)

    with beside() as start:
        rivals = []

        def rival() -> None:
            rivals.append(start(invite))
            until_blocked(shop.database)

        # when
        with interrupted(shop.database.engine, after="FROM departments", by=rival):
            removed(shop, department)
    # then
    assert isinstance(rivals[0].exception(), NotFound)
    assert found(shop, department) is None
