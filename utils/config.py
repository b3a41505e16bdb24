"""The program's settings: what each may be, what it is by default, and what production demands."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import PydanticBaseSettingsSource, SettingsConfigDict

from utils import config_urls as urls
from utils.config_fields import secret, whole
from utils.config_files import FilesSettings
from utils.config_mail import MailSettings
from utils.config_payments import LIVE_KEY_OUTSIDE_PRODUCTION, PaymentSettings, is_live
from utils.config_people import DEVELOPMENT_SECRET, PeopleSettings
from utils.config_pricing import PricingSettings
from utils.config_production import production_faults
from utils.config_sources import Found, SettingsError, gather
from utils.config_web import WebSettings
from utils.money import is_currency

__all__ = ["DEVELOPMENT_SECRET", "Settings", "SettingsError", "load_settings", "load_settings_or_exit"]

PROJECT = Path(__file__).resolve().parent.parent


class Settings(PeopleSettings, MailSettings, PaymentSettings, PricingSettings, WebSettings, FilesSettings):
    """Every setting under the lower-case name of its variable; it cannot be changed, and prints no secret.

    Made in code (`Settings(port=8000)`) it reads nothing but its arguments; `load_settings` reads the surroundings.
    A field's description says what is allowed, and is what a person reads who set it wrongly.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    environment: Literal["development", "production", "test"] = Field(
        "development", description="development, production, test"
    )
    debug: bool = Field(False, description="true or false")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="DEBUG, INFO, WARNING, ERROR, CRITICAL"
    )

    web_concurrency: int = whole(2, 1, 64)
    web_threads: int = whole(8, 1, 256)
    worker_concurrency: int = whole(4, 1, 64)
    local_data_dir: Path = Field(Path(".state"), description="a folder")

    # The parts stand before the URLs, because the URLs are made of them.
    db_host: str | None = Field(None, description="a host name")
    db_port: int | None = whole(None, 1, 65535)
    db_name: str | None = Field(None, description="the name of a database")
    db_user: str | None = Field(None, description="the name of a database user")
    db_password: str | None = secret("a password")
    database_url: str | None = secret(urls.DATABASE_ALLOWED)
    db_pool_size: int = whole(8, 1, 200)
    db_connect_timeout_seconds: int = whole(3, 1, 60)
    db_lock_timeout_ms: int = whole(3000, 1, 600_000)
    db_statement_timeout_ms: int = whole(5000, 1, 600_000)

    redis_host: str | None = Field(None, description="a host name")
    redis_port: int | None = whole(None, 1, 65535)
    redis_password: str | None = secret("a password")
    redis_url: str | None = secret(urls.REDIS_ALLOWED)
    own_cache_redis_url: str | None = Field(
        None, validation_alias="cache_redis_url", repr=False, description=urls.REDIS_ALLOWED
    )
    own_celery_broker_url: str | None = Field(
        None, validation_alias="celery_broker_url", repr=False, description=urls.REDIS_ALLOWED
    )
    redis_timeout_ms: int = whole(250, 1, 10_000)
    answer_cache_megabytes: int = whole(32, 0, 4096)

    currency: str = Field("USD", description="an ISO 4217 code such as USD, EUR or JPY")

    @property
    def cache_redis_url(self) -> str | None:
        """Where the cache lives: CACHE_REDIS_URL, else REDIS_URL."""
        return self.own_cache_redis_url or self.redis_url

    @property
    def celery_broker_url(self) -> str | None:
        """Where tasks wait: CELERY_BROKER_URL, else REDIS_URL."""
        return self.own_celery_broker_url or self.redis_url

    @property
    def file_storage_dir(self) -> Path:
        """Where uploaded files are kept: FILE_STORAGE_DIR, else a folder of LOCAL_DATA_DIR."""
        return self.own_file_storage_dir or self.local_data_dir / "media"

    @property
    def verification_required(self) -> bool:
        """Whether only proven addresses may order: EMAIL_VERIFICATION_REQUIRED, else in production only."""
        if self.email_verification_required is None:
            return self.environment == "production"
        return self.email_verification_required

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[Any],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The library's own sources cannot know that the second file's name stands in the first; config_sources does.
        return (init_settings,)

    @field_validator("log_level", "currency", mode="before")
    @classmethod
    def _capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("currency")
    @classmethod
    def _is_a_currency(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError
        return code

    @field_validator("local_data_dir", "own_file_storage_dir")
    @classmethod
    def _from_the_project(cls, folder: Path | None) -> Path | None:
        # One folder, whichever folder a command is typed in.
        return None if folder is None else PROJECT / folder

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str | None, info: ValidationInfo) -> str | None:
        return urls.database_url(url) if url else urls.database_url_of_parts(info.data)

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str | None, info: ValidationInfo) -> str | None:
        return urls.redis_url(url) if url else urls.redis_url_of_parts(info.data)

    @field_validator("own_cache_redis_url", "own_celery_broker_url")
    @classmethod
    def _other_redis(cls, url: str | None) -> str | None:
        return urls.redis_url(url) if url else None

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.environment == "production" and (faults := production_faults(self)):
            raise ValueError("\n".join(faults))
        if self.environment != "production" and is_live(self.stripe_secret_key):
            raise ValueError(LIVE_KEY_OUTSIDE_PRODUCTION)
        return self


VARIABLES: dict[str, str] = {
    (field.validation_alias if isinstance(field.validation_alias, str) else name).upper(): name
    for name, field in Settings.model_fields.items()
}


def load_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """The settings of `environ` (the process environment) and of the files in `folder` (the project's own folder).

    Precedence, however the program is started: process environment, `.env`, `.env.<environment>`, default. The
    environment is ENVIRONMENT, or its alias FLASK_ENV; one place that sets both to different values is refused.
    DATABASE_URL comes before DB_HOST and its fellows in one place; the first place that names a server decides.
    Everything wrong is told in one SettingsError, which names the variables and what is allowed and shows no secret.
    """
    found = gather(os.environ if environ is None else environ, PROJECT if folder is None else folder, VARIABLES)
    values: dict[str, Any] = {variable.lower(): each.text for variable, each in found.items()}
    try:
        return Settings(**values)
    except ValidationError as error:
        faults = [line for each in error.errors() for line in _told(each, found)]
    raise SettingsError("\n  ".join(["Nothing was started: these settings are wrong.", *faults]))


def load_settings_or_exit() -> Settings:
    """The settings, for what gunicorn, flask, celery and alembic start: wrong ones end the program in one message."""
    try:
        return load_settings()
    except SettingsError as error:
        raise SystemExit(str(error)) from None


def _told(error: ErrorDetails, found: Mapping[str, Found]) -> list[str]:
    """The lines a person reads about one fault."""
    reason = str(error.get("ctx", {}).get("error", ""))
    if not error["loc"]:
        return reason.splitlines()
    variable = str(error["loc"][0]).upper()
    field = Settings.model_fields[VARIABLES[variable]]
    reason = reason or f"allowed is {field.description}"
    if variable not in found:
        return [f"{variable}: {reason}."]
    each = found[variable]
    shown = f"={each.text[:60]!r}" if field.repr else ""
    return [f"{variable}{shown} in {each.source}: {reason}."]
