"""Kinds of settings that several groups of them use."""

import json
from typing import Any

from pydantic import Field


def whole(default: int | None, least: int, most: int) -> Any:
    """A whole number in these bounds."""
    return Field(default, ge=least, le=most, description=f"a whole number from {least} to {most}")


def secret(allowed: str, default: Any = None) -> Any:
    """A value that is never printed."""
    return Field(default, repr=False, description=allowed)


def split(value: object) -> object:
    """The parts of a list written with commas, or as JSON; what is no text is left as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        parts = json.loads(text) if text.startswith("[") else text.split(",")
    except json.JSONDecodeError:
        raise ValueError from None
    return tuple(stripped for part in parts if (stripped := str(part).strip()))
