"""Cursors: opaque names of a place in a list, good in that list only."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson

from utils.errors import InvalidInput
from utils.ids import find_id

MOST_PER_PAGE = 100
# A cursor of ours is the name of a list, a moment, an id and some punctuation.
_LONGEST = 200


def cursor_of(list_name: str, *place: object) -> str:
    """The name of this place in the list."""
    said = [list_name, *(each.isoformat() if isinstance(each, datetime) else str(each) for each in place)]
    return base64.urlsafe_b64encode(orjson.dumps(said)).rstrip(b"=").decode()


def place_of(cursor: str, list_name: str, *, parts: int, of: object = None) -> Sequence[str]:
    """What `cursor_of` put into the cursor, so many parts; `of`: whose list it is, if it is somebody's.

    Refuses (INVALID_INPUT) what is no cursor of this list.
    """
    begin = [list_name] if of is None else [list_name, str(of)]
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        padded = (cursor + "=" * (-len(cursor) % 4)).encode("ascii")
        said = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
    except ValueError:
        raise not_a_cursor() from None
    if not isinstance(said, list) or said[: len(begin)] != begin or len(said) != len(begin) + parts:
        raise not_a_cursor()
    if not all(isinstance(each, str) for each in said):
        raise not_a_cursor()
    return said[len(begin) :]


def moment_and_id_of(cursor: str, list_name: str) -> tuple[datetime, UUID]:
    """The place in a list that goes by moment and, at one moment, by id.

    Refuses (INVALID_INPUT) what is no cursor of this list.
    """
    moment, spelled = place_of(cursor, list_name, parts=2)
    return moment_of(moment), _id_of(spelled)


def id_place_of(cursor: str, list_name: str, *, of: object = None) -> UUID:
    """The place in a list that goes by id alone; `of` as for `place_of`.

    Refuses (INVALID_INPUT) what is no cursor of this list.
    """
    [spelled] = place_of(cursor, list_name, parts=1, of=of)
    return _id_of(spelled)


def not_a_cursor() -> InvalidInput:
    """The refusal of a cursor that names no place of the list."""
    return InvalidInput("after is not a cursor of this list.", field="after")


def moment_of(text: str) -> datetime:
    """The moment in a cursor, in UTC. Refuses (INVALID_INPUT) what is none."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # PostgreSQL does not read every offset that Python does
    except (ValueError, OverflowError):
        raise not_a_cursor() from None


def _id_of(text: str) -> UUID:
    found = find_id(text)
    if found is None:
        raise not_a_cursor()
    return found


def serial_of(text: str) -> int:
    """The number of a row in a cursor. Refuses (INVALID_INPUT) what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise not_a_cursor()
    return int(text)


def checked_first(first: int) -> int:
    """The length of a page. Refuses (INVALID_INPUT) one that is not from 1 to 100."""
    if not 1 <= first <= MOST_PER_PAGE:
        raise InvalidInput(f"first must be from 1 to {MOST_PER_PAGE}.", field="first")
    return first
