"""What a product must be to stand in a list, as SQL: fixed words of ours; what callers send is always a value."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.catalogue.finding.pages import Filter
from services.catalogue.finding.terms import Words
from services.catalogue.products.product_values import gtin

# Of a search at most so many products are looked at.
MOST_MATCHES = 1000
ON_SALE = (
    "p.status = 'published'",
    "(p.publish_from IS NULL OR p.publish_from <= %(now)s)",
    "(p.publish_until IS NULL OR p.publish_until > %(now)s)",
)
# The category and all below it.
BELOW = """below (id) AS (
    SELECT id FROM categories WHERE id = %(category_id)s
    UNION SELECT c.id FROM categories AS c JOIN below ON c.parent_id = below.id
)"""
BELOW_IT = "p.category_id = ANY (ARRAY (SELECT id FROM below))"
_IN_COLLECTION = """p.id IN (
    SELECT member.product_id FROM collection_products AS member JOIN collections AS c ON c.id = member.collection_id
    WHERE c.id = %(collection_id)s AND c.is_published
)"""
# The product whose stock-keeping unit or barcode the term is, if there is one.
_EXACT = """exact (id) AS MATERIALIZED (
    SELECT id FROM products WHERE upper(sku) = upper(%(term)s)
    UNION SELECT id FROM products WHERE lpad(barcode, 14, '0') = %(gtin)s
)"""
# Of more than a thousand matches every page looks at the same ones: those that lie first in the table. The index of
# words gives them in this order; and for a word that stands nearly everywhere, so does a walk through the table, which
# without the condition on `ctid` might begin anywhere (docs/decisions/finding.md).
_IN_ORDER_OF_PLACE = "p.ctid >= '(0,0)'"
# What begins with this value, which has nothing but letters and digits.
BEGUN = "CAST('''' || %(beginning)s || ''':*' AS tsquery)"
_NOT_EXACT = "p.id NOT IN (SELECT id FROM exact)"
# What a product `p` costs in a region, `c`; one that has no price there is not sold there. PostgreSQL begins with
# whichever of the two suits the order.
_HERE = "c.product_id = p.id AND c.region_code = %(region)s"
SOLD_HERE = f"EXISTS (SELECT FROM current_prices AS c WHERE {_HERE})"
_WITH_PRICE = f"products AS p JOIN current_prices AS c ON {_HERE} AND c.status = 'published'"
# The same where PostgreSQL must begin with the products (OFFSET 0 keeps it so), on sale or not.
_THEN_PRICE = f"(SELECT c.price FROM current_prices AS c WHERE {_HERE} OFFSET 0) AS c"  # noqa: S608


class Statement(NamedTuple):
    """SQL, with its values by name; `%(now)s` stands for the moment of reading."""

    sql: str
    values: dict[str, Any]


class Matching(NamedTuple):
    """What is searched beside the filter's term: these words in place of it, among products made until a moment.

    What comes after that moment does not move the pages of a search that has begun. With a `beginning` (letters and
    digits only) in place of the last word also whatever begins so.
    """

    instead: Words | None = None
    until: datetime | None = None
    beginning: str | None = None


def price_of(chosen: Filter) -> str:
    """The column of what a product costs."""
    return "p.price" if chosen.region is None else "c.price"


def products_of(chosen: Filter) -> str:
    """The products `p` of which a list is made; with a region those sold there, and their prices there, `c`."""
    # A search looks at its matches in the order of their place.
    return _WITH_PRICE if chosen.region is not None and chosen.term is None else every_product_of(chosen)


def every_product_of(chosen: Filter) -> str:
    """The same for staff, whether the product is on sale or not."""
    return "products AS p" if chosen.region is None else f"products AS p CROSS JOIN LATERAL {_THEN_PRICE}"


def conditions(chosen: Filter) -> tuple[list[str], dict[str, Any]]:
    """All that a product on sale must be for this filter, but for its category and the term, among `products_of`."""
    brands = [str(each) for each in chosen.brand_ids]
    price = price_of(chosen)
    possible: Sequence[tuple[bool, str, str, object]] = (
        (chosen.price_min is not None, f"{price} >= %(price_min)s", "price_min", chosen.price_min),
        (chosen.price_max is not None, f"{price} <= %(price_max)s", "price_max", chosen.price_max),
        # The products of one brand stand in the order of an index; those of several do not.
        (len(brands) == 1, "p.brand_id = CAST(%(brand)s AS uuid)", "brand", brands[0] if brands else None),
        (len(brands) > 1, "p.brand_id = ANY (CAST(%(brands)s AS uuid[]))", "brands", brands),
        (bool(chosen.tags), "p.tags @> CAST(%(tags)s AS text[])", "tags", list(chosen.tags)),
        (chosen.in_stock, "p.stock_count > %(none)s", "none", 0),
        (chosen.collection_id is not None, _IN_COLLECTION, "collection_id", chosen.collection_id),
    )
    given = [(condition, name, value) for is_given, condition, name, value in possible if is_given]
    values = {name: value for _, name, value in given}
    if chosen.region is not None:
        values["region"] = chosen.region
    return [*ON_SALE, *(each[0] for each in given)], values


def both(wanted: Sequence[str]) -> str:
    """All of the conditions together."""
    return " AND ".join(wanted)


def listed(chosen: Filter, columns: str, *, most: int, matching: Matching) -> Statement:
    """The beginning of a statement that goes on with `listed`: these columns of at most so many products on sale.

    With a term there is also `rank`: how well the product matches.
    """
    return lists({"listed": (chosen, columns)}, most=most, matching=matching)


def lists(wanted: Mapping[str, tuple[Filter, str]], *, most: int, matching: Matching) -> Statement:
    """The same with several lists, each by its name; they differ by conditions that some of them leave out."""
    begin: list[str] = []
    values: dict[str, Any] = {}
    for name, (chosen, columns) in wanted.items():
        before, rows, given = _rows(chosen, columns, most=most, matching=matching)
        begin += [each for each in before if each not in begin]
        begin.append(f"{name} AS MATERIALIZED ({rows})")
        values |= given
    return Statement(f"WITH RECURSIVE {', '.join(begin)} ", values)


def _rows(chosen: Filter, columns: str, *, most: int, matching: Matching) -> tuple[list[str], str, dict[str, Any]]:
    """What must stand before the rows of one list, the rows, and the values of both."""
    found, values = conditions(chosen)
    products, begin = products_of(chosen), []
    if chosen.category_id is not None:
        begin, found, values = [BELOW], [*found, BELOW_IT], {**values, "category_id": chosen.category_id}
    if chosen.term is None:
        values["most"] = most
        return begin, f"SELECT {columns} FROM {products} WHERE {both(found)} LIMIT %(most)s", values  # noqa: S608
    query, words = asked(matching)
    values |= {**words, "term": chosen.term, "most": min(most, MOST_MATCHES), "until": matching.until or "infinity"}
    values["gtin"] = gtin(chosen.term) or ""
    found = [*found, "p.created_at <= %(until)s"]
    exactly = both([*found, "p.id IN (SELECT id FROM exact)"])
    by_words = both([*found, f"p.search @@ {query}", _NOT_EXACT, _IN_ORDER_OF_PLACE])
    rows = (
        f"SELECT CAST('Infinity' AS real) AS rank, {columns} FROM {products} WHERE {exactly} UNION ALL"  # noqa: S608
        f" (SELECT ts_rank(p.search, {query}, 1) AS rank, {columns} FROM {products} WHERE {by_words}"
        " LIMIT %(most)s)"
    )
    return [*begin, _EXACT], rows, values


def asked(matching: Matching) -> tuple[str, dict[str, Any]]:
    """What is looked for, for PostgreSQL's full text: all words of the term, or of each word one of those given."""
    if matching.instead is None:
        return looked_for("term"), {}
    names = {f"word_{n}_{m}": word for n, each in enumerate(matching.instead) for m, word in enumerate(each)}
    every = [
        " || ".join(looked_for(f"word_{n}_{m}") for m in range(len(alternatives)))
        for n, alternatives in enumerate(matching.instead)
    ]
    if matching.beginning is not None:
        every[-1] = f"{every[-1]} || {BEGUN}"
        names["beginning"] = matching.beginning
    return "(" + " && ".join(f"({each})" for each in every) + ")", names


def looked_for(name: str) -> str:
    """All words of the value of this name. Nothing in a text has a meaning of its own: no quote, no star, no bar."""
    return f"plainto_tsquery('english', public.search_fold(%({name})s))"
