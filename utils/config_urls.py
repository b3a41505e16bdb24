"""Checks and writes the URLs of PostgreSQL and Redis in the one spelling that the libraries take."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

DATABASE_ALLOWED = (
    "postgresql://USER:PASSWORD@HOST:PORT/NAME (postgres:// and postgresql+psycopg2:// too), "
    "with special characters of the password percent-encoded"
)
REDIS_ALLOWED = (
    "redis://:PASSWORD@HOST:PORT/NUMBER (rediss:// for TLS), with special characters of the password percent-encoded"
)
_DATABASE_SCHEMES = ("postgres", "postgresql", "postgresql+psycopg2")
_REDIS_SCHEMES = ("redis", "rediss")


def database_url(url: str) -> str:
    """The URL under the scheme postgresql+psycopg2, which SQLAlchemy needs to take this driver; its rest unchanged.

    Refuses (ValueError, never quoting the URL) other schemes, and a URL without a host or a database name.
    """
    parts = _split(url, _DATABASE_SCHEMES, DATABASE_ALLOWED)
    if not parts.hostname and not parse_qs(parts.query).get("host"):
        raise ValueError(f"it names no host; allowed is {DATABASE_ALLOWED}")
    if not parts.path.strip("/"):
        raise ValueError(f"it names no database; allowed is {DATABASE_ALLOWED}")
    return "postgresql+psycopg2://" + url.partition("://")[2]


def database_url_of_parts(given: Mapping[str, Any]) -> str | None:
    """The URL made of db_host, db_port, db_name, db_user and db_password; None if none of them is given.

    A host that begins with / is the folder of a Unix socket. Refuses (ValueError) parts without host, name or user.
    """
    words = ("host", "port", "name", "user", "password")
    host, port, name, user, password = (given.get(f"db_{word}") for word in words)
    if all(each is None for each in (host, port, name, user, password)):
        return None
    missing = [f"DB_{word}" for word, each in (("HOST", host), ("NAME", name), ("USER", user)) if each is None]
    if missing:
        raise ValueError(
            f"it is not set, and of its parts DB_HOST, DB_NAME and DB_USER this is missing: {', '.join(missing)}"
        )
    host, name, user = str(host), str(name), str(user)
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    path = quote(name, safe="")
    if host.startswith("/"):
        return f"postgresql+psycopg2://{login}@/{path}?host={quote(host, safe='')}&port={port or 5432}"
    return f"postgresql+psycopg2://{login}@{_bracketed(host)}:{port or 5432}/{path}"


def redis_url(url: str) -> str:
    """The URL as it is. Refuses (ValueError, never quoting it) other schemes, no host, and a database not a number."""
    parts = _split(url, _REDIS_SCHEMES, REDIS_ALLOWED)
    if not parts.hostname:
        raise ValueError(f"it names no host; allowed is {REDIS_ALLOWED}")
    number = parts.path.strip("/")
    if number and not (number.isascii() and number.isdigit()):
        raise ValueError(f"its database is not a number; allowed is {REDIS_ALLOWED}")
    return url


def redis_url_of_parts(given: Mapping[str, Any]) -> str | None:
    """The URL made of redis_host, redis_port and redis_password; None if none of them is given.

    Refuses (ValueError) parts without a host.
    """
    host, port, password = (given.get(f"redis_{each}") for each in ("host", "port", "password"))
    if all(each is None for each in (host, port, password)):
        return None
    if host is None:
        raise ValueError("it is not set, and of its parts this is missing: REDIS_HOST")
    login = f":{quote(password, safe='')}@" if password else ""
    return f"redis://{login}{_bracketed(host)}:{port or 6379}/0"


def _split(url: str, schemes: tuple[str, ...], allowed: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        # A password with a bare @, / or # would be read as the host, the port or the fragment.
        is_whole = parts.netloc.count("@") <= 1 and parts.port != 0 and not parts.fragment and " " not in url
    except ValueError:
        is_whole = False
    if not is_whole:
        raise ValueError(f"it is not a URL of this form; allowed is {allowed}")
    if parts.scheme not in schemes or "://" not in url:
        raise ValueError(f"its scheme is not {', '.join(schemes)}; allowed is {allowed}")
    return parts


def _bracketed(host: str) -> str:
    """The host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
