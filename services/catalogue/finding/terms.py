"""What shoppers type into the search: checked, and as the words that are looked for."""

from collections.abc import Sequence
from typing import Any

from utils import text

LONGEST_TERM = 200
MOST_WORDS = 10
MOST_ALTERNATIVES = 10
# Of all words that are searched in place of a term; a cursor carries them.
_MOST_LETTERS = 400

# For each word of a term in its order, those that are searched in place of it.
Words = Sequence[Sequence[str]]


def checked_term(term: str | None) -> str | None:
    """The first ten words of a term with single spaces between; None for one of nothing but spaces.

    Refuses (INVALID_INPUT) more than 200 characters, and control characters, NUL among them.
    """
    if term is None or not term.strip():
        return None
    return " ".join(text.line(term, "term", longest=LONGEST_TERM).split()[:MOST_WORDS])


def bounded(words: Words) -> Words:
    """The words with so few alternatives that a cursor can carry them: each keeps its first one."""
    left = _MOST_LETTERS - sum(len(each[0]) for each in words)
    kept = []
    for alternatives in words:
        chosen = [alternatives[0]]
        for each in alternatives[1:MOST_ALTERNATIVES]:
            left -= len(each)
            if left >= 0:
                chosen.append(each)
        kept.append(chosen)
    return kept


def written(words: Words) -> str:
    """The words as a person reads them: `earl or early grey`."""
    return " ".join(" or ".join(alternatives) for alternatives in words)


def words_of(said: Any) -> Words | None:
    """The words in a cursor. Refuses (ValueError) what `bounded` would never give."""
    if said is None:
        return None
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_WORDS:
        raise ValueError
    for alternatives in said:
        if not isinstance(alternatives, list) or not 1 <= len(alternatives) <= MOST_ALTERNATIVES:
            raise ValueError
        if not all(
            isinstance(each, str) and 0 < len(each) <= LONGEST_TERM and "\0" not in each for each in alternatives
        ):
            raise ValueError
    found: Words = said
    return found
