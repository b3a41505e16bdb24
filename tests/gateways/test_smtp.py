"""Mail by SMTP, to a real server: encrypted, proven, once; and what its refusals say, with nothing of the mail."""

import ssl
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine

from gateways.mail.mail import Mail, MailRefused, Sender
from gateways.mail.smtp import Smtp, SmtpServer
from launch.processes import free_port
from tests.gateways.mail_server import CERTIFICATE, PASSWORD, USER, Inbox, scripted_server, smtp_server, trusting
from utils.errors import Unavailable

# What the server says when it takes passwords over TLS from the first byte.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

MAIL = Mail(
    id=UUID("0192f0c1-2345-7000-8000-000000000001"),
    to="erin@example.com",
    subject="Verify your address: Café",
    text="Hello,\n\nfollow https://shop.example/verify?token=abc\n.\nAnd more.\n",
    html="<p>Hello</p>\n",
)
SENDER = Sender("shop@shop.example", "Commerce Shop")


def mail(**changed: Any) -> Mail:
    return Mail(**{**{name: getattr(MAIL, name) for name in Mail.__slots__}, **changed})


def smtp(port: int, security: Any = "none", **more: Any) -> Smtp:
    """A client that trusts the tests' certificate; with the password where a server wants one."""
    given = {"user": None, "password": None} if security == "none" else {"user": USER, "password": PASSWORD}
    tls = more.pop("tls", None) or trusting()
    sender = more.pop("sender", SENDER)
    options = {"host": "localhost", "port": port, "security": security, "timeout_seconds": 5.0, **given, **more}
    return Smtp(SmtpServer(**options), sender, tls=tls)


def refusal(client: Smtp, sent: Mail = MAIL) -> tuple[str, object]:
    """The class and the status of what sending raises, in which nothing of the mail stands."""
    with pytest.raises((Unavailable, MailRefused)) as refused:
        client.send(sent)
    fault: Any = refused.value
    assert fault.__context__ is None or fault.__suppress_context__
    assert "erin" not in f"{fault!r} {fault.__dict__}"
    return type(fault).__name__, fault.details["status"] if isinstance(fault, Unavailable) else fault.status


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_arrives(security: str) -> None:
    inbox = Inbox()
    with time_machine.travel(datetime(2026, 3, 1, 9, 30, tzinfo=UTC)), smtp_server(inbox, security=security) as port:
        smtp(port, security).send(MAIL)
    [letter] = inbox.letters
    assert (letter.sender, letter.recipients) == ("shop@shop.example", ["erin@example.com"])
    headers = {name: str(value) for name, value in letter.message.items() if not name.startswith(("X-", "Content-"))}
    assert headers == {
        "From": "Commerce Shop <shop@shop.example>",
        "To": "erin@example.com",
        "Subject": "Verify your address: Café",
        "Date": "Sun, 01 Mar 2026 09:30:00 +0000",
        "Message-ID": "<0192f0c1-2345-7000-8000-000000000001@shop.example>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
    }
    assert letter.message.get_content_type() == "multipart/alternative"
    assert (letter.part("plain"), letter.part("html")) == (MAIL.text, MAIL.html)


def test_the_same_mail_sent_again_has_the_same_message_id() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        smtp(port).send(MAIL)
        smtp(port).send(MAIL)
    assert len({letter.message["Message-ID"] for letter in inbox.letters}) == 1
    assert len(inbox.letters) == 2


def test_the_machine_s_own_trust_can_be_told_of_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    inbox = Inbox()
    server = {"host": "localhost", "security": "starttls", "user": USER, "password": PASSWORD, "timeout_seconds": 5.0}
    with smtp_server(inbox, security="starttls") as port:
        Smtp(SmtpServer(port=port, **server), SENDER).send(MAIL)  # type: ignore[arg-type]
    assert len(inbox.letters) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_signed_is_not_taken(security: str) -> None:
    inbox = Inbox()
    with smtp_server(inbox, security=security) as port:
        client = smtp(port, security, tls=ssl.create_default_context())
        assert refusal(client) == ("Unavailable", "SSLCertVerificationError")
    assert inbox.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_host_is_not_taken(security: str) -> None:
    inbox = Inbox()
    with smtp_server(inbox, security=security, hostname="127.0.0.1") as port:
        assert refusal(smtp(port, security, host="127.0.0.1")) == ("Unavailable", "SSLCertVerificationError")
    assert inbox.letters == []


def test_nothing_is_sent_in_clear_to_a_server_without_starttls() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        assert refusal(smtp(port, "starttls")) == ("Unavailable", "SMTPNotSupportedError")
    assert inbox.letters == []


def test_nothing_is_sent_in_clear_when_starttls_is_refused() -> None:
    answers = {"ehlo": "250-localhost\r\n250 STARTTLS", "starttls": "454 not now", "mail": "250 OK"}
    with scripted_server(answers) as port:
        assert refusal(smtp(port, "starttls", host="127.0.0.1")) == ("Unavailable", 454)


def test_a_wrong_password_is_not_the_mail_s_fault() -> None:
    inbox = Inbox()
    with smtp_server(inbox, security="starttls") as port:
        assert refusal(smtp(port, "starttls", password="another")) == ("Unavailable", 535)
        smtp(port, "starttls").send(MAIL)
    assert len(inbox.letters) == 1


def test_a_server_that_is_away() -> None:
    assert refusal(smtp(free_port())) == ("Unavailable", "ConnectionRefusedError")


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"on_recipient": "550 no such user erin@example.com"}, ("MailRefused", 550)),
        ({"on_recipient": "451 erin@example.com is greylisted"}, ("Unavailable", 451)),
        ({"on_mail": "554 no spam from erin@example.com"}, ("MailRefused", 554)),
        ({"on_mail": "452 no room for erin@example.com"}, ("Unavailable", 452)),
    ],
)
def test_what_the_server_says_to_a_recipient_and_to_a_mail(answers: dict[str, str], told: tuple[str, object]) -> None:
    inbox = Inbox(**answers)  # type: ignore[arg-type]
    with smtp_server(inbox) as port:
        assert refusal(smtp(port)) == told
    assert inbox.letters == []


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"greeting": "421 come later"}, ("Unavailable", 421)),
        ({"greeting": "554 no service"}, ("Unavailable", 554)),
        # It does not know us as its customer, which is no fault of this mail.
        ({"mail": "550 not from you"}, ("Unavailable", 550)),
    ],
)
def test_what_is_said_before_the_mail_came_is_about_us(answers: dict[str, str], told: tuple[str, object]) -> None:
    with scripted_server(answers) as port:
        assert refusal(smtp(port, host="127.0.0.1")) == told


@pytest.mark.parametrize("word", ["greeting", "ehlo", "mail", "rcpt", "data", "end"])
def test_a_server_that_falls_silent_is_away_after_the_timeout(word: str) -> None:
    with scripted_server({word: None}) as port:
        began = time.monotonic()
        name, status = refusal(smtp(port, host="127.0.0.1", timeout_seconds=0.3))
        assert time.monotonic() - began < 3
    assert name == "Unavailable"
    assert status in ("TimeoutError", "SMTPServerDisconnected")


def test_a_server_that_talks_ever_so_slowly_is_cut_off() -> None:
    # each byte comes in time, and the whole takes longer than any mail may
    with scripted_server({"ehlo": "250 " + "x" * 200}, pause=0.05) as port:
        began = time.monotonic()
        name, _ = refusal(smtp(port, host="127.0.0.1", timeout_seconds=0.5))
        assert time.monotonic() - began < 4
    assert name == "Unavailable"


@pytest.mark.parametrize("goodbye", [None, "500 what?"])
def test_a_mail_that_was_taken_is_sent_whatever_the_goodbye(goodbye: str | None) -> None:
    taken: list[bytes] = []
    with scripted_server({"quit": goodbye}, taken=taken) as port:
        smtp(port, host="127.0.0.1").send(MAIL)
    named = b"Message-ID: <0192f0c1-2345-7000-8000-000000000001@shop.example>\r\n"
    assert [line for line in taken if line.startswith(b"Message-ID:")] == [named]


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    inbox = Inbox()
    with smtp_server(inbox, enable_SMTPUTF8=False) as port:
        smtp(port, sender=Sender("shop@läden.example", "Läden")).send(mail(to="erin@bücher.example"))
    [letter] = inbox.letters
    assert (letter.sender, letter.recipients) == ("shop@xn--lden-loa.example", ["erin@xn--bcher-kva.example"])
    assert letter.message["To"] == "erin@xn--bcher-kva.example"
    assert letter.message["From"] == "Läden <shop@xn--lden-loa.example>"
    assert letter.message["Message-ID"] == "<0192f0c1-2345-7000-8000-000000000001@xn--lden-loa.example>"


def test_a_name_in_other_letters_goes_to_a_server_that_can_read_it() -> None:
    inbox = Inbox()
    with smtp_server(inbox, enable_SMTPUTF8=True) as port:
        smtp(port).send(mail(to="josé@bücher.example"))
    [letter] = inbox.letters
    assert letter.recipients == ["josé@xn--bcher-kva.example"]
    assert letter.message["To"] == "josé@xn--bcher-kva.example"


def test_a_name_in_other_letters_is_refused_where_nobody_can_read_it() -> None:
    inbox = Inbox()
    with smtp_server(inbox, enable_SMTPUTF8=False) as port:
        assert refusal(smtp(port), mail(to="josé@example.com")) == ("MailRefused", "SMTPUTF8 is not spoken there")
    assert inbox.letters == []


@pytest.mark.parametrize(
    "to",
    [
        "erin@example.com\r\nBcc: everybody@example.com",
        "erin@example.com>\r\nRCPT TO:<other@example.com",
        "erin@example.com, other@example.com",
        "erin",
        "",
    ],
)
def test_what_is_no_address_is_refused(to: str) -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        assert refusal(smtp(port), mail(to=to)) == ("MailRefused", "no address")
    assert inbox.letters == []


def test_a_line_break_in_a_header_is_refused() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port, pytest.raises(ValueError, match="linefeed"):
        smtp(port).send(mail(subject="Hello\r\nBcc: everybody@example.com"))
    assert inbox.letters == []


def test_long_lines_and_lines_of_dots_arrive_as_they_were() -> None:
    text = "x" * 5000 + "\n.\n..\n" + "ü€𝄞 " * 400 + "\n"
    inbox = Inbox()
    with smtp_server(inbox) as port:
        smtp(port).send(mail(text=text, html=f"<p>{text}</p>\n"))
    assert inbox.letters[0].part("plain") == text
    assert inbox.letters[0].part("html") == f"<p>{text}</p>\n"
