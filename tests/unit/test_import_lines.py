"""Reading files of products: both formats as streams, with bounds, and what is refused at which line."""

import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import Any, BinaryIO, cast

import pytest

from models.import_job import ImportFormat
from services.catalogue.importing.faults import MOST_KEPT, Fault, Faults, FileRefused
from services.catalogue.importing.lines import LONGEST_LINE, Record, read_records

MEGABYTE = 2**20


def read(content: bytes, file_format: ImportFormat = ImportFormat.CSV) -> list[Record]:
    return list(read_records(BytesIO(content), file_format))


def refused(content: bytes) -> tuple[int, str, str]:
    with pytest.raises(FileRefused) as refusal:
        read(content)
    fault = refusal.value.fault
    return fault.line, fault.code, fault.message


class Endless(RawIOBase):
    """A file that is so long and never stands in memory."""

    def __init__(self, begin: bytes, again: bytes, count: int) -> None:
        self._pieces = self._all(begin, again, count)
        self._left = b""

    @staticmethod
    def _all(begin: bytes, again: bytes, count: int) -> Iterator[bytes]:
        yield begin
        block = again * 10_000
        for _ in range(count // 10_000):
            yield block

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0
        while b"\n" not in self._left and len(self._left) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._left += piece
        end = min(self._left.find(b"\n") + 1 or size, size)
        line, self._left = self._left[:end], self._left[end:]
        return line


def peak(act: Any) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_as_they_like(end: bytes, mark: bytes) -> None:
    content = mark + b"sku,name" + end + b'A,"one' + end + b'two"' + end + end + b"B," + end
    assert read(content) == [
        Record(2, {"sku": "A", "name": "one" + end.decode() + "two"}, []),
        Record(5, {"sku": "B", "name": None}, []),
    ]


def test_json_lines() -> None:
    content = b'\xef\xbb\xbf{"sku": "A", "tags": ["x"], "options": {"Size": "1"}}\n\n{"price": 29.99, "stockCount": 1}'
    first, second = read(content, ImportFormat.JSONL)
    assert (first.line, first.values) == (1, {"sku": "A", "tags": ["x"], "options": [("Size", "1")]})
    assert (second.line, str(second.values["price"])) == (3, "29.99")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "The file is empty"),
        (b"sku,colour,size\n", "no such columns: 'colour', 'size'."),
        (b"sku,name,sku\n", "twice: 'sku'"),
        (b"name,price\n", "missing: 'stockCount'"),
        (b"sku;name\n", "Cells are separated by commas. There are no such columns: 'sku;name'"),
        (b"sku\tname\n", "Cells are separated by commas."),
        (b"colour,sku\n", "There are no such columns: 'colour'."),
        (b"\n", "missing: 'price', 'stockCount'"),
        (b"sku,na\0me\n", "no such columns"),
        (b"\xff\xfes\0k\0u\0", "UTF-16"),
        (b"PK\x03\x04\x14\0\x06\0", "This is a spreadsheet and not a text: save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "This is a spreadsheet"),
        (b"sku,n\xe4me\n", "This file is not UTF-8 from line 1 on: save it as CSV UTF-8."),
        (b"sku," * 64 + b"\n", "There are 65 columns; at most 64"),
    ],
)
def test_a_wrong_header_is_refused(header: bytes, message: str) -> None:
    line, code, told = refused(header)
    assert (line, code) == (1, "INVALID_INPUT")
    assert message in told


@pytest.mark.parametrize("row", [b'"A"B,c\n', b'"A,c\n', b'A,"b\nc\n'])
def test_where_cells_cannot_be_told_apart_reading_ends(row: bytes) -> None:
    assert refused(b"sku,name\nZ,z\n" + row)[:2] == (3, "INVALID_INPUT")


def test_what_is_not_utf_8_is_told_by_its_line() -> None:
    told = (4, "INVALID_INPUT", "This file is not UTF-8 from line 4 on: save it as CSV UTF-8.")
    assert refused(b'sku,name\nA,"one\ntwo"\nB,K\xe4se\n') == told
    with pytest.raises(FileRefused, match="This is a spreadsheet"):
        read(b"PK\x03\x04", ImportFormat.JSONL)


def test_a_line_with_other_cells_than_the_header_is_told() -> None:
    [record] = read(b"sku,name\nA,b,c\n")
    assert record == Record(
        2, {}, [Fault(2, None, "INVALID_INPUT", "This line has 3 cells, and the header 2 columns.")]
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (b'{"sku": "A", "price": NaN}', "not JSON"),
        (b'{"sku": "A", "price": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"sku": "\xe4"}', "not JSON in UTF-8"),
        (b'{"sku": "A", "sku": "B"}', "twice: 'sku'"),
        (b'{"sku": "A", "colour": "red"}', "no such keys: 'colour'"),
        (b'{"name": "A"}', "missing: 'price', 'stockCount'"),
    ],
)
def test_a_bad_json_line_is_told_and_the_next_is_read(line: bytes, message: str) -> None:
    bad, good = read(line + b'\n{"sku": "B"}\n', ImportFormat.JSONL)
    [fault] = bad.faults
    assert (fault.line, fault.code) == (1, "INVALID_INPUT")
    assert message in fault.message
    assert (good.line, good.values) == (2, {"sku": "B"})


@pytest.mark.parametrize("begin", [b"a", b"sku\n", b'sku\n"'])
def test_ten_million_columns_need_no_memory(begin: bytes) -> None:
    source = cast("BinaryIO", Endless(begin, b",a", 10_000_000))

    def act() -> None:
        with pytest.raises(FileRefused) as refusal:
            list(read_records(source, ImportFormat.CSV))
        assert refusal.value.fault.code == "PAYLOAD_TOO_LARGE"

    assert peak(act) < 4 * MEGABYTE


def test_the_widest_line_that_is_read_needs_little_memory() -> None:
    line = b"a," * (LONGEST_LINE // 2 - 1) + b"\n"
    assert peak(lambda: read(b"sku\n" + line)) < 8 * MEGABYTE


def test_an_open_quote_does_not_gather_the_whole_file() -> None:
    source = cast("BinaryIO", Endless(b'sku\n"', b"a\n", 10_000_000))

    def act() -> None:
        with pytest.raises(FileRefused):
            list(read_records(source, ImportFormat.CSV))

    assert peak(act) < 16 * MEGABYTE


def test_an_endless_json_line_is_passed_over() -> None:
    source = cast("BinaryIO", Endless(b'{"sku": "', b"aa", 10_000_000))
    found: list[Record] = []
    assert peak(lambda: found.extend(read_records(source, ImportFormat.JSONL))) < 4 * MEGABYTE
    assert [fault.code for fault in found[0].faults] == ["PAYLOAD_TOO_LARGE"]


def test_the_first_thousand_faults_are_kept_and_all_counted() -> None:
    faults = Faults()
    for line in reversed(range(1, 5_001)):
        faults.add(Fault(line, None, "INVALID_INPUT", "no"))
    assert faults.count == 5_000
    assert [fault.line for fault in faults.first()] == list(range(1, MOST_KEPT + 1))
