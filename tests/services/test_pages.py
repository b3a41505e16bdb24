"""Pages of products: every order, every filter, no product twice and none lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine

from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import reading
from services.catalogue.reading import count_products, list_page
from tests.services.acting import category_id, place, remove
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
KEYS: dict[ProductSort, Callable[[ProductFacts], Any]] = {
    ProductSort.NEWEST: lambda facts: facts.created_at,
    ProductSort.PRICE_ASC: lambda facts: facts.price,
    ProductSort.PRICE_DESC: lambda facts: facts.price,
    ProductSort.NAME: lambda facts: facts.name,
    ProductSort.POPULARITY: lambda facts: facts.popularity,
}
START = datetime(2026, 3, 1, tzinfo=UTC)


def stocked(product: Make, count: int = 23) -> list[UUID]:
    """So many products of three names, four prices and five moments: most have equals in every order."""
    made = []
    for number in range(count):
        with time_machine.travel(START + timedelta(hours=number % 5), tick=False):
            made.append(product(name=f"{'abc'[number % 3]}é", price=f"{number % 4}.50"))
    return made


def all_pages(shop: Shop, first: int, between: Callable[[], object] = lambda: None, **chosen: Any) -> list[UUID]:
    """The ids on all pages from the first to the last; `between` is done after each."""
    found: list[UUID] = []
    after = None
    while True:
        query = PageQuery(first=first, after=after, **chosen)
        with shop.database.read() as session:
            page = list_page(reading(session, shop.cache), query)
        found.extend(facts.id for facts in page.products)
        if not page.has_next:
            return found
        assert len(page.products) == first
        after = query.cursors(page.products, page.search)[-1]
        between()


def in_order(shop: Shop, sort: ProductSort, ids: list[UUID]) -> list[UUID]:
    """The products as this order says, equal ones by id."""
    with shop.database.read() as session:
        facts = list_page(reading(session, shop.cache), PageQuery(first=100)).products
    chosen = [each for each in facts if each.id in set(ids)]
    down = sort in (ProductSort.NEWEST, ProductSort.PRICE_DESC, ProductSort.POPULARITY)
    return [each.id for each in sorted(chosen, key=lambda each: (KEYS[sort](each), each.id), reverse=down)]


@pytest.mark.parametrize("sort", KEYS)
@pytest.mark.parametrize("first", [1, 5, 22, 23, 100])
def test_all_pages_together_are_the_whole_list(shop: Shop, product: Make, sort: ProductSort, first: int) -> None:
    made = stocked(product)
    expected = in_order(shop, sort, made)
    assert len(expected) == 23
    assert all_pages(shop, first, sort=sort) == expected
    # and once more from the cache
    assert all_pages(shop, first, sort=sort) == expected


@pytest.mark.parametrize("sort", KEYS)
def test_what_comes_in_between_loses_and_doubles_nothing(shop: Shop, product: Make, sort: ProductSort) -> None:
    # given
    made = stocked(product)
    came: list[UUID] = []

    def insert() -> None:
        came.extend(product(name=name, price=price) for name, price in (("aé", "0.50"), ("cé", "3.50"), ("bé", "1.50")))

    # when products with equal names and prices are inserted between all pages
    seen = all_pages(shop, 4, between=insert, sort=sort)
    # then
    assert len(seen) == len(set(seen))
    assert [each for each in seen if each not in came] == in_order(shop, sort, made)


def test_what_is_withdrawn_in_between_is_not_seen_and_hides_nothing(shop: Shop, product: Make) -> None:
    # given
    made = in_order(shop, ProductSort.NAME, stocked(product))
    place(shop, "alice", (made[3], 1))
    # when the product that the first page ended with goes before the second page is asked for
    query = PageQuery(first=4, sort=ProductSort.NAME)
    with shop.database.read() as session:
        cursor = query.cursors(list_page(reading(session, shop.cache), query).products)[-1]
    remove(shop, "dana", made[3])
    # then
    with shop.database.read() as session:
        page = list_page(reading(session, shop.cache), PageQuery(first=4, sort=ProductSort.NAME, after=cursor))
        assert [facts.id for facts in page.products] == made[4:8]
        everything = list_page(reading(session, shop.cache), PageQuery(first=100)).products
        assert made[3] not in {facts.id for facts in everything}


@pytest.mark.parametrize("sort", KEYS)
def test_a_category_stands_for_its_descendants(shop: Shop, product: Make, sort: ProductSort) -> None:
    # given
    fruit = [product(name="Apple", category="fruit") for _ in range(3)]
    herbs = [product(name="Basil", category="salads-and-herbs") for _ in range(2)]
    produce = [product(name="Box", category="fresh-produce")]
    product(name="Cheese", category="cheese")
    # then
    ids = {slug: category_id(shop, slug) for slug in ("fresh-produce", "fruit", "yoghurt")}
    assert all_pages(shop, 2, sort=sort, category_id=ids["fresh-produce"]) == in_order(
        shop, sort, fruit + herbs + produce
    )
    assert all_pages(shop, 2, sort=sort, category_id=ids["fruit"]) == in_order(shop, sort, fruit)
    assert all_pages(shop, 2, sort=sort, category_id=ids["yoghurt"]) == []
    assert all_pages(shop, 2, sort=sort, category_id=new_id()) == []


@pytest.mark.parametrize(
    ("low", "high", "prices"),
    [
        (None, None, ["0.99", "1.00", "1.01", "2.00"]),
        ("1", None, ["1.00", "1.01", "2.00"]),
        (None, "1.00", ["0.99", "1.00"]),
        ("1.00", "1.01", ["1.00", "1.01"]),
        ("1.005", "1.01", ["1.01"]),
        ("3", None, []),
        ("-5", "0", []),
        ("0.0000000000000000000001", "99999999999.999", ["0.99", "1.00", "1.01", "2.00"]),
    ],
)
def test_price_bounds_are_inclusive(
    shop: Shop, product: Make, low: str | None, high: str | None, prices: list[str]
) -> None:
    # given
    made = {price: product(price=price) for price in ("2.00", "1.01", "0.99", "1.00")}
    chosen: dict[str, Any] = {
        "price_min": None if low is None else Decimal(low),
        "price_max": None if high is None else Decimal(high),
    }
    # then
    assert all_pages(shop, 1, sort=ProductSort.PRICE_ASC, **chosen) == [made[price] for price in prices]
    with shop.database.read() as session:
        assert count_products(reading(session, shop.cache), PageQuery(**chosen)) == len(prices)


def test_conditions_hold_together_and_the_count_is_of_all_pages(shop: Shop, product: Make) -> None:
    # given
    wanted = [product(price="2.00", category="fruit") for _ in range(3)]
    product(price="9.00", category="fruit")
    product(price="2.00", category="cheese")
    chosen: dict[str, Any] = {"category_id": category_id(shop, "fresh-produce"), "price_max": Decimal("2")}
    # then
    assert all_pages(shop, 2, **chosen) == wanted[::-1]
    with shop.database.read() as session:
        assert count_products(reading(session, shop.cache), PageQuery(first=2, **chosen)) == 3


def test_an_empty_shop_has_one_empty_page(shop: Shop) -> None:
    assert all_pages(shop, 20) == []
