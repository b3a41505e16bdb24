"""Text that people send: one line, or prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils import text
from utils.errors import InvalidInput

READABLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


@given(READABLE.filter(str.strip))
def test_readable_text_passes_without_its_outer_spaces(value: str) -> None:
    assert text.line(f"  {value}\t", "name", longest=40) == value.strip()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "name must not be empty."),
        (" \n\t ", "name must not be empty."),
        ("abcdef", "name must have at most 5 characters."),
        ("a\0b", "name must not contain control characters."),
        ("a\nb", "name must not contain control characters."),
        ("a\tb", "name must not contain control characters."),
        ("a\x7fb", "name must not contain control characters."),
        ("a\x85b", "name must not contain control characters."),
        ("a\ud800", "name must not contain control characters."),
    ],
)
def test_a_line_refuses(value: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        text.line(value, "name", longest=5)
    assert (refusal.value.message, refusal.value.details) == (message, {"field": "name"})


def test_lengths_are_counted_in_characters_after_stripping() -> None:
    assert text.line("  \N{GRINNING FACE}" * 1 + "bcde  ", "name", longest=5) == "\N{GRINNING FACE}bcde"


def test_prose_may_be_empty_and_have_lines() -> None:
    assert text.prose(" ", "description", longest=5) == ""
    assert text.prose("a\r\n\tb", "description", longest=5) == "a\r\n\tb"


@pytest.mark.parametrize("value", ["a\0b", "a\x0bb", "a\ud800b", "abcdef"])
def test_prose_refuses(value: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        text.prose(value, "description", longest=5)
    assert refusal.value.details == {"field": "description"}
