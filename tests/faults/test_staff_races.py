"""What staff have under way when their post is taken away: it is done before that, or not at all."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from models import AuditEntry, StaffInvitation, StaffMembership, User, UserSession
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.departments import create_department, remove_department, rename_department
from services.accounts.granting import Post
from services.accounts.inviting import invite_staff, list_invitations, withdraw_invitation
from services.accounts.people import end_sessions_of
from services.accounts.staff import StaffChange, change_staff, remove_staff
from tests.faults.rivals import beside, interrupted, outcomes, together, until_blocked
from tests.services.evidence import everything, nothing_changed
from tests.services.hiring import Hired, departments, departments_as_before, hire, post_of
from tests.support import ADMIN, BOB
from utils import clock
from utils.errors import Conflict, Unauthenticated
from wiring import Shop

LOCKED = "FOR NO KEY UPDATE"
ROUNDS = 15
Act = Callable[[Shop, Actor, dict[str, UUID]], Any]


def invited(shop: Shop, email: str, *, by: Actor) -> UUID:
    """Invites somebody to the marketplace."""
    post = Post(Role.STAFF, departments(shop, "marketplace"))
    with shop.database.write() as session:
        return invite_staff(session, email, post, actor=by)


def removed(shop: Shop, who: UUID, *, by: Actor = ADMIN) -> None:
    """Makes a customer of somebody."""
    with shop.database.write() as session:
        remove_staff(session, who, actor=by, cache=shop.cache)


def promoted(shop: Shop, who: UUID, *, by: Actor) -> None:
    """Makes an admin of somebody."""
    with shop.database.write() as session:
        change_staff(session, who, StaffChange(admin=True), actor=by, cache=shop.cache)


def _change(shop: Shop, actor: Actor, names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        change_staff(session, names["kim"], StaffChange(rights=[]), actor=actor, cache=shop.cache)


def _withdraw(shop: Shop, actor: Actor, names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        withdraw_invitation(session, names["invitation"], actor=actor)


def _end_sessions(shop: Shop, actor: Actor, names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        end_sessions_of(session, names["bob"], actor=actor, cache=shop.cache)


def _create(shop: Shop, actor: Actor, _names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        create_department(session, "Bistro", actor=actor)


def _rename(shop: Shop, actor: Actor, names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        rename_department(session, names["bare"], "Bistro", actor=actor)


def _remove_department(shop: Shop, actor: Actor, names: dict[str, UUID]) -> None:
    with shop.database.write() as session:
        remove_department(session, names["bare"], actor=actor)


OF_STAFF: dict[str, Act] = {
    "inviteStaff": lambda shop, actor, names: invited(shop, "new@example.com", by=actor),
    "withdrawInvitation": _withdraw,
    "changeStaff": _change,
    "removeStaff": lambda shop, actor, names: removed(shop, names["kim"], by=actor),
    "endSessionsOf": _end_sessions,
}
OF_ADMINS = OF_STAFF | {
    "createDepartment": _create,
    "renameDepartment": _rename,
    "removeDepartment": _remove_department,
}


def things(shop: Shop) -> dict[str, UUID]:
    """What the acts are done to."""
    with shop.database.write() as session:
        bare = create_department(session, "Bare", actor=ADMIN)
    kim = hire(shop, "kim", Right.READ)
    return {"bare": bare, "kim": kim.id, "invitation": invited(shop, "eve@example.com", by=ADMIN), "bob": BOB}


def actor_for(shop: Shop, role: Role) -> Hired:
    """An admin, or who looks after the staff of the marketplace."""
    if role is Role.ADMIN:
        return hire(shop, "una", role=role)
    return hire(shop, "una", Right.USERS, departments=("marketplace", "groceries"))


CASES = [(Role.STAFF, name) for name in OF_STAFF] + [(Role.ADMIN, name) for name in OF_ADMINS]


@pytest.fixture
def busy_shop(committing_shop: Shop) -> Iterator[Shop]:
    """A shop with real commits; what departments a test made are gone afterwards."""
    with departments_as_before(committing_shop):
        yield committing_shop


@pytest.mark.parametrize(("role", "name"), CASES)
def test_who_has_what_the_token_says_may_act(shop: Shop, role: Role, name: str) -> None:
    names, una = things(shop), actor_for(shop, role)
    before = everything(shop.database)
    OF_ADMINS[name](shop, una.actor, names)
    assert everything(shop.database) != before


@pytest.mark.parametrize(("role", "name"), CASES)
def test_an_act_that_waits_for_the_removal_of_its_actor_is_refused(busy_shop: Shop, role: Role, name: str) -> None:
    # given
    shop = busy_shop
    names, una = things(shop), actor_for(shop, role)
    with beside() as start:
        rivals = []

        def act() -> None:
            rivals.append(start(lambda: OF_ADMINS[name](shop, una.actor, names)))
            until_blocked(shop.database)

        # when
        with interrupted(shop.database.engine, after=LOCKED, by=act):
            removed(shop, una.id)
    # then
    refusal = rivals[0].exception()
    assert (type(refusal), str(refusal)) == (Unauthenticated, "Your rights have changed. Log in again.")
    # and the removal is all that the log has to tell
    with shop.database.read() as session:
        noted = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert noted == ["department.created", "staff.invited", "staff.removed"]


def _end_session(shop: Shop, una: Hired) -> None:
    _written(shop, update(UserSession).where(UserSession.user_id == una.id).values(revoked_at=clock.now()))


def _take_role(shop: Shop, una: Hired) -> None:
    _written(shop, update(User).where(User.id == una.id).values(role="customer", rights=[]))


def _give_another_role(shop: Shop, una: Hired) -> None:
    other = Role.STAFF if una.actor.is_admin else Role.ADMIN
    _written(shop, update(User).where(User.id == una.id).values(role=other, rights=[]))


def _erase(shop: Shop, una: Hired) -> None:
    _written(shop, update(User).where(User.id == una.id).values(deleted_at=clock.now()))


def _take_right(shop: Shop, una: Hired) -> None:
    _written(shop, update(User).where(User.id == una.id).values(rights=["read"]))


def _take_department(shop: Shop, una: Hired) -> None:
    (groceries,) = departments(shop, "groceries")
    moved = update(StaffMembership).where(StaffMembership.user_id == una.id, StaffMembership.department_id == groceries)
    (household,) = departments(shop, "household")
    _written(shop, moved.values(department_id=household))


def _written(shop: Shop, statement: Any) -> None:
    with shop.database.write() as session:
        session.execute(statement)


LOSSES = [_end_session, _take_role, _give_another_role, _erase, _take_right, _take_department]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("role", "name"), CASES)
def test_who_has_less_than_the_token_says_is_refused(
    shop: Shop, role: Role, name: str, loss: Callable[[Shop, Hired], None]
) -> None:
    if role is Role.ADMIN and loss in (_take_right, _take_department):
        loss = _take_role  # admins have neither
    names, una = things(shop), actor_for(shop, role)
    loss(shop, una)
    with nothing_changed(shop.database), pytest.raises(Unauthenticated):
        OF_ADMINS[name](shop, una.actor, names)


def invited_until_refused(shop: Shop, name: str, *, by: Actor) -> int:
    """Invites one after the other; how many before it was refused."""
    for count in range(1000):
        try:
            invited(shop, f"{name}-{count}@example.com", by=by)
        except Unauthenticated:
            return count
    raise AssertionError("nobody stopped it")


def test_no_invitation_of_a_removed_person_stays_open(committing_shop: Shop) -> None:
    shop = committing_shop
    for number in range(ROUNDS):
        una = hire(shop, f"una{number}", Right.USERS)

        acts = [partial(invited_until_refused, shop, f"n{number}-{thread}", by=una.actor) for thread in range(6)]
        results = together([*acts, partial(removed, shop, una.id)])
        assert outcomes(results) == {"int": 6, "NoneType": 1}, results
        with shop.database.read() as session:
            assert list_invitations(session, actor=ADMIN) == []
            made = session.scalars(select(StaffInvitation.id).where(StaffInvitation.invited_by == una.id)).all()
        assert len(made) == sum(results[:6])


def test_a_removed_admin_makes_no_admin_afterwards(committing_shop: Shop) -> None:
    shop = committing_shop
    for number in range(ROUNDS):
        # given
        ada, sock = hire(shop, f"ada{number}", role=Role.ADMIN), hire(shop, f"sock{number}")
        # when
        done, gone = together([partial(promoted, shop, sock.id, by=ada.actor), partial(removed, shop, ada.id)])
        # then either it was done before, or it was refused
        assert gone is None
        with shop.database.read() as session:
            about = AuditEntry.subject_id.in_([ada.id, sock.id])
            noted = session.scalars(select(AuditEntry.action).where(about).order_by(AuditEntry.id)).all()
        if done is None:
            assert noted == ["staff.changed", "staff.removed"]
        else:
            assert (type(done), noted) == (Unauthenticated, ["staff.removed"])
            assert post_of(shop.database, sock.id).role is Role.STAFF
        # leave Dana alone for the next round
        if done is None:
            removed(shop, sock.id)


def test_colleagues_who_remove_each_other_do_not_wait_for_each_other(committing_shop: Shop) -> None:
    shop = committing_shop
    for number in range(ROUNDS):
        one, other = hire(shop, f"one{number}", Right.USERS), hire(shop, f"other{number}", Right.USERS)
        results = together(
            [
                partial(removed, shop, other.id, by=one.actor),
                partial(removed, shop, one.id, by=other.actor),
            ]
        )
        assert outcomes(results) in ({"NoneType": 1, "Unauthenticated": 1}, {"Unauthenticated": 1, "NoneType": 1})


def test_of_two_admins_who_go_at_once_one_stays(committing_shop: Shop) -> None:
    shop = committing_shop
    for number in range(ROUNDS):
        ada = hire(shop, f"ada{number}", role=Role.ADMIN)
        try:
            results = together([partial(removed, shop, ada.id, by=ada.actor), lambda: removed(shop, ADMIN.id)])
            assert outcomes(results) in ({"NoneType": 1, "Conflict": 1}, {"Conflict": 1, "NoneType": 1})
            stays = ada.id if isinstance(results[0], Conflict) else ADMIN.id
            assert post_of(shop.database, stays) == Post(Role.ADMIN)
        finally:
            _written(shop, update(User).where(User.id == ADMIN.id).values(role="admin", rights=[]))
            _written(shop, update(User).where(User.id == ada.id).values(role="customer"))
