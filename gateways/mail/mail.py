"""What a mail is, who sends it, and what a server may say to it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from email_validator import EmailNotValidError, validate_email


class MailRefused(Exception):
    """A server will never take this mail. Its code is told, and nothing of the mail: servers quote addresses."""

    def __init__(self, status: int | str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter in words. The same id at every attempt, so that a repetition can be recognised."""

    id: UUID
    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name mail is sent."""

    address: str
    name: str


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Hands the mail to a server, once and for all when this returns.

        Raises UNAVAILABLE when the server is away, is set up otherwise than we are, or says "not now", and MailRefused
        when it says "never". Neither holds anything of the mail.
        """


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts, its domain in ASCII. The part before the @ may be in any script."""

    local: str
    domain: str

    @property
    def is_ascii(self) -> bool:
        """Whether every mail server can take it."""
        return self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse(address: str) -> Address:
    """The parts of an address. Refuses (MailRefused) what is none, line breaks and other tricks among it."""
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise MailRefused("no address") from None
    return Address(found.local_part, found.ascii_domain)


def message_id(mail: Mail, sender: Sender) -> str:
    """The Message-ID: the same whenever the same mail is sent again."""
    return f"<{mail.id}@{parse(sender.address).domain}>"
