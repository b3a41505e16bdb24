"""Settings of payments: the key and the address of Stripe."""

import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from utils.config_fields import secret, whole

_KEY = re.compile(r"(?:sk|rk)_(?:test|live)_[A-Za-z0-9_]+")
# What set-up documents show in place of a key counts as none.
_PLACEHOLDER = re.compile(r"(?:sk|rk)_(?:test|live)_[xX]+")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
LIVE_KEY_OUTSIDE_PRODUCTION = (
    "STRIPE_SECRET_KEY: a live key (sk_live_, rk_live_) is for ENVIRONMENT=production only, so that no trial sells "
    "anything; here use a test key."
)


class PaymentSettings(BaseSettings):
    """What concerns the payment provider."""

    stripe_secret_key: str | None = secret("a secret or restricted key of Stripe, sk_test_... or rk_test_...")
    stripe_api_url: str = Field("https://api.stripe.com", description="https://HOST, or http:// of this machine")
    stripe_timeout_seconds: int = whole(10, 1, 20)

    @field_validator("stripe_secret_key")
    @classmethod
    def _is_a_secret_key(cls, key: str | None) -> str | None:
        if key is None or _PLACEHOLDER.fullmatch(key):
            return None
        # A publishable key (pk_) is a common mistake.
        if not _KEY.fullmatch(key):
            raise ValueError
        return key

    @field_validator("stripe_api_url")
    @classmethod
    def _is_private_on_the_way(cls, url: str) -> str:
        # The key goes there with every request.
        try:
            parts = urlsplit(url)
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise ValueError from None
        is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not (is_whole and is_private) or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError
        return url.rstrip("/")


def is_live(key: str | None) -> bool:
    """Whether the key moves real money."""
    return key is not None and "_live_" in key[:8]
