"""Cells of a CSV file: nothing a spreadsheet would run, and every text comes back as it was."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.importing import cells
from utils.errors import InvalidInput

TEXTS = st.text(max_size=30)
NASTY = st.one_of(TEXTS, st.text(st.sampled_from("='+-@\t\r\n|\\\",;\uff1d a"), max_size=8))


@given(NASTY)
def test_every_text_comes_back(text: str) -> None:
    assert cells.from_cell(cells.as_cell(text), "name") == text


@given(NASTY)
def test_no_cell_begins_a_formula(text: str) -> None:
    assert not cells.as_cell(text).startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))


@given(st.lists(NASTY.filter(bool), min_size=1, max_size=5))
def test_every_list_comes_back(values: list[str]) -> None:
    assert cells.parted(cells.joined(values), "tags") == values


@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=5))
def test_all_pairs_come_back(pairs: list[tuple[str, str]]) -> None:
    assert cells.parted_pairs(cells.joined_pairs(pairs), "options") == pairs


@given(st.lists(NASTY, min_size=2, max_size=5))
def test_csv_itself_changes_nothing(texts: list[str]) -> None:
    sheet = StringIO()
    csv.writer(sheet).writerow([cells.as_cell(text) for text in texts])
    [row] = csv.reader(StringIO(sheet.getvalue(), newline=""), strict=True)
    assert [cells.from_cell(cell, "name") for cell in row] == texts


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_what_begins_like_a_formula_is_refused(cell: str) -> None:
    with pytest.raises(InvalidInput, match="begins like a formula"):
        cells.from_cell(cell, "name")


def test_an_apostrophe_before_it_makes_it_text() -> None:
    assert [cells.from_cell(cell, "name") for cell in ("'=1+1", "''tis", "'", "a'b")] == ["=1+1", "'tis", "", "a'b"]


@pytest.mark.parametrize("text", ["a\\b", "a\\", "a|\\n"])
def test_a_backslash_that_escapes_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        cells.parted(text, "tags")


@pytest.mark.parametrize("text", ["Size", "Size=1=2", "Size=1|", "|"])
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        cells.parted_pairs(text, "options")
