"""Searching: the products of a term, and when there are none, those of the words that were probably meant."""

from services.catalogue.finding.conditions import Matching
from services.catalogue.finding.page_statements import page_statement
from services.catalogue.finding.pages import PageQuery, Search
from services.catalogue.finding.words import words_instead
from services.catalogue.reader import Reader


def search(reader: Reader, query: PageQuery) -> tuple[list[bytes], Search]:
    """The entries of this page's products, and one more if there is a next page; and how they were found.

    Only the first page of a search looks for other words: the cursors of the next ones bring them along.
    """
    matching, moment = matching_of(query), reader.now
    rows = reader.entries(*page_statement(query, matching))
    if query.place is not None:
        moment = query.place.moment or moment
    elif not rows and query.term is not None:
        instead = words_instead(reader, query, query.term)
        if instead is not None:
            rows = reader.entries(*page_statement(query, Matching(instead)))
            matching = Matching(instead if rows else None)
    parted = [row.partition(b" ") for row in rows]
    ranks = [rank.decode() for rank, _, _ in parted[: query.first]]
    return [entry for _, _, entry in parted], Search(moment, matching.instead, ranks)


def matching_of(query: PageQuery, found: Search | None = None) -> Matching:
    """What the products of this page's search matched: as its cursor says, or as its first page was found."""
    if query.place is not None:
        return Matching(query.place.instead, query.place.moment)
    return Matching(None if found is None else found.instead)
