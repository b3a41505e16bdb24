"""Changing an address: the new one must be proven, and an address of somebody else is never told."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from demo.cast import PASSWORD
from models import User
from models.account_link import LinkPurpose
from models.user import Role
from services.accounts.actor import Actor
from services.accounts.changing_email import confirm_email_change, request_email_change
from services.accounts.changing_password import request_password_reset, reset_password
from tests.services.evidence import nothing_changed
from tests.services.people import (
    GOOD_PASSWORD,
    account,
    cast_comes_in,
    come_in,
    go_on,
    letters,
    links,
    newest_token,
    noted,
    registered,
)
from tests.support import ALICE, BOB, actor_for
from utils.errors import EmailTaken, InvalidInput, LinkInvalid, Unauthenticated, WrongCredentials
from wiring import Shop

NEW = "alice@elsewhere.example"


def ask(shop: Shop, new_email: str = NEW, *, who: str = "alice", password: str = PASSWORD) -> None:
    """Asks for another address."""
    request_email_change(
        shop.database, shop.passwords, actor=actor_for(shop, who), new_email=new_email, password=password
    )


def confirm(shop: Shop, token: str) -> None:
    """Follows the link."""
    confirm_email_change(shop.database, shop.links, token=token, cache=shop.cache)


def test_the_new_address_counts_once_it_is_proven(shop: Shop) -> None:
    # given
    signed_in = cast_comes_in(shop, "alice@example.com")
    # when: asked for
    ask(shop, "Alice@Elsewhere.EXAMPLE")
    # then: nothing changed yet, and both addresses are written to
    link, notice = links(shop.database)
    assert (link.user_id, link.email, link.expires_at - link.created_at) == (ALICE, NEW, timedelta(hours=2))
    assert (notice.user_id, notice.email) == (ALICE, "alice@example.com")
    assert letters(shop.database) == [("email_change", link.id), ("email_change_notice", notice.id)]
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
    # the notice to the former address is still on its way
    assert [each.email for each in links(shop.database)] == ["alice@example.com"]
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
    asked = [each for each in links(shop.database) if each.purpose == "email_change"]
    assert [(link.user_id, link.email) for link in asked] == [(None, None)] * 3
    assert [kind for kind, _ in letters(shop.database)] == ["email_change", "email_change_notice"] * 3
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        confirm(shop, newest_token(shop, LinkPurpose.EMAIL_CHANGE))


def test_an_account_that_nobody_proved_is_in_nobodys_way(shop: Shop) -> None:
    # given: somebody who registered the address, and waits inside
    registered(shop, email=NEW)
    squatter = come_in(shop, NEW)
    # when
    ask(shop)
    confirm(shop, newest_token(shop, LinkPurpose.EMAIL_CHANGE))
    # then
    assert account(shop, NEW).id == ALICE
    with pytest.raises(Unauthenticated):
        go_on(shop, squatter.refresh_token)
    assert account(shop, f"deleted-{squatter.user.id}@deleted.invalid").deleted_at is not None


def test_an_address_taken_meanwhile_is_refused_to_who_reads_its_mail(shop: Shop) -> None:
    ask(shop)
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)
    with shop.database.write() as session:
        session.execute(update(User).where(User.id == BOB).values(email=NEW))
    with nothing_changed(shop.database), pytest.raises(EmailTaken):
        confirm(shop, token)


def test_of_two_who_prove_one_address_at_once_one_gets_it(committing_shop: Shop) -> None:
    shop, start, outcomes = committing_shop, Barrier(2), list[str]()
    tokens = []
    for number in (1, 2):
        registered(shop, email=f"one{number}@example.com")
        user = account(shop, f"one{number}@example.com")
        request_email_change(
            shop.database,
            shop.passwords,
            actor=Actor(id=user.id, role=Role.CUSTOMER),
            new_email=NEW,
            password=GOOD_PASSWORD,
        )
        tokens.append(newest_token(shop, LinkPurpose.EMAIL_CHANGE))

    def prove(token: str) -> None:
        start.wait()
        try:
            confirm(shop, token)
            outcomes.append("changed")
        except EmailTaken:
            outcomes.append("taken")

    threads = [Thread(target=prove, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "taken"]


def test_an_address_taken_after_we_looked_is_refused_by_the_database(committing_shop: Shop) -> None:
    # given: a rival who takes the address between our look and our writing
    shop = committing_shop
    registered(shop)
    erin = Actor(id=account(shop).id, role=Role.CUSTOMER)
    request_email_change(shop.database, shop.passwords, actor=erin, new_email=NEW, password=GOOD_PASSWORD)
    registered(shop, email="rival@example.com")
    token = newest_token(shop, LinkPurpose.EMAIL_CHANGE)

    def take_it(*_: object) -> None:
        with shop.database.engine.begin() as connection:
            connection.execute(text("UPDATE users SET email = :new WHERE email = 'rival@example.com'"), {"new": NEW})

    event.listen(Session, "before_flush", take_it, once=True)
    # when, then
    with pytest.raises(EmailTaken):
        confirm(shop, token)
    assert account(shop).id == erin.id


def test_a_wrong_password_asks_for_nothing(shop: Shop) -> None:
    with nothing_changed(shop.database, but=("audit_entries",)), pytest.raises(WrongCredentials):
        ask(shop, password="wrong")
    assert noted(shop.database) == [("account.password_refused", ALICE, ALICE)]


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
