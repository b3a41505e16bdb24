"""Settings of the web server: where it listens, what it is called from outside, who may call it and how often."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from utils.config_fields import split, whole

ANY_ORIGIN = "*"


class WebSettings(BaseSettings):
    """What concerns the doors."""

    host: str = Field("127.0.0.1", description="an address or a host name to listen on")
    port: int = whole(5000, 1, 65535)
    own_public_url: str | None = Field(
        None, validation_alias="public_url", description="the address people reach this by, https://HOST"
    )
    render_external_url: str | None = Field(None, description="the address people reach this by, https://HOST")
    trusted_proxies: int = whole(0, 0, 10)
    rate_limit_per_minute: int = whole(600, 1, 1_000_000)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins such as https://shop.example, with commas between them or as a JSON list, or *"
    )

    @property
    def public_url(self) -> str:
        """The address people reach this by, without a slash at its end: it stands in the mails' links."""
        if named := self.own_public_url or self.render_external_url:
            return named
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @field_validator("own_public_url", "render_external_url")
    @classmethod
    def _is_a_place(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError
        return value.rstrip("/")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return split(value)

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            parts = urlsplit(origin)
            exact = (
                parts.scheme in ("http", "https") and parts.hostname and origin == f"{parts.scheme}://{parts.netloc}"
            )
            if origin != ANY_ORIGIN and not (exact and "@" not in origin and "*" not in origin):
                raise ValueError
        if ANY_ORIGIN in origins and len(origins) > 1:
            raise ValueError
        return tuple(origin.lower() for origin in origins)
