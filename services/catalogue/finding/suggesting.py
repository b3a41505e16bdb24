"""Suggestions while somebody types: categories, brands and products."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.catalogue.finding.conditions import BEGUN, ON_SALE, SOLD_HERE, Matching, Statement, asked, both
from services.catalogue.finding.terms import checked_term
from services.catalogue.product_facts import BrandFacts
from services.catalogue.reader import Reader
from services.catalogue.tags import TREE, list_tag
from utils.errors import InvalidInput

MOST_SUGGESTIONS = 20
SHORTEST_TERM = 2
# Of categories and of brands at most so many, so that there is room for products.
_MOST_OF_A_KIND = 3
# Among so many products the most popular are chosen: what is typed first is short, and half the shop begins with it.
_MOST_LOOKED_AT = 100
# A word in the middle of a name is found by its whole. So few words that go on as the last one began are looked for
# themselves; of more, the beginning is, among so many products that have the words before it.
_MOST_WORDS = 20
_MOST_WITH_THOSE_BEFORE = 500
_WORD = "word"
_SALE = both([*ON_SALE, f"(CAST(%(region)s AS text) IS NULL OR {SOLD_HERE})"])
# The last word typed, and those before it.
_LAST = "substring(public.search_fold(%(term)s) FROM '([[:alnum:]]+)[^[:alnum:]]*$')"
_BEFORE = "plainto_tsquery('english', regexp_replace(public.search_fold(%(term)s), '[[:alnum:]]+[^[:alnum:]]*$', ''))"
# What begins with the text stands after it in the order of bytes (C), together.
_BEGINS = """public.search_fold({0}.name) COLLATE "C" >= public.search_fold(%(term)s)
        AND public.search_fold({0}.name) COLLATE "C" < public.search_fold(%(term)s) || chr(1114111)"""
_BY_BEGINNING = f"""
SELECT json_build_array(kind, id, text, slug)::text FROM (
    (SELECT 'category' AS kind, c.id, c.name AS text, c.slug FROM categories AS c
     WHERE strpos(' ' || public.search_fold(c.name), ' ' || public.search_fold(%(term)s)) > 0
     ORDER BY c.parent_id IS NOT NULL, c.name, c.id LIMIT %(most_of_a_kind)s)
    UNION ALL
    (SELECT 'brand', b.id, b.name, b.slug FROM brands AS b
     WHERE {_BEGINS.format("b")} AND EXISTS (SELECT FROM products AS p WHERE p.brand_id = b.id AND {_SALE})
     ORDER BY public.search_fold(b.name) COLLATE "C" LIMIT %(most_of_a_kind)s)
    UNION ALL
    (SELECT 'product', begun.id, begun.name, NULL FROM (
        SELECT p.id, p.name, p.popularity FROM products AS p WHERE {_BEGINS.format("p")} AND {_SALE}
        ORDER BY public.search_fold(p.name) COLLATE "C" LIMIT %(most_looked_at)s
     ) AS begun ORDER BY begun.popularity DESC, begun.id DESC LIMIT %(first)s)
    UNION ALL
    -- Not to be shown: words of the catalogue that the last one typed may be the beginning of; it, and those before.
    (SELECT 'word', NULL, w.word, {_LAST} || ' ' || {_BEFORE} FROM search_words AS w
     WHERE length({_LAST}) >= %(shortest)s AND w.word >= {_LAST} AND w.word < {_LAST} || chr(1114111)
     ORDER BY w.word LIMIT %(most_words)s + 1)
) AS suggested
"""  # noqa: S608 - what is put in stands in conditions.py
_BY_WORDS = """
SELECT json_build_array('product', named.id, named.name, NULL)::text FROM ({named}) AS named
WHERE NOT starts_with(public.search_fold(named.name), public.search_fold(%(term)s))
ORDER BY named.popularity DESC, named.id DESC LIMIT %(first)s
"""
_NAMED = f"""
SELECT p.id, p.name, p.popularity{{more}} FROM products AS p WHERE p.search @@ ({{query}}) AND {_SALE} LIMIT %(most)s
"""  # noqa: S608 - what is put in stands here and in conditions.py


class SuggestionKind(Enum):
    """What a suggestion leads to."""

    PRODUCT = "product"
    BRAND = "brand"
    CATEGORY = "category"


class Suggested(NamedTuple):
    """Something in the shop whose name goes on as somebody began to type."""

    kind: SuggestionKind
    id: UUID
    text: str
    brand: BrandFacts | None = None


def suggest(reader: Reader, term: str, *, first: int, region: str | None = None) -> Sequence[Suggested]:
    """At most `first` (1 to 20) categories, brands and products on sale, in this order, for what was typed so far.

    In a `region` (its code; None for the home region) only brands with products and products that are sold there.

    Nothing for less than two letters. Refuses (INVALID_INPUT) other numbers, and a term that is too long or has
    control characters.
    """
    if not 1 <= first <= MOST_SUGGESTIONS:
        raise InvalidInput(f"first must be from 1 to {MOST_SUGGESTIONS}.", field="first")
    typed = checked_term(term)
    if typed is None or len(typed) < SHORTEST_TERM:
        return []
    reader.depend(list_tag(), TREE)
    given = {
        "term": typed,
        "first": first,
        "region": region,
        "shortest": SHORTEST_TERM,
        "most_words": _MOST_WORDS,
        "most_of_a_kind": _MOST_OF_A_KIND,
        "most_looked_at": _MOST_LOOKED_AT,
    }
    rows = [orjson.loads(row) for row in reader.entries(_BY_BEGINNING, given)]
    found = [_suggested(*row) for row in rows if row[0] != _WORD][:first]
    endings = [(word, parts) for kind, _, word, parts in rows if kind == _WORD]
    if len(found) < first and endings:
        last, _, before = endings[0][1].partition(" ")
        by_words, said = _by_words([word for word, _ in endings], last, before)
        found += [_suggested(*orjson.loads(row)) for row in reader.entries(by_words, {**given, **said})]
    return found[:first]


def _by_words(endings: Sequence[str], last: str, before: str) -> Statement:
    """Products with a word that begins with `last`, one of `endings`, and with those `before` as PostgreSQL wrote them.

    By itself, with the words in it: so PostgreSQL knows how frequent they are, and takes the shorter way.
    """
    said: dict[str, Any] = {"beginning": last, "before": before, "most": _MOST_LOOKED_AT}
    query, more = BEGUN, "CAST(%(before)s AS tsquery)"
    if len(endings) <= _MOST_WORDS:
        # These are all.
        query, words = asked(Matching([endings]))
        said |= words
    elif before:
        # To collect all that begins with two letters takes long, also where few have the words before them.
        said["most"] = _MOST_WITH_THOSE_BEFORE
        near = _NAMED.format(query=more, more=", p.search")
        begun = f"SELECT near.* FROM ({near}) AS near WHERE near.search @@ {BEGUN}"  # noqa: S608 - the above
        return Statement(_BY_WORDS.format(named=begun), said)
    return Statement(_BY_WORDS.format(named=_NAMED.format(query=f"{query} && {more}", more="")), said)


def _suggested(kind: str, each: str, name: str, slug: str | None) -> Suggested:
    found, made_of = SuggestionKind(kind), UUID(each)
    is_brand = found is SuggestionKind.BRAND
    return Suggested(found, made_of, name, BrandFacts(made_of, slug or "", name) if is_brand else None)
