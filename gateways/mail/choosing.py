"""Which mailer the settings ask for."""

from gateways.mail.console import Console
from gateways.mail.mail import Mailer, Sender
from gateways.mail.mailbox import AlsoKept, Mailbox
from gateways.mail.sendgrid import SendGrid
from gateways.mail.smtp import Smtp, SmtpServer
from utils.config import Settings

READ_AT = "/dev/mail"


def mailer_of(settings: Settings) -> Mailer:
    """The mailer of MAIL_PROVIDER; in development every mail is kept for reading as well. Connects to nothing yet."""
    mailbox = find_mailbox(settings)
    mailer = _sending(settings, read_at=None if mailbox is None else f"{settings.public_url}{READ_AT}")
    return mailer if mailbox is None else AlsoKept(mailbox, mailer)


def find_mailbox(settings: Settings) -> Mailbox | None:
    """Where mails can be read in development; None elsewhere, because links that open accounts stand in them."""
    url = settings.redis_url or settings.cache_redis_url
    return Mailbox(url) if url is not None and settings.environment == "development" else None


def _sending(settings: Settings, *, read_at: str | None) -> Mailer:
    sender = Sender(settings.mail_from, settings.shop_name)
    if settings.mail_provider == "smtp" and settings.smtp_host is not None:
        server = SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=settings.smtp_password,
            timeout_seconds=settings.mail_timeout_seconds,
        )
        return Smtp(server, sender)
    if settings.mail_provider == "sendgrid" and settings.sendgrid_api_key is not None:
        return SendGrid(
            settings.sendgrid_api_url,
            settings.sendgrid_api_key,
            sender,
            timeout_seconds=settings.mail_timeout_seconds,
        )
    return Console(read_at)
