"""The line to one Redis: short waits, a rest after a failure, and what is kept there without a version."""

import re
import time
from collections.abc import Mapping, Sequence
from ssl import SSLSocket
from typing import Any, NamedTuple

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from utils.errors import Unavailable
from utils.sockets import bound_receiving, bound_sending

# After a failure, reads go past Redis for so long before they try it again.
REST_SECONDS = 1.0
COUNTERS = "answers"
# Keys that one command removes.
_AT_ONCE = 1_000
_KINDS_OF_KEYS = {b"a": "answers", b"e": "entries", b"v": "versions", b"q": "persisted queries"}
_RUN_ID = re.compile(rb"run_id:(\w+)")

log = structlog.get_logger(__name__)


class Stats(NamedTuple):
    """Whole answers by what became of them, entries by their kind, and the server's memory (0: no bound)."""

    counted: Mapping[str, int]
    kept: Mapping[str, int]
    used_bytes: int
    most_bytes: int
    evicted: int


class _Found(NamedTuple):
    """Values of one MGET, and the life of the server that gave them."""

    life: bytes
    values: list[bytes | None]


class RedisLine:
    """One Redis, for reads that never fail: with it away there is nothing there."""

    def __init__(self, url: str, *, timeout_ms: int = 250) -> None:
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=timeout_ms / 1000,
            socket_connect_timeout=timeout_ms / 1000,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=_greet,
        )
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        """Whether Redis failed a moment ago, so that reads go past it."""
        return time.monotonic() < self._rests_until

    def rest(self, fault: Exception) -> None:
        """Lets reads go past Redis for a second."""
        log.warning("redis is away; reads go past it", fault=type(fault).__name__)
        self._rests_until = time.monotonic() + REST_SECONDS

    def keep(self, key: str, value: bytes, *, milliseconds: int) -> None:
        """Stores a value as it is, for what needs no version: its name tells what it is, or it has versions in it."""
        if not self.is_resting:
            try:
                self._redis.set(key, value, px=milliseconds)
            except redis.RedisError as fault:
                self.rest(fault)

    def recall(self, key: str) -> bytes | None:
        """What was kept under this key; None as well while Redis is away."""
        if self.is_resting:
            return None
        try:
            found: Any = self._redis.get(key)
        except redis.RedisError as fault:
            self.rest(fault)
            return None
        return None if found is None else bytes(found)

    def count(self, more: Mapping[str, int]) -> None:
        """Adds to the counters of whole answers."""
        if self.is_resting:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for name, number in more.items():
                    pipe.hincrby(COUNTERS, name, number)
                pipe.execute()
        except redis.RedisError as fault:
            self.rest(fault)

    def stats(self) -> Stats:
        """What the cache holds and how well it did since it was last cleared. Raises UNAVAILABLE without Redis."""
        try:
            counted: Any = self._redis.hgetall(COUNTERS)
            info: Any = self._redis.info()
            kept = dict.fromkeys(_KINDS_OF_KEYS.values(), 0)
            for key in self._redis.scan_iter(count=_AT_ONCE):
                kind = _KINDS_OF_KEYS.get(key.split(b":", 1)[0])
                if kind is not None:
                    kept[kind] += 1
        except redis.RedisError as fault:
            raise Unavailable("Redis did not answer.") from fault
        return Stats(
            counted={name.decode(): int(number) for name, number in counted.items()},
            kept=kept,
            used_bytes=int(info["used_memory"]),
            most_bytes=int(info.get("maxmemory", 0)),
            evicted=int(info["evicted_keys"]),
        )

    def forget_all(self) -> None:
        """Removes what is kept of the catalogue, and the counters. Raises UNAVAILABLE without Redis."""
        try:
            for kind in (b"a", b"e", b"v"):
                keys = list(self._redis.scan_iter(kind + b":*", count=_AT_ONCE))
                for start in range(0, len(keys), _AT_ONCE):
                    self._redis.unlink(*keys[start : start + _AT_ONCE])
            self._redis.delete(COUNTERS)
        except redis.RedisError as fault:
            raise Unavailable("Redis did not answer.") from fault

    def new_connection(self) -> Any:
        """A connection of the caller's own, which it closes itself; `life` is the server's. Raises RedisError."""
        connection: Any = self._redis.connection_pool.make_connection()
        connection.connect()
        line = connection._sock
        if not isinstance(line, SSLSocket):  # which takes the system's bound for a call to try again
            bound_receiving(line, line.gettimeout())
            bound_sending(line, line.gettimeout())
            line.settimeout(None)
        return connection

    def ping(self) -> None:
        """Answers when Redis does; refuses with UNAVAILABLE otherwise."""
        try:
            self._redis.ping()
        except redis.RedisError as fault:
            raise Unavailable("Redis did not answer.") from fault

    def close(self) -> None:
        """Closes the connections."""
        self._redis.close()

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
