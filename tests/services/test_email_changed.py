"""Changing an address: the new one must be proven, and an address of somebody else is never told."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from demo.cast import PASSWORD
from models import User
from models.account_link import LinkPurpose
from services.accounts.changing_email import confirm_email_change, request_email_change
from services.accounts.changing_password import request_password_reset, reset_password
from tests.services.evidence import nothing_changed
from tests.services.people import account, cast_comes_in, go_on, letters, links, newest_token, noted
from tests.support import ALICE, BOB, actor_for
from utils.errors import EmailTaken, InvalidInput, LinkInvalid, WrongCredentials
from wiring import Shop

NEW = "alice@elsewhere.example"


def ask(shop: Shop, new_email: str = NEW, *, who: str = "alice", password: str = PASSWORD) -> None:
    """Asks for another address."""
    request_email_change(
        shop.database, shop.passwords, actor=actor_for(shop, who), new_email=new_email, password=password
    )


def confirm(shop: Shop, token: str) -> None:
    """Follows the link."""
    confirm_email_change(shop.database, shop.links, token=token)


def test_the_new_address_counts_once_it_is_proven(shop: Shop) -> None:
    # given
    signed_in = cast_comes_in(shop, "alice@example.com")
    # when: asked for
    ask(shop, "Alice@Elsewhere.EXAMPLE")
    # then: nothing changed yet, and both addresses are written to
    (link,) = links(shop.database)
    assert (link.user_id, link.email, link.expires_at - link.created_at) == (ALICE, NEW, timedelta(hours=2))
    assert letters(shop.database) == [("email_change", link.id), ("email_change_notice", ALICE)]
    assert account(shop, "alice@example.com").id == ALICE
    # when: proven
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    confirm(shop, token)
    # then
    alice = account(shop, NEW)
    assert (alice.id, alice.email_verified) == (ALICE, True)
    assert cast_comes_in(shop, NEW).user.id == ALICE
    with pytest.raises(WrongCredentials):
        cast_comes_in(shop, "alice@example.com")
    go_on(shop, signed_in.refresh_token)
    actions = [action for action, subject, _ in noted(shop.database) if subject == ALICE]
    assert actions[1:3] == ["account.email_change_requested", "account.email_changed"]
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        confirm(shop, token)


def test_links_to_the_old_address_end_with_it(shop: Shop) -> None:
    request_password_reset(shop.database, email="alice@example.com")
    old = newest_token(shop, LinkPurpose.PASSWORD_RESET)
    ask(shop)
    confirm(shop, newest_token(shop, LinkPurpose.EMAIL_CHANGE))
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        reset_password(
            shop.database, shop.passwords, shop.links, token=old, new="a new horse, correct", cache=shop.cache
        )


def test_a_taken_address_gets_no_link_and_the_caller_learns_nothing(shop: Shop) -> None:
    for address in ("bob@example.com", "BOB@example.com", "alice@example.com"):
        ask(shop, address)
    assert [(link.user_id, link.email) for link in links(shop.database)] == [(None, None)] * 3
    assert [kind for kind, _ in letters(shop.database)] == ["email_change", "email_change_notice"] * 3
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        confirm(shop, newest_token(shop, LinkPurpose.EMAIL_CHANGE))


def test_an_address_taken_meanwhile_is_refused_to_who_reads_its_mail(shop: Shop) -> None:
    ask(shop)
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == BOB).values(email=NEW))
    with nothing_changed(shop.database), pytest.raises(EmailTaken):
        confirm(shop, token)


def test_a_wrong_password_asks_for_nothing(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(WrongCredentials):
        ask(shop, password="wrong")


@pytest.mark.parametrize("address", ["", "elsewhere", "a@b@c", "\0@example.com"])
def test_what_is_no_address_is_refused(shop: Shop, address: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        ask(shop, address)
    assert refusal.value.details == {"field": "newEmail"}


def test_the_link_is_good_for_two_hours(shop: Shop) -> None:
    ask(shop)
    token, moment = newest_token(shop, LinkPurpose.EMAIL_CHANGE), links(shop.database)[0].expires_at
    with time_machine.travel(moment, tick=False), nothing_changed(shop.database), pytest.raises(LinkInvalid):
        confirm(shop, token)
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        confirm(shop, token)
    assert account(shop, NEW).id == ALICE


def test_the_newest_address_proven_is_the_one_that_counts(shop: Shop) -> None:
    ask(shop, "one@elsewhere.example")
    first = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    ask(shop, "two@elsewhere.example")
    confirm(shop, newest_token(shop, LinkPurpose.EMAIL_CHANGE))
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        confirm(shop, first)
    assert account(shop, "two@elsewhere.example").id == ALICE
