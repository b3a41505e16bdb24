"""Looking after staff: who may do it to whom, what they may give, and that the shop never loses its last admin."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from models import StaffMembership, User
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.granting import Post
from services.accounts.inviting import invite_staff, list_invitations
from services.accounts.staff import StaffChange, change_staff, remove_staff
from tests.faults.rivals import beside, interrupted, outcomes, together, until_blocked
from tests.services.evidence import nothing_changed
from tests.services.hiring import Hired, department_id, departments, entries, erase, hire, post_of
from tests.services.people import sessions_of
from tests.support import ADMIN, ALICE, DANA, SAM
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop


def changed(shop: Shop, who: UUID, *, by: Actor, **wanted: Any) -> None:
    """Changes somebody's post."""
    with shop.database.write() as session:
        change_staff(session, who, StaffChange(**wanted), actor=by, cache=shop.cache)


def removed(shop: Shop, who: UUID, *, by: Actor) -> None:
    """Makes a customer of somebody."""
    with shop.database.write() as session:
        remove_staff(session, who, actor=by, cache=shop.cache)


@pytest.fixture
def una(shop: Shop) -> Hired:
    """Who looks after the staff of two departments."""
    return hire(shop, "una", Right.USERS, Right.READ, departments=("marketplace", "groceries"))


def test_a_change_is_made_noted_and_ends_the_sessions(shop: Shop, una: Hired) -> None:
    # given
    kim = hire(shop, "kim", Right.READ)
    # when
    changed(shop, kim.id, by=una.actor, rights=[Right.USERS], departments=departments(shop, "groceries"))
    # then
    assert post_of(shop.database, kim.id) == Post(Role.STAFF, departments(shop, "groceries"), frozenset({Right.USERS}))
    assert [each.revoked_at is not None for each in sessions_of(shop.database, kim.id)] == [True]
    note = entries(shop.database)[-1]
    assert (note.action, note.subject_id, note.actor_id) == ("staff.changed", kim.id, una.id)
    assert note.before == {"departments": [str(department_id(shop, "marketplace"))], "rights": ["read"]}
    assert note.after == {"departments": [str(department_id(shop, "groceries"))], "rights": ["users"]}


def test_what_is_not_named_stays(shop: Shop) -> None:
    kim = hire(shop, "kim", Right.READ, Right.REFUNDS, departments=("household", "groceries"))
    changed(shop, kim.id, by=ADMIN, rights=[])
    assert post_of(shop.database, kim.id) == Post(Role.STAFF, departments(shop, "household", "groceries"))
    changed(shop, kim.id, by=ADMIN, departments=departments(shop, "household"))
    assert post_of(shop.database, kim.id) == Post(Role.STAFF, departments(shop, "household"))


def test_a_change_that_changes_nothing_ends_no_session(shop: Shop) -> None:
    kim = hire(shop, "kim", Right.READ)
    with nothing_changed(shop.database):
        changed(shop, kim.id, by=ADMIN)
        changed(shop, kim.id, by=ADMIN, rights=[Right.READ], departments=departments(shop, "marketplace"), admin=False)


def test_an_admin_makes_an_admin_and_staff_again(shop: Shop) -> None:
    # given
    kim = hire(shop, "kim", Right.READ)
    # when
    changed(shop, kim.id, by=ADMIN, admin=True)
    # then
    assert post_of(shop.database, kim.id) == Post(Role.ADMIN)
    # and back, into a department that must be named
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        changed(shop, kim.id, by=ADMIN, admin=False)
    changed(shop, kim.id, by=ADMIN, admin=False, departments=departments(shop, "household"))
    assert post_of(shop.database, kim.id) == Post(Role.STAFF, departments(shop, "household"))
    assert entries(shop.database)[-1].before == {"departments": [], "role": "admin"}


def test_removed_staff_are_customers(shop: Shop, una: Hired) -> None:
    # given
    kim = hire(shop, "kim", Right.READ, departments=("groceries",))
    # when
    removed(shop, kim.id, by=una.actor)
    # then
    assert post_of(shop.database, kim.id) == Post(Role.CUSTOMER)
    assert [each.revoked_at is not None for each in sessions_of(shop.database, kim.id)] == [True]
    note = entries(shop.database)[-1]
    assert (note.action, note.subject_id, note.actor_id) == ("staff.removed", kim.id, una.id)
    assert note.before == {
        "role": "staff",
        "departments": [str(department_id(shop, "groceries"))],
        "rights": ["read"],
    }
    assert note.after == {"role": "customer", "departments": [], "rights": []}


def test_for_others_than_admins_most_people_do_not_exist(shop: Shop, una: Hired) -> None:
    # given
    elsewhere = hire(shop, "elsewhere", departments=("household",))
    also_elsewhere = hire(shop, "also", departments=("marketplace", "household"))
    gone = hire(shop, "gone")
    erase(shop, gone.id)
    # then
    wishes: list[dict[str, Any]] = [{"rights": []}, {"rights": [Right.REFUNDS]}, {"admin": True}]
    wishes.append({"departments": {new_id()}})
    refusals = set()
    for who in (elsewhere.id, also_elsewhere.id, gone.id, DANA, ALICE, una.id, new_id()):
        for wanted in wishes:
            with nothing_changed(shop.database), pytest.raises(NotFound) as refused:
                changed(shop, who, by=una.actor, **wanted)
            refusals.add((refused.value.message, refused.value.details["field"]))
        with nothing_changed(shop.database), pytest.raises(NotFound) as refused:
            removed(shop, who, by=una.actor)
        refusals.add((refused.value.message, refused.value.details["field"]))
    assert refusals == {("There is no such member of staff.", "userId")}


@pytest.mark.parametrize("customer", [ALICE, new_id()])
def test_for_admins_too_a_customer_is_no_member_of_staff(shop: Shop, customer: UUID) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound):
        changed(shop, customer, by=ADMIN, rights=[])
    with nothing_changed(shop.database), pytest.raises(NotFound):
        removed(shop, customer, by=ADMIN)


@pytest.mark.parametrize(
    ("wanted", "refusal", "field"),
    [
        ({"rights": [Right.REFUNDS]}, Forbidden, "rights"),
        ({"rights": list(Right)}, Forbidden, "rights"),
        ({"departments": ["household"]}, NotFound, "departmentIds"),
        ({"departments": ["marketplace", "household"]}, NotFound, "departmentIds"),
        ({"departments": ["marketplace", None]}, NotFound, "departmentIds"),
        ({"departments": []}, InvalidInput, "departmentIds"),
        ({"admin": True}, Forbidden, "admin"),
        ({"admin": True, "rights": [Right.READ]}, InvalidInput, "admin"),
    ],
)
def test_nobody_gives_what_they_have_not(
    shop: Shop, una: Hired, wanted: dict[str, Any], refusal: type[DomainError], field: str
) -> None:
    kim = hire(shop, "kim")
    if "departments" in wanted:
        slugs = wanted["departments"]
        wanted = {"departments": {new_id() if slug is None else department_id(shop, slug) for slug in slugs}}
    with nothing_changed(shop.database), pytest.raises(refusal) as refused:
        changed(shop, kim.id, by=una.actor, **wanted)
    assert refused.value.details["field"] == field


def test_what_a_person_has_may_stay_although_the_changer_could_not_give_it(shop: Shop, una: Hired) -> None:
    kim = hire(shop, "kim", Right.REFUNDS)
    changed(shop, kim.id, by=una.actor, rights=[Right.REFUNDS, Right.READ])
    assert post_of(shop.database, kim.id).rights == {Right.REFUNDS, Right.READ}
    changed(shop, kim.id, by=una.actor, rights=[])
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        changed(shop, kim.id, by=una.actor, rights=[Right.REFUNDS])


@pytest.mark.parametrize("caller", ["kim", "alice"])
def test_without_the_right_nobody_is_there_to_be_changed(shop: Shop, caller: str) -> None:
    kim = hire(shop, "kim", Right.READ, Right.ORDERS)
    actor = kim.actor if caller == "kim" else Actor(ALICE, Role.CUSTOMER)
    with nothing_changed(shop.database), pytest.raises(NotFound):
        changed(shop, SAM, by=actor, rights=[])


def test_an_admin_of_two_may_go_and_the_last_one_may_not(shop: Shop) -> None:
    # given
    ada = hire(shop, "ada", role=Role.ADMIN)
    # when
    removed(shop, DANA, by=ADMIN)
    # then
    assert post_of(shop.database, DANA) == Post(Role.CUSTOMER)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        removed(shop, ada.id, by=ada.actor)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        changed(shop, ada.id, by=ada.actor, admin=False, departments=departments(shop, "household"))


def test_an_erased_admin_is_no_admin_who_is_left(shop: Shop) -> None:
    erase(shop, hire(shop, "ada", role=Role.ADMIN).id)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        removed(shop, DANA, by=ADMIN)


def test_what_was_offered_goes_with_the_post_it_was_offered_from(shop: Shop, una: Hired) -> None:
    # given three offers
    market, groceries = departments(shop, "marketplace"), departments(shop, "groceries")
    with shop.database.write() as session:
        kept = invite_staff(session, "a@example.com", Post(Role.STAFF, market), actor=una.actor)
        invite_staff(session, "b@example.com", Post(Role.STAFF, groceries), actor=una.actor)
        invite_staff(session, "c@example.com", Post(Role.STAFF, market, frozenset({Right.READ})), actor=una.actor)
    # when una loses a department and a right
    changed(shop, una.id, by=ADMIN, departments=market, rights=[Right.USERS])
    # then
    with shop.database.read() as session:
        assert [each.id for each in list_invitations(session, actor=ADMIN)] == [kept]
    withdrawn = [each for each in entries(shop.database) if each.action == "staff.invitation_withdrawn"]
    assert [each.actor_id for each in withdrawn] == [DANA, DANA]
    # and when she goes, the last one goes too
    removed(shop, una.id, by=ADMIN)
    with shop.database.read() as session:
        assert list_invitations(session, actor=ADMIN) == []


@pytest.fixture
def two_admins(committing_shop: Shop) -> Iterator[tuple[Shop, Hired]]:
    """A shop with real commits and two admins, Dana and Ada; Dana is one again afterwards."""
    yield committing_shop, hire(committing_shop, "ada", role=Role.ADMIN)
    with committing_shop.database.write() as session:
        session.execute(update(User).where(User.id == DANA).values(role="admin", rights=[]))
        session.execute(delete(StaffMembership).where(StaffMembership.user_id == DANA))


def test_two_admins_who_remove_each_other_at_once_leave_one(two_admins: tuple[Shop, Hired]) -> None:
    shop, ada = two_admins
    results = together([lambda: removed(shop, ada.id, by=ADMIN), lambda: removed(shop, DANA, by=ada.actor)])
    # the loser is none any more
    assert outcomes(results) in ({"NoneType": 1, "Unauthenticated": 1}, {"Unauthenticated": 1, "NoneType": 1})
    assert sorted(post_of(shop.database, each).role for each in (DANA, ada.id)) == ["admin", "customer"]


def test_a_rival_waits_until_it_is_decided_who_the_last_admin_is(two_admins: tuple[Shop, Hired]) -> None:
    # given
    shop, ada = two_admins
    household = departments(shop, "household")
    with beside() as start:
        rivals = []

        def demote_dana() -> None:
            rivals.append(start(lambda: changed(shop, DANA, by=ADMIN, admin=False, departments=household)))
            until_blocked(shop.database)

        # when Ada goes, and in the middle of it Dana is to go too
        with interrupted(shop.database.engine, after="FOR NO KEY UPDATE", by=demote_dana):
            removed(shop, ada.id, by=ada.actor)
    # then
    assert isinstance(rivals[0].exception(), Conflict)
    assert post_of(shop.database, DANA) == Post(Role.ADMIN)
    assert post_of(shop.database, ada.id) == Post(Role.CUSTOMER)
