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
    price_of,
    products_of,
)
from services.catalogue.finding.pages import BY_PRICE, COLUMNS, PageQuery, ProductSort
from services.catalogue.product_facts import ENTRY

_POSITION_OF = """(SELECT member.position FROM collection_products AS member
    WHERE member.collection_id = %(collection_id)s AND member.product_id = {0})"""
# A product's place in its collection. After a cursor the list goes on where its product stands now, however many came
# before it meanwhile; if it left the collection, where it stood.
_POSITION = _POSITION_OF.format("p.id")
_SAID_POSITION = f"coalesce({_POSITION_OF.format('%(id)s')}, %(place)s)"


def page_statement(query: PageQuery, matching: Matching) -> Statement:
    """The entries of this page and one more, which tells whether there is a next page.

    Before the entries of a search stand the rank and a space, and the position before those in a collection's order.
    Only the products of the page are made into entries.
    """
    chosen = _of_list(query) if query.term is None else _of_search(query, matching)
    way = "ASC" if query.is_ascending else "DESC"
    told = "place" if query.sort is ProductSort.COLLECTION else "rank"
    entry = f"chosen.{told} || ' ' || {ENTRY}" if query.is_told else ENTRY
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
    counted = f"SELECT count(*)::text FROM {products_of(query)} WHERE {both(found)}"  # noqa: S608
    return Statement(f"{below}{counted}", values)


def _of_list(query: PageQuery) -> Statement:
    """Ids and places. Of a category each one below it gives its first products, so that each reads an index of its own
    and stops: a page costs the same however many products there are."""
    wanted, values = conditions(query)
    column = _column(query)
    way, after = _way(query)
    # The prices of a region lie in an index of their own, with ids and categories that are the products'.
    product, category = ("c.product_id", "c.category_id") if _is_by_price_there(query) else ("p.id", "p.category_id")
    if query.place is not None:
        wanted = [*wanted, f"({column}, {product}) {after} ({_said(query)}, %(id)s)"]
        values |= {"place": query.place.value, "id": query.place.id}
    if query.category_id is not None:
        wanted, values = [f"{category} = below.id", *wanted], {**values, "category_id": query.category_id}
    first = (
        f"SELECT p.id, {column} AS place FROM {products_of(query)} WHERE {both(wanted)}"  # noqa: S608
        f" ORDER BY {column} {way}, {product} {way} LIMIT {query.first + 1}"
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
    column = "p.id" if is_ranked else f"p.id, {_column(query)} AS place"
    begin = listed(query, column, most=MOST_MATCHES, matching=matching)
    place = "rank" if is_ranked else "place"
    way, after = _way(query)
    wanted, values = "", {**begin.values, "limit": query.first + 1}
    if query.place is not None:
        wanted = f" WHERE (l.{place}, l.id) {after} ({_said(query)}, %(id)s)"
        values |= {"place": query.place.value, "id": query.place.id}
    return Statement(
        f"{begin.sql}SELECT l.id, l.rank, l.{place} AS place FROM listed AS l{wanted}"  # noqa: S608
        f" ORDER BY l.{place} {way}, l.id {way} LIMIT %(limit)s",
        values,
    )


def _column(query: PageQuery) -> str:
    """What a product's place in the order is."""
    if query.sort in BY_PRICE:
        return price_of(query)
    return _POSITION if query.sort is ProductSort.COLLECTION else f"p.{COLUMNS[query.sort][0]}"


def _is_by_price_there(query: PageQuery) -> bool:
    return query.region is not None and query.sort in BY_PRICE


def _said(query: PageQuery) -> str:
    """The place that the cursor names."""
    if query.sort is ProductSort.COLLECTION:
        return _SAID_POSITION
    return "CAST(%(place)s AS real)" if query.sort is ProductSort.RELEVANCE else "%(place)s"


def _way(query: PageQuery) -> tuple[str, str]:
    """The direction of the order, and what a product must be to its place to come after it."""
    return ("ASC", ">") if query.is_ascending else ("DESC", "<")
