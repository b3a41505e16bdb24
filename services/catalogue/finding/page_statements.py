"""The SQL of a page of products, and of their number."""

from services.catalogue.finding.conditions import (
    BELOW,
    BELOW_IT,
    MOST_MATCHES,
    Matching,
    Statement,
    both,
    conditions,
    listed,
)
from services.catalogue.finding.pages import COLUMNS, PageQuery, ProductSort
from services.catalogue.product_facts import ENTRY


def page_statement(query: PageQuery, matching: Matching) -> Statement:
    """The entries of this page and one more, which tells whether there is a next page.

    Before the entries of a search stand the rank and a space. Only the products of the page are made into entries.
    """
    chosen = _of_list(query) if query.term is None else _of_search(query, matching)
    way = "ASC" if query.is_ascending else "DESC"
    entry = ENTRY if query.term is None else f"chosen.rank || ' ' || {ENTRY}"
    # The words of this module and of conditions.py; what callers send is a value.
    rows = f"SELECT {entry} FROM ({chosen.sql}) AS chosen JOIN products AS p ON p.id = chosen.id"  # noqa: S608
    return Statement(f"{rows} ORDER BY chosen.place {way}, chosen.id {way}", chosen.values)


def count_statement(query: PageQuery, matching: Matching) -> Statement:
    """How many products there are on all pages; of a search at most a thousand, and the one it names exactly."""
    if query.term is not None:
        matches = listed(query, "p.id", most=MOST_MATCHES, matching=matching)
        return Statement(f"{matches.sql}SELECT count(*)::text FROM listed", matches.values)  # noqa: S608
    found, values = conditions(query)
    below = ""
    if query.category_id is not None:
        below, found = f"WITH RECURSIVE {BELOW} ", [*found, BELOW_IT]
        values["category_id"] = query.category_id
    return Statement(f"{below}SELECT count(*)::text FROM products AS p WHERE {both(found)}", values)  # noqa: S608


def _of_list(query: PageQuery) -> Statement:
    """Ids and places. Of a category each one below it gives its first products, so that each reads an index of its own
    and stops: a page costs the same however many products there are."""
    wanted, values = conditions(query)
    column = COLUMNS[query.sort][0]
    way, after = _way(query)
    if query.place is not None:
        wanted = [*wanted, f"(p.{column}, p.id) {after} (%(place)s, %(id)s)"]
        values |= {"place": query.place.value, "id": query.place.id}
    if query.category_id is not None:
        wanted, values = ["p.category_id = below.id", *wanted], {**values, "category_id": query.category_id}
    first = (
        f"SELECT p.id, p.{column} AS place FROM products AS p WHERE {both(wanted)}"  # noqa: S608
        f" ORDER BY p.{column} {way}, p.id {way} LIMIT {query.first + 1}"
    )
    if query.category_id is None:
        return Statement(first, values)
    return Statement(
        f"WITH RECURSIVE {BELOW} SELECT near.id, near.place FROM below CROSS JOIN LATERAL ({first}) AS near"  # noqa: S608
        f" ORDER BY near.place {way}, near.id {way} LIMIT {query.first + 1}",
        values,
    )


def _of_search(query: PageQuery, matching: Matching) -> Statement:
    """Ids, places and ranks of those who match, in the order asked for."""
    is_ranked = query.sort is ProductSort.RELEVANCE
    column = "p.id" if is_ranked else f"p.id, p.{COLUMNS[query.sort][0]} AS place"
    begin = listed(query, column, most=MOST_MATCHES, matching=matching)
    place = "rank" if is_ranked else "place"
    way, after = _way(query)
    wanted, values = "", {**begin.values, "limit": query.first + 1}
    if query.place is not None:
        said = "CAST(%(place)s AS real)" if is_ranked else "%(place)s"
        wanted = f" WHERE (l.{place}, l.id) {after} ({said}, %(id)s)"
        values |= {"place": query.place.value, "id": query.place.id}
    return Statement(
        f"{begin.sql}SELECT l.id, l.rank, l.{place} AS place FROM listed AS l{wanted}"  # noqa: S608
        f" ORDER BY l.{place} {way}, l.id {way} LIMIT %(limit)s",
        values,
    )


def _way(query: PageQuery) -> tuple[str, str]:
    """The direction of the order, and what a product must be to its place to come after it."""
    return ("ASC", ">") if query.is_ascending else ("DESC", "<")
