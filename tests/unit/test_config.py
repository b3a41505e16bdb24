"""Settings: what each may be, what it is by default, what production refuses, and what a person is told."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from tests.unit.config_defaults import DEFAULTS
from utils.config import DEVELOPMENT_SECRET, PROJECT, Settings, SettingsError, load_settings

SECRET = "s" * 32
GOOD_PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgres://shop:hidden-pass@db.internal/shop",
    "REDIS_URL": "redis://:hidden-pass@cache.internal:6379",
    "JWT_SECRET": SECRET,
    "PUBLIC_URL": "https://shop.example",
    "MAIL_PROVIDER": "smtp",
    "MAIL_FROM": "shop@shop.example",
    "SMTP_HOST": "mail.internal",
}
DATABASE_ALLOWED = (
    "allowed is postgresql://USER:PASSWORD@HOST:PORT/NAME (postgres:// and postgresql+psycopg2:// too), "
    "with special characters of the password percent-encoded."
)
REDIS_ALLOWED = (
    "allowed is redis://:PASSWORD@HOST:PORT/NUMBER (rediss:// for TLS), "
    "with special characters of the password percent-encoded."
)
HEAD = "Nothing was started: these settings are wrong.\n  "


def load(folder: Path, **variables: str) -> Settings:
    return load_settings(variables, folder)


def refusal(folder: Path, **variables: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(variables, folder)
    return str(refused.value)


def test_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert settings.model_dump() == DEFAULTS
    assert (settings.cache_redis_url, settings.celery_broker_url) == (None, None)
    assert (settings.public_url, settings.verification_required) == ("http://127.0.0.1:5000", False)


def test_settings_made_in_code_do_not_read_the_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1234")

    assert Settings().port == 5000


def test_without_arguments_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1234")

    assert load_settings().port == 1234


def test_loading_leaves_the_process_environment_alone(tmp_path: Path) -> None:
    before = dict(os.environ)
    (tmp_path / ".env").write_text("PORT=1234\nFLASK_ENV=test\n")

    load(tmp_path)

    assert dict(os.environ) == before


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_an_unknown_setting_in_code_is_refused() -> None:
    unknown: dict[str, Any] = {"prot": 1}
    with pytest.raises(ValidationError):
        Settings(**unknown)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "POSTGRES"])
@pytest.mark.parametrize("query", ["", "?sslmode=require", "?sslmode=require&application_name=shop"])
def test_a_database_url_in_every_spelling(tmp_path: Path, scheme: str, query: str) -> None:
    settings = load(tmp_path, DATABASE_URL=f"{scheme}://shop:p%40ss@db:5433/store{query}")

    assert settings.database_url == f"postgresql+psycopg2://shop:p%40ss@db:5433/store{query}"


def test_a_database_behind_a_unix_socket(tmp_path: Path) -> None:
    url = load(tmp_path, DATABASE_URL="postgresql:///store?host=/run/postgresql").database_url

    assert url == "postgresql+psycopg2:///store?host=/run/postgresql"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://u:hidden@h/d", "its scheme is not postgres, postgresql, postgresql+psycopg2"),
        ("sqlite:///shop.db", "its scheme is not postgres, postgresql, postgresql+psycopg2"),
        ("postgresql+psycopg://u:hidden@h/d", "its scheme is not postgres, postgresql, postgresql+psycopg2"),
        ("postgresql:u:hidden@h/d", "its scheme is not postgres, postgresql, postgresql+psycopg2"),
        ("hidden", "its scheme is not postgres, postgresql, postgresql+psycopg2"),
        ("postgresql://u:hidden@h", "it names no database"),
        ("postgresql://u:hidden@h/", "it names no database"),
        ("postgresql:///d", "it names no host"),
        ("postgresql://u:hidden@h:port/d", "it is not a URL of this form"),
        ("postgresql://u:hidden@h:0/d", "it is not a URL of this form"),
        ("postgresql://u:hidden@h:65536/d", "it is not a URL of this form"),
        ("postgresql://u:hid@den@h/d", "it is not a URL of this form"),
        ("postgresql://u:hid#den@h/d", "it is not a URL of this form"),
        ("postgresql://u:hid/den@h/d", "it is not a URL of this form"),
        ("postgresql://u:hid den@h/d", "it is not a URL of this form"),
        ("postgresql://u:hidden@[h/d", "it is not a URL of this form"),
    ],
)
def test_a_wrong_database_url_is_refused_and_never_shown(tmp_path: Path, url: str, reason: str) -> None:
    told = refusal(tmp_path, DATABASE_URL=url)

    assert told == f"{HEAD}DATABASE_URL in the process environment: {reason}; {DATABASE_ALLOWED}"


def test_a_database_in_parts(tmp_path: Path) -> None:
    parts = {"DB_HOST": "db", "DB_PORT": "5433", "DB_NAME": "store", "DB_USER": "shop", "DB_PASSWORD": "p@s:s/w#d?%"}

    assert load(tmp_path, **parts).database_url == ("postgresql+psycopg2://shop:p%40s%3As%2Fw%23d%3F%25@db:5433/store")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("db", "postgresql+psycopg2://shop@db:5432/store"),
        ("::1", "postgresql+psycopg2://shop@[::1]:5432/store"),
        ("/run/postgresql", "postgresql+psycopg2://shop@/store?host=%2Frun%2Fpostgresql&port=5432"),
    ],
)
def test_a_database_in_parts_without_port_and_password(tmp_path: Path, host: str, url: str) -> None:
    assert load(tmp_path, DB_HOST=host, DB_NAME="store", DB_USER="shop").database_url == url


@given(user=st.text(min_size=1), password=st.text(min_size=1), name=st.text(min_size=1))
def test_sqlalchemy_reads_the_parts_back(user: str, password: str, name: str) -> None:
    settings = Settings(db_host="db", db_user=user, db_password=password, db_name=name)

    url = make_url(settings.database_url or "")
    assert (url.username, url.password, url.host, url.port) == (user, password, "db", 5432)
    assert url.database == name


@pytest.mark.parametrize(
    ("given_parts", "missing"),
    [
        ({"DB_HOST": "db"}, "DB_NAME, DB_USER"),
        ({"DB_PORT": "5432"}, "DB_HOST, DB_NAME, DB_USER"),
        ({"DB_PASSWORD": "hidden"}, "DB_HOST, DB_NAME, DB_USER"),
        ({"DB_HOST": "db", "DB_NAME": "store"}, "DB_USER"),
        ({"DB_NAME": "store", "DB_USER": "shop"}, "DB_HOST"),
    ],
)
def test_some_parts_of_a_database_are_refused(tmp_path: Path, given_parts: dict[str, str], missing: str) -> None:
    assert refusal(tmp_path, **given_parts) == (
        f"{HEAD}DATABASE_URL: it is not set, and of its parts DB_HOST, DB_NAME and DB_USER this is missing: {missing}."
    )


@pytest.mark.parametrize("url", ["redis://cache", "rediss://:p%40ss@cache:6380/2", "redis://u:p@cache/0?db=1"])
def test_a_redis_url_stays_as_it_is(tmp_path: Path, url: str) -> None:
    settings = load(tmp_path, REDIS_URL=url)

    assert (settings.redis_url, settings.cache_redis_url, settings.celery_broker_url) == (url, url, url)


@pytest.mark.parametrize("variable", ["REDIS_URL", "CACHE_REDIS_URL", "CELERY_BROKER_URL"])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://:hidden@cache", "its scheme is not redis, rediss"),
        ("cache:6379", "its scheme is not redis, rediss"),
        ("redis://", "it names no host"),
        ("redis://:hidden@cache/first", "its database is not a number"),
        ("redis://:hidden@cache/²", "its database is not a number"),
        ("redis://:hidden@cache:port", "it is not a URL of this form"),
    ],
)
def test_a_wrong_redis_url_is_refused_and_never_shown(tmp_path: Path, variable: str, url: str, reason: str) -> None:
    told = refusal(tmp_path, **{variable: url})

    assert told == f"{HEAD}{variable} in the process environment: {reason}; {REDIS_ALLOWED}"


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ({"REDIS_HOST": "cache"}, "redis://cache:6379/0"),
        ({"REDIS_HOST": "cache", "REDIS_PORT": "6380"}, "redis://cache:6380/0"),
        ({"REDIS_HOST": "::1", "REDIS_PASSWORD": "p@s/s"}, "redis://:p%40s%2Fs@[::1]:6379/0"),
    ],
)
def test_a_redis_in_parts(tmp_path: Path, parts: dict[str, str], url: str) -> None:
    assert load(tmp_path, **parts).redis_url == url


@pytest.mark.parametrize("part", [{"REDIS_PORT": "6379"}, {"REDIS_PASSWORD": "hidden"}])
def test_a_redis_without_a_host_is_refused(tmp_path: Path, part: dict[str, str]) -> None:
    assert refusal(tmp_path, **part) == (
        f"{HEAD}REDIS_URL: it is not set, and of its parts this is missing: REDIS_HOST."
    )


def test_the_cache_and_the_queue_may_have_their_own_redis(tmp_path: Path) -> None:
    settings = load(
        tmp_path, REDIS_URL="redis://one", CACHE_REDIS_URL="redis://two", CELERY_BROKER_URL="rediss://three"
    )

    assert settings.redis_url == "redis://one"
    assert settings.cache_redis_url == "redis://two"
    assert settings.celery_broker_url == "rediss://three"


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("DEBUG", "release", "true or false"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("PORT", "http", "a whole number from 1 to 65535"),
        ("PORT", "0", "a whole number from 1 to 65535"),
        ("PORT", "65536", "a whole number from 1 to 65535"),
        ("PORT", "5000.5", "a whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "0", "a whole number from 1 to 64"),
        ("WEB_CONCURRENCY", "65", "a whole number from 1 to 64"),
        ("WEB_THREADS", "0", "a whole number from 1 to 256"),
        ("WEB_THREADS", "257", "a whole number from 1 to 256"),
        ("WORKER_CONCURRENCY", "0", "a whole number from 1 to 64"),
        ("WORKER_CONCURRENCY", "65", "a whole number from 1 to 64"),
        ("DB_PORT", "65536", "a whole number from 1 to 65535"),
        ("DB_POOL_SIZE", "0", "a whole number from 1 to 200"),
        ("DB_POOL_SIZE", "201", "a whole number from 1 to 200"),
        ("DB_CONNECT_TIMEOUT_SECONDS", "0", "a whole number from 1 to 60"),
        ("DB_CONNECT_TIMEOUT_SECONDS", "61", "a whole number from 1 to 60"),
        ("DB_LOCK_TIMEOUT_MS", "0", "a whole number from 1 to 600000"),
        ("DB_LOCK_TIMEOUT_MS", "600001", "a whole number from 1 to 600000"),
        ("DB_STATEMENT_TIMEOUT_MS", "0", "a whole number from 1 to 600000"),
        ("DB_STATEMENT_TIMEOUT_MS", "600001", "a whole number from 1 to 600000"),
        ("REDIS_PORT", "redis", "a whole number from 1 to 65535"),
        ("REDIS_TIMEOUT_MS", "0", "a whole number from 1 to 10000"),
        ("REDIS_TIMEOUT_MS", "10001", "a whole number from 1 to 10000"),
        ("JWT_ALGORITHM", "none", "HS256, HS384, HS512"),
        ("JWT_ALGORITHM", "RS256", "HS256, HS384, HS512"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0", "a whole number from 1 to 10080"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "10081", "a whole number from 1 to 10080"),
        ("FILE_STORAGE_PROVIDER", "s3", "local"),
        ("UPLOAD_MAX_MEGABYTES", "0", "a whole number from 1 to 100"),
        ("UPLOAD_MAX_MEGABYTES", "101", "a whole number from 1 to 100"),
        ("CURRENCY", "DOLLAR", "an ISO 4217 code such as USD, EUR or JPY"),
        ("CURRENCY", "ZZZ", "an ISO 4217 code such as USD, EUR or JPY"),
        ("TIER_SILVER_ORDERS", "0", "a whole number from 1 to 999999"),
        ("TIER_SILVER_ORDERS", "1000000", "a whole number from 1 to 999999"),
        ("TIER_GOLD_ORDERS", "21", "a whole number up to 1000000, above TIER_SILVER_ORDERS"),
        ("TIER_GOLD_ORDERS", "-1", "a whole number up to 1000000, above TIER_SILVER_ORDERS"),
        ("TIER_GOLD_ORDERS", "1000001", "a whole number up to 1000000, above TIER_SILVER_ORDERS"),
        ("TIER_GOLD_ORDERS", "many", "a whole number up to 1000000, above TIER_SILVER_ORDERS"),
        ("HOME_REGION", "de", "a region's code in capitals, such as DE"),
        ("TIME_ZONE", "Mars/Olympus", "an IANA time zone such as UTC, Europe/Berlin or America/New_York"),
        ("TIME_ZONE", "Europe", "an IANA time zone such as UTC, Europe/Berlin or America/New_York"),
        ("TIME_ZONE", "right/UTC", "an IANA time zone such as UTC, Europe/Berlin or America/New_York"),
        ("TIME_ZONE", "localtime", "an IANA time zone such as UTC, Europe/Berlin or America/New_York"),
        ("TIME_ZONE", "../zoneinfo/UTC", "an IANA time zone such as UTC, Europe/Berlin or America/New_York"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(tmp_path: Path, variable: str, text: str, allowed: str) -> None:
    line = f"{HEAD}{variable}={text!r} in the process environment: allowed is {allowed}."

    assert refusal(tmp_path, **{variable: text}) == line


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("DEBUG", "true", True),
        ("DEBUG", "1", True),
        ("DEBUG", "False", False),
        ("LOG_LEVEL", "warning", "WARNING"),
        ("CURRENCY", "eur", "EUR"),
        ("CURRENCY", "JPY", "JPY"),
        ("TIME_ZONE", "Europe/Berlin", "Europe/Berlin"),
        ("HOME_REGION", "DE", "DE"),
        ("TIER_SILVER_ORDERS", "49", 49),
        ("TIER_GOLD_ORDERS", "22", 22),
        ("HOST", "0.0.0.0", "0.0.0.0"),
        ("PORT", "65535", 65535),
        ("JWT_ALGORITHM", "HS512", "HS512"),
        ("LOCAL_DATA_DIR", "/srv/shop", Path("/srv/shop")),
        ("LOCAL_DATA_DIR", "data", PROJECT / "data"),
        ("FILE_STORAGE_PROVIDER", "local", "local"),
        ("FILE_STORAGE_DIR", "/srv/pictures", Path("/srv/pictures")),
        ("FILE_STORAGE_DIR", "pictures", PROJECT / "pictures"),
        ("UPLOAD_MAX_MEGABYTES", "100", 100),
        ("JWT_SECRET", "short", "short"),
    ],
)
def test_a_right_value(tmp_path: Path, variable: str, text: str, value: object) -> None:
    assert getattr(load(tmp_path, **{variable: text}), variable.lower()) == value


def test_gold_takes_more_orders_than_silver_also_when_only_silver_is_set(tmp_path: Path) -> None:
    above = f"{HEAD}TIER_GOLD_ORDERS: allowed is a whole number up to 1000000, above TIER_SILVER_ORDERS."
    assert refusal(tmp_path, TIER_SILVER_ORDERS="50") == above
    assert load(tmp_path, TIER_SILVER_ORDERS="50", TIER_GOLD_ORDERS="51").tier_silver_orders == 50


def test_files_lie_below_the_other_data_unless_told_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path).file_storage_dir == PROJECT / ".state" / "media"
    assert load(tmp_path, LOCAL_DATA_DIR="/srv/shop").file_storage_dir == Path("/srv/shop/media")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WEB_THREADS=many\n")

    assert refusal(tmp_path, PORT="http", DATABASE_URL="mysql://u:hidden@h/d") == (
        f"{HEAD}PORT='http' in the process environment: allowed is a whole number from 1 to 65535.\n"
        "  WEB_THREADS='many' in .env: allowed is a whole number from 1 to 256.\n"
        "  DATABASE_URL in the process environment: its scheme is not postgres, postgresql, postgresql+psycopg2; "
        f"{DATABASE_ALLOWED}"
    )


def test_a_long_wrong_value_is_cut(tmp_path: Path) -> None:
    assert refusal(tmp_path, PORT="9" * 5000) == (
        f"{HEAD}PORT='{'9' * 60}' in the process environment: allowed is a whole number from 1 to 65535."
    )


def test_production_starts_with_what_it_needs(tmp_path: Path) -> None:
    settings = load(tmp_path, **GOOD_PRODUCTION)

    assert settings.environment == "production"
    assert settings.database_url == "postgresql+psycopg2://shop:hidden-pass@db.internal/shop"
    assert settings.jwt_secret == SECRET


def test_production_refuses_all_that_is_missing_at_once(tmp_path: Path) -> None:
    assert refusal(tmp_path, ENVIRONMENT="production", DEBUG="true") == (
        f"{HEAD}DATABASE_URL: production needs it (or DB_HOST, DB_NAME and DB_USER); no database is started there.\n"
        "  REDIS_URL: production needs it (or REDIS_HOST); no Redis is started there.\n"
        "  JWT_SECRET: production needs one of your own, 32 bytes or longer with HS256; "
        'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))".\n'
        "  DEBUG: production needs false; debugging shows strangers the inside of the program.\n"
        "  PUBLIC_URL: production needs the https:// address people reach this by; links in mails begin with it.\n"
        "  MAIL_PROVIDER: production needs smtp or sendgrid; on the console, links that open accounts stand in logs."
    )


@pytest.mark.parametrize(
    ("algorithm", "secret", "least"),
    [
        ("HS256", DEVELOPMENT_SECRET, 32),
        ("HS256", "replace-with-a-long-random-string", 32),
        ("HS256", "s" * 31, 32),
        ("HS384", "s" * 47, 48),
        ("HS512", "s" * 63, 64),
    ],
)
def test_production_refuses_a_known_or_short_secret(tmp_path: Path, algorithm: str, secret: str, least: int) -> None:
    told = refusal(tmp_path, **GOOD_PRODUCTION | {"JWT_SECRET": secret, "JWT_ALGORITHM": algorithm})

    assert told == (
        f"{HEAD}JWT_SECRET: production needs one of your own, {least} bytes or longer with {algorithm}; "
        'make one with: python -c "import secrets; print(secrets.token_urlsafe(48))".'
    )


@pytest.mark.parametrize(("algorithm", "length"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_production_takes_a_secret_of_the_least_length(tmp_path: Path, algorithm: str, length: int) -> None:
    settings = load(tmp_path, **GOOD_PRODUCTION | {"JWT_SECRET": "s" * length, "JWT_ALGORITHM": algorithm})

    assert len(settings.jwt_secret) == length


def test_settings_made_in_code_for_production_are_held_to_the_same() -> None:
    with pytest.raises(ValidationError):
        Settings(environment="production")


def test_no_secret_is_printed(tmp_path: Path) -> None:
    hidden = {
        "DB_HOST": "db",
        "DB_NAME": "store",
        "DB_USER": "shop",
        "DB_PASSWORD": "hidden",
        "REDIS_HOST": "cache",
        "REDIS_PASSWORD": "hidden",
        "CACHE_REDIS_URL": "redis://:hidden@two",
        "CELERY_BROKER_URL": "redis://:hidden@three",
        "JWT_SECRET": "hidden",
        "JWT_PREVIOUS_SECRETS": "hidden,hidden2",
        "SMTP_USER": "shop",
        "SMTP_PASSWORD": "hidden",
        "SENDGRID_API_KEY": "hidden",
    }

    settings = load(tmp_path, **hidden)

    assert settings.jwt_secret == "hidden"
    assert "hidden" not in f"{settings!r} {settings}"


def test_a_wrong_secret_made_in_code_is_not_printed() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(database_url="mysql://u:hidden@h/d")
    assert "hidden" not in str(refused.value)


def test_importing_the_settings_loads_none_of_the_heavy_libraries() -> None:
    heavy = "{'sqlalchemy', 'flask', 'celery', 'redis', 'strawberry', 'structlog'}"
    script = f"import sys, utils.config; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
