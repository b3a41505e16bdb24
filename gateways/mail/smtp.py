"""Mail by SMTP, encrypted and to a server whose certificate is checked, unless the settings say otherwise."""

import contextlib
import email.policy
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email import headerregistry
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from gateways.mail.mail import Address, Mail, MailRefused, Sender, message_id, parse
from utils import clock
from utils.errors import Unavailable

# However slowly the server talks, a mail takes at most so many times the timeout of one answer.
_ANSWERS = 3
_GOODBYE_SECONDS = 1.0
_FOR_EVER = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where the server is, how it is spoken to, and as whom."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None
    password: str | None
    timeout_seconds: float


class Smtp:
    """One connection for each mail: there are few of them, and none is then lost with another's connection."""

    def __init__(self, server: SmtpServer, sender: Sender, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: what the server's certificate is checked against, by default what this machine trusts."""
        self._server = server
        self._sender = sender
        self._tls = tls or ssl.create_default_context()

    def send(self, mail: Mail) -> None:
        """Raises UNAVAILABLE when the server cannot take it now, and MailRefused when it never will.

        A wrong password or certificate is UNAVAILABLE: it is no fault of the mail, which goes when it is put right.
        """
        to, sender = parse(mail.to), parse(self._sender.address)
        letter = _letter(mail, self._sender, to=to, sender=sender)
        try:
            with self._connected(sender) as client:
                _hand_over(client, letter, to=to, sender=sender)
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _answer(*(code for code, _ in refusal.recipients.values())) from None
        except smtplib.SMTPDataError as refusal:
            raise _answer(refusal.smtp_code) from None
        except smtplib.SMTPResponseException as refusal:
            raise _not_now(refusal.smtp_code) from None
        except OSError as fault:  # every other fault of smtplib is one, too
            raise _not_now(type(fault).__name__) from None

    @contextlib.contextmanager
    def _connected(self, sender: Address) -> Iterator[smtplib.SMTP]:
        server = self._server
        # Named, because smtplib would ask the resolver for our own name, and wait for it without a limit.
        ours = sender.domain
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, ours, timeout=server.timeout_seconds, context=self._tls
            )
        else:
            client = smtplib.SMTP(server.host, server.port, ours, timeout=server.timeout_seconds)
        with _within(client, _ANSWERS * server.timeout_seconds):
            try:
                if server.security == "starttls":
                    client.starttls(context=self._tls)
                if server.user is not None and server.password is not None:
                    client.login(server.user, server.password)
                yield client
                _say_goodbye(client)
            finally:
                client.close()


def _letter(mail: Mail, ours: Sender, *, to: Address, sender: Address) -> EmailMessage:
    """The mail as it travels. The library refuses line breaks in headers (ValueError)."""
    letter = EmailMessage(policy=email.policy.SMTP if to.is_ascii and sender.is_ascii else email.policy.SMTPUTF8)
    letter["From"] = headerregistry.Address(ours.name, sender.local, sender.domain)
    letter["To"] = headerregistry.Address("", to.local, to.domain)
    letter["Subject"] = mail.subject
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = message_id(mail, ours)
    # RFC 3834: no robot answers a robot.
    letter["Auto-Submitted"] = "auto-generated"
    # Lines of any length and every character, whatever the servers on the way can take.
    letter.set_content(mail.text, cte="quoted-printable")
    letter.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return letter


def _hand_over(client: smtplib.SMTP, letter: EmailMessage, *, to: Address, sender: Address) -> None:
    options = []
    if not (to.is_ascii and sender.is_ascii):
        client.ehlo_or_helo_if_needed()
        if not client.has_extn("smtputf8"):
            raise MailRefused("SMTPUTF8 is not spoken there")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    client.sendmail(str(sender), [str(to)], letter.as_bytes(), options)


def _say_goodbye(client: smtplib.SMTP) -> None:
    """The mail is taken: whatever goes wrong from here on must not send it again."""
    with contextlib.suppress(OSError):
        if client.sock is not None:
            client.sock.settimeout(_GOODBYE_SECONDS)
        client.quit()


@contextlib.contextmanager
def _within(client: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cuts the connection after so long: a timeout for each answer alone lets a slow server take for ever."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            if client.sock is not None:
                # Not the TLS socket's own: that one would let the reader go on in plain text.
                socket.socket.shutdown(client.sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _answer(*codes: int) -> Unavailable | MailRefused:
    return MailRefused(codes[0]) if min(codes) >= _FOR_EVER else _not_now(min(codes))


def _not_now(status: int | str) -> Unavailable:
    return Unavailable("The mail server did not take a mail; the worker tries again.", status=status)
