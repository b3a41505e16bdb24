"""Changing a password: by who knows the old one, or by who reads the account's mail; nobody else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine

from demo.cast import PASSWORD
from models import User
from models.account_link import LinkPurpose
from services.accounts.changing_password import change_password, request_password_reset, reset_password
from services.accounts.sessions import actor_of, end_all_sessions
from services.accounts.verifying import request_verification
from tests.services.evidence import nothing_changed
from tests.services.people import (
    ERIN,
    account,
    cast_comes_in,
    come_in,
    go_on,
    letters,
    links,
    newest_token,
    noted,
    registered,
    sessions_of,
)
from tests.support import ALICE, BOB, QuickPasswords, actor_for
from utils.errors import InvalidInput, LinkInvalid, Unauthenticated, WrongCredentials
from utils.passwords import Passwords
from wiring import Shop

NEW = "a new horse, correct"
Counted = Callable[[], AbstractContextManager[list[str]]]


def change(shop: Shop, *, current: str = PASSWORD, new: str = NEW, passwords: Passwords | None = None) -> None:
    """Alice changes her password."""
    change_password(
        shop.database,
        passwords or shop.passwords,
        actor=actor_for(shop, "alice"),
        current=current,
        new=new,
        cache=shop.cache,
    )


def reset(shop: Shop, token: str, new: str = NEW) -> None:
    """Whoever has the link sets a password."""
    reset_password(shop.database, shop.passwords, shop.links, token=token, new=new, cache=shop.cache)


def asked(shop: Shop, email: str = "alice@example.com") -> str:
    """Asks for a reset; what stands in the link."""
    request_password_reset(shop.database, email=email)
    return newest_token(shop, LinkPurpose.PASSWORD_RESET)


def test_a_changed_password_ends_all_other_sessions_and_open_links(shop: Shop) -> None:
    # given
    this, other = cast_comes_in(shop, "alice@example.com"), cast_comes_in(shop, "alice@example.com")
    old_link = asked(shop)
    # when
    change_password(
        shop.database,
        shop.passwords,
        actor=actor_of(shop.tokens, this.access_token),
        current=PASSWORD,
        new=NEW,
        cache=shop.cache,
    )
    # then
    assert [each.revoked_at is None for each in sessions_of(shop.database, ALICE)] == [True, False]
    with pytest.raises(Unauthenticated):
        go_on(shop, other.refresh_token)
    go_on(shop, this.refresh_token)
    assert come_in(shop, "alice@example.com", NEW).user.id == ALICE
    with pytest.raises(WrongCredentials):
        cast_comes_in(shop, "alice@example.com")
    assert letters(shop.database)[-1] == ("password_changed", ALICE)
    assert ("account.password_changed", ALICE, ALICE) in noted(shop.database)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset(shop, old_link)


@pytest.mark.parametrize("current", ["", "wrong", PASSWORD.lower(), PASSWORD + " " * 200])
def test_a_wrong_current_password_changes_nothing(shop: Shop, current: str) -> None:
    with nothing_changed(shop.database, but=("audit_entries",)), pytest.raises(WrongCredentials):
        change(shop, current=current)
    assert noted(shop.database) == [("account.password_refused", ALICE, ALICE)]


@pytest.mark.parametrize("new", ["", "1234567", "password", "x" * 129, "alice@example.com"])
def test_a_new_password_we_do_not_take_changes_nothing(shop: Shop, new: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        change(shop, new=new)
    assert refusal.value.details == {"field": "newPassword"}


def test_of_two_changes_at_once_one_counts(shop: Shop) -> None:
    """A rival changes it between our look at the old one and our writing of the new one."""

    class Overtaken(QuickPasswords):
        def hash(self, password: str) -> str:
            with shop.database.write() as session:
                session.get_one(User, ALICE).password_hash = "the rival's"
            return super().hash(password)

    with pytest.raises(WrongCredentials):
        change(shop, passwords=Overtaken())
    assert account(shop, "alice@example.com").password_hash == "the rival's"


def test_a_reset_ends_every_session_and_proves_the_address(shop: Shop) -> None:
    # given
    registered(shop, password="forgotten long ago", phone="+14155550123")
    signed_in = come_in(shop, password="forgotten long ago")
    token = asked(shop, "ERIN@example.com")
    link = links(shop.database)[-1]
    assert (link.user_id, link.email) == (signed_in.user.id, ERIN)
    assert link.expires_at - link.created_at == timedelta(minutes=30)
    # when
    reset(shop, token)
    # then
    erin = account(shop)
    assert (erin.email_verified, come_in(shop, ERIN, NEW).user.id) == (True, erin.id)
    # what stood in the account before anybody proved the address may have been somebody else's
    assert (erin.name, erin.phone) == ("erin", None)
    with pytest.raises(Unauthenticated):
        go_on(shop, signed_in.refresh_token)
    with pytest.raises(WrongCredentials):
        come_in(shop, ERIN, "forgotten long ago")
    assert [kind for kind, _ in letters(shop.database)] == ["verification", "password_reset", "password_changed"]
    kinds = [action for action, _, _ in noted(shop.database)]
    assert kinds[2:4] == ["account.password_reset_requested", "account.password_reset"]
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset(shop, token, "yet another one, please")


def test_a_reset_link_is_good_for_half_an_hour(shop: Shop) -> None:
    token = asked(shop)
    moment = links(shop.database)[0].expires_at
    with time_machine.travel(moment, tick=False), nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset(shop, token)
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        reset(shop, token)
    assert come_in(shop, "alice@example.com", NEW).user.id == ALICE


@pytest.mark.parametrize("new", ["", "1234567", "password", "x" * 129, "alice@example.com", "alice@EXAMPLE.com"])
def test_a_password_we_do_not_take_leaves_the_link_good(shop: Shop, new: str) -> None:
    token = asked(shop)
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        reset(shop, token, new)
    reset(shop, token)


def test_a_link_that_is_not_ours_costs_no_hash(shop: Shop) -> None:
    class Unused(Passwords):
        def hash(self, password: str) -> str:
            raise AssertionError("a made-up link cost a hash")

    passwords = Unused.__new__(Unused)
    for token in ("", "made up", shop.links.sign(LinkPurpose.VERIFICATION, ALICE)):
        with nothing_changed(shop.database), pytest.raises(LinkInvalid):
            reset_password(shop.database, passwords, shop.links, token=token, new=NEW, cache=shop.cache)


def test_a_reset_link_for_another_address_than_the_present_one_is_refused(shop: Shop) -> None:
    token = asked(shop)
    with shop.database.write() as session:
        session.get_one(User, ALICE).email = "alice@elsewhere.example"
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset(shop, token)


def test_links_of_one_purpose_serve_no_other(shop: Shop) -> None:
    registered(shop)
    verification = links(shop.database)[0]
    as_reset = shop.links.sign(LinkPurpose.PASSWORD_RESET, verification.id)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset(shop, as_reset)


def test_known_and_unknown_addresses_cost_the_same_statements(shop: Shop, counted_sql: Counted) -> None:
    spent = []
    for email in ("alice@example.com", "nobody@example.com", "no address", ""):
        with counted_sql() as statements:
            request_password_reset(shop.database, email=email)
        spent.append([each.split("(")[0] for each in statements])
    assert spent[0] == spent[1] == spent[2] == spent[3]
    assert [link.user_id for link in links(shop.database)] == [ALICE, None, None, None]
    # a link without an account holds nothing of who was asked for
    assert [link.email for link in links(shop.database)] == ["alice@example.com", None, None, None]


def test_one_link_followed_by_many_at_once_serves_once(committing_shop: Shop) -> None:
    shop = committing_shop
    registered(shop)
    token, start, outcomes = asked(shop, ERIN), Barrier(4), list[str]()

    def follow(new: str) -> None:
        start.wait()
        try:
            reset(shop, token, new)
            outcomes.append(new)
        except LinkInvalid:
            outcomes.append("refused")

    threads = [Thread(target=follow, args=(f"password number {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [each for each in outcomes if each != "refused"]
    assert come_in(shop, ERIN, winner).user.email == ERIN


def test_asking_for_other_letters_leaves_a_reset_good(shop: Shop) -> None:
    token = asked(shop, "bob@example.com")
    request_verification(shop.database, email="bob@example.com")
    asked(shop, "bob@example.com")
    reset(shop, token)
    assert come_in(shop, "bob@example.com", NEW).user.id == BOB


def test_sessions_of_others_go_on(shop: Shop) -> None:
    bobs = cast_comes_in(shop, "bob@example.com")
    reset(shop, asked(shop))
    with shop.database.write() as session:
        assert end_all_sessions(session, ALICE, cache=shop.cache) == 0
    go_on(shop, bobs.refresh_token)
