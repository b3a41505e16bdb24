"""A real SMTP server on loopback, and one that answers whatever a test makes it answer."""

import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from launch.processes import free_port

# A certificate for localhost, signed by itself, with its key.
CERTIFICATE = Path(__file__).parent / "localhost.pem"
USER, PASSWORD = "shop", "p4ss-word"


class Letter(NamedTuple):
    """A mail as the server took it."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    def part(self, kind: str) -> str:
        """The text of its part of this kind: plain or html."""
        [found] = [each for each in self.message.walk() if each.get_content_subtype() == kind]
        return str(found.get_content()).replace("\r\n", "\n")


@dataclass
class Inbox:
    """What came, and how the server answers to a recipient and to a mail."""

    on_recipient: str = "250 OK"
    on_mail: str = "250 OK"
    pause: float = 0.0
    letters: list[Letter] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - so aiosmtpd calls it
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        """aiosmtpd's hook."""
        if self.on_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        """aiosmtpd's hook."""
        await asyncio.sleep(self.pause)
        if self.on_mail.startswith("2"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.SMTPUTF8)
            assert isinstance(message, EmailMessage)
            self.letters.append(Letter(envelope.mail_from, list(envelope.rcpt_tos), message))
        return self.on_mail


def server_tls() -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    """The client's side, which trusts that server."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def _authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextmanager
def smtp_server(inbox: Inbox, *, security: str = "none", port: int | None = None, **more: Any) -> Iterator[int]:
    """aiosmtpd on a free port; with `starttls` and `tls` it wants the password."""
    options: dict[str, Any] = {"hostname": "localhost", **more}
    if security != "none":
        options |= {"authenticator": _authenticate, "auth_required": True}
    if security == "starttls":
        options |= {"tls_context": server_tls(), "require_starttls": True}
    if security == "tls":
        # It does not count TLS from the first byte as TLS.
        options |= {"ssl_context": server_tls(), "auth_require_tls": False}
    controller = Controller(inbox, port=port or free_port(), hostname=options.pop("hostname"), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def scripted_server(
    answers: Mapping[str, str | None], *, pause: float = 0.0, taken: list[bytes] | None = None
) -> Iterator[int]:
    """A server that gives these answers to these words (`greeting` at the start); to None it hangs for ever.

    To a word without an answer it says 250, and it takes a mail as others do. With `pause` every byte takes so long.
    The lines of the mails it took are added to `taken`.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=_serve, args=(listener, answers, pause, [] if taken is None else taken), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who waits for a caller
        listener.close()
        thread.join(10)


def _serve(listener: socket.socket, answers: Mapping[str, str | None], pause: float, taken: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                _talk(connection, answers, pause, taken)


def _talk(connection: socket.socket, answers: Mapping[str, str | None], pause: float, taken: list[bytes]) -> None:
    lines = connection.makefile("rb")
    word = "greeting"
    while word:
        answer = answers.get(
            word, {"greeting": "220 hello", "data": "354 go on", "quit": "221 bye"}.get(word, "250 OK")
        )
        if answer is None:
            lines.read()  # until the client has had enough
            return
        for byte in f"{answer}\r\n".encode():
            time.sleep(pause)
            connection.sendall(bytes([byte]))
        if word == "data" and answer.startswith("354"):
            while (line := lines.readline()) not in (b".\r\n", b""):
                taken.append(line)
            word = "end"
            continue
        said = lines.readline().split()
        word = said[0].decode().lower() if said else ""
