"""Codes of regions as people name them: how they are written, and what they are told where no region has one."""

import re

from utils.errors import InvalidInput, NotFound

# As models/region.py has it.
_CODE = re.compile(r"[A-Z0-9]{2,8}", re.ASCII)
# What is longer is no slip of the pen.
_LONGEST_SHOWN = 20


def is_region_code(text: str) -> bool:
    """Whether a region could have this code: 2 to 8 capitals and digits."""
    return _CODE.fullmatch(text) is not None


def no_region(code: str, field: str) -> InvalidInput:
    """The refusal of a region that the shop does not have, named as a value of the input's `field`."""
    return InvalidInput(_said(code), field=field)


def region_not_found(code: str, field: str) -> NotFound:
    """The same where the region is what the request is about."""
    return NotFound(_said(code), field=field)


def _said(code: str) -> str:
    shown = code if code and code.isprintable() and len(code) <= _LONGEST_SHOWN else "of this code"
    return f"There is no region {shown}: codes are written in capitals, and the field `regions` lists them."
