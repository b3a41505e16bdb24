"""Products as staff see them: all statuses and times, the newest first, and nothing of it in the cache of shoppers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from sqlalchemy import update

from models import Product
from models.product import ProductStatus
from services.catalogue.finding.pages import PageQuery
from services.catalogue.finding.staff_reading import StaffQuery, find_staff_product, list_staff_page
from services.catalogue.reader import reading
from services.catalogue.reading import list_page
from tests.services.acting import category_id
from utils import clock
from utils.errors import InvalidInput
from wiring import Shop

Make = Callable[..., UUID]


@pytest.fixture
def goods(shop: Shop, product: Make) -> dict[str, UUID]:
    """A product of each status and time, the last made first in the list."""
    later = clock.now() + timedelta(days=1)
    of_each: dict[str, dict[str, Any]] = {
        "Plain": {},
        "Draft": {"status": "draft", "sku": "D-1"},
        "Gone": {"status": "withdrawn", "barcode": "96385074"},
        "Soon": {"publish_from": later},
        "Over": {"publish_until": later - timedelta(days=2)},
    }
    made = {name: product(name=f"{name} Tea", category="fruit") for name in of_each}
    with shop.database.write() as session:
        for name, wanted in of_each.items():
            session.execute(update(Product).where(Product.id == made[name]).values(popularity=0, **wanted))
    return made


def listed(shop: Shop, first: int = 100, **chosen: Any) -> list[str]:
    """The first words of the names on all pages."""
    found: list[str] = []
    after = None
    while True:
        query = StaffQuery(first=first, after=after, **chosen)
        with shop.database.read() as session:
            page = list_staff_page(reading(session, shop.cache), query)
        found += [facts.name.split()[0] for facts in page.products]
        if not page.has_next:
            return found
        after = query.cursors(page.products, page.search)[-1]


@pytest.mark.usefixtures("goods")
@pytest.mark.parametrize("first", [1, 2, 100])
def test_staff_see_everything_the_newest_first(shop: Shop, first: int) -> None:
    assert listed(shop, first) == ["Over", "Soon", "Gone", "Draft", "Plain"]
    assert listed(shop, first, term="tea") == ["Over", "Soon", "Gone", "Draft", "Plain"]
    assert listed(shop, first, category_id=category_id(shop, "fresh-produce"), term="d-1") == ["Draft"]
    assert listed(shop, first, term="96385074") == ["Gone"]
    assert listed(shop, first, term="0000096385074") == ["Gone"]
    assert listed(shop, first, category_id=category_id(shop, "cheese")) == []
    for statuses, expected in (
        ([ProductStatus.DRAFT], ["Draft"]),
        ([ProductStatus.WITHDRAWN, ProductStatus.DRAFT], ["Gone", "Draft"]),
        ([ProductStatus.PUBLISHED], ["Over", "Soon", "Plain"]),
        ([ProductStatus.PUBLISHED, ProductStatus.DRAFT], ["Over", "Soon", "Draft", "Plain"]),
    ):
        assert listed(shop, first, statuses=statuses) == expected


def test_nothing_of_it_comes_from_or_into_the_cache_of_pages(
    shop: Shop, goods: dict[str, UUID], redis_client: redis.Redis
) -> None:
    with shop.database.read() as session:
        assert [facts.id for facts in list_page(reading(session, shop.cache), PageQuery()).products] == [goods["Plain"]]
    keys = set(redis_client.scan_iter())
    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        assert len(list_staff_page(reader, StaffQuery()).products) == 5
    assert reader.versions is None
    assert set(redis_client.scan_iter()) == keys
    with shop.database.read() as session:
        assert [facts.id for facts in list_page(reading(session, shop.cache), PageQuery()).products] == [goods["Plain"]]


def test_cursors_of_staff_and_of_shoppers_are_not_each_others(shop: Shop, goods: dict[str, UUID]) -> None:
    assert goods
    query = StaffQuery(first=2)
    with shop.database.read() as session:
        page = list_staff_page(reading(session, shop.cache), query)
    [*_, cursor] = query.cursors(page.products, page.search)
    assert StaffQuery(after=cursor).after == cursor
    with pytest.raises(InvalidInput):
        PageQuery(after=cursor)
    with pytest.raises(InvalidInput):
        StaffQuery(after=cursor, statuses=[ProductStatus.DRAFT])


def test_look_ups_by_every_name(shop: Shop, goods: dict[str, UUID]) -> None:
    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        assert find_staff_product(reader, "slug", "draft-tea") == goods["Draft"]
        assert find_staff_product(reader, "sku", "d-1") == goods["Draft"]
        for barcode in ("96385074", " 0000096385074"):
            assert find_staff_product(reader, "barcode", barcode) == goods["Gone"]
        assert find_staff_product(reader, "barcode", "d-1") is None
        assert find_staff_product(reader, "slug", "a\0") is None
        assert reader.versions is None
