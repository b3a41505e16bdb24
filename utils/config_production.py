"""What keeps settings from being used in production: defaults that everybody knows, and doors left open."""

from typing import TYPE_CHECKING

from utils.config_people import DEVELOPMENT_SECRET, EXAMPLE_SECRET, SECRET_BYTES
from utils.config_web import ANY_ORIGIN

if TYPE_CHECKING:
    from utils.config import Settings


def production_faults(settings: "Settings") -> list[str]:
    """One line for each fault; none for settings that are fit."""
    return [line for is_wrong, line in (*_servers(settings), *_secrets(settings), *_doors(settings)) if is_wrong]


def _servers(settings: "Settings") -> list[tuple[bool, str]]:
    return [
        (
            settings.database_url is None,
            "DATABASE_URL: production needs it (or DB_HOST, DB_NAME and DB_USER); no database is started there.",
        ),
        (settings.redis_url is None, "REDIS_URL: production needs it (or REDIS_HOST); no Redis is started there."),
    ]


def _secrets(settings: "Settings") -> list[tuple[bool, str]]:
    least = SECRET_BYTES[settings.jwt_algorithm]

    def is_weak(secret: str) -> bool:
        return secret in (DEVELOPMENT_SECRET, EXAMPLE_SECRET) or len(secret.encode()) < least

    return [
        (
            is_weak(settings.jwt_secret),
            f"JWT_SECRET: production needs one of your own, {least} bytes or longer with {settings.jwt_algorithm}; "
            'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))".',
        ),
        (
            any(is_weak(secret) for secret in settings.jwt_previous_secrets),
            f"JWT_PREVIOUS_SECRETS: each must be one of your own, {least} bytes or longer; take away the others.",
        ),
    ]


def _doors(settings: "Settings") -> list[tuple[bool, str]]:
    return [
        (settings.debug, "DEBUG: production needs false; debugging shows strangers the inside of the program."),
        (
            not settings.public_url.startswith("https://"),
            "PUBLIC_URL: production needs the https:// address people reach this by; links in mails begin with it.",
        ),
        (
            settings.mail_provider == "console",
            "MAIL_PROVIDER: production needs smtp or sendgrid; on the console, links that open accounts stand in logs.",
        ),
        (
            settings.mail_provider != "console" and settings.mail_from.endswith(".localdomain"),
            "MAIL_FROM: production needs an address of yours.",
        ),
        (
            ANY_ORIGIN in settings.cors_origins,
            "CORS_ORIGINS: production needs exact origins; with *, any page could act in your customers' names.",
        ),
    ]
