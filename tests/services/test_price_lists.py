"""Prices kept for all who would be shown the same: whatever they were made of makes them new."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import insert, select

from models import Brand, CustomerTier
from services.catalogue.reader import reading
from services.catalogue.reading import list_products_by_id
from services.pricing import showing
from services.pricing.calculating.calculator import price_each as real
from services.pricing.discounts.customers import announce_customer, customer_facts
from services.pricing.price_lists import PriceList
from services.pricing.region_facts import all_regions
from services.pricing.showing import Looker, show_prices
from tests.services.acting import category_id, change
from tests.services.offers import offer
from tests.support import ALICE, BOB
from wiring import Shop

Make = Callable[..., UUID]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many products were worked out each time somebody looked."""
    seen: list[int] = []

    def price_each(purchase: Any) -> Any:
        seen.append(len(purchase.lines))
        return real(purchase)

    monkeypatch.setattr(showing, "price_each", price_each)
    return seen


def look(shop: Shop, *products: UUID, customer: UUID | None = None, region: str = "US") -> list[Decimal]:
    """What these products cost the customer."""
    with shop.database.read() as session:
        reader = reading(session, shop.cache)
        where = all_regions(reader).require(region)
        code = None if where.is_home else region
        found = [each.in_region(code) for each in list_products_by_id(reader, products).values()]
        goods = {each.id: each for each in found if each is not None}
        shown = show_prices(reader, goods.values(), Looker(customer_facts(reader, customer), where, "UTC"))
        return [shown[product].price for product in products]


def test_what_was_worked_out_serves_all_who_are_alike(shop: Shop, product: Make, counted: list[int]) -> None:
    tea, cup = product(price="10"), product(price="20")
    offer(shop, name="Tenth")
    assert look(shop, tea, cup, customer=ALICE) == [9, 18]
    assert look(shop, tea, cup, customer=BOB) == [9, 18]
    assert look(shop, tea, cup) == [9, 18]
    assert counted == [2]
    mug = product(price="30")
    assert look(shop, tea, mug) == [9, 27]
    assert counted == [2, 1]


def test_another_tier_price_category_or_rule_is_worked_out_anew(shop: Shop, product: Make, counted: list[int]) -> None:
    tea = product(price="10")
    offer(shop, name="Tenth", combines_with=["product"])
    assert look(shop, tea, customer=ALICE) == [9]
    # another tier
    with shop.database.write() as session:
        session.execute(insert(CustomerTier).values(customer_id=ALICE, tier="gold", successful_orders=50))
        announce_customer(session, shop.cache, customer_id=ALICE)
    assert look(shop, tea, customer=ALICE) == [9]
    # another price
    change(shop, "dana", tea, price=Decimal(20))
    assert look(shop, tea, customer=ALICE) == [18]
    # another category
    change(shop, "dana", tea, category_id=category_id(shop, "fruit"))
    assert look(shop, tea, customer=ALICE) == [18]
    # another rule
    offer(shop, name="Half for gold", percent="50", tiers=["gold"], combines_with=["product"])
    assert look(shop, tea, customer=ALICE) == [9]
    assert look(shop, tea, customer=BOB) == [18]
    assert counted == [1, 1, 1, 1, 1, 1]


def test_another_brand_is_worked_out_anew(shop: Shop, product: Make) -> None:
    tea, cup = product(price="10"), product(price="20")
    for each in (tea, cup):
        change(shop, "dana", each, brand="Acme")
    with shop.database.read() as session:
        acme = session.scalars(select(Brand.id).where(Brand.name == "Acme")).one()
    offer(shop, name="Of Acme", percent="50", targets=[{"brand_id": acme}])
    assert look(shop, tea, cup) == [5, 10]
    change(shop, "dana", tea, brand=None)
    assert look(shop, tea, cup) == [10, 10]


def test_what_was_made_by_other_rules_is_let_go(shop: Shop, product: Make) -> None:
    tea = product(price="10")
    for _ in range(20):
        offer(shop)
        for customer in (None, ALICE):
            look(shop, tea, customer=customer)
    made_later = [each for each in gc.get_objects() if isinstance(each, PriceList)]
    assert 0 < len(made_later) <= 2


def test_a_rule_that_opens_ends_what_was_kept(shop: Shop, product: Make, counted: list[int]) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        tea = product(price="10")
        offer(shop, name="Soon", starts_at=NOON + timedelta(seconds=30))
        seen = []
        for seconds in (0, 29, 30, 31):
            clock.move_to(NOON + timedelta(seconds=seconds))
            seen += look(shop, tea)
        assert seen == [10, 10, 9, 9]
        assert counted == [1, 1]


def test_each_region_has_its_own(shop: Shop, product: Make, counted: list[int]) -> None:
    tea = product(price="10", currency="EUR")
    offer(shop, name="Germany", region_codes=["DE"])
    assert [look(shop, tea, region=each) for each in ("DE", "FR", "DE", "FR")] == [[9], [10], [9], [10]]
    assert counted == [1, 1]


def test_a_list_that_is_full_begins_anew_and_no_product_of_the_page_is_lost(
    shop: Shop, product: Make, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.pricing.price_lists._MOST_PRODUCTS", 2)
    one, two, three = (product(price=price) for price in ("10", "20", "30"))
    assert look(shop, one, two) == [10, 20]
    assert look(shop, one, two, three) == [10, 20, 30]
    assert counted == [2, 1]
