"""The words of the catalogue: which stand in place of a word that finds nothing, as one slip away, or as its end."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from services.catalogue.finding.conditions import (
    BEGUN,
    MOST_MATCHES,
    ON_SALE,
    SOLD_HERE,
    Matching,
    Statement,
    both,
    listed,
    looked_for,
)
from services.catalogue.finding.pages import Filter
from services.catalogue.finding.terms import MOST_ALTERNATIVES, MOST_WORDS, Words, bounded
from services.catalogue.reader import Reader
from utils.database import run

# Shorter ones have too many neighbours (search_variants_of in the database says the same).
_SHORTEST_WITH_A_SLIP = 5
_SHORTEST_BEGINNING = 3
_MOST_NEAR = 200
# Of all words of a term, so many slips are compared with the products found; and so many products are looked at for
# the words that end the last one.
_MOST_SLIPS = 60
_MOST_LOOKED_AT = 200
_BEGUN_WORDS = "w.word >= {0} AND w.word < {0} || chr(1114111)"
_STEM = "(ts_lexize('english_stem', w.word))[1]"
# Of each word of the term: which share a remainder with it after one letter left out of either; and for the last,
# whether any begins with it, and of those that begin with it and are found by less than it (chocolat: chocol) one each.
# `C` sorts by bytes: what begins with a word stands after it, together. Nothing for a term that the shop has there:
# where only the rest of the filter does not hold, no word is wrong.
_NEIGHBOURS = f"""
SELECT asked.word,
    CASE WHEN length(asked.word) >= %(shortest_with_a_slip)s AND numnode(plainto_tsquery('english', asked.word)) > 0
    THEN ARRAY (
        SELECT DISTINCT near.word FROM search_word_variants AS near
        WHERE near.variant IN (SELECT public.search_variants_of(asked.word)) LIMIT %(most_near)s) END,
    CASE WHEN begins THEN EXISTS (SELECT FROM search_words AS w WHERE {_BEGUN_WORDS.format("asked.word")}) END,
    CASE WHEN begins THEN ARRAY (
        SELECT min(w.word) FROM search_words AS w
        WHERE {_BEGUN_WORDS.format("asked.word")} AND NOT starts_with({_STEM}, asked.word)
        GROUP BY {_STEM} LIMIT %(most_longer)s) END
FROM (
    SELECT word, place, length(word) >= %(shortest_beginning)s AND place = max(place) OVER () AS begins FROM (
        SELECT word, place FROM regexp_split_to_table(public.search_fold(%(term)s), '[^[:alnum:]]+')
            WITH ORDINALITY AS split (word, place)
        WHERE word <> '' ORDER BY place LIMIT %(most_words)s
    ) AS words
) AS asked
WHERE NOT %(is_filtered)s OR (SELECT count(*) FROM (
    SELECT FROM products AS p WHERE p.search @@ {looked_for("term")} AND {both(ON_SALE)}
     AND (CAST(%(region)s AS text) IS NULL OR {SOLD_HERE}) LIMIT {MOST_MATCHES}
) AS found) = 0
ORDER BY asked.place
"""  # noqa: S608 - what is put in stands here and in conditions.py
# Of the first products that the last word is the beginning for: with which words they go on, the most frequent first.
_ENDINGS = f"""
SELECT {{last}}, ending.word, had.amount FROM (
    SELECT lexeme, count(*) AS amount FROM (
        SELECT search FROM best WHERE search @@ {BEGUN} LIMIT {_MOST_LOOKED_AT}
    ) AS begun CROSS JOIN unnest(tsvector_to_array(begun.search)) AS lexeme
    WHERE starts_with(lexeme, %(beginning)s) GROUP BY lexeme
    ORDER BY amount DESC, lexeme COLLATE "C" LIMIT {MOST_ALTERNATIVES}
) AS had JOIN (
    SELECT DISTINCT ON (stem) stem, word FROM (
        SELECT w.word, {_STEM} AS stem FROM search_words AS w WHERE {_BEGUN_WORDS.format("%(beginning)s")}
    ) AS begun ORDER BY stem, length(word), word
) AS ending ON ending.stem = had.lexeme
"""  # noqa: S608 - the same


class _Neighbours(NamedTuple):
    word: str
    near: Sequence[str] | None
    is_begun: bool | None
    longer: Sequence[str] | None

    def candidates(self) -> list[str]:
        """The word itself, those that it begins and is not found by, and those one slip away."""
        slips = sorted(each for each in self.near or () if is_one_slip(self.word, each))
        return [self.word, *(each for each in dict.fromkeys([*(self.longer or ()), *slips]) if each != self.word)]


def words_instead(reader: Reader, chosen: Filter, term: str) -> Words | None:
    """What to search in place of a term that found nothing; None when there is nothing better.

    The last word may be the beginning of one, of three letters or more: whoever types it has not finished. A word of
    five letters or more may have one slip: a letter too many, one too few, another one, or two turned around. Of such
    words only those count that products of the filter have, and of these products those with the most words as typed.
    """
    given = {
        "term": term,
        "now": reader.now,
        "is_filtered": Filter.said(chosen) != Filter(term=term, region=chosen.region).said(),
        "region": chosen.region,
        "shortest_with_a_slip": _SHORTEST_WITH_A_SLIP,
        "shortest_beginning": _SHORTEST_BEGINNING,
        "most_near": _MOST_NEAR,
        "most_longer": MOST_ALTERNATIVES,
        "most_words": MOST_WORDS,
    }
    asked = [_Neighbours._make(row) for row in run(reader.session, _NEIGHBOURS, given)]
    typed = [each.word for each in asked]
    most = _MOST_SLIPS // len(asked) if asked else 0
    candidates = [each.candidates()[: 1 + most] for each in asked]
    beginning = typed[-1] if asked and asked[-1].is_begun else None
    if beginning is None and candidates == [[word] for word in typed]:
        return None
    if beginning is None and [len(each) for each in candidates] == [2]:
        # The page itself will tell whether the only other word is on sale.
        return bounded([candidates[0][1:]])
    living: list[list[str]] = [[] for _ in typed]
    for place, word in map(orjson.loads, reader.entries(*_living(chosen, candidates, beginning))):
        # Another word of the term in place of this one would say the same twice.
        if word not in living[place] and (word == typed[place] or word not in typed):
            living[place].append(word)
    words = [found or [word] for found, word in zip(living, typed, strict=True)]
    return bounded(words) if words != [[word] for word in typed] else None


def _living(chosen: Filter, candidates: Words, beginning: str | None) -> Statement:
    """The place and the word of each candidate that the products have, the most frequent first."""
    begin, values = listed(chosen, "p.search", most=MOST_MATCHES, matching=Matching(candidates, beginning=beginning))
    as_typed = " + ".join(f"CAST(search @@ {looked_for(f'word_{n}_0')} AS integer)" for n in range(len(candidates)))
    rows = ", ".join(
        f"({n}, %(word_{n}_{m})s, {looked_for(f'word_{n}_{m}')})"
        for n, alternatives in enumerate(candidates)
        for m in range(len(alternatives))
    )
    endings = "" if beginning is None else f"UNION ALL {_ENDINGS.format(last=len(candidates) - 1)}"
    # The words of this module and of conditions.py; what callers send is a value.
    return Statement(
        f"{begin}, best AS MATERIALIZED ("  # noqa: S608
        f"SELECT search FROM (SELECT search, rank() OVER (ORDER BY {as_typed} DESC) AS place FROM listed) AS ranked"
        " WHERE place = 1)"
        " SELECT json_build_array(place, word)::text FROM ("
        "SELECT place, word, (SELECT count(*) FROM best WHERE best.search @@ query) AS amount"
        f" FROM (VALUES {rows}) AS candidate (place, word, query) {endings}) AS living"
        ' WHERE amount > 0 ORDER BY place, amount DESC, word COLLATE "C"',
        values,
    )


def is_one_slip(typed: str, word: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbours turned around, makes one of the other."""
    if typed == word or abs(len(typed) - len(word)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    a, b = typed[same:], word[same:]
    if len(a) != len(b):
        return a[1:] == b or a == b[1:]
    return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
