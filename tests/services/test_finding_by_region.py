"""Finding goods in a region: only what is sold there, by its prices, in every order, from the cache or not."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text

from models import Product, RegionPrice
from models.product import ProductStatus
from services.catalogue.finding.conditions import Matching
from services.catalogue.finding.facets import count_facets
from services.catalogue.finding.page_statements import page_statement
from services.catalogue.finding.pages import Filter, PageQuery, ProductSort
from services.catalogue.finding.staff_reading import StaffQuery, list_staff_page
from services.catalogue.finding.suggesting import suggest
from services.catalogue.products.brands import list_brands_on_sale
from services.catalogue.reader import reading
from services.catalogue.reading import (
    count_products,
    find_product_by_barcode,
    find_product_by_sku,
    find_product_by_slug,
    list_page,
)
from tests.services.acting import category_id
from tests.services.made_up import BRANDS, NOW, Good, expected, filters, furnish, goods, stock_up
from tests.services.regional import count_wrong_prices, fall_back, set_price
from tests.services.test_pages import all_pages
from tests.support import described
from utils.cache import Cache
from utils.database import run
from utils.errors import InvalidInput
from wiring import Shop

Make = Callable[..., UUID]
BANDS = {Decimal("0.50"): (0, 1), Decimal("1.00"): (1, 2), Decimal("2.50"): (2, 5)}
PRICES = st.sampled_from([None, *BANDS])
SORTS = [each for each in ProductSort if each not in (ProductSort.COLLECTION, ProductSort.RELEVANCE)]


@pytest.fixture
def cache() -> Iterator[Cache]:
    """One whose Redis is away: every read is of PostgreSQL."""
    away = Cache("redis://127.0.0.1:1/0")
    yield away
    away.close()


def sold_for(shop: Shop, wanted: list[tuple[Good, Decimal | None]]) -> dict[UUID, Good]:
    """Goods with their prices in Germany; those that are sold there, as they are there."""
    with shop.database.write() as session:
        session.execute(delete(Product))
        made = list(stock_up(session, [good for good, _ in wanted]))
        prices = {product: there for product, (_, there) in zip(made, wanted, strict=True)}
        rows = [
            {"product_id": product, "region_code": "DE", "price": there, "updated_at": NOW}
            for product, there in prices.items()
            if there is not None
        ]
        if rows:
            session.execute(insert(RegionPrice), rows)
    found = zip(made, wanted, strict=True)
    return {product: replace(good, price=there) for product, (good, there) in found if there is not None}


def test_all_pages_counts_and_facets_are_what_plain_python_says(shop: Shop, cache: Cache) -> None:
    with shop.database.write() as session:
        furnish(session)
    fall_back(shop, "IE", "DE")

    @settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
    @given(
        goods().flatmap(lambda made: st.lists(PRICES, min_size=len(made), max_size=len(made)).map(
            lambda prices: list(zip(made, prices, strict=True))
        )),
        filters(),
        st.sampled_from([*SORTS, ProductSort.RELEVANCE]),
        st.sampled_from([1, 2, 100]),
        st.sampled_from(["DE", "IE"]),
    )  # fmt: skip
    def check(
        wanted: list[tuple[Good, Decimal | None]], chosen: dict[str, Any], sort: ProductSort, first: int, region: str
    ) -> None:
        if chosen.get("price_min", 0) > chosen.get("price_max", 9):
            chosen.pop("price_max")
        if sort is ProductSort.RELEVANCE:
            chosen = {"term": "tea", **chosen}
        made, query = sold_for(shop, wanted), PageQuery(sort=sort, first=first, region=region, **chosen)
        away = replace(shop, cache=cache)
        shown = all_pages(away, first, sort=sort, region=region, **chosen)
        should = expected(made, query)
        assert (sorted(shown) if sort is ProductSort.RELEVANCE else shown) == should
        priced = expected(made, PageQuery(region=region, **{**chosen, "price_min": None, "price_max": None}))
        with shop.database.read() as session:
            reader = reading(session, cache)
            page = list_page(reader, query).products
            assert [(each.price, each.currency) for each in page] == [(made[each.id].price, "EUR") for each in page]
            assert count_products(reader, query) == len(should)
            facets = count_facets(reader, query, {"prices", "brands", "inStock"})
        assert {(each.low, each.high): each.count for each in facets.prices} == Counter(
            BANDS[made[each].price] for each in priced
        )
        assert facets.in_stock == sum(made[each].stock > 0 for each in should)
        assert count_wrong_prices(shop.database) == 0

    with time_machine.travel(NOW, tick=False):
        check()


@pytest.mark.parametrize("sort", SORTS)
def test_from_the_cache_a_page_has_the_prices_of_its_region(shop: Shop, product: Make, sort: ProductSort) -> None:
    # given prices that turn the order around
    fall_back(shop, "IE", "DE")
    made = [product(name=f"Tea {number % 2}", price=str(10 + number)) for number in range(5)]
    for number, each in enumerate(made[:4]):
        set_price(shop, each, "DE", str(9 - number // 2))
    # then twice, and the second time from the cache
    pages: dict[str | None, list[list[tuple[UUID, Decimal, str]]]] = {None: [], "DE": [], "IE": [], "FR": []}
    for region in [*pages, *pages]:
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), PageQuery(sort=sort, first=4, region=region))
        pages[region].append([(each.id, each.price, each.currency) for each in page.products])
    for first, second in pages.values():
        assert first == second
    assert {each for each, _, _ in pages["DE"][0]} == set(made[:4])
    assert pages["DE"] == pages["IE"]
    assert pages["FR"] == [[], []]
    assert {currency for _, _, currency in pages["DE"][0]} == {"EUR"}
    assert {currency for _, _, currency in pages[None][0]} == {"USD"}
    if sort is ProductSort.PRICE_ASC:
        assert [each for each, _, _ in pages["DE"][0]] == [*made[2:4], *made[:2]]
    # page after page
    assert all_pages(shop, 3, sort=sort, region="DE") == [each for each, _, _ in pages["DE"][0]]


def test_a_cursor_is_of_one_region(shop: Shop, product: Make) -> None:
    for number in range(3):
        set_price(shop, product(), "DE", str(number))
    with shop.database.read() as session:
        queries = {each: PageQuery(first=1, region=each) for each in (None, "DE")}
        pages = {each: list_page(reading(session, shop.cache), query) for each, query in queries.items()}
    cursors = {each: queries[each].cursors(page.products)[0] for each, page in pages.items()}
    for mine, others in ((None, ("DE", "IE")), ("DE", (None, "IE"))):
        PageQuery(first=1, region=mine, after=cursors[mine])
        for each in others:
            with pytest.raises(InvalidInput):
                PageQuery(first=1, region=each, after=cursors[mine])


def test_without_a_region_filters_say_what_they_said_before() -> None:
    """Whoever has a cursor of the release before goes on with it."""
    assert Filter().said() == (None, None, None, (), (), False, None, None)
    assert Filter(region="DE").said() == (*Filter().said(), "DE")


def test_by_whatever_name_a_product_is_found_only_where_it_is_sold(shop: Shop, product: Make) -> None:
    tea = described(shop, product(), slug="tea", sku="TEA-1", barcode="4006381333931")
    set_price(shop, tea, "DE", "9")
    finds: list[tuple[Callable[..., Any], str]] = [
        (find_product_by_slug, "tea"), (find_product_by_sku, "tea-1"), (find_product_by_barcode, "4006381333931")
    ]  # fmt: skip
    for find, name in finds * 2:
        with shop.database.read() as session:
            reader = reading(session, shop.cache)
            found = {each: find(reader, name, region=each) for each in (None, "DE", "FR")}
        assert {each: one and (one.id, one.price) for each, one in found.items()} == {
            None: (tea, 10), "DE": (tea, 9), "FR": None
        }  # fmt: skip


def test_suggestions_brands_and_lists_of_staff_are_of_the_region(shop: Shop, product: Make) -> None:
    # given a brand that has nothing to sell there
    with shop.database.write() as session:
        furnish(session)
    here, away = product(name="Earl Grey"), product(name="Early Bird")
    described(shop, here, brand_id=BRANDS[0])
    described(shop, away, brand_id=BRANDS[1])
    set_price(shop, here, "DE", "9")
    hidden = described(shop, product(name="Earl Draft"), status=ProductStatus.DRAFT)
    set_price(shop, hidden, "DE", "8")

    def seen(region: str | None) -> dict[str, list[Any]]:
        with shop.database.read() as session:
            reader = reading(session, shop.cache)
            staff = list_staff_page(reader, StaffQuery(region=region)).products
            return {
                "earl": sorted(each.text for each in suggest(reader, "earl", first=5, region=region)),
                # a word in the middle of a name, and a brand's name
                "bird": [each.text for each in suggest(reader, "bird", first=5, region=region)],
                "acme": sorted(each.text for each in suggest(reader, "acme", first=5, region=region)),
                "brands": [each.name for each in list_brands_on_sale(reader, first=5, region=region)],
                "staff": [(each.id, each.price) for each in staff],
                "slip": [each.name for each in list_page(reader, PageQuery(term="earlt", region=region)).products],
            }

    assert seen(None) == {
        "earl": ["Earl Grey", "Early Bird"],
        "bird": ["Early Bird"],
        "acme": ["Acme number0", "Acme number1", "Earl Grey", "Early Bird"],
        "brands": ["Acme number0", "Acme number1"],
        "staff": [(hidden, 10), (away, 10), (here, 10)],
        "slip": ["Early Bird", "Earl Grey"],
    }
    assert seen("DE") == {
        "earl": ["Earl Grey"],
        "bird": [],
        "acme": ["Acme number0", "Earl Grey"],
        "brands": ["Acme number0"],
        "staff": [(hidden, 8), (here, 9)],
        "slip": ["Earl Grey"],
    }
    assert seen("FR") == {"earl": [], "bird": [], "acme": [], "brands": [], "staff": [], "slip": []}


def test_a_term_that_nothing_there_has_is_corrected_by_what_is_sold_there(shop: Shop, product: Make) -> None:
    product(name="Earlt Steel")
    grey = product(name="Early Grey")
    set_price(shop, grey, "DE", "9")
    # alone, and with more conditions, which are then asked whether they or the term found nothing
    for in_stock in (False, True):
        query = PageQuery(term="earlt", region="DE", in_stock=in_stock)
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), query)
        assert [each.id for each in page.products] == [grey]
        assert page.search is not None
        assert page.search.instead is not None


@pytest.mark.parametrize("sort", [ProductSort.PRICE_ASC, ProductSort.PRICE_DESC])
@pytest.mark.parametrize("shelf", [None, "fruit"])
@pytest.mark.parametrize("is_first", [True, False])
def test_by_price_a_page_reads_an_index_and_stops(
    shop: Shop, product: Make, sort: ProductSort, shelf: str | None, *, is_first: bool
) -> None:
    # given a shop of which the index is worth using
    with shop.database.write() as session:
        session.execute(text(_MANY))
        session.execute(text(_IN_REGIONS))
        session.execute(text("ANALYZE products, current_prices, categories"))
    chosen: dict[str, Any] = {"sort": sort, "region": "DE", "first": 20}
    if shelf is not None:
        chosen["category_id"] = category_id(shop, shelf)
    if not is_first:
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), PageQuery(**chosen))
        chosen["after"] = PageQuery(**chosen).cursors(page.products)[-1]
    # when
    statement = page_statement(PageQuery(**chosen), Matching())
    with shop.database.read() as session:
        values = {**statement.values, "now": NOW + timedelta(days=1000)}
        plan = "\n".join(run(session, f"EXPLAIN (ANALYZE, COSTS OFF) {statement.sql}", values).scalars())
    # then
    name = "ix_current_prices_price" if shelf is None else "ix_current_prices_category_price"
    assert re.search(rf"Index (Only )?Scan( Backward)? using {name} on current_prices c", plan), plan
    assert "Seq Scan on current_prices" not in plan
    [read] = re.findall(rf"{name} on current_prices c \(actual time=\S+ rows=([\d.]+) loops=1\)", plan)
    assert float(read) == 21, plan
    condition = re.search(r"Index Cond: (.*)", plan.split(name)[1])
    assert condition is not None
    assert ("ROW(" in condition[1]) == (not is_first), plan


_MANY = """
INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id,
    created_at, updated_at)
SELECT gen_random_uuid(), 'many-' || n || shelf.id, 'Many ' || n, '', 'each', n % 97, 'USD', 0, 'published',
    shelf.id, now() - n * interval '1 minute', now()
FROM generate_series(1, 250) AS n CROSS JOIN (SELECT id FROM categories ORDER BY slug = 'fruit' DESC LIMIT 12) AS shelf
"""
# As the triggers would.
_IN_REGIONS = """
INSERT INTO current_prices (product_id, region_code, price, currency, category_id, status, source)
SELECT id, region, price + 1, 'EUR', category_id, 'published', 'region'
FROM products CROSS JOIN (VALUES ('DE'), ('FR')) AS there (region)
"""
