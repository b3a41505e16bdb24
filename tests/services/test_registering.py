"""Registering: one answer for every address, and an account for whoever proves it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
import time_machine

from models import Address
from models.account_link import LinkPurpose
from models.user import NO_PASSWORD, Right, Role
from services.accounts.changing_password import reset_password
from services.accounts.checking import checked_email, checked_password, checked_phone
from services.accounts.reading import get_department_by_slug, list_department_ids
from services.accounts.registering import open_account
from services.accounts.verifying import request_verification, verify_email
from tests.services.evidence import everything, nothing_changed
from tests.services.people import (
    ERIN,
    GOOD_PASSWORD,
    account,
    come_in,
    go_on,
    letters,
    links,
    newest_token,
    noted,
    registered,
    sessions_of,
)
from tests.support import ALICE
from utils import clock
from utils.errors import EmailTaken, InvalidInput, LinkInvalid, Unauthenticated, WrongCredentials
from utils.ids import new_id
from wiring import Shop

Counted = Callable[[], AbstractContextManager[list[str]]]


def proven(shop: Shop, token: str) -> None:
    """Follows a verification link."""
    verify_email(shop.database, shop.links, token=token)


def test_a_new_account_is_an_unproven_customers_and_a_letter_is_on_its_way(shop: Shop) -> None:
    # when
    registered(shop, name=" Erin O'Neil ", email="Erin@Example.COM", phone=" +1 (415) 555-0123 ")
    # then
    made = account(shop)
    assert (made.name, made.email, made.role, made.phone) == ("Erin O'Neil", ERIN, "customer", "+14155550123")
    assert (made.id.version, made.email_verified, made.rights, made.deleted_at) == (7, False, [], None)
    assert made.password_hash.startswith("$argon2id$")
    (link,) = links(shop.database)
    assert (link.user_id, link.purpose, link.email, link.used_at) == (made.id, "verification", ERIN, None)
    assert link.expires_at - link.created_at == timedelta(hours=24)
    assert letters(shop.database) == [("verification", link.id)]
    assert noted(shop.database) == [("account.registered", made.id, None)]


def test_an_unproven_customer_comes_in(shop: Shop) -> None:
    registered(shop)
    assert come_in(shop).user.id == account(shop).id


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@EXAMPLE.COM"])
def test_a_known_address_changes_nothing_but_its_owner_gets_a_letter(shop: Shop, email: str) -> None:
    # given
    before = everything(shop.database)
    # when
    registered(shop, email=email)
    # then
    after = everything(shop.database)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"account_links", "outbox_events", "audit_entries"}
    (link,) = links(shop.database)
    assert (link.user_id, link.email) == (None, None)
    assert letters(shop.database) == [("account_exists", ALICE)]
    with pytest.raises(WrongCredentials):
        come_in(shop, "alice@example.com")


def test_known_and_unknown_addresses_cost_the_same_statements(shop: Shop, counted_sql: Counted) -> None:
    spent = []
    for email in ("erin@example.com", "alice@example.com", "erin@example.com"):
        with counted_sql() as statements:
            registered(shop, email=email)
        spent.append([each.split("(")[0].split("WHERE")[0] for each in statements])
    assert spent[0] == spent[1] == spent[2]
    assert len(spent[0]) == 8
    for email in ("erin@example.com", "alice@example.com", "nobody@example.com", "no address"):
        with counted_sql() as statements:
            request_verification(shop.database, email=email)
        assert len(statements) == 4


def test_following_the_link_proves_the_address_once(shop: Shop) -> None:
    # given
    registered(shop)
    token, signed_in = newest_token(shop, LinkPurpose.VERIFICATION), come_in(shop)
    # when
    proven(shop, token)
    # then
    made = account(shop)
    assert made.email_verified_at is not None
    assert links(shop.database) == []
    assert noted(shop.database)[-1] == ("account.email_verified", made.id, made.id)
    # the session that was open goes on, and its next token says so
    assert shop.tokens.read(signed_in.access_token).verified is False
    assert shop.tokens.read(go_on(shop, signed_in.refresh_token).access_token).verified is True
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        proven(shop, token)


def test_a_link_is_good_for_a_day(shop: Shop) -> None:
    registered(shop)
    token, moment = newest_token(shop, LinkPurpose.VERIFICATION), links(shop.database)[0].expires_at
    with time_machine.travel(moment, tick=False), nothing_changed(shop.database), pytest.raises(LinkInvalid):
        proven(shop, token)
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        proven(shop, token)
    assert account(shop).email_verified


def test_links_that_are_not_ours_prove_nothing(shop: Shop) -> None:
    registered(shop)
    (link,) = links(shop.database)
    good = shop.links.sign(LinkPurpose.VERIFICATION, link.id)
    bad = {
        "another purpose": shop.links.sign(LinkPurpose.PASSWORD_RESET, link.id),
        "no row": shop.links.sign(LinkPurpose.VERIFICATION, new_id()),
        "cut": good[:-1],
        "bent": "A" + good[1:],
        "longer": good + "a",
        "empty": "",
        "huge": good * 1000,
        "odd": "\ud800",
        "unsigned": str(link.id),
    }
    for name, token in bad.items():
        with nothing_changed(shop.database), pytest.raises(LinkInvalid) as refusal:
            proven(shop, token)
        assert refusal.value.message == "This link is not valid any more. Ask for a new one.", name


def test_a_link_that_leads_nowhere_leads_nowhere(shop: Shop) -> None:
    request_verification(shop.database, email="nobody@example.com")
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        proven(shop, newest_token(shop, LinkPurpose.VERIFICATION))


def test_a_link_for_another_address_than_the_present_one_proves_nothing(shop: Shop) -> None:
    registered(shop)
    token = newest_token(shop, LinkPurpose.VERIFICATION)
    with shop.database.write() as session:
        session.get_one(type(account(shop)), account(shop).id).email = "erin@elsewhere.example"
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        proven(shop, token)


def test_a_link_is_sent_again_for_who_waits_and_for_nobody_else(shop: Shop) -> None:
    registered(shop)
    for email in ("ERIN@example.com", "alice@example.com", "nobody@example.com", "no address"):
        request_verification(shop.database, email=email)
    assert [link.user_id for link in links(shop.database)[1:]] == [account(shop).id, None, None, None]
    proven(shop, shop.links.sign(LinkPurpose.VERIFICATION, links(shop.database)[1].id))
    assert account(shop).email_verified
    # and the first link went with it
    assert [link.user_id for link in links(shop.database)] == [None, None, None]


def chosen(shop: Shop, token: str) -> None:
    """Follows the link of the letter that asks to choose a password."""
    reset_password(shop.database, shop.passwords, shop.links, token=token, new="erin chooses", cache=shop.cache)


@pytest.mark.parametrize("mallory_first", [True, False])
def test_nobody_prepares_an_account_for_somebody_else(shop: Shop, mallory_first: bool) -> None:
    """Mallory registers Erin's address, before her and waiting inside, or after her."""
    # given
    attempts = [("Mallory", "mallory waits", "+14155550123"), ("Erin", GOOD_PASSWORD, None)]
    first, second = attempts if mallory_first else attempts[::-1]
    registered(shop, name=first[0], password=first[1], phone=first[2])
    early, inside = newest_token(shop, LinkPurpose.VERIFICATION), come_in(shop, password=first[1])
    with shop.database.write() as session:
        session.add(
            Address(
                user_id=inside.user.id,
                recipient="Mallory",
                line1="1 Trap Street",
                city="Nowhere",
                country="US",
                is_default_shipping=True,
                is_default_billing=True,
                created_at=clock.now(),
            )
        )
    # when
    registered(shop, name=second[0], password=second[1], phone=second[2])
    # then nobody's password counts, no link of before proves anything, and the mail asks to choose
    for password in ("mallory waits", GOOD_PASSWORD, "!"):
        with pytest.raises(WrongCredentials):
            come_in(shop, password=password)
    with nothing_changed(shop.database), pytest.raises(LinkInvalid):
        proven(shop, early)
    (link,) = links(shop.database)
    assert (link.purpose, link.user_id) == ("password_reset", inside.user.id)
    assert letters(shop.database)[-1] == ("choose_password", link.id)
    # and so does the mail that is asked for again
    request_verification(shop.database, email=ERIN)
    assert [kind for kind, _ in letters(shop.database)] == ["verification", "choose_password", "choose_password"]
    # when she chooses
    chosen(shop, newest_token(shop, LinkPurpose.PASSWORD_RESET))
    # then
    made = account(shop)
    assert (made.id, made.name, made.phone, made.email_verified) == (inside.user.id, "erin", None, True)
    assert everything(shop.database)["addresses"] == []
    assert come_in(shop, password="erin chooses").user.id == made.id
    with pytest.raises(Unauthenticated):
        go_on(shop, inside.refresh_token)
    assert sessions_of(shop.database, made.id)[0].revoked_at is not None


def test_two_links_followed_at_once_prove_once(committing_shop: Shop) -> None:
    shop = committing_shop
    registered(shop)
    request_verification(shop.database, email=ERIN)
    tokens = [shop.links.sign(LinkPurpose.VERIFICATION, link.id) for link in links(shop.database)]
    start, outcomes = Barrier(8), list[str]()

    def follow(token: str) -> None:
        start.wait()
        try:
            proven(shop, token)
            outcomes.append("proven")
        except LinkInvalid:
            outcomes.append("refused")

    threads = [Thread(target=follow, args=(token,)) for token in tokens * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["proven", *["refused"] * 7]


def test_one_address_registered_by_many_at_once_is_one_account(committing_shop: Shop) -> None:
    shop, start = committing_shop, Barrier(4)

    def open_it() -> None:
        start.wait()
        registered(shop)

    threads = [Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (link,) = links(shop.database)
    assert (link.user_id, link.purpose) == (account(shop).id, "password_reset")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Alice@Example.com", "alice@example.com"),
        ("o'neil+shop@example.co.uk", "o'neil+shop@example.co.uk"),
        ("user@BÜCHER.example", "user@bücher.example"),
        ("user@xn--bcher-kva.example", "user@bücher.example"),
        ("JOSE\u0301@example.com", "josé@example.com"),
        ("İ@example.com", "i\u0307@example.com"),
        ("a@shop.test", "a@shop.test"),
        ("J\u030c@example.com", "\u01f0@example.com"),
    ],
)
def test_an_address_is_kept_in_one_form(given: str, kept: str) -> None:
    assert checked_email(given) == kept
    assert checked_email(kept) == kept


@pytest.mark.parametrize(
    "email",
    [
        "",
        "erin",
        "erin@",
        "@example.com",
        "erin@example",
        "a b@example.com",
        "erin@example.com\x00",
        "erin\x00@example.com",
        "erin@example.com\n",
        "Erin <erin@example.com>",
        "erin@[127.0.0.1]",
        "a@b@example.com",
        "erin@exa mple.com",
        f"{'a' * 250}@example.com",
        f"a@{'b' * 250}.com",
        "a" * 100000,
        "erin@-example.com",
        "\ud800@example.com",
        "erin@localhost",
        "erin@example..com",
        ".erin@example.com",
        '"erin"@example.com',
    ],
)
def test_what_is_no_address_is_refused(shop: Shop, email: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        registered(shop, email=email)
    assert refusal.value.details == {"field": "email"}


@pytest.mark.parametrize("length", [0, 7, 129, 10_000])
def test_a_password_of_another_length_is_refused(shop: Shop, length: int) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        registered(shop, password="pq" * (length // 2) + "x" * (length % 2))
    assert (refusal.value.message, refusal.value.details) == (
        "password must have 8 to 128 characters.",
        {"field": "password"},
    )


@pytest.mark.parametrize(
    "password",
    ["password", "PASSWORD", "12345678", "iloveyou1", "football1", "qwertyuiop", "aaaaaaaa", "AaAaAaAaAa", "p" * 128],
)
def test_a_password_that_everybody_tries_first_is_refused(shop: Shop, password: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        registered(shop, password=password)
    assert (refusal.value.message, refusal.value.details) == (
        "password is one of those everybody tries first. Choose another.",
        {"field": "password"},
    )


@pytest.mark.parametrize("password", ["erin.lee@example.com", "ERIN.LEE@example.com", "Erin.Lee", "erin.lee"])
def test_ones_own_address_is_no_password(shop: Shop, password: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        registered(shop, email="erin.lee@example.com", password=password)
    assert checked_password(password) == password


@pytest.mark.parametrize(
    "password", ["pq" * 4, "pq" * 64, "  spaces ", "pass\0word", "пароль-пароль", "\N{OWL}\N{CAT}" * 64]
)
def test_a_password_is_taken_as_it_is(shop: Shop, password: str) -> None:
    assert checked_password(password) == password
    registered(shop, password=password)
    assert come_in(shop, ERIN, password).user.email == ERIN
    for other in (password[:-1], f"{password}x", password.strip() if password != password.strip() else "x"):
        with pytest.raises(WrongCredentials):
            come_in(shop, ERIN, other)


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "a\nb", "a\x1b[31m", "a" * 101, "\ud800"])
def test_a_bad_name_is_refused(shop: Shop, name: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        registered(shop, name=name)
    assert refusal.value.details == {"field": "name"}


@pytest.mark.parametrize("phone", ["123", "+1", "415 555 0123", "+999123456789", "call me", "+1415555012\0", "+1" * 50])
def test_a_bad_number_is_refused(shop: Shop, phone: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        registered(shop, phone=phone)
    assert refusal.value.details == {"field": "phone"}


@pytest.mark.parametrize(
    ("given", "kept"), [(None, None), ("", None), ("  ", None), ("+44 20 7946 0018", "+442079460018")]
)
def test_a_number_is_kept_in_one_form(given: str | None, kept: str | None) -> None:
    assert checked_phone(given) == kept


def test_staff_are_opened_with_departments_and_rights_and_count_as_proven(shop: Shop) -> None:
    with shop.database.write() as session:
        departments: tuple[UUID, ...] = tuple(
            get_department_by_slug(session, slug).id for slug in ("groceries", "household")
        )
        made = open_account(
            session,
            name="Eve",
            email="eve@example.com",
            password_hash=NO_PASSWORD,
            role=Role.STAFF,
            departments=departments,
            rights=(Right.READ, Right.PRODUCTS),
        )
        assert sorted(list_department_ids(session, made)) == sorted(departments)
    eve = account(shop, "eve@example.com")
    assert (eve.id, eve.role, eve.rights, eve.email_verified) == (made, "staff", ["read", "products"], True)
    with shop.database.write() as session, pytest.raises(EmailTaken) as refusal:
        open_account(session, name="Eve", email="EVE@example.com", password_hash="x", role=Role.STAFF)
    assert refusal.value.details == {"field": "email"}


def test_an_account_without_a_usable_hash_lets_nobody_in(shop: Shop) -> None:
    for number, broken in enumerate(("", NO_PASSWORD, "$argon2id$")):
        with shop.database.write() as session:
            open_account(session, name="Erin", email=f"e{number}@example.com", password_hash=broken, role=Role.CUSTOMER)
        for password in ("", broken, "nobody has this password", GOOD_PASSWORD):
            with pytest.raises(WrongCredentials):
                come_in(shop, f"e{number}@example.com", password)
