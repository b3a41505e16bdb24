"""Facets: how many products of a list stand in each category, are of each brand, have each tag, and cost how much."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from services.catalogue.finding.conditions import MOST_MATCHES, lists, price_of
from services.catalogue.finding.finding import matching_of
from services.catalogue.finding.pages import Filter, PageQuery, Search
from services.catalogue.product_facts import BrandFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import tags_of
from services.catalogue.tags import EVERYTHING, TREE, stock_tag

MOST_COUNTED = 20_000
MOST_BRANDS = 50
MOST_CATEGORIES = 100
MOST_TAGS = 50
# Bands begin at 0, 1, 2, 5, 10, 20, 50 and so on, up to what a price can be.
_LADDER = tuple(Decimal(step) * 10**power for power in range(11) for step in (1, 2, 5))
_BAND = f"width_bucket(p.price, CAST('{{{','.join(map(str, _LADDER))}}}' AS numeric[])) AS band"
# By the facet, the column that is counted and how.
_COLUMNS = {
    "categories": "p.category_id",
    "brands": "p.brand_id",
    "prices": _BAND,
    "tags": "p.tags",
    "inStock": "p.stock_count > 0 AS in_stock",
}
_COUNTS = {
    "categories": f"""(SELECT json_agg(json_build_array(category_id, amount)) FROM (
        SELECT category_id, count(*) AS amount FROM {{0}} GROUP BY category_id
        ORDER BY amount DESC, category_id LIMIT {MOST_CATEGORIES}) AS counted)""",  # noqa: S608
    "brands": f"""(SELECT json_agg(json_build_array(b.id, b.slug, b.name, amount) ORDER BY amount DESC, b.name) FROM (
        SELECT brand_id, count(*) AS amount FROM {{0}} WHERE brand_id IS NOT NULL GROUP BY brand_id
        ORDER BY amount DESC, brand_id LIMIT {MOST_BRANDS}) AS counted JOIN brands AS b ON b.id = brand_id)""",  # noqa: S608
    "prices": """(SELECT json_agg(json_build_array(band, amount) ORDER BY band) FROM (
        SELECT band, count(*) AS amount FROM {0} GROUP BY band) AS counted)""",
    "tags": f"""(SELECT json_agg(json_build_array(tag, amount)) FROM (
        SELECT tag, count(*) AS amount FROM {{0}} CROSS JOIN unnest(tags) AS tag GROUP BY tag
        ORDER BY amount DESC, tag COLLATE "C" LIMIT {MOST_TAGS}) AS counted)""",  # noqa: S608
    "inStock": "(SELECT count(*) FROM {0} WHERE in_stock)",
}
# By the facet, the conditions of which any may hold: what they leave out is what a shopper may still choose instead or
# beside. So a facet is counted as if its own were not given.
_OWN: Mapping[str, Mapping[str, Any]] = {"brands": {"brand_ids": ()}, "prices": {"price_min": None, "price_max": None}}


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """So many products of the list stand in this very category."""

    category_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class BrandCount:
    """So many products of the list are of this brand."""

    brand: BrandFacts
    count: int


@dataclass(frozen=True, slots=True)
class TagCount:
    """So many products of the list have this tag."""

    tag: str
    count: int


@dataclass(frozen=True, slots=True)
class PriceBand:
    """So many products of the list cost `low` or more, and less than `high`; None: there is no end."""

    low: Decimal
    high: Decimal | None
    count: int


class Facets(NamedTuple):
    """What was counted of a list; what was not asked for is empty, or 0."""

    categories: Sequence[CategoryCount]
    brands: Sequence[BrandCount]
    prices: Sequence[PriceBand]
    tags: Sequence[TagCount]
    in_stock: int
    is_complete: bool


def count_facets(reader: Reader, query: PageQuery, wanted: Collection[str], *, found: Search | None = None) -> Facets:
    """Counts, of all pages of a list, the facets that are `wanted`: categories, brands, prices, tags, inStock.

    Brands are counted as if no brand were chosen, and prices as if no range were: so is seen what else could be. One
    statement, and one pass over at most 20,000 products (of a search its thousand matches), with another for each of
    these two whose condition is given; `found` is the search of the page. The most frequent come first, at most 100
    categories, 50 brands and 50 tags; bands of prices rise.
    """
    names = [name for name in _COUNTS if name in wanted]
    reader.depend(*_tags(query, names))
    most = MOST_COUNTED if query.term is None else MOST_MATCHES
    passes = _passes(query, names)
    # Nothing but what an index holds, so that products are counted without being looked at (but for tags and stock).
    columns = {
        f"listed_{place}": (chosen, ", ".join(_column(name, chosen) for name in counted) or "1")
        for place, (chosen, counted) in enumerate(passes.items())
    }
    totals, amounts = [f"(SELECT count(*) FROM {each})" for each in columns], []  # noqa: S608 - of the above
    for place, counted in enumerate(passes.values()):
        amounts += [f"'{name}', {_COUNTS[name].format(f'listed_{place}')}" for name in counted]
    begin, values = lists(columns, most=most, matching=matching_of(query, found))
    made = f"greatest({', '.join(totals)}), json_build_object({', '.join(amounts)})"
    [entry] = reader.entries(f"{begin}SELECT json_build_array({made})::text", values)
    total, counted = orjson.loads(entry)
    return _facets(counted, is_complete=total < most)


def _column(name: str, chosen: Filter) -> str:
    return _COLUMNS[name].replace("p.price", price_of(chosen))


def _facets(counted: Mapping[str, Any], *, is_complete: bool) -> Facets:
    return Facets(
        categories=[CategoryCount(UUID(each), count) for each, count in counted.get("categories") or ()],
        brands=[BrandCount(BrandFacts(UUID(each[0]), *each[1:3]), each[3]) for each in counted.get("brands") or ()],
        prices=[_band(place, count) for place, count in counted.get("prices") or ()],
        tags=[TagCount(*each) for each in counted.get("tags") or ()],
        in_stock=counted.get("inStock", 0),
        is_complete=is_complete,
    )


def _passes(query: PageQuery, names: Sequence[str]) -> Mapping[Filter, list[str]]:
    """Which facets are counted together: by the conditions that hold for them."""
    # Not a page: its cursor is good for all of the conditions only.
    given = {each.name: getattr(query, each.name) for each in fields(Filter)}
    passes: dict[Filter, list[str]] = {}
    for name in names:
        passes.setdefault(Filter(**{**given, **_OWN.get(name, {})}), []).append(name)
    return passes or {Filter(**given): []}


def _tags(query: PageQuery, names: Sequence[str]) -> list[str]:
    tags = tags_of(query)
    if "inStock" in names:
        scope = EVERYTHING if query.category_id is None or query.term is not None else query.category_id
        tags.append(stock_tag(scope))
    return [*tags, TREE] if "categories" in names else tags


def _band(place: int, count: int) -> PriceBand:
    low = _LADDER[place - 1] if place else Decimal(0)
    return PriceBand(low, _LADDER[place] if place < len(_LADDER) else None, count)
