"""Mail for developers: a line in the log in place of a server."""

import structlog

from gateways.mail.mail import Mail

log = structlog.get_logger(__name__)


class Console:
    """Says that there is a mail, and where it can be read; never to whom, and never its links."""

    def __init__(self, read_at: str | None) -> None:
        """`read_at`: the address of the pages where mails are kept, or None when they are not."""
        self._read_at = read_at

    def send(self, mail: Mail) -> None:
        """Refuses nothing."""
        read_at = None if self._read_at is None else f"{self._read_at}/{mail.id}"
        log.info("a mail was written", subject=mail.subject, read_at=read_at)
