"""Invitations: who may offer what, and that a link opens a post once, in time, and for its address only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from models import Address, StaffInvitation, User
from models.user import Right, Role
from services.accounts.actor import Actor
from services.accounts.changing_email import request_email_change
from services.accounts.granting import Post
from services.accounts.inviting import (
    accept_invitation,
    find_invitation,
    invite_staff,
    list_invitations,
    withdraw_invitation,
)
from services.accounts.letters import INVITATION_PURPOSE
from services.accounts.staff import remove_staff
from tests.faults.rivals import outcomes, together
from tests.services.evidence import nothing_changed
from tests.services.hiring import Hired, departments, entries, erase, hire, post_of
from tests.services.people import GOOD_PASSWORD, account, come_in, letters, links, registered, sessions_of
from tests.support import ADMIN, ALICE, BOB, DANA, SAM, QuickPasswords
from utils import clock
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, LinkInvalid, NotFound, WrongCredentials
from utils.ids import new_id
from wiring import Shop

EVE = "eve@example.com"


def offered(shop: Shop, *rights: Right, slugs: tuple[str, ...] = ("marketplace",)) -> Post:
    """A post of staff."""
    return Post(Role.STAFF, departments(shop, *slugs), frozenset(rights))


def invited(shop: Shop, *, email: str = EVE, post: Post | None = None, by: Actor = ADMIN) -> UUID:
    """Invites somebody and returns the invitation's id."""
    with shop.database.write() as session:
        return invite_staff(session, email, post or offered(shop, Right.READ), actor=by)


def withdrawn(shop: Shop, invitation: UUID, *, by: Actor = ADMIN) -> None:
    """Withdraws an invitation."""
    with shop.database.write() as session:
        withdraw_invitation(session, invitation, actor=by)


def accepted(shop: Shop, invitation: UUID, *, name: str = "Eve", password: str = GOOD_PASSWORD) -> None:
    """Follows the link of an invitation."""
    with_token(shop, shop.links.sign(INVITATION_PURPOSE, invitation), name=name, password=password)


def with_token(shop: Shop, token: str, *, name: str = "Eve", password: str = GOOD_PASSWORD) -> None:
    """Follows a link."""
    accept_invitation(
        shop.database, shop.passwords, shop.links, token=token, name=name, password=password, cache=shop.cache
    )


def row(shop: Shop, invitation: UUID) -> StaffInvitation:
    """The invitation as PostgreSQL has it."""
    with shop.database.read() as session:
        return session.get_one(StaffInvitation, invitation)


def seen(shop: Shop, *, by: Actor) -> list[UUID]:
    """The ids of the invitations that somebody is shown."""
    with shop.database.read() as session:
        return [each.id for each in list_invitations(session, actor=by)]


@pytest.fixture
def una(shop: Shop) -> Hired:
    """Who looks after the staff of two departments."""
    return hire(shop, "una", Right.USERS, Right.READ, departments=("marketplace", "groceries"))


def test_an_invitation_is_mailed_and_noted_without_the_address(shop: Shop, una: Hired) -> None:
    # when
    invitation = invited(shop, email="Eve@Example.COM", by=una.actor)
    # then
    made = row(shop, invitation)
    assert (made.email, made.role, made.rights, made.invited_by) == (EVE, "staff", ["read"], una.id)
    assert frozenset(made.departments) == departments(shop, "marketplace")
    assert made.expires_at - made.created_at == timedelta(days=7)
    assert (made.accepted_at, made.withdrawn_at) == (None, None)
    assert letters(shop.database) == [("invitation", invitation)]
    note = entries(shop.database)[-1]
    assert (note.action, note.subject_id, note.actor_id) == ("staff.invited", invitation, una.id)
    assert note.after == offered(shop, Right.READ).as_json()


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=8)])
def test_a_new_invitation_takes_the_place_of_the_open_one(shop: Shop, later: timedelta) -> None:
    # given
    former = invited(shop)
    # when
    with time_machine.travel(clock.now() + later, tick=False):
        latter = invited(shop, post=Post(Role.ADMIN))
        # then
        assert seen(shop, by=ADMIN) == [latter]
        assert (row(shop, former).withdrawn_at, row(shop, former).email) == (clock.now(), None)
        assert [each.action for each in entries(shop.database)] == [
            "staff.invited",
            "staff.invitation_withdrawn",
            "staff.invited",
        ]
        with pytest.raises(LinkInvalid):
            accepted(shop, former)
        accepted(shop, latter)
    assert post_of(shop.database, account(shop, EVE).id) == Post(Role.ADMIN)


@pytest.mark.parametrize(
    ("post", "refusal", "field"),
    [
        (lambda shop: Post(Role.ADMIN), Forbidden, "admin"),
        (lambda shop: offered(shop, Right.REFUNDS), Forbidden, "rights"),
        (lambda shop: offered(shop, slugs=("household",)), NotFound, "departmentIds"),
        (lambda shop: offered(shop, slugs=("marketplace", "household")), NotFound, "departmentIds"),
        (lambda shop: Post(Role.STAFF, frozenset({new_id()})), NotFound, "departmentIds"),
    ],
)
def test_nobody_offers_what_they_have_not(
    shop: Shop, una: Hired, post: Callable[[Shop], Post], refusal: type[DomainError], field: str
) -> None:
    with nothing_changed(shop.database), pytest.raises(refusal) as refused:
        invited(shop, post=post(shop), by=una.actor)
    assert refused.value.details["field"] == field


def test_an_admin_offers_no_department_that_does_not_exist(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound):
        invited(shop, post=Post(Role.STAFF, departments(shop, "household") | {new_id()}))


@pytest.mark.parametrize("email", ["", "eve", "eve@", "e\0ve@example.com", "x" * 250 + "@example.com"])
def test_what_is_no_address_is_not_invited(shop: Shop, email: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        invited(shop, email=email)


def test_colleagues_are_not_invited_and_of_others_nothing_is_said(shop: Shop, una: Hired) -> None:
    # given
    hire(shop, "stranger", departments=("household",))
    # then
    for by, email in ((una.actor, "sam@example.com"), (ADMIN, "sam@example.com"), (ADMIN, "dana@example.com")):
        with nothing_changed(shop.database), pytest.raises(Conflict):
            invited(shop, email=email, by=by)
    for email in ("stranger@example.com", "dana@example.com", "nobody@example.com", "bob@example.com"):
        assert row(shop, invited(shop, email=email, by=una.actor)).email == email


def test_an_invitation_of_others_is_not_pushed_aside(shop: Shop, una: Hired) -> None:
    for post in (
        Post(Role.ADMIN),
        offered(shop, slugs=("household",)),
        offered(shop, slugs=("groceries", "household")),
    ):
        invited(shop, post=post)
        with nothing_changed(shop.database), pytest.raises(Conflict):
            invited(shop, by=una.actor)


def test_one_sees_and_withdraws_what_one_may_offer_only(shop: Shop, una: Hired) -> None:
    # given
    ours = invited(shop, email="a@example.com", post=offered(shop, Right.REFUNDS))
    theirs = invited(shop, email="b@example.com", post=offered(shop, slugs=("household",)))
    shared = invited(shop, email="c@example.com", post=offered(shop, slugs=("household", "groceries")))
    admins = invited(shop, email="d@example.com", post=Post(Role.ADMIN))
    gone = invited(shop, email="e@example.com")
    withdrawn(shop, gone)
    # then
    assert seen(shop, by=una.actor) == [ours]
    assert seen(shop, by=ADMIN) == [admins, shared, theirs, ours]
    refusals = set()
    for invitation in (theirs, shared, admins, gone, new_id(), una.id):
        with nothing_changed(shop.database), pytest.raises(NotFound) as refused:
            withdrawn(shop, invitation, by=una.actor)
        refusals.add(refused.value.message)
    assert refusals == {"There is no such invitation."}
    # and
    withdrawn(shop, ours, by=una.actor)
    assert seen(shop, by=una.actor) == []
    assert entries(shop.database)[-1].actor_id == una.id
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)):
        assert seen(shop, by=ADMIN) == []


def test_somebody_new_gets_an_account_that_is_proven(shop: Shop) -> None:
    # given
    post = offered(shop, Right.READ, Right.USERS, slugs=("marketplace", "household"))
    invitation = invited(shop, post=post)
    # when
    accepted(shop, invitation, name=" Eve Adams ")
    # then
    eve = account(shop, EVE)
    assert (eve.name, eve.email_verified) == ("Eve Adams", True)
    assert post_of(shop.database, eve.id) == post
    assert come_in(shop, EVE).user.id == eve.id
    note = entries(shop.database)[1]
    assert (note.action, note.subject_id, note.actor_id) == ("staff.invitation_accepted", eve.id, eve.id)
    assert note.after == {"invitation": str(invitation), **post.as_json()}


def test_somebody_known_gives_the_password_and_keeps_the_account(shop: Shop) -> None:
    # given
    registered(shop, email="fay@example.com", name="Fay")
    accepted(shop, invited(shop, email="fay@example.com"))
    fay = account(shop, "fay@example.com")
    with shop.database.write() as session:
        remove_staff(session, fay.id, actor=ADMIN, cache=shop.cache)
    come_in(shop, "fay@example.com")
    invitation = invited(shop, email="fay@example.com", post=Post(Role.ADMIN))
    # when the password is wrong
    with nothing_changed(shop.database, but=("audit_entries",)), pytest.raises(WrongCredentials):
        accepted(shop, invitation, password="another password")
    # and when it is right, whatever the name
    accepted(shop, invitation, name="")
    # then
    after = account(shop, "fay@example.com")
    assert (after.id, after.name, after.password_hash) == (fay.id, "Eve", fay.password_hash)
    assert post_of(shop.database, fay.id) == Post(Role.ADMIN)
    assert all(each.revoked_at is not None for each in sessions_of(shop.database, fay.id))


def test_an_account_that_nobody_proved_is_taken_over(shop: Shop) -> None:
    # given somebody who registered the address before its owner was invited
    registered(shop, email=EVE, name="Mallory", password="mallory's own", phone="+14155550123")
    squatter = come_in(shop, EVE, "mallory's own")
    actor = Actor(squatter.user.id, Role.CUSTOMER)
    with shop.database.write() as session:
        home = {"recipient": "Mallory", "line1": "1 Road", "city": "Town", "country": "US"}
        session.add(Address(user_id=actor.id, is_default_shipping=True, is_default_billing=True, **home))
    request_email_change(
        shop.database, shop.passwords, actor=actor, new_email="mallory@example.com", password="mallory's own"
    )
    # when
    accepted(shop, invited(shop))
    # then
    eve = account(shop, EVE)
    assert (eve.id, eve.name, eve.phone, eve.email_verified) == (squatter.user.id, "Eve", None, True)
    assert post_of(shop.database, eve.id) == offered(shop, Right.READ)
    assert [each.revoked_at is not None for each in sessions_of(shop.database, eve.id)] == [True]
    assert [link.purpose for link in links(shop.database)] == ["email_change_notice"]
    with shop.database.read() as session:
        assert session.scalars(select(Address)).all() == []
    with pytest.raises(WrongCredentials):
        come_in(shop, EVE, "mallory's own")
    assert come_in(shop, EVE).user.id == eve.id


def test_a_link_serves_once(shop: Shop) -> None:
    invitation = invited(shop)
    accepted(shop, invitation)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        accepted(shop, invitation)


def test_a_link_serves_for_seven_days(shop: Shop) -> None:
    invitation = invited(shop)
    ends = row(shop, invitation).expires_at
    with time_machine.travel(ends, tick=False), nothing_changed(shop.database), pytest.raises(LinkInvalid):
        accepted(shop, invitation)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        accepted(shop, invitation)


@pytest.mark.parametrize(
    "token",
    [
        lambda shop, invitation: "",
        lambda shop, invitation: str(invitation),
        lambda shop, invitation: shop.links.sign(INVITATION_PURPOSE, invitation)[:-1],
        lambda shop, invitation: shop.links.sign("verification", invitation),
        lambda shop, invitation: shop.links.sign(INVITATION_PURPOSE, new_id()),
        lambda shop, invitation: shop.links.sign(INVITATION_PURPOSE, ALICE),
        lambda shop, invitation: "x" * 10_000,
    ],
)
def test_every_other_link_is_refused_in_the_same_words(shop: Shop, token: Callable[[Shop, UUID], str]) -> None:
    invitation = invited(shop)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        with_token(shop, token(shop, invitation))


def test_a_withdrawn_invitation_is_worthless(shop: Shop) -> None:
    invitation = invited(shop)
    withdrawn(shop, invitation)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        accepted(shop, invitation)


@pytest.mark.parametrize(
    "wanted", [{"name": ""}, {"name": "a\0b"}, {"password": "short"}, {"password": "12345678"}, {"password": EVE}]
)
def test_a_bad_name_or_password_leaves_the_link_good(shop: Shop, wanted: dict[str, Any]) -> None:
    invitation = invited(shop)
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        accepted(shop, invitation, **wanted)
    accepted(shop, invitation)


def test_who_works_here_already_cannot_accept(shop: Shop, una: Hired) -> None:
    # given somebody of whom una does not know that they work here
    secret = shop.passwords.hash(GOOD_PASSWORD)
    elsewhere = hire(shop, "elsewhere", departments=("household",), password_hash=secret)
    invitation = invited(shop, email=elsewhere.email, by=una.actor)
    # then
    with nothing_changed(shop.database), pytest.raises(Conflict):
        accepted(shop, invitation)
    assert post_of(shop.database, elsewhere.id) == offered(shop, slugs=("household",))


def test_an_erased_person_cannot_accept(shop: Shop) -> None:
    invitation = invited(shop, email="bob@example.com")
    erase(shop, BOB)
    with nothing_changed(shop.database), pytest.raises(DomainError):
        accepted(shop, invitation, password="Market-Demo-1")
    assert post_of(shop.database, BOB) == Post(Role.CUSTOMER)


@pytest.mark.parametrize("who", [ALICE, SAM])
def test_without_the_right_one_sees_none(shop: Shop, who: UUID) -> None:
    # given an actor who has the department, or a customer
    invitation = invited(shop)
    works_here = who == SAM
    actor = Actor(who, Role.STAFF, departments(shop, "marketplace")) if works_here else Actor(who, Role.CUSTOMER)
    # then
    with nothing_changed(shop.database), pytest.raises(NotFound):
        withdrawn(shop, invitation, by=actor)


class Overtaken(QuickPasswords):
    """Hashes and checks as ever; before it says so, a rival acts."""

    def __init__(self, rival: Callable[[], None]) -> None:
        super().__init__()
        self._rival = rival

    def hash(self, password: str) -> str:
        """The hash; then the rival has been here."""
        made = super().hash(password)
        self._rival()
        return made

    def matches(self, encoded: str | None, password: str) -> bool:
        """Whether it fits; then the rival has been here."""
        found = super().matches(encoded, password)
        self._rival()
        return found


@pytest.mark.parametrize("proven", [False, True])
def test_an_account_that_moves_to_another_address_meanwhile_gets_no_post(shop: Shop, proven: bool) -> None:
    # given somebody who registered the address before its owner was invited
    registered(shop, email=EVE, name="Mallory", password=GOOD_PASSWORD)
    mallory, invitation = account(shop, EVE).id, invited(shop)
    if proven:
        with shop.database.write() as session:
            session.execute(update(User).where(User.id == mallory).values(email_verified_at=clock.now()))

    def move() -> None:
        with shop.database.write() as session:
            user = session.get_one(User, mallory)
            user.email, user.email_verified_at = "mallory@example.com", clock.now()

    # when the address is another one by the time the password was hashed
    overtaken = replace(shop, passwords=Overtaken(move))
    with pytest.raises(LinkInvalid):
        accepted(overtaken, invitation)
    # then
    assert post_of(shop.database, mallory) == Post(Role.CUSTOMER)
    assert account(shop, "mallory@example.com").name == "Mallory"
    # and the link still serves whoever reads that mail
    accepted(shop, invitation)
    assert post_of(shop.database, account(shop, EVE).id) == offered(shop, Right.READ)


@pytest.mark.parametrize("known", [False, True])
def test_an_invitation_that_was_answered_keeps_no_address(shop: Shop, known: bool) -> None:
    # given
    if known:
        registered(shop, email=EVE)
    used, other = invited(shop), invited(shop, email="fay@example.com")
    # when
    accepted(shop, used)
    withdrawn(shop, other)
    # then
    assert [row(shop, each).email for each in (used, other)] == [None, None]
    with shop.database.read() as session:
        assert [find_invitation(session, each) for each in (used, other)] == [None, None]
    # and both addresses may be invited again
    assert row(shop, invited(shop, email="fay@example.com")).email == "fay@example.com"


def test_of_many_who_follow_one_link_one_comes_in(committing_shop: Shop) -> None:
    shop = committing_shop
    invitation = invited(shop)
    results = together([lambda: accepted(shop, invitation) for _ in range(4)])
    assert outcomes(results)["NoneType"] == 1
    assert {type(each) for each in results} <= {type(None), LinkInvalid, WrongCredentials, Conflict}
    with shop.database.read() as session:
        used = session.scalars(select(StaffInvitation.accepted_at)).all()
    assert [each is not None for each in used] == [True]


def test_of_many_invitations_at_once_one_is_open(committing_shop: Shop) -> None:
    shop = committing_shop
    results = together([lambda: invited(shop) for _ in range(4)])
    assert set(outcomes(results)) <= {"UUID", "Conflict"}
    assert len(seen(shop, by=ADMIN)) == 1
    assert len(letters(shop.database)) == outcomes(results)["UUID"]


def test_the_inviter_may_go(shop: Shop) -> None:
    # given
    invitation = invited(shop)
    with shop.database.write() as session:
        session.execute(update(StaffInvitation).values(invited_by=None))
    # when
    accepted(shop, invitation)
    # then
    assert post_of(shop.database, account(shop, EVE).id) == offered(shop, Right.READ)
    assert entries(shop.database)[0].actor_id == DANA
