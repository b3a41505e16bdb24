"""A mailer that keeps what it was given, and fails as it is told; and the letters of a shop that has one."""

from dataclasses import dataclass, field, replace

from sqlalchemy import text

from gateways.mail.mail import Mail
from wiring import Shop


@dataclass
class Posted:
    """What was sent; `fault` is raised in place of sending."""

    mails: list[Mail] = field(default_factory=list)
    fault: Exception | None = None

    def send(self, mail: Mail) -> None:
        """The mailer's."""
        if self.fault is not None:
            raise self.fault
        self.mails.append(mail)


def posting(shop: Shop) -> tuple[Shop, Posted]:
    """The shop with such a mailer, under an address of its own."""
    posted = Posted()
    named = {"own_public_url": "https://shop.example", "shop_name": "Tea & Co"}
    return replace(shop, mail=posted, settings=shop.settings.model_copy(update=named)), posted


def outbox(shop: Shop) -> list[dict[str, object]]:
    """What is in the outbox, whole."""
    with shop.database.read() as session:
        return [dict(row) for row in session.execute(text("SELECT * FROM outbox_events ORDER BY id")).mappings()]


def lease_ends(shop: Shop) -> None:
    """Lets every lease and every pause end."""
    with shop.database.write() as session:
        session.execute(text("UPDATE outbox_events SET available_at = now()"))
