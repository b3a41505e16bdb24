"""What a write ends and what it leaves: SQL counted, since an answer from the cache needs none."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import redis

from models.product import ProductStatus
from services.catalogue.finding.pages import PageQuery, ProductSort
from services.catalogue.products.changing import ProductChange
from tests.cache.shoppers import category_id, change, delete, names, page, read, reprice
from tests.faults.ordering import place
from tests.support import make_product
from wiring import Shop

Counting = Callable[[], Any]

FRUIT, SHELF_ABOVE, ELSEWHERE = "fruit", "fresh-produce", "cookery-books"


@pytest.fixture
def goods(committing_shop: Shop) -> dict[str, UUID]:
    """Two products of one category and one of another."""
    shop = committing_shop
    with shop.database.write() as session:
        return {
            name: make_product(session, shop.cache, name=name, price=price, category=category)
            for name, price, category in (("Apple", "3", FRUIT), ("Pear", "4", FRUIT), ("Novel", "9", ELSEWHERE))
        }


@pytest.fixture
def lists(committing_shop: Shop) -> dict[str, PageQuery]:
    """The lists in which they may stand, each in the order of prices."""
    found = {slug: category_id(committing_shop, slug) for slug in (FRUIT, SHELF_ABOVE, ELSEWHERE)}
    every: dict[str, UUID | None] = {**found, "all": None}
    return {slug: PageQuery(sort=ProductSort.PRICE_ASC, category_id=scope) for slug, scope in every.items()}


def shown(shop: Shop, lists: dict[str, PageQuery]) -> dict[str, list[str]]:
    return {slug: names(shop, query) for slug, query in lists.items()}


BEFORE = {
    FRUIT: ["Apple", "Pear"],
    SHELF_ABOVE: ["Apple", "Pear"],
    ELSEWHERE: ["Novel"],
    "all": ["Apple", "Pear", "Novel"],
}


def test_a_warm_read_needs_no_sql(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], counted_sql: Counting
) -> None:
    # The first read keeps who stands on a page, the second one keeps those products: their versions were not known
    # before the page was.
    for _ in range(2):
        assert shown(committing_shop, lists) == BEFORE
    read(committing_shop, goods["Apple"])
    with counted_sql() as statements:
        assert shown(committing_shop, lists) == BEFORE
        read(committing_shop, goods["Apple"])
    assert statements == []


def test_an_order_ends_only_what_shows_its_products(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], counted_sql: Counting
) -> None:
    shop = committing_shop
    shown(shop, lists)
    [found] = page(shop, lists[ELSEWHERE])
    page(shop, lists[FRUIT])  # each product is an entry of its own now
    place(shop, [(goods["Apple"], 4)])
    with counted_sql() as statements:
        assert page(shop, lists[ELSEWHERE]) == [found]
        assert read(shop, goods["Novel"]) == found
        pear = read(shop, goods["Pear"])
    assert statements == []
    with counted_sql() as statements:
        apple, same = page(shop, lists[FRUIT])
    assert len(statements) == 1  # one product, by its id: the page itself stays
    assert "%(ids)s" in statements[0]
    assert (apple.stock_count, same) == (6, pear)
    with counted_sql() as statements:
        assert shown(shop, lists) == BEFORE
    assert statements == []


def test_a_new_stock_ends_no_list(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], redis_client: redis.Redis
) -> None:
    shop = committing_shop
    shown(shop, lists)
    versions = {key: redis_client.get(key) for key in redis_client.scan_iter("v:list:*")}
    change(shop, goods["Apple"], ProductChange(stock_count=1, unit="kg"))
    assert len(versions) == 5  # two shelves, what stands above each, everything
    assert {key: redis_client.get(key) for key in versions} == versions
    assert page(shop, lists["all"])[0].stock_count == 1
    assert page(shop, lists["all"])[0].unit == "kg"


def test_a_new_price_ends_the_lists_of_the_category_its_ancestors_and_everything(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], counted_sql: Counting
) -> None:
    shop = committing_shop
    shown(shop, lists)
    page(shop, lists[ELSEWHERE])
    reprice(shop, goods["Apple"], 5)
    with counted_sql() as statements:
        assert names(shop, lists[ELSEWHERE]) == ["Novel"]
    assert statements == []
    turned = ["Pear", "Apple"]
    assert shown(shop, lists) == {**BEFORE, FRUIT: turned, SHELF_ABOVE: turned, "all": [*turned, "Novel"]}


def test_a_price_that_leaves_a_range_leaves_its_page(committing_shop: Shop, goods: dict[str, UUID]) -> None:
    shop, cheap = committing_shop, PageQuery(price_max=Decimal(4), sort=ProductSort.NAME)
    assert names(shop, cheap) == ["Apple", "Pear"]
    reprice(shop, goods["Apple"], 5)
    assert names(shop, cheap) == ["Pear"]
    reprice(shop, goods["Apple"], 4)
    assert names(shop, cheap) == ["Apple", "Pear"]


def test_a_product_that_moves_leaves_one_shelf_and_stands_on_the_other(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery]
) -> None:
    shop = committing_shop
    assert shown(shop, lists) == BEFORE
    change(shop, goods["Apple"], ProductChange(category_id=category_id(shop, ELSEWHERE)))
    assert shown(shop, lists) == {**BEFORE, FRUIT: ["Pear"], SHELF_ABOVE: ["Pear"], ELSEWHERE: ["Apple", "Novel"]}


def test_a_new_product_stands_in_its_lists_at_once(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery]
) -> None:
    shop = committing_shop
    assert shown(shop, lists) == BEFORE
    with shop.database.write() as session:
        make_product(session, shop.cache, name="Fig", price="1", category=FRUIT)
    assert shown(shop, lists) == {
        **BEFORE,
        FRUIT: ["Fig", "Apple", "Pear"],
        SHELF_ABOVE: ["Fig", "Apple", "Pear"],
        "all": ["Fig", "Apple", "Pear", "Novel"],
    }
    assert goods.keys() == {"Apple", "Pear", "Novel"}


@pytest.mark.parametrize("ordered", [False, True], ids=["never ordered", "ordered"])
def test_a_removed_product_vanishes_everywhere(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], ordered: bool
) -> None:
    shop = committing_shop
    if ordered:
        place(shop, [(goods["Apple"], 1)])
    assert shown(shop, lists) == BEFORE
    assert read(shop, goods["Apple"]) is not None
    delete(shop, goods["Apple"])
    for _ in range(2):
        assert read(shop, goods["Apple"]) is None
        assert shown(shop, lists) == {
            **BEFORE,
            FRUIT: ["Pear"],
            SHELF_ABOVE: ["Pear"],
            "all": ["Pear", "Novel"],
        }


def test_a_withdrawn_product_comes_back_when_it_is_published(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], counted_sql: Counting
) -> None:
    shop = committing_shop
    assert shown(shop, lists) == BEFORE
    change(shop, goods["Novel"], ProductChange(status=ProductStatus.WITHDRAWN))
    for _ in range(2):
        assert shown(shop, lists) == {**BEFORE, ELSEWHERE: [], "all": ["Apple", "Pear"]}
        assert read(shop, goods["Novel"]) is None
    with counted_sql() as statements:
        shown(shop, lists)
    assert statements == []  # its lists are kept without it
    change(shop, goods["Novel"], ProductChange(status=ProductStatus.PUBLISHED))
    assert shown(shop, lists) == BEFORE
    assert read(shop, goods["Novel"]) is not None


def test_a_refused_change_ends_nothing(
    committing_shop: Shop, goods: dict[str, UUID], lists: dict[str, PageQuery], redis_client: redis.Redis
) -> None:
    shop = committing_shop
    shown(shop, lists)
    before = {key: redis_client.get(key) for key in redis_client.scan_iter("*")}
    with pytest.raises(Exception, match="at most 2 decimals"):
        change(shop, goods["Apple"], ProductChange(price=Decimal("1.001")))
    assert {key: redis_client.get(key) for key in redis_client.scan_iter("*")} == before
