"""Redis as an exact cache: every entry is valid only under the version of what it was made from."""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from utils.errors import Unavailable

# Bounds what a lost version change could cost; see docs/decisions/cache.md.
ENTRY_SECONDS = 60
# A version outlives every entry made under it; when it goes, its entries are misses.
VERSION_SECONDS = 24 * 3600
# Longer than the relay ever needs to reach an event whose writer was healthy.
DONE_SECONDS = 3600
# After a failure, reads go past Redis for so long before they try it again.
REST_SECONDS = 1.0
_VERSION_BYTES = 12

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Fetched:
    """What the cache had, and the versions under which the rest may be stored."""

    hits: dict[str, bytes] = field(default_factory=dict)
    tickets: dict[str, bytes] = field(default_factory=dict)


class Cache:
    """One Redis. Reads never fail: with it away they miss. Version changes raise, so that the outbox repeats them."""

    def __init__(self, url: str, *, timeout_ms: int = 250) -> None:
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=timeout_ms / 1000,
            socket_connect_timeout=timeout_ms / 1000,
            retry=Retry(NoBackoff(), 0),
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
            found = self._mget([*(f"v:{name}" for name in names), *(f"e:{key}" for key in keys)])
            versions, entries = found[: len(keys)], found[len(keys) :]
            for key, version, entry in zip(keys, versions, entries, strict=True):
                if version is not None and entry is not None and entry.startswith(version):
                    fetched.hits[key] = entry[len(version) :]
            missed = {key: tags[key] for key in keys if key not in fetched.hits}
            if missed:
                self._hand_out_tickets(fetched, missed, dict(zip(names, versions, strict=True)))
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
                    pipe.set(f"e:{key}", value, ex=ENTRY_SECONDS)
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

    def _hand_out_tickets(
        self, fetched: Fetched, missed: Mapping[str, str], versions: Mapping[str, bytes | None]
    ) -> None:
        absent = [tag for tag in dict.fromkeys(missed.values()) if versions[tag] is None]
        known = {tag: version for tag, version in versions.items() if version is not None}
        if absent:
            with self._redis.pipeline(transaction=False) as pipe:
                for tag in absent:
                    pipe.set(f"v:{tag}", _new_version(), nx=True, ex=VERSION_SECONDS)
                pipe.execute()
            # Somebody else may have been first; what stands there now is the version.
            made = self._mget([f"v:{tag}" for tag in absent])
            known.update({tag: version for tag, version in zip(absent, made, strict=True) if version is not None})
        fetched.tickets = {key: known[tag] for key, tag in missed.items() if tag in known}

    def _mget(self, keys: Sequence[str]) -> list[bytes | None]:
        return cast("list[bytes | None]", self._redis.mget(keys))

    def _rest(self, fault: Exception) -> None:
        log.warning("redis is away; reads go past it", fault=type(fault).__name__)
        self._rests_until = time.monotonic() + REST_SECONDS


def _new_version() -> bytes:
    return secrets.token_bytes(_VERSION_BYTES)
