"""The pages behind the links in mails: looking changes nothing, the button does it once, refusals are sentences."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from demo.cast import PASSWORD
from models import StaffInvitation, User
from models.account_link import LinkPurpose
from models.user import Role
from services.accounts import changing_email, changing_password, inviting, registering, verifying
from services.accounts.granting import Post
from services.accounts.letters import INVITATION_PURPOSE
from tests.routes.links import link_token
from tests.routes.reading import read
from tests.services.evidence import nothing_changed
from tests.support import ADMIN, ALICE, actor_for
from utils import clock
from utils.links import Links
from wiring import Shop

NEW = "another horse"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
BUTTONS = {
    "/verify": "Yes, this is my address",
    "/verify/": "Yes, this is my address",
    "/reset-password": "Change the password",
    "/confirm-email": "Yes, change my address",
    "/accept-invitation": "Accept the invitation",
}
# What a person types on each page.
TYPED: dict[str, dict[str, str]] = {
    "/verify": {},
    "/verify/": {},
    "/reset-password": {"newPassword": NEW},
    "/confirm-email": {},
    "/accept-invitation": {"name": "Erin", "password": NEW},
}
DONE = {
    "/verify": ("Your address is confirmed", verifying.VERIFIED),
    "/verify/": ("Your address is confirmed", verifying.VERIFIED),
    "/reset-password": ("Your password is changed", changing_password.RESET_DONE),
    "/confirm-email": ("Your address is changed", changing_email.EMAIL_CHANGED),
    "/accept-invitation": ("Welcome", inviting.ACCEPTED),
}
EACH = pytest.mark.parametrize("path", BUTTONS)


@pytest.fixture(params=list(BUTTONS))
def path(request: pytest.FixtureRequest) -> str:
    """Each page."""
    found: str = request.param
    return found


@pytest.fixture
def token(shop: Shop, path: str) -> str:
    """A good link to the page."""
    return made_link(shop, path)


def made_link(shop: Shop, path: str) -> str:
    """A good link to this page, of a person or two who did what leads to one."""
    if path.startswith("/verify"):
        registering.register_customer(
            shop.database, shop.passwords, name="Erin", email="erin@example.com", password="correct horse"
        )
        return link_token(shop, LinkPurpose.VERIFICATION)
    if path == "/reset-password":
        changing_password.request_password_reset(shop.database, email="alice@example.com")
        return link_token(shop, LinkPurpose.PASSWORD_RESET)
    if path == "/confirm-email":
        changing_email.request_email_change(
            shop.database,
            shop.passwords,
            actor=actor_for(shop, "alice"),
            new_email="Alice.New@example.com",
            password=PASSWORD,
        )
        return link_token(shop, LinkPurpose.EMAIL_CHANGE)
    with shop.database.write() as session:
        invited = inviting.invite_staff(session, "erin@example.com", Post(Role.ADMIN), actor=ADMIN)
    return shop.links.sign(INVITATION_PURPOSE, invited)


def press(client: FlaskClient, path: str, token: str, **typed: str) -> TestResponse:
    """What the button of the page sends."""
    return client.post(path, data={"token": token, **(typed or TYPED[path])})


def shown(answer: TestResponse) -> tuple[str, str | None]:
    """The heading, and the sentence of the refusal beside a form, if there is one."""
    refusal = re.search(r'<p class="refusal" id="refusal" role="alert">(.*?)</p>', answer.text)
    return read(answer.text).texts["h1"][0], refusal[1] if refusal else None


def has_form(answer: TestResponse) -> bool:
    """Whether the person can try again."""
    return "<form " in answer.text


def test_looking_at_it_uses_nothing_up(client: FlaskClient, shop: Shop, path: str, token: str) -> None:
    with nothing_changed(shop.database):
        for method in ("GET", "HEAD", "GET"):
            answer = client.open(path, method=method, query_string={"token": token})
            assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert answer.headers.getlist("Set-Cookie") == []
    page = read(answer.text)
    assert page.texts["button"] == [BUTTONS[path]]
    assert page.inline == []
    assert [address for address in page.resources if not address.startswith("/static/")] == []
    assert "<script" not in answer.text
    assert f'<form class="form" method="post" action="{path.rstrip("/")}">' in answer.text
    assert f'<input type="hidden" name="token" value="{token}">' in answer.text
    # Every field has its label.
    typed = re.findall(r'<input id="(\w+)"', answer.text)
    assert typed == list(TYPED[path])
    assert re.findall(r'<label for="(\w+)"', answer.text) == typed


def test_the_button_does_it_once(client: FlaskClient, shop: Shop, path: str, token: str) -> None:
    client.get(path, query_string={"token": token})
    # when
    done = press(client, path, token)
    with nothing_changed(shop.database):
        again = press(client, path, token)
    # then
    heading, message = DONE[path]
    assert (done.status_code, shown(done)[0], has_form(done)) == (200, heading, False)
    assert message in done.text
    assert (again.status_code, shown(again)[0], has_form(again)) == (410, "That did not work", False)
    assert "is not valid any more. Ask for a new one." in again.text
    for answer in (done, again):
        assert token not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"] == POLICY


def user_row(shop: Shop, email: str) -> User | None:
    """The account with this address."""
    with shop.database.read() as session:
        return session.scalars(select(User).where(User.email == email)).one_or_none()


def test_a_person_registers_and_proves_the_address(client: FlaskClient, shop: Shop) -> None:
    client.post("/auth/register", json={"name": "Erin", "email": "erin@example.com", "password": "correct horse"})
    token = link_token(shop, LinkPurpose.VERIFICATION)
    before = user_row(shop, "erin@example.com")
    assert (before and before.email_verified_at) is None
    press(client, "/verify", token)
    after = user_row(shop, "erin@example.com")
    assert after
    assert after.email_verified_at is not None


def test_a_person_sets_a_new_password(client: FlaskClient, shop: Shop) -> None:
    press(client, "/reset-password", made_link(shop, "/reset-password"))
    logins = [
        client.post("/auth/login", json={"email": "alice@example.com", "password": each}).status_code
        for each in (PASSWORD, NEW)
    ]
    assert logins == [401, 200]


def test_a_person_changes_the_address(client: FlaskClient, shop: Shop) -> None:
    press(client, "/confirm-email", made_link(shop, "/confirm-email"))
    changed = user_row(shop, "alice.new@example.com")
    assert changed
    assert changed.id == ALICE


def test_an_invited_person_joins_the_staff(client: FlaskClient, shop: Shop) -> None:
    press(client, "/accept-invitation", made_link(shop, "/accept-invitation"))
    joined = client.post("/auth/login", json={"email": "erin@example.com", "password": NEW}).get_json()["user"]
    assert (joined["name"], joined["role"]) == ("Erin", "admin")


@pytest.mark.parametrize(
    ("path", "typed", "status", "sentence", "field"),
    [
        (
            "/reset-password",
            {"newPassword": "short"},
            400,
            "New password must have 8 to 128 characters.",
            "newPassword",
        ),
        ("/reset-password", {"newPassword": ""}, 400, "New password must have 8 to 128 characters.", "newPassword"),
        ("/reset-password", {"other": "x"}, 400, "New password must have 8 to 128 characters.", "newPassword"),
        (
            "/reset-password",
            {"newPassword": "password1"},
            400,
            "New password is one of those everybody tries first. Choose another.",
            "newPassword",
        ),
        (
            "/reset-password",
            {"newPassword": "alice@example.com"},
            400,
            "New password must not be the e-mail address.",
            "newPassword",
        ),
        (
            "/accept-invitation",
            {"name": 'Er"<in', "password": "1234567"},
            400,
            "Password must have 8 to 128 characters.",
            "password",
        ),
        ("/accept-invitation", {"name": " ", "password": NEW}, 400, "Your name must not be empty.", "name"),
    ],
)
def test_what_the_person_can_mend_is_asked_again(
    client: FlaskClient, shop: Shop, path: str, typed: dict[str, str], status: int, sentence: str, field: str
) -> None:
    token = made_link(shop, path)
    with nothing_changed(shop.database):
        answer = press(client, path, token, **typed)
    assert (answer.status_code, shown(answer)[1], has_form(answer)) == (status, sentence, True)
    refused = re.search(rf'<input id="{field}".*?>', answer.text, re.DOTALL)
    assert refused
    assert 'aria-invalid="true"' in refused[0]
    assert re.search(r'aria-describedby="[^"]*refusal"', refused[0])
    assert answer.text.count("aria-invalid") == 1
    assert f'name="token" value="{token}"' in answer.text
    # A name stands there as it was typed, a password never.
    assert ('value="Er&#34;&lt;in"' in answer.text) == (typed.get("name") == 'Er"<in')
    for name, word in typed.items():
        assert not (word.strip() and "assword" in name and f'value="{word}"' in answer.text)
    # and then it works
    assert press(client, path, token).status_code == 200


def test_an_account_that_is_invited_needs_its_own_password(client: FlaskClient, shop: Shop) -> None:
    with shop.database.write() as session:
        invited = inviting.invite_staff(session, "alice@example.com", Post(Role.ADMIN), actor=ADMIN)
    token = shop.links.sign(INVITATION_PURPOSE, invited)
    with nothing_changed(shop.database, but=("audit_entries",)):
        answer = press(client, "/accept-invitation", token, name="A", password=NEW)
    assert (answer.status_code, has_form(answer)) == (401, True)
    assert shown(answer)[1] == "This address has an account, and this is not its password."
    assert press(client, "/accept-invitation", token, name="A", password=PASSWORD).status_code == 200
    joined = user_row(shop, "alice@example.com")
    assert joined
    assert (joined.role, joined.name) == ("admin", "Alice Moreno")


def test_an_address_taken_meanwhile(client: FlaskClient, shop: Shop) -> None:
    token = made_link(shop, "/confirm-email")
    registering.register_customer(
        shop.database, shop.passwords, name="N", email="alice.new@example.com", password="correct horse"
    )
    with shop.database.write() as session:
        session.execute(update(User).where(User.email == "alice.new@example.com").values(email_verified_at=clock.now()))
    with nothing_changed(shop.database):
        answer = press(client, "/confirm-email", token)
    assert (answer.status_code, has_form(answer)) == (409, False)
    assert "An account with this e-mail address exists." in answer.text


def bad_tokens(shop: Shop, path: str, token: str) -> Iterator[str]:
    """Tokens that are none for this page."""
    yield from ("x", "." * 1000, "\0", token[:-1], token + "a", token.swapcase(), "a" * 5000)
    yield Links(secret="somebody else's secret, which is long enough").sign("verification", ALICE)
    for other in {each.rstrip("/"): each for each in TYPED}.values():
        if other.rstrip("/") != path.rstrip("/"):
            yield made_link(shop, other)


def test_links_that_are_not_for_this(client: FlaskClient, shop: Shop, path: str, token: str) -> None:
    for bad in [*bad_tokens(shop, path, token)]:
        with nothing_changed(shop.database):
            answer = press(client, path, bad)
        assert (answer.status_code, shown(answer)[0], has_form(answer)) == (410, "That did not work", False), bad


def test_a_link_that_comes_too_late(client: FlaskClient, shop: Shop, path: str, token: str) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)), nothing_changed(shop.database):
        answer = press(client, path, token)
    assert (answer.status_code, has_form(answer)) == (410, False)


@pytest.mark.parametrize("sent", [{}, {"token": ""}, {"other": "x"}])
def test_a_link_that_was_cut(client: FlaskClient, shop: Shop, path: str, sent: dict[str, str]) -> None:
    with nothing_changed(shop.database):
        answers = [client.get(path, query_string=sent), client.post(path, data=sent)]
    for answer in answers:
        assert (answer.status_code, has_form(answer)) == (400, False)
        assert "The address of this page is not complete." in answer.text


@EACH
def test_too_many_tries_with_one_link(client: FlaskClient, shop: Shop, path: str) -> None:
    for _ in range(10):
        assert press(client, path, "x").status_code == 410
    with nothing_changed(shop.database):
        answer = press(client, path, "x")
    assert (answer.status_code, has_form(answer)) == (429, True)
    assert shown(answer)[1] == "That was too often. Try again in 60 minutes."
    assert int(answer.headers["Retry-After"]) in range(3590, 3601)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"token=" + b"a" * 11_000, "application/x-www-form-urlencoded", 413),
        (b"\xff\xfe=\xff", "application/x-www-form-urlencoded", 400),
        (b"{}", "text/plain", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
        (b"", "multipart/form-data", 400),
    ],
)
def test_bodies_that_no_form_sends(
    client: FlaskClient, shop: Shop, path: str, body: bytes, content_type: str, status: int
) -> None:
    with nothing_changed(shop.database):
        answer = client.post(path, data=body, content_type=content_type)
    assert (answer.status_code, answer.mimetype, has_form(answer)) == (status, "text/html", False)


def test_a_token_cannot_write_the_page(client: FlaskClient, path: str) -> None:
    evil = '"><script>alert(1)</script>'
    for answer in (client.get(path, query_string={"token": evil}), press(client, path, evil)):
        assert "<script>" not in answer.text


def test_a_fault_is_a_page_with_its_number(
    client: FlaskClient, path: str, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret cause")

    for module, name in (
        (verifying, "verify_email"),
        (changing_password, "reset_password"),
        (changing_email, "confirm_email_change"),
        (inviting, "accept_invitation"),
    ):
        monkeypatch.setattr(module, name, fail)
    answer = press(client, path, token)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert answer.headers["X-Request-Id"] in answer.text
    assert "secret" not in answer.text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: FlaskClient, path: str, method: str) -> None:
    assert client.open(path, method=method).status_code == 405


def test_the_pages_say_whose_shop_it_is(client: FlaskClient, shop: Shop, path: str) -> None:
    page = client.get(path, query_string={"token": "x"}).text
    assert f"<title>{shop.settings.shop_name}: {read(page).texts['h1'][0]}</title>" in page


def test_an_invitation_is_used_up(client: FlaskClient, shop: Shop) -> None:
    press(client, "/accept-invitation", made_link(shop, "/accept-invitation"))
    with shop.database.read() as session:
        assert session.scalars(select(StaffInvitation.accepted_at)).one() is not None
