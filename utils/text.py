"""Checks text that people send before it goes anywhere."""

import re
import unicodedata

from utils.errors import InvalidInput


def line(value: str, field: str, *, longest: int) -> str:
    """`value` without outer spaces; refuses an empty one, one over `longest` characters, and control characters."""
    return _checked(value, field, longest=longest, allowed="", may_be_empty=False)


def prose(value: str, field: str, *, longest: int) -> str:
    """Like `line`, but it may be empty and may hold line breaks and tabs."""
    return _checked(value, field, longest=longest, allowed="\n\r\t", may_be_empty=True)


def slug(name: str, *, longest: int) -> str:
    """The name for an address: lower-case letters and digits of ASCII with hyphens between; it may be empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")


def _checked(value: str, field: str, *, longest: int, allowed: str, may_be_empty: bool) -> str:
    stripped = value.strip()
    if not stripped and not may_be_empty:
        raise InvalidInput(f"{field} must not be empty.", field=field)
    if len(stripped) > longest:
        raise InvalidInput(f"{field} must have at most {longest} characters.", field=field)
    # Cc: control characters, NUL among them, which PostgreSQL cannot store. Cs: halves of a character.
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in allowed for sign in stripped):
        raise InvalidInput(f"{field} must not contain control characters.", field=field)
    return stripped
