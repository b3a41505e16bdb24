"""The cache's exactness by region: a price of one region shows there at once, and leaves the others as they are."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.products.variants import list_families_by_id, list_on_sale
from services.catalogue.reader import reading
from services.catalogue.shelves.windows import list_shown
from tests.cache.shoppers import category_id, killed, page, reprice
from tests.services.regional import fall_back, remove_price, set_price, told_in
from tests.services.test_collection_order import create
from tests.services.test_families import create as create_family
from tests.services.test_families import join
from wiring import Shop

Make = Callable[..., UUID]
REGIONS = (None, "DE", "IE", "FR", "CA")


def told(shop: Shop, product: UUID) -> dict[str | None, str | None]:
    return {region: told_in(shop, product, region) for region in REGIONS}


def pages(shop: Shop) -> dict[str | None, list[tuple[str, str]]]:
    """The cheapest first, in every region."""
    return {
        region: [
            (each.name, f"{each.price:.2f}")
            for each in page(shop, PageQuery(sort=ProductSort.PRICE_ASC, region=region))
        ]
        for region in REGIONS
    }


def test_the_next_read_is_new_there_and_where_it_is_fallen_back_to(shop: Shop, product: Make) -> None:
    # given, all of it read before
    fall_back(shop, "IE", "DE")
    tea, rice = product(name="Tea", price="10"), product(name="Rice", price="5")
    set_price(shop, tea, "DE", "9")
    set_price(shop, rice, "DE", "8")
    usual = {None: "10.00 USD", "DE": "9.00 EUR", "IE": "9.00 EUR", "FR": None, "CA": None}
    assert told(shop, tea) == told(shop, tea) == usual
    both = [("Rice", "8.00"), ("Tea", "9.00")]
    home = [("Rice", "5.00"), ("Tea", "10.00")]
    assert pages(shop) == pages(shop) == {None: home, "DE": both, "IE": both, "FR": [], "CA": []}
    # when, then
    set_price(shop, tea, "DE", "7")
    assert told(shop, tea) == {**usual, "DE": "7.00 EUR", "IE": "7.00 EUR"}
    both = [("Tea", "7.00"), ("Rice", "8.00")]
    assert pages(shop) == {None: home, "DE": both, "IE": both, "FR": [], "CA": []}
    set_price(shop, tea, "IE", "12")
    assert told(shop, tea) == {**usual, "DE": "7.00 EUR", "IE": "12.00 EUR"}
    assert pages(shop)["IE"] == [("Rice", "8.00"), ("Tea", "12.00")]
    remove_price(shop, tea, "DE")
    assert told(shop, tea) == {**usual, "DE": None, "IE": "12.00 EUR"}
    assert pages(shop)["DE"] == [("Rice", "8.00")]
    remove_price(shop, tea, "IE")
    assert pages(shop)["IE"] == [("Rice", "8.00")]
    set_price(shop, rice, "CA", "6")
    assert pages(shop)["CA"] == [("Rice", "6.00")]


def test_a_products_own_price_shows_in_every_region_that_has_none(shop: Shop, product: Make) -> None:
    tea = product(name="Tea", price="10", currency="EUR")
    set_price(shop, tea, "DE", "9")
    assert told(shop, tea) == {
        None: "10.00 EUR", "DE": "9.00 EUR", "IE": "10.00 EUR", "FR": "10.00 EUR", "CA": None
    }  # fmt: skip
    assert pages(shop)["FR"] == [("Tea", "10.00")]
    reprice(shop, tea, 4)
    assert told(shop, tea) == {None: "4.00 EUR", "DE": "9.00 EUR", "IE": "4.00 EUR", "FR": "4.00 EUR", "CA": None}
    assert (pages(shop)["FR"], pages(shop)["DE"]) == ([("Tea", "4.00")], [("Tea", "9.00")])


@pytest.mark.parametrize("in_category", [True, False])
def test_pages_of_categories_too(shop: Shop, product: Make, *, in_category: bool) -> None:
    apple = product(name="Apple", category="fruit")
    shelf = category_id(shop, "fresh-produce") if in_category else None
    query = PageQuery(region="DE", category_id=shelf)
    assert page(shop, query) == page(shop, query) == []
    set_price(shop, apple, "DE", "2")
    assert [each.price for each in page(shop, query)] == [2]
    remove_price(shop, apple, "DE")
    assert page(shop, query) == []


def test_what_is_set_already_is_announced_again(shop: Shop, product: Make) -> None:
    """Whoever set it first may have died before the cache was told."""
    tea = product(name="Tea")
    assert told_in(shop, tea, "DE") is None
    set_price(killed(shop), tea, "DE", "3")
    assert told_in(shop, tea, "DE") is None
    set_price(shop, tea, "DE", "3")
    assert told_in(shop, tea, "DE") == "3.00 EUR"


def test_variants_and_collections_show_what_is_sold_there(shop: Shop, product: Make) -> None:
    # given three of a family, which also stand in a collection
    made = [product(name=f"Tea {number}") for number in range(3)]
    window, family = create(shop, *made), create_family(shop)
    for number, each in enumerate(made):
        join(shop, each, family, Size=str(number))
    set_price(shop, made[1], "DE", "3")

    def shown(region: str | None) -> Any:
        with shop.database.read() as session:
            reader = reading(session, shop.cache)
            first = list_shown(reader, [window], first=2, region=region)[window]
            families = list_families_by_id(reader, [family])
            siblings = list_on_sale(reader, [families[family]], region=region)[family]
        return [(each.id, each.price) for each in first], [(each.id, each.price) for each in siblings]

    for _ in range(2):
        assert shown(None) == ([(each, 10) for each in made[:2]], [(each, 10) for each in made])
        assert shown("DE") == ([(made[1], 3)], [(made[1], 3)])
        assert shown("FR") == ([], [])
    set_price(shop, made[2], "DE", "2")
    assert shown("DE") == ([(made[1], 3), (made[2], 2)],) * 2
