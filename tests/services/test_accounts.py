"""Opening accounts and coming in: one form of address, one answer to every wrong password."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from demo.cast import PASSWORD
from models import StaffMembership, User
from models.user import Role
from services.accounts.actor import Actor
from services.accounts.reading import find_user_by_email, get_department_by_slug
from services.accounts.registering import checked_email, checked_password, register
from services.accounts.signing_in import SignedIn, actor_of, log_in, register_and_log_in
from tests.services.evidence import nothing_changed
from tests.support import ALICE, DANA, SAM, actor_for, token_of
from utils.errors import EmailTaken, Forbidden, InvalidInput, NotFound, Unauthenticated, WrongCredentials
from utils.ids import new_id
from wiring import Shop


def opened(shop: Shop, *, name: str = "Erin", email: str = "erin@example.com", password: str = "12345678") -> SignedIn:
    """A new customer's account."""
    return register_and_log_in(shop.database, shop.passwords, shop.tokens, name=name, email=email, password=password)


def come_in(shop: Shop, email: str, password: str = PASSWORD) -> SignedIn:
    """A login."""
    return log_in(shop.database, shop.passwords, shop.tokens, email=email, password=password)


def test_a_new_account_is_a_customers_and_comes_in_at_once(shop: Shop) -> None:
    # when
    signed_in = opened(shop, name=" Erin O'Neil ", email="Erin@Example.COM")
    # then
    assert (signed_in.user.name, signed_in.user.email, signed_in.user.role) == (
        "Erin O'Neil",
        "erin@example.com",
        "customer",
    )
    assert signed_in.user.id.version == 7
    assert signed_in.user.password_hash.startswith("$argon2id$")
    assert actor_of(shop.tokens, signed_in.access_token) == Actor(id=signed_in.user.id, role=Role.CUSTOMER)
    assert come_in(shop, " ERIN@example.com ".strip(), "12345678").user.id == signed_in.user.id


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
        opened(shop, email=email)
    assert refusal.value.details == {"field": "email"}


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@EXAMPLE.COM"])
def test_a_taken_address_is_refused(shop: Shop, email: str) -> None:
    with nothing_changed(shop.database), pytest.raises(EmailTaken) as refusal:
        opened(shop, email=email)
    assert refusal.value.details == {"field": "email"}


@pytest.mark.parametrize("length", [0, 7, 129, 10_000])
def test_a_password_of_another_length_is_refused(shop: Shop, length: int) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        opened(shop, password="p" * length)
    assert (refusal.value.message, refusal.value.details) == (
        "password must have 8 to 128 characters.",
        {"field": "password"},
    )


@pytest.mark.parametrize("password", ["p" * 8, "p" * 128, "  spaces ", "pass\0word", "пароль-пароль", "\N{OWL}" * 128])
def test_a_password_is_taken_as_it_is(shop: Shop, password: str) -> None:
    assert checked_password(password) == password
    made = opened(shop, password=password).user.id
    assert come_in(shop, "erin@example.com", password).user.id == made
    for other in (password[:-1], f"{password}x", password.strip() if password != password.strip() else "x"):
        with pytest.raises(WrongCredentials):
            come_in(shop, "erin@example.com", other)


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "a\nb", "a\x1b[31m", "a" * 101, "\ud800"])
def test_a_bad_name_is_refused(shop: Shop, name: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        opened(shop, name=name)
    assert refusal.value.details == {"field": "name"}


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.com", "wrong"),
        ("alice@example.com", ""),
        ("alice@example.com", PASSWORD.lower()),
        ("alice@example.com", PASSWORD + " " * 200),
        ("alice@example.com", "p" * 100_000),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", "nobody has this password"),
        ("no address", PASSWORD),
        ("alice@example.com\0", PASSWORD),
        ("", ""),
    ],
)
def test_every_wrong_pair_gets_the_same_answer(shop: Shop, email: str, password: str) -> None:
    with nothing_changed(shop.database), pytest.raises(WrongCredentials) as refusal:
        come_in(shop, email, password)
    assert (refusal.value.message, refusal.value.details) == (
        "No account has this e-mail address with this password.",
        {},
    )


def test_an_account_without_a_usable_hash_lets_nobody_in(shop: Shop) -> None:
    for number, broken in enumerate(("", "!", "$argon2id$")):
        with shop.database.write() as session:
            register(session, name="Erin", email=f"e{number}@example.com", password_hash=broken)
        for password in ("", broken, "nobody has this password"):
            with pytest.raises(WrongCredentials):
                come_in(shop, f"e{number}@example.com", password)


def test_a_token_carries_the_departments_of_staff(shop: Shop) -> None:
    # given
    with shop.database.read() as session:
        marketplace = get_department_by_slug(session, "marketplace").id
        groceries = get_department_by_slug(session, "groceries").id
    # then
    assert actor_of(shop.tokens, come_in(shop, "sam@example.com").access_token) == Actor(
        id=SAM, role=Role.STAFF, departments=frozenset({marketplace})
    )
    assert actor_of(shop.tokens, come_in(shop, "dana@example.com").access_token) == Actor(id=DANA, role=Role.ADMIN)
    assert actor_of(shop.tokens, token_of(shop, "alice")) == Actor(id=ALICE, role=Role.CUSTOMER)
    # and what each may do with a department
    actor_for(shop, "sam").require_department(marketplace)
    actor_for(shop, "dana").require_department(groceries)
    for who in ("sam", "alice"):
        with pytest.raises(Forbidden):
            actor_for(shop, who).require_department(groceries)


def test_departments_give_a_customer_nothing() -> None:
    department = new_id()
    with pytest.raises(Forbidden):
        Actor(id=ALICE, role=Role.CUSTOMER, departments=frozenset({department})).require_department(department)


def test_a_role_we_do_not_know_is_nobody(shop: Shop) -> None:
    with pytest.raises(Unauthenticated):
        actor_of(shop.tokens, shop.tokens.issue(subject=ALICE, role="king"))


def test_staff_are_registered_with_all_their_departments(shop: Shop) -> None:
    with shop.database.write() as session:
        departments: tuple[UUID, ...] = tuple(
            get_department_by_slug(session, slug).id for slug in ("groceries", "household")
        )
        made = register(
            session, name="Eve", email="eve@example.com", password_hash="x", role=Role.STAFF, departments=departments
        )
        rows = session.scalars(select(StaffMembership.department_id).where(StaffMembership.user_id == made))
        assert sorted(rows) == sorted(departments)


def test_an_unknown_department_is_not_found(shop: Shop) -> None:
    with shop.database.read() as session, pytest.raises(NotFound) as refusal:
        get_department_by_slug(session, "moon")
    assert refusal.value.details == {"field": "department"}


def test_addresses_are_looked_up_as_they_are_kept(shop: Shop) -> None:
    with shop.database.read() as session:
        assert find_user_by_email(session, "alice@example.com") is not None
        assert find_user_by_email(session, "Alice@example.com") is None
        assert session.scalars(select(func.count()).select_from(User)).one() == 5
