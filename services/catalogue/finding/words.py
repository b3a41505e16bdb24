"""The words of the catalogue: which stand in place of a word that finds nothing, as one slip away, or as its end."""

from collections.abc import Sequence
from typing import NamedTuple

from services.catalogue.finding.terms import MOST_ALTERNATIVES, MOST_WORDS, Words, bounded
from services.catalogue.reader import Reader
from utils.database import run

# Shorter ones have too many neighbours (search_variants_of in the database says the same).
_SHORTEST_WITH_A_SLIP = 5
_SHORTEST_BEGINNING = 3
_MOST_NEAR = 200
# Of each word of the term: is it one of the catalogue's; which share a remainder with it after one letter left out of
# either; and for the last, which begin with it. `C` sorts by bytes: what begins with a word stands after it, together.
_NEIGHBOURS = """
SELECT asked.word, known.word IS NOT NULL,
    CASE WHEN known.word IS NULL AND length(asked.word) >= %(shortest_with_a_slip)s THEN ARRAY (
        SELECT DISTINCT near.word FROM search_word_variants AS near
        WHERE near.variant IN (SELECT public.search_variants_of(asked.word)) LIMIT %(most_near)s) END,
    CASE WHEN known.word IS NULL AND length(asked.word) >= %(shortest_beginning)s
            AND asked.place = max(asked.place) OVER () THEN ARRAY (
        SELECT longer.word FROM search_words AS longer
        WHERE longer.word > asked.word AND longer.word < asked.word || chr(1114111)
        ORDER BY longer.word LIMIT %(most_longer)s) END
FROM (
    SELECT word, place FROM regexp_split_to_table(public.search_fold(%(term)s), '[^[:alnum:]]+')
        WITH ORDINALITY AS split (word, place)
    WHERE word <> '' ORDER BY place LIMIT %(most_words)s
) AS asked LEFT JOIN search_words AS known ON known.word = asked.word
ORDER BY asked.place
"""


class _Neighbours(NamedTuple):
    word: str
    is_known: bool
    near: Sequence[str] | None
    longer: Sequence[str] | None

    def alternatives(self) -> list[str]:
        """What is searched in place of the word: the words that it begins, else those one slip away, else itself."""
        slips = [each for each in self.near or () if is_one_slip(self.word, each)]
        return [*(self.longer or sorted(slips))][:MOST_ALTERNATIVES] or [self.word]


def words_instead(reader: Reader, term: str) -> Words | None:
    """What to search in place of a term that found nothing; None when there is nothing better.

    The last word may be the beginning of one, of three letters or more: whoever types it has not finished. A word of
    five letters or more may have one slip: a letter too many, one too few, another one, or two turned around.
    """
    given = {
        "term": term,
        "shortest_with_a_slip": _SHORTEST_WITH_A_SLIP,
        "shortest_beginning": _SHORTEST_BEGINNING,
        "most_near": _MOST_NEAR,
        "most_longer": MOST_ALTERNATIVES,
        "most_words": MOST_WORDS,
    }
    asked = [_Neighbours._make(row) for row in run(reader.session, _NEIGHBOURS, given)]
    words = [each.alternatives() for each in asked]
    return bounded(words) if words != [[each.word] for each in asked] else None


def is_one_slip(typed: str, word: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbours turned around, makes one of the other."""
    if typed == word or abs(len(typed) - len(word)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    a, b = typed[same:], word[same:]
    if len(a) != len(b):
        return a[1:] == b or a == b[1:]
    return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
