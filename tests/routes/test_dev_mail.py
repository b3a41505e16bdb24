"""The pages under /dev/mail: there in development only, safe to open, and for nobody's page but the developer's own."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app import create_app
from gateways.mail.mail import Mail
from gateways.mail.mailbox import Mailbox
from launch.processes import free_port
from wiring import Shop

ID = UUID("0192f0c1-2345-7000-8000-000000000001")
LINK = "https://shop.example/verify?token=abc"
MAIL = Mail(ID, "erin@example.com", "Verify <b>it</b>", f"Hello\n{LINK}\n<i>", f'<p><a href="{LINK}">Verify</a></p>')


@pytest.fixture
def developer(shop: Shop) -> Iterator[FlaskClient]:
    development = shop.settings.model_copy(update={"environment": "development"})
    with create_app(replace(shop, settings=development)).test_client() as client:
        yield client


@pytest.fixture
def mailbox(shop: Shop) -> Mailbox:
    return Mailbox(str(shop.settings.redis_url))


def test_an_empty_mailbox_says_how_to_get_mail(developer: FlaskClient) -> None:
    answer = developer.get("/dev/mail")
    assert answer.status_code == 200
    assert "No mail yet." in answer.text


def test_the_list_names_each_mail(developer: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.keep(MAIL)
    answer = developer.get("/dev/mail")
    assert f'href="/dev/mail/{ID}"' in answer.text
    assert "<strong>Verify &lt;b&gt;it&lt;/b&gt;</strong>" in answer.text
    assert "to erin@example.com" in answer.text


def test_a_mail_is_shown_as_text_with_its_links_and_as_html_in_a_sandbox(
    developer: FlaskClient, mailbox: Mailbox
) -> None:
    mailbox.keep(MAIL)
    answer = developer.get(f"/dev/mail/{ID}")
    assert answer.status_code == 200
    assert f'<a href="{LINK}" rel="noopener noreferrer" target="_blank">{LINK}</a>' in answer.text
    assert "&lt;i&gt;" in answer.text
    assert f'src="/dev/mail/{ID}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"' in answer.text
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'; frame-src 'self'")


def test_the_letter_alone_may_run_nothing_and_load_nothing(developer: FlaskClient, mailbox: Mailbox) -> None:
    mailbox.keep(MAIL)
    answer = developer.get(f"/dev/mail/{ID}/html")
    assert (answer.text, answer.mimetype) == (MAIL.html, "text/html")
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [f"/dev/mail/{ID}", f"/dev/mail/{ID}/html", "/dev/mail/no-id", "/dev/mail/no-id/html"])
def test_a_mail_that_is_not_there(developer: FlaskClient, path: str) -> None:
    answer = developer.get(path)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")  # type: ignore[index]


@pytest.mark.parametrize("path", ["/dev/mail", f"/dev/mail/{ID}", f"/dev/mail/{ID}/html"])
def test_another_page_s_script_reads_no_mail(developer: FlaskClient, mailbox: Mailbox, path: str) -> None:
    """In development any page may call the API; the links here open accounts."""
    mailbox.keep(MAIL)
    answer = developer.get(path, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "erin" not in answer.text


@pytest.mark.parametrize("path", ["/dev/mail", f"/dev/mail/{ID}", f"/dev/mail/{ID}/html"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "localhost.evil.example", "10.0.0.1", "localhost.", "[::1", "", "@"]
)
def test_under_another_name_this_machine_shows_no_mail(
    developer: FlaskClient, mailbox: Mailbox, path: str, host: str
) -> None:
    """Whoever owns a name can make it lead here: then a browser takes that name's page for ours."""
    mailbox.keep(MAIL)
    answer = developer.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert "erin" not in answer.text


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:5000",
        "127.0.0.1:8080",
        "[::1]:5000",
        "[::1]",
        "shop.test",
        "Shop.Test:443",
        "192.0.2.7:1",
    ],
)
def test_under_its_own_names_it_shows_them(shop: Shop, mailbox: Mailbox, host: str) -> None:
    mailbox.keep(MAIL)
    ours = {"environment": "development", "own_public_url": "https://Shop.test:8443/x", "host": "192.0.2.7"}
    client = create_app(replace(shop, settings=shop.settings.model_copy(update=ours))).test_client()
    answer = client.get("/dev/mail", headers={"Host": host})
    assert (answer.status_code, "erin" in answer.text) == (200, True)


def test_without_redis_it_says_so(shop: Shop) -> None:
    away = {"environment": "development", "redis_url": f"redis://127.0.0.1:{free_port()}/0"}
    client = create_app(replace(shop, settings=shop.settings.model_copy(update=away))).test_client()
    assert client.get("/dev/mail").status_code == 503


@pytest.mark.parametrize("path", ["/dev/mail", f"/dev/mail/{ID}", f"/dev/mail/{ID}/html"])
def test_elsewhere_than_in_development_there_is_no_such_page(client: FlaskClient, mailbox: Mailbox, path: str) -> None:
    mailbox.keep(MAIL)
    assert client.get(path).status_code == 404
