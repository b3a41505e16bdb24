"""Any catalogue, any filter, any order: all pages together are what plain Python says, and stay so while goods come."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from models import Product
from services.catalogue.finding.facets import count_facets
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.reader import reading
from services.catalogue.reading import Page, count_products, list_page
from tests.services.made_up import BRANDS, NOW, SHELVES, Good, expected, filters, furnish, goods, stock_up
from utils.cache import Cache
from wiring import Shop

EXAMPLES = 60


@pytest.fixture
def cache() -> Iterator[Cache]:
    """One whose Redis is away: every read is of PostgreSQL."""
    away = Cache("redis://127.0.0.1:1/0")
    yield away
    away.close()


def any_query() -> st.SearchStrategy[dict[str, Any]]:
    """A filter, an order and a length; relevance for searches only. See test_collection_order.py for a collection's."""

    def ordered(chosen: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        sorts = [each for each in ProductSort if each is not ProductSort.RELEVANCE or "term" in chosen]
        sorts.remove(ProductSort.COLLECTION)
        return st.fixed_dictionaries({"sort": st.sampled_from(sorts), "first": st.sampled_from([1, 2, 3, 100])}).map(
            lambda more: {**chosen, **more}
        )

    return filters().filter(_is_a_range).flatmap(ordered)


def _is_a_range(chosen: dict[str, Any]) -> bool:
    return bool(chosen.get("price_min", Decimal(0)) <= chosen.get("price_max", Decimal(9)))


def walk(shop: Shop, cache: Cache, wanted: dict[str, Any], between: Callable[[], object] = lambda: None) -> list[Page]:
    """All pages from the first to the last; `between` is done after each."""
    pages: list[Page] = []
    after = None
    while True:
        query = PageQuery(after=after, **wanted)
        with shop.database.read() as session:
            page = list_page(reading(session, cache), query)
        pages.append(page)
        assert len(pages) < 50  # there are never so many goods
        if not page.has_next:
            return pages
        assert len(page.products) == query.first
        after = query.cursors(page.products, page.search)[-1]
        between()


def ids(pages: list[Page]) -> list[UUID]:
    return [facts.id for page in pages for facts in page.products]


def refurnished(shop: Shop, wanted: list[Good]) -> dict[UUID, Good]:
    with shop.database.write() as session:
        session.execute(delete(Product))
        return stock_up(session, wanted)


def test_all_pages_are_what_plain_python_says(shop: Shop, cache: Cache) -> None:
    with shop.database.write() as session:
        furnish(session)

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(goods(), any_query())
    def check(wanted: list[Good], chosen: dict[str, Any]) -> None:
        made, query = refurnished(shop, wanted), PageQuery(**chosen)
        pages = walk(shop, cache, chosen)
        shown, should = ids(pages), expected(made, query)
        if query.sort is ProductSort.RELEVANCE:
            ranks = [float(rank) for page in pages if page.search for rank in page.search.ranks]
            ranked = list(zip(ranks, shown, strict=True))
            assert ranked == sorted(ranked, reverse=True)
            shown = sorted(shown)
        assert shown == should
        with shop.database.read() as session:
            assert count_products(reading(session, cache), query) == len(should)

    with time_machine.travel(NOW, tick=False):
        check()


def test_what_comes_between_pages_neither_hides_nor_repeats_what_was_there(shop: Shop, cache: Cache) -> None:
    with shop.database.write() as session:
        furnish(session)

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(goods(), goods(), any_query())
    def check(wanted: list[Good], coming: list[Good], chosen: dict[str, Any]) -> None:
        made, query, left = refurnished(shop, wanted), PageQuery(**chosen), list(coming)

        def arrive() -> None:
            if left:
                with shop.database.write() as session:
                    stock_up(session, [left.pop()])

        shown = ids(walk(shop, cache, {**chosen, "first": 1}, arrive))
        old, should = [each for each in shown if each in made], expected(made, query)
        assert len(shown) == len(set(shown))
        assert (sorted(old) if query.sort is ProductSort.RELEVANCE else old) == should

    with time_machine.travel(NOW, tick=False):
        check()


def test_facets_are_what_plain_python_counts(shop: Shop, cache: Cache) -> None:
    with shop.database.write() as session:
        furnish(session)
    bands = {Decimal("0.50"): (0, 1), Decimal("1.00"): (1, 2), Decimal("2.50"): (2, 5)}

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(goods(), any_query())
    def check(wanted: list[Good], chosen: dict[str, Any]) -> None:
        made, query = refurnished(shop, wanted), PageQuery(**chosen)
        found = [made[each] for each in expected(made, query)]
        # Brands without the filter's brands, prices without its prices, everything else with all of it.
        listed = {key: value for key, value in chosen.items() if key not in ("sort", "first")}

        def without(*names: str) -> list[Good]:
            rest = PageQuery(**{key: value for key, value in listed.items() if key not in names})
            return [made[each] for each in expected(made, rest)]

        with shop.database.read() as session:
            every = {"categories", "brands", "prices", "tags", "inStock"}
            facets = count_facets(reading(session, cache), query, every)
        assert {each.category_id: each.count for each in facets.categories} == Counter(SHELVES[g.shelf] for g in found)
        assert {each.brand.id: each.count for each in facets.brands} == Counter(
            BRANDS[good.brand] for good in without("brand_ids") if good.brand is not None
        )
        assert {(each.low, each.high): each.count for each in facets.prices} == Counter(
            bands[good.price] for good in without("price_min", "price_max")
        )
        assert {each.tag: each.count for each in facets.tags} == Counter(tag for good in found for tag in good.tags)
        assert facets.in_stock == sum(good.stock > 0 for good in found)
        assert facets.is_complete
        for counted in (facets.categories, facets.brands, facets.tags):
            assert [each.count for each in counted] == sorted((each.count for each in counted), reverse=True)
        assert [each.low for each in facets.prices] == sorted(each.low for each in facets.prices)

    with time_machine.travel(NOW, tick=False):
        check()
