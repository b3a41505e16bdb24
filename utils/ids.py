"""Makes and reads identifiers: UUIDv7, so that new rows land at the end of their index."""

import re
from uuid import UUID

import uuid_utils.compat

from utils.errors import InvalidInput

_CANONICAL = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()


def find_id(text: str) -> UUID | None:
    """The id that `text` spells in its canonical form of 36 characters, or None."""
    # UUID() alone would also read signs, underscores, braces and the digits of other scripts.
    return UUID(text) if _CANONICAL.fullmatch(text) else None


def parse_id(text: str, field: str) -> UUID:
    """The id that `text` spells; refuses anything else with INVALID_INPUT naming `field`."""
    found = find_id(text)
    if found is None:
        raise InvalidInput(f"{field} must be a UUID.", field=field)
    return found
