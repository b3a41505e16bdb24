"""Reads a file of products as a stream of records, in either format; never more than one of them is in memory."""

import codecs
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from models.import_job import ImportFormat
from services.catalogue.importing import cells
from services.catalogue.importing.columns import COLUMNS, TEXTS, missing_columns
from services.catalogue.importing.faults import Fault, FileRefused, fault_of
from utils.errors import ErrorCode, InvalidInput

LONGEST_LINE = 256 * 1024
# A quoted cell may span lines.
LONGEST_RECORD = 512 * 1024
MOST_COLUMNS = 64
# Of what is wrong in a header, so many names are told.
_MOST_NAMED = 10
_LISTS = {"tags": cells.parted, "options": cells.parted_pairs}
_KNOWN = frozenset(COLUMNS)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# How files of spreadsheets begin: newer ones are ZIP archives, older ones compound files.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What programs put between cells where a comma is part of a number.
_OTHER_SEPARATORS = (";", "\t")


class Source(Protocol):
    """A file that is read line by line."""

    def readline(self, size: int, /) -> bytes:
        """The next line, or as much of it as `size`; nothing at the end."""


class Record(NamedTuple):
    """What stands in the file about one product: the line it begins in, its values, and what could not be read.

    None is an empty cell or JSON's null; a column that is not given is not there.
    """

    line: int
    values: Mapping[str, Any]
    faults: Sequence[Fault] = ()


def read_records(source: Source, file_format: ImportFormat) -> Iterator[Record]:
    """The records of a file in UTF-8, with or without a byte order mark. Raises FileRefused where none can follow."""
    return _read_csv(source) if file_format is ImportFormat.CSV else _read_jsonl(source)


class _Lines:
    """The physical lines of a CSV file for the csv module, which takes one more as long as a quoted cell is open."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.number = 0
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._source.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken += len(line)
        if len(line) > LONGEST_LINE or self._taken > LONGEST_RECORD:
            longest = f"A line has at most {LONGEST_LINE} bytes, and one product at most {LONGEST_RECORD}."
            raise FileRefused(self.number, longest, code=ErrorCode.PAYLOAD_TOO_LARGE)
        if self.number == 1:
            line = _without_mark(line)
        try:
            return line.decode()
        except UnicodeDecodeError:
            # Spreadsheets often write what their country wrote before: a name like Käse would come in as another.
            wrong = f"This file is not UTF-8 from line {self.number} on: save it as CSV UTF-8."
            raise FileRefused(self.number, wrong) from None

    def begin_record(self) -> int:
        """Forgets the record before; the line in which the next one begins."""
        self._taken = 0
        return self.number + 1


def _read_csv(source: Source) -> Iterator[Record]:
    lines = _Lines(source)
    # Strict: a quote that is not closed, or goes on after its end, is a fault and not a guess.
    rows = csv.reader(lines, strict=True)
    header: list[str] | None = None
    while True:
        line = lines.begin_record()
        try:
            row = next(rows, None)
        except csv.Error as fault:
            raise FileRefused(line, f"This is not CSV from here on: {fault}.") from None
        if row is None:
            break
        if header is None:
            header = _checked_header(row, line)
        elif row:
            yield _record(line, header, row)
    if header is None:
        raise FileRefused(1, "The file is empty; its first line must name the columns.")


def _checked_header(row: Sequence[str], line: int) -> list[str]:
    if len(row) > MOST_COLUMNS:
        raise FileRefused(line, f"There are {len(row)} columns; at most {MOST_COLUMNS} are read.")
    header = [name.strip() for name in row]
    unknown = [name for name in dict.fromkeys(header) if name not in _KNOWN]
    if unknown:
        hint = "Cells are separated by commas. " if any(each in header[0] for each in _OTHER_SEPARATORS) else ""
        wrong = f"{hint}There are no such columns: {_named(unknown)}. Known are: {', '.join(COLUMNS)}."
        raise FileRefused(line, wrong)
    doubled = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if doubled:
        raise FileRefused(line, f"These columns stand there twice: {_named(doubled)}.")
    if missing := missing_columns(header):
        raise FileRefused(line, f"These columns are missing: {_named(missing)} (or id, sku or slug).")
    return header


def _record(line: int, header: Sequence[str], row: Sequence[str]) -> Record:
    if len(row) != len(header):
        wrong = f"This line has {len(row)} cells, and the header {len(header)} columns."
        return Record(line, {}, [Fault(line, None, ErrorCode.INVALID_INPUT.value, wrong)])
    values: dict[str, Any] = {}
    faults = []
    for column, cell in zip(header, row, strict=True):
        try:
            values[column] = _value(column, cell)
        except InvalidInput as refusal:
            faults.append(fault_of(line, column, refusal))
    return Record(line, values, faults)


def _value(column: str, cell: str) -> Any:
    if not cell:
        return None
    text = cells.from_cell(cell, column) if column in TEXTS else cell
    read = _LISTS.get(column)
    return text if read is None else read(text, column)


def _read_jsonl(source: Source) -> Iterator[Record]:
    number = 0
    while line := source.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            _pass_over(source, line)
            yield _unreadable(number, f"A line has at most {LONGEST_LINE} bytes.", ErrorCode.PAYLOAD_TOO_LARGE)
            continue
        text = (_without_mark(line) if number == 1 else line).strip()
        if text:
            yield _from_json(number, text)


def _from_json(number: int, text: bytes) -> Record:
    try:
        pairs = json.loads(
            text.decode(), object_pairs_hook=_Pairs, parse_float=Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, ArithmeticError, RecursionError):
        return _unreadable(number, "This line is not JSON in UTF-8.")
    if not isinstance(pairs, _Pairs):
        return _unreadable(number, "This line is not a JSON object.")
    values = dict(pairs)
    unknown = [name for name in values if name not in _KNOWN]
    if unknown:
        return _unreadable(number, f"There are no such keys: {_named(unknown)}. Known are: {', '.join(COLUMNS)}.")
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        doubled = [name for name in values if names.count(name) > 1]
        return _unreadable(number, f"These keys stand there twice: {_named(doubled)}.")
    if missing := missing_columns(values):
        return _unreadable(number, f"These keys are missing: {_named(missing)} (or id, sku or slug).")
    return Record(number, values)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written: a name that stands there twice is seen."""


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _unreadable(number: int, message: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> Record:
    return Record(number, {}, [Fault(number, None, code.value, message)])


def _pass_over(source: Source, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = source.readline(LONGEST_LINE)


def _without_mark(line: bytes) -> bytes:
    if line.startswith(_SPREADSHEETS):
        raise FileRefused(1, "This is a spreadsheet and not a text: save it as CSV UTF-8 and hand in that file.")
    if line.startswith(_UTF_16):
        raise FileRefused(1, "The file is in UTF-16. Save it as UTF-8.")
    return line.removeprefix(codecs.BOM_UTF8)


def _named(names: Sequence[str]) -> str:
    """The first of them, none of them long."""
    told = ", ".join(repr(name[:40]) for name in names[:_MOST_NAMED])
    return told if len(names) <= _MOST_NAMED else f"{told} and {len(names) - _MOST_NAMED} more"
