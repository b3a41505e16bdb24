"""The mailbox of developers: the newest mails, kept in Redis for a day and read on /dev/mail."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import redis

from gateways.mail.mail import Mail, Mailer
from utils import clock
from utils.errors import Unavailable

MOST = 100
KEPT_FOR = timedelta(days=1)
_KEY = "dev:mail"
_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail, and when it was put into the mailbox."""

    mail: Mail
    at: datetime


class Mailbox:
    """A list in Redis. It connects at each call: a developer's few mails need no more."""

    def __init__(self, url: str) -> None:
        self._url = url

    def keep(self, mail: Mail) -> None:
        """Puts the mail on top. Raises UNAVAILABLE when Redis is away."""
        entry = orjson.dumps({**asdict(mail), "at": clock.now()})
        try:
            with self._opened() as client, client.pipeline() as pipe:
                pipe.lpush(_KEY, entry)
                pipe.ltrim(_KEY, 0, MOST - 1)
                pipe.expire(_KEY, KEPT_FOR)
                pipe.execute()
        except redis.RedisError as fault:
            raise Unavailable("The mailbox of development is away.", status=type(fault).__name__) from None

    def list_kept(self) -> Sequence[Kept]:
        """The mails of a day, the newest first, each once. Raises UNAVAILABLE when Redis is away."""
        try:
            with self._opened() as client:
                entries = client.lrange(_KEY, 0, MOST - 1)
        except redis.RedisError:
            raise Unavailable("The mailbox of development is away.") from None
        # A mail that was sent twice stands there twice; the newer one comes first and stays.
        found = {each.mail.id: each for each in map(_read, reversed(entries))}
        oldest = clock.now() - KEPT_FOR
        return sorted((each for each in found.values() if each.at > oldest), key=lambda each: each.at, reverse=True)

    def find(self, mail_id: UUID) -> Kept | None:
        """This mail, or None if it is not there any more."""
        return next((each for each in self.list_kept() if each.mail.id == mail_id), None)

    def _opened(self) -> redis.Redis:
        return redis.Redis.from_url(self._url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)


class AlsoKept:
    """Keeps each mail in the mailbox before another sends it, so that it can be read even if that one fails."""

    def __init__(self, mailbox: Mailbox, mailer: Mailer) -> None:
        self._mailbox = mailbox
        self._mailer = mailer

    def send(self, mail: Mail) -> None:
        """Raises what the other one raises, and UNAVAILABLE when Redis is away."""
        self._mailbox.keep(mail)
        self._mailer.send(mail)


def _read(entry: bytes) -> Kept:
    said = orjson.loads(entry)
    at = datetime.fromisoformat(said.pop("at"))
    return Kept(Mail(**{**said, "id": UUID(said["id"])}), at)
