"""Looks for words everywhere the shop keeps anything: all rows of all tables, and all of Redis."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import redis
from sqlalchemy import text

from utils.database import Database

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def found_in(places: Mapping[str, bytes], needles: Mapping[str, Sequence[bytes]]) -> dict[str, list[str]]:
    """Which of the needles stand where, whatever their case: by the needle's name, the places."""
    lower = {place: content.lower() for place, content in places.items()}
    found = {
        name: [place for place, content in lower.items() if any(each in content for each in written)]
        for name, written in needles.items()
    }
    return {name: where for name, where in found.items() if where}


def all_tables(database: Database) -> dict[str, bytes]:
    """Every table of every schema, each row written out as text."""
    with database.read(without_time_limit=True) as session:
        names = session.scalars(text(_TABLES)).all()
        rows = {name: session.scalars(text(f"SELECT one::text FROM {name} AS one")).all() for name in names}
    return {name: "\n".join(written).encode() for name, written in rows.items()}


def all_of_redis(client: redis.Redis) -> dict[str, bytes]:
    """Every key of this Redis number, with its own name and whatever it holds."""
    keys: Iterator[Any] = client.scan_iter(count=1000)
    return {repr(key): b"\n".join([key, *_held(client, key)]) for key in keys}


def _held(client: Any, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    if kind == b"string":
        yield client.get(key) or b""
    elif kind == b"list":
        yield from client.lrange(key, 0, -1)
    elif kind == b"set":
        yield from client.smembers(key)
    elif kind == b"zset":
        yield from client.zrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in client.hgetall(key).items():
            yield from (name, value)
    elif kind == b"stream":
        yield repr(client.xrange(key)).encode()
    else:
        assert kind == b"none", kind  # it expired meanwhile; any other kind we could not read
