"""Deleting an account while it is used: whoever is first, nothing of the person comes back, and an admin stays."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from models import AccountLink, Address, RefreshToken, User, UserSession
from models.account_link import LinkPurpose
from models.user import Role
from services.accounts import addresses, profile
from services.accounts.actor import Actor
from services.accounts.addresses import AddressChange
from services.accounts.changing_email import confirm_email_change, request_email_change
from services.accounts.changing_password import change_password, request_password_reset, reset_password
from services.accounts.erasing import delete_account, pseudonymous_email
from services.accounts.exporting import export_account
from services.accounts.profile import ProfileChange
from services.accounts.sessions import SignedIn, actor_of
from services.accounts.staff import remove_staff
from services.accounts.verifying import request_verification, verify_email
from tests.faults.rivals import beside, interrupted, together, until_blocked
from tests.services.people import ERIN, GOOD_PASSWORD, account, come_in, go_on, newest_token, registered
from utils.errors import Conflict, LinkInvalid, Unauthenticated, WrongCredentials
from wiring import Shop

NEW = "another good one"


@pytest.fixture
def erin(committing_shop: Shop) -> Actor:
    """A customer with a proven address."""
    registered(committing_shop)
    with committing_shop.database.write() as session:
        session.execute(update(User).where(User.email == ERIN).values(email_verified_at=func.now()))
    return Actor(id=account(committing_shop).id, role=Role.CUSTOMER)


def erase(shop: Shop, actor: Actor, password: str = GOOD_PASSWORD) -> None:
    """The person deletes the account."""
    delete_account(shop.database, shop.passwords, actor=actor, password=password, cache=shop.cache)


def assert_nothing_left(shop: Shop, user_id: UUID) -> None:
    """The row is the pseudonym, and no table that is emptied has a row of the person."""
    with shop.database.read() as session:
        user = session.get_one(User, user_id)
        assert (user.email, user.name, user.phone) == (pseudonymous_email(user_id), "Deleted account", None)
        assert (user.password_hash, user.role, user.email_verified_at) == ("!", "customer", None)
        for table in (Address, AccountLink, UserSession):
            assert session.scalars(select(table).where(table.user_id == user_id)).all() == [], table
        assert session.scalars(select(RefreshToken)).all() == []  # nobody else has any here


def reset_token(shop: Shop) -> str:
    """What stands in a mail to set a new password."""
    request_password_reset(shop.database, email=ERIN)
    return newest_token(shop, LinkPurpose.PASSWORD_RESET)


def test_a_login_whose_password_was_checked_before_does_not_get_in(committing_shop: Shop, erin: Actor) -> None:
    shop = committing_shop
    with (
        interrupted(shop.database.reading_engine, after="users.email =", by=lambda: erase(shop, erin)),
        pytest.raises(WrongCredentials),
    ):
        come_in(shop)
    assert_nothing_left(shop, erin.id)


def test_a_refresh_that_was_first_leaves_tokens_that_are_worth_nothing(committing_shop: Shop, erin: Actor) -> None:
    shop = committing_shop
    first = come_in(shop)
    with beside() as start:
        pending: list[Any] = []

        def rival() -> None:
            pending.append(start(lambda: erase(shop, erin)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="FROM refresh_tokens", by=rival):
            second = go_on(shop, first.refresh_token)
        assert pending[0].result() is None
    assert_nothing_left(shop, erin.id)
    with pytest.raises(Unauthenticated):
        go_on(shop, second.refresh_token)
    assert_dead(shop, second)


def assert_dead(shop: Shop, signed_in: SignedIn) -> None:
    """The access token's session lives neither in PostgreSQL nor in Redis."""
    session_id = actor_of(shop.tokens, signed_in.access_token).session_id
    name = f"session:{session_id}"
    assert shop.cache.fetch({name: name}).hits == {}


def test_a_refresh_that_comes_second_is_refused(committing_shop: Shop, erin: Actor) -> None:
    shop = committing_shop
    first = come_in(shop)
    with beside() as start:
        pending: list[Any] = []

        def rival() -> None:
            pending.append(start(lambda: go_on(shop, first.refresh_token)))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="DELETE FROM refresh_tokens", by=rival):
            erase(shop, erin)
        assert isinstance(pending[0].exception(), Unauthenticated)
    assert_nothing_left(shop, erin.id)
    assert_dead(shop, first)


def test_a_session_is_taken_after_its_tokens_as_a_refresh_takes_them(committing_shop: Shop, erin: Actor) -> None:
    """In the other order the two could wait for each other."""
    shop = committing_shop
    come_in(shop)
    with beside() as start:
        with shop.database.write() as session:
            session.scalars(select(RefreshToken).with_for_update()).all()
            pending = start(lambda: erase(shop, erin))
            until_blocked(shop.database)
            session.scalars(select(UserSession).where(UserSession.user_id == erin.id).with_for_update()).all()
        assert pending.result() is None
    assert_nothing_left(shop, erin.id)


def _reset(shop: Shop) -> Callable[[], None]:
    token = reset_token(shop)
    return lambda: reset_password(shop.database, shop.passwords, shop.links, token=token, new=NEW, cache=shop.cache)


def _verify(shop: Shop) -> Callable[[], None]:
    with shop.database.write() as session:
        session.execute(update(User).where(User.email == ERIN).values(email_verified_at=None))
    request_verification(shop.database, email=ERIN)
    token = newest_token(shop, LinkPurpose.VERIFICATION)
    return lambda: verify_email(shop.database, shop.links, token=token)


def _confirm(shop: Shop) -> Callable[[], None]:
    erin = Actor(id=account(shop).id, role=Role.CUSTOMER)
    request_email_change(shop.database, shop.passwords, actor=erin, new_email="new@example.com", password=GOOD_PASSWORD)
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    return lambda: confirm_email_change(shop.database, shop.links, token=token, cache=shop.cache)


@pytest.mark.parametrize("prepare", [_reset, _verify, _confirm])
def test_a_link_that_was_just_read_does_nothing_for_a_deleted_account(
    committing_shop: Shop, erin: Actor, prepare: Callable[[Shop], Callable[[], None]]
) -> None:
    shop = committing_shop
    follow = prepare(shop)
    with (
        interrupted(shop.database.engine, after="FROM account_links", by=lambda: erase(shop, erin)),
        pytest.raises(LinkInvalid),
    ):
        follow()
    assert_nothing_left(shop, erin.id)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (
            lambda shop, erin: change_password(
                shop.database, shop.passwords, actor=erin, current=GOOD_PASSWORD, new=NEW, cache=shop.cache
            ),
            WrongCredentials,
        ),
        (
            lambda shop, erin: request_email_change(
                shop.database, shop.passwords, actor=erin, new_email="new@example.com", password=GOOD_PASSWORD
            ),
            WrongCredentials,
        ),
    ],
)
def test_a_change_whose_password_was_checked_before_is_refused(
    committing_shop: Shop, erin: Actor, act: Callable[[Shop, Actor], None], refusal: type[Exception]
) -> None:
    shop = committing_shop
    with (
        interrupted(shop.database.reading_engine, after="FROM users", by=lambda: erase(shop, erin)),
        pytest.raises(refusal),
    ):
        act(shop, erin)
    assert_nothing_left(shop, erin.id)


def test_requests_under_way_write_nothing_personal_after_the_deletion(committing_shop: Shop, erin: Actor) -> None:
    shop = committing_shop

    def write(act: Callable[[Any], object]) -> None:
        with shop.database.write() as session:
            act(session)

    home = AddressChange(recipient="Erin", line1="1 Long Street", city="Leeds", country="GB")
    with beside() as start:
        pending: list[Any] = []

        def rivals() -> None:
            pending.append(
                start(partial(write, lambda each: profile.update_profile(each, ProfileChange("E"), actor=erin)))
            )
            pending.append(start(partial(write, lambda each: addresses.add_address(each, home, actor=erin))))
            until_blocked(shop.database, 2)

        with interrupted(shop.database.engine, after="DELETE FROM refresh_tokens", by=rivals):
            erase(shop, erin)
        assert [type(each.exception()) for each in pending] == [Unauthenticated] * 2
    assert_nothing_left(shop, erin.id)
    with pytest.raises(Unauthenticated):
        write(lambda each: export_account(each, actor=erin))


def test_everything_at_once_leaves_nothing(committing_shop: Shop) -> None:
    shop = committing_shop
    for _ in range(6):
        registered(shop)
        with shop.database.write() as session:
            session.execute(update(User).where(User.email == ERIN).values(email_verified_at=func.now()))
        erin = Actor(id=account(shop).id, role=Role.CUSTOMER)
        signed_in, reset = come_in(shop), _reset(shop)
        results = together(
            [
                partial(erase, shop, erin),
                partial(come_in, shop),
                partial(go_on, shop, signed_in.refresh_token),
                reset,
            ]
        )
        if isinstance(results[0], WrongCredentials):
            assert results[3] is None  # the new password was first
            erase(shop, erin, NEW)
        else:
            assert results[0] is None
        assert_nothing_left(shop, erin.id)
        for each in (signed_in, *results[1:3]):
            if isinstance(each, SignedIn):
                assert_dead(shop, each)


def _two_admins(shop: Shop) -> list[Actor]:
    """Two admins with a known password, and nobody else who is one."""
    made = []
    for email in ("erin@example.com", "frank@example.com"):
        registered(shop, email=email)
        made.append(account(shop, email).id)
    with shop.database.write() as session:
        session.execute(update(User).where(User.role == Role.ADMIN).values(role=Role.CUSTOMER))
        session.execute(update(User).where(User.id.in_(made)).values(role=Role.ADMIN))
    return [Actor(id=each, role=Role.ADMIN) for each in made]


@pytest.fixture
def admins(committing_shop: Shop) -> Any:
    """Two admins, the only ones; the cast has its own again afterwards."""
    with committing_shop.database.read() as session:
        former = session.scalars(select(User.id).where(User.role == Role.ADMIN)).all()
    yield _two_admins(committing_shop)
    with committing_shop.database.write() as session:
        session.execute(update(User).where(User.id.in_(former)).values(role=Role.ADMIN))


def _living_admins(shop: Shop) -> int:
    with shop.database.read() as session:
        living = select(func.count()).where(User.role == Role.ADMIN, User.deleted_at.is_(None))
        return session.scalars(living).one()


def test_of_two_last_admins_who_go_at_one_moment_one_stays(committing_shop: Shop, admins: list[Actor]) -> None:
    results = together([partial(erase, committing_shop, each) for each in admins])

    assert sorted(type(each).__name__ for each in results) == ["Conflict", "NoneType"]
    assert _living_admins(committing_shop) == 1


def test_of_two_last_admins_one_goes_or_the_other_is_demoted(committing_shop: Shop, admins: list[Actor]) -> None:
    shop = committing_shop
    one, other = admins

    def demote() -> None:
        with shop.database.write() as session:
            remove_staff(session, one.id, actor=other, cache=shop.cache)

    gone, demoted = together([partial(erase, shop, other), demote])
    # Whoever is first; the demoted one's colleague is then the last admin, and a deleted one takes nobody's place.
    assert (type(gone), type(demoted)) in {(Conflict, type(None)), (type(None), Unauthenticated)}
    assert _living_admins(shop) == 1
