"""Makes and reads identifiers: UUIDv7, so that new rows land at the end of their index."""

from uuid import UUID

import uuid_utils.compat

from utils.errors import InvalidInput

_CANONICAL_LENGTH = 36


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()


def find_id(text: str) -> UUID | None:
    """The id that `text` spells in its canonical form of 36 characters, or None."""
    if len(text) != _CANONICAL_LENGTH:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def parse_id(text: str, field: str) -> UUID:
    """The id that `text` spells; refuses anything else with INVALID_INPUT naming `field`."""
    found = find_id(text)
    if found is None:
        raise InvalidInput(f"{field} must be a UUID.", field=field)
    return found
