"""Cursors of the catalogue's lists: opaque names of a place, good for one list in one order only."""

import base64
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson

from utils.errors import InvalidInput

# A place is a name of at most 200 characters, or two moments and the words of a search, with an id and punctuation.
LONGEST_CURSOR = 4000
_CHECKSUM_BYTES = 8
_LARGEST_INTEGER = 2**31 - 1
# What PostgreSQL's `real` holds without complaint.
_LARGEST_REAL, _SMALLEST_REAL = 3.4e38, 1.2e-38


def fingerprint(*said: object, size: int = _CHECKSUM_BYTES) -> bytes:
    """A digest of what makes two lists, or two pages, the same one; so many bytes."""
    return blake2b(orjson.dumps(said), digest_size=size).digest()


def cursor_of(place: Sequence[object], *, of: bytes) -> str:
    """The name of this place in the list with the fingerprint `of`.

    It is no secret and no proof: whoever reads this may make one. The checksum tells what was cut, mistyped or taken
    from another list.
    """
    said = orjson.dumps(place)
    return _encoded(_checksum(said, of) + said)


def place_of(cursor: str, *, of: bytes) -> list[Any]:
    """What `cursor_of` put into the cursor. Refuses (INVALID_INPUT) what is no cursor of this list."""
    if len(cursor) > LONGEST_CURSOR:
        raise not_a_cursor()
    try:
        padded = (cursor + "=" * (-len(cursor) % 4)).encode("ascii")
        written = base64.b64decode(padded, b"-_", validate=True)
        checksum, said = written[:_CHECKSUM_BYTES], written[_CHECKSUM_BYTES:]
        # Of several spellings of the same bytes only ours is one.
        if checksum != _checksum(said, of) or cursor != _encoded(written):
            raise not_a_cursor()
        place = orjson.loads(said)
    except ValueError:
        raise not_a_cursor() from None
    if not isinstance(place, list):
        raise not_a_cursor()
    return place


def not_a_cursor() -> InvalidInput:
    """The refusal of a cursor that names no place of the list."""
    return InvalidInput("after is not a cursor of this list and order.", field="after")


def moment_of(said: object) -> datetime:
    """The moment in a cursor, in UTC. Refuses (ValueError) what is none."""
    if not isinstance(said, str) or "\0" in said:
        raise ValueError
    moment = datetime.fromisoformat(said)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)  # PostgreSQL does not read every offset that Python does


def count_of(said: object) -> int:
    """The number in a cursor. Refuses (ValueError) what PostgreSQL's `integer` does not hold."""
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said <= _LARGEST_INTEGER:
        raise ValueError
    return said


def position_of(said: object) -> int:
    """The position in a cursor, which stands there as text. Refuses (ValueError) what no position is."""
    if not isinstance(said, str):
        raise ValueError
    return count_of(int(said))


def name_of(said: object) -> str:
    """The name in a cursor. Refuses (ValueError) what PostgreSQL cannot hold."""
    if not isinstance(said, str) or "\0" in said:
        raise ValueError
    return said


def rank_of(said: object) -> str:
    """The rank in a cursor, as PostgreSQL reads it. Refuses (ValueError) what its `real` does not hold."""
    if not isinstance(said, str):
        raise ValueError
    rank = float(said)
    if not (rank == 0 or rank == math.inf or _SMALLEST_REAL < rank < _LARGEST_REAL):
        raise ValueError
    return repr(rank)


def _encoded(written: bytes) -> str:
    return base64.urlsafe_b64encode(written).rstrip(b"=").decode()


def _checksum(said: bytes, of: bytes) -> bytes:
    return blake2b(said, key=of, digest_size=_CHECKSUM_BYTES).digest()
