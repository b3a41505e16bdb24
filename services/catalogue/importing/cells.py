"""How values stand in the cells of a CSV file: safe in spreadsheets, and read back as exactly what they were.

A spreadsheet runs what looks like a formula (OWASP: CSV Injection; CWE-1236). So a text that begins as one gets an
apostrophe before it, which spreadsheets take for "this is text", and so does one that begins with an apostrophe itself.
"""

import re
from collections.abc import Iterable, Sequence

from utils.errors import InvalidInput

# With those of full width, which spreadsheets read alike.
_BEGINS_A_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_TEXT = "'"
_BEGINS_ODDLY = (*_BEGINS_A_FORMULA, _TEXT)
_BETWEEN, _IS = "|", "="
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = re.compile(r"(?:[^\\]|\\[\\|=])*", re.DOTALL)


def as_cell(text: str) -> str:
    """The text for a cell."""
    return _TEXT + text if text.startswith(_BEGINS_ODDLY) else text


def from_cell(cell: str, column: str) -> str:
    """The text of a cell. Refuses (INVALID_INPUT) what a spreadsheet would take for a formula."""
    if cell.startswith(_TEXT):
        return cell[1:]
    if cell.startswith(_BEGINS_A_FORMULA):
        raise InvalidInput(
            f"{column} begins like a formula. If it is meant as text, put an apostrophe (') before it.", field=column
        )
    return cell


def joined(values: Iterable[str]) -> str:
    """A list as one text: a|b, where a backslash stands before a bar or a backslash that is meant."""
    return _BETWEEN.join(_escaped(each) for each in values)


def joined_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Names with values as one text: Size=500 g|Colour=red, also with a backslash before = that is meant."""
    halves = ((_escaped(each).replace(_IS, "\\" + _IS) for each in pair) for pair in pairs)
    return _BETWEEN.join(_IS.join(pair) for pair in halves)


def parted(text: str, column: str) -> list[str]:
    """The list that `joined` made a text of. Refuses (INVALID_INPUT) a backslash that escapes nothing."""
    return [_plain(each, column) for each in _split(text, _BETWEEN)]


def parted_pairs(text: str, column: str) -> list[tuple[str, str]]:
    """The pairs that `joined_pairs` made a text of. Refuses (INVALID_INPUT) what is not a name, `=` and a value."""
    pairs = []
    for each in _split(text, _BETWEEN):
        halves = _split(each, _IS)
        if len(halves) != 2:
            raise InvalidInput(
                f"{column} must be names with values, such as Size=500 g|Colour=red; put a backslash before a = "
                "that is meant.",
                field=column,
            )
        pairs.append((_plain(halves[0], column), _plain(halves[1], column)))
    return pairs


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(_BETWEEN, "\\" + _BETWEEN)


def _plain(part: str, column: str) -> str:
    if "\\" not in part:
        return part
    if not _MEANT.fullmatch(part):
        raise InvalidInput(f"{column}: a backslash stands before a |, a = or a backslash only.", field=column)
    return _ESCAPED.sub(r"\1", part)


def _split(text: str, separator: str) -> Sequence[str]:
    """The parts between separators that no backslash stands before; what is escaped stays so."""
    if "\\" not in text:
        return text.split(separator)
    parts, begin, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            parts.append(text[begin:at])
            begin = at + 1
        at += 1
    return [*parts, text[begin:]]
