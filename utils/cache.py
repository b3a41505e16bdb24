"""Redis as an exact cache: every entry is valid only under the version of what it was made from."""

import re
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from utils.errors import Unavailable

# Bounds what a lost version change could cost; see docs/decisions/cache.md.
ENTRY_SECONDS = 60
# A version outlives every entry made under it; when it goes, its entries are misses. Not longer: whoever
# asks for made-up categories leaves a version for each.
VERSION_SECONDS = 300
# Longer than the relay ever needs to reach an event whose writer was healthy.
DONE_SECONDS = 3600
# After a failure, reads go past Redis for so long before they try it again.
REST_SECONDS = 1.0
_VERSION_BYTES = 12
_RUN_ID = re.compile(rb"run_id:(\w+)")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Fetched:
    """What the cache had, and the versions under which the rest may be stored."""

    hits: dict[str, bytes] = field(default_factory=dict)
    tickets: dict[str, bytes] = field(default_factory=dict)


class _Found(NamedTuple):
    """Values of one MGET, and the life of the server that gave them."""

    life: bytes
    values: list[bytes | None]


class Cache:
    """One Redis. Reads never fail: with it away they miss. Version changes raise, so that the outbox repeats them.

    A server that crashed comes back with an older state, in which a changed version may stand as it was, beside the
    entries made under it. So entries carry the server's life (its run_id, new at every start) before the version.
    """

    def __init__(self, url: str, *, timeout_ms: int = 250, shape: str = "") -> None:
        """`shape` names how entries are written: those of a release that wrote them otherwise are misses."""
        self._shape = shape
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=timeout_ms / 1000,
            socket_connect_timeout=timeout_ms / 1000,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=_greet,
        )
        self._rests_until = 0.0

    def fetch(self, tags: Mapping[str, str]) -> Fetched:
        """Reads the entries named by the keys of `tags`; each is valid only under the version of its tag.

        For each miss it hands out a ticket: the tag's version BEFORE the caller reads the data it will store.
        """
        fetched = Fetched()
        if not tags or time.monotonic() < self._rests_until:
            return fetched
        try:
            keys, names = list(tags), list(tags.values())
            life, found = self._mget([*(f"v:{name}" for name in names), *(f"e:{self._shape}:{key}" for key in keys)])
            versions, entries = found[: len(keys)], found[len(keys) :]
            valid = {name: life + version for name, version in zip(names, versions, strict=True) if version is not None}
            for key, name, entry in zip(keys, names, entries, strict=True):
                if name in valid and entry is not None and entry.startswith(valid[name]):
                    fetched.hits[key] = entry[len(valid[name]) :]
            missed = {key: tags[key] for key in keys if key not in fetched.hits}
            if missed:
                valid |= self._fresh_versions([tag for tag in dict.fromkeys(missed.values()) if tag not in valid])
                fetched.tickets = {key: valid[tag] for key, tag in missed.items() if tag in valid}
        except redis.RedisError as fault:
            self._rest(fault)
            return Fetched()
        return fetched

    def store(self, entries: Mapping[str, bytes], tickets: Mapping[str, bytes]) -> None:
        """Stores each entry under its ticket; one without a ticket (Redis was away) is not stored."""
        ready = {key: tickets[key] + value for key, value in entries.items() if key in tickets}
        if not ready or time.monotonic() < self._rests_until:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for key, value in ready.items():
                    pipe.set(f"e:{self._shape}:{key}", value, ex=ENTRY_SECONDS)
                pipe.execute()
        except redis.RedisError as fault:
            self._rest(fault)

    def renew(self, tags: Iterable[str], *, done: str) -> None:
        """Gives every tag a fresh version, which ends all entries made under the old one, and notes `done`.

        Raises UNAVAILABLE when Redis did not confirm it. Versions are random: no old entry can ever fit again.
        """
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                for tag in tags:
                    pipe.set(f"v:{tag}", _new_version(), ex=VERSION_SECONDS)
                pipe.set(f"done:{done}", b"1", ex=DONE_SECONDS)
                pipe.execute()
        except redis.RedisError as fault:
            raise Unavailable("The cache could not be told of a change; the worker repeats it.") from fault

    def is_done(self, done: str) -> bool:
        """Whether a renewal was noted under this name. Raises UNAVAILABLE when Redis does not answer."""
        try:
            return bool(self._redis.exists(f"done:{done}"))
        except redis.RedisError as fault:
            raise Unavailable("The cache did not answer.") from fault

    def ping(self) -> None:
        """Answers when Redis does; refuses with UNAVAILABLE otherwise."""
        try:
            self._redis.ping()
        except redis.RedisError as fault:
            raise Unavailable("Redis did not answer.") from fault

    def close(self) -> None:
        """Closes the connections."""
        self._redis.close()

    def _fresh_versions(self, absent: Sequence[str]) -> dict[str, bytes]:
        if not absent:
            return {}
        with self._redis.pipeline(transaction=False) as pipe:
            for tag in absent:
                pipe.set(f"v:{tag}", _new_version(), nx=True, ex=VERSION_SECONDS)
            pipe.execute()
        # Somebody else may have been first; what stands there now is the version.
        life, made = self._mget([f"v:{tag}" for tag in absent])
        return {tag: life + version for tag, version in zip(absent, made, strict=True) if version is not None}

    def _mget(self, keys: Sequence[str]) -> _Found:
        # By hand, because the life must be that of the very connection that answers.
        pool = self._redis.connection_pool
        connection: Any = pool.get_connection()
        try:
            connection.send_command("MGET", *keys)
            return _Found(connection.life, connection.read_response())
        except BaseException:
            connection.disconnect()  # an answer that comes late must not be taken for the next one's
            raise
        finally:
            pool.release(connection)

    def _rest(self, fault: Exception) -> None:
        log.warning("redis is away; reads go past it", fault=type(fault).__name__)
        self._rests_until = time.monotonic() + REST_SECONDS


def _new_version() -> bytes:
    return secrets.token_bytes(_VERSION_BYTES)


def _greet(connection: Any) -> None:
    """What redis-py does with a new connection, and then: which life of the server is this?"""
    connection.on_connect()
    connection.send_command("INFO", "server")
    try:
        found = _RUN_ID.search(connection.read_response())
    except redis.ResponseError:
        found = None
    # A server that does not tell, or not to us, is trusted to come back as it was or empty.
    connection.life = found[1] if found else b""
