"""Changing and removing products: the ledger follows the stock, staff stay in their department."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine

from models.product import ProductStatus
from models.user import Right
from services.catalogue.reading import find_product, find_product_by_slug, list_products_by_id
from services.catalogue.writing import ProductChange, update_product
from tests.services.acting import category_id, change, place, remove
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row, stock_of
from tests.services.hiring import hire
from tests.support import ALICE, DANA
from utils.errors import DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def facts(shop: Shop, product: UUID) -> dict[str, Any]:
    """All columns of the product."""
    row = product_row(shop.database, product)
    assert row is not None
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


@pytest.mark.parametrize(
    ("wanted", "column", "value"),
    [
        ({"price": Decimal("39.99")}, "price", Decimal("39.99")),
        ({"name": " Coffee "}, "name", "Coffee"),
        ({"description": "Dark."}, "description", "Dark."),
        ({"description": ""}, "description", ""),
        ({"unit": "1 kg"}, "unit", "1 kg"),
        ({"status": ProductStatus.WITHDRAWN}, "status", "withdrawn"),
    ],
)
def test_one_thing_changes_and_the_rest_stays(
    shop: Shop, product: Make, wanted: dict[str, Any], column: str, value: object
) -> None:
    # given
    tea = product(name="Tea", stock=4)
    before = facts(shop, tea)
    # when
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        change(shop, "dana", tea, **wanted)
    # then
    assert facts(shop, tea) == {**before, column: value, "updated_at": moment}
    assert ledger_of(shop.database, tea) == [(4, "initial", None, DANA)]


def test_a_new_stock_is_a_movement_of_the_difference(shop: Shop, product: Make) -> None:
    tea = product(stock=4)
    for count in (10, 10, 0, 1_000_000_000):
        change(shop, "dana", tea, stock_count=count)
    assert stock_of(shop.database, tea) == [1_000_000_000]
    assert ledger_of(shop.database, tea) == [
        (4, "initial", None, DANA),
        (6, "adjustment", None, DANA),
        (-10, "adjustment", None, DANA),
        (1_000_000_000, "adjustment", None, DANA),
    ]


def test_the_news_names_lists_only_when_they_may_look_otherwise(shop: Shop, product: Make) -> None:
    # given
    tea = product(category="fruit")
    fruit, produce, cheese, dairy = (
        str(category_id(shop, slug)) for slug in ("fruit", "fresh-produce", "cheese", "dairy-and-eggs")
    )
    made = len(news_of(shop.database, "catalogue.changed"))
    # when
    change(shop, "dana", tea, stock_count=1, description="x", unit="y")
    change(shop, "dana", tea, price=Decimal(2))
    change(shop, "dana", tea, category_id=UUID(cheese))
    # then
    assert news_of(shop.database, "catalogue.changed")[made:] == [
        {"products": [str(tea)], "lists": []},
        {"products": [str(tea)], "lists": [*sorted([fruit, produce]), "all"]},
        {"products": [str(tea)], "lists": [*sorted([fruit, produce, cheese, dairy]), "all"]},
    ]


def test_readers_see_a_change_at_once(shop: Shop, product: Make) -> None:
    # given a product that the cache holds
    tea = product(name="Tea", price="1.00")
    with shop.database.read() as session:
        for _ in range(2):
            kept = find_product(session, shop.cache, tea)
            assert kept is not None
            assert kept.price == Decimal("1.00")
    # when
    change(shop, "dana", tea, price=Decimal("2.00"))
    # then
    with shop.database.read() as session:
        seen = find_product(session, shop.cache, tea)
        assert seen is not None
        assert seen.price == Decimal("2.00")


BAD: list[tuple[type[DomainError], str, dict[str, Any], str | None]] = [
    (InvalidInput, "dana", {"price": Decimal("-1")}, "price"),
    (InvalidInput, "dana", {"price": Decimal("0.001")}, "price"),
    (InvalidInput, "dana", {"stock_count": -1}, "stockCount"),
    (InvalidInput, "dana", {"stock_count": 1_000_000_001}, "stockCount"),
    (InvalidInput, "dana", {"name": " "}, "name"),
    (InvalidInput, "dana", {"unit": ""}, "unit"),
    (InvalidInput, "dana", {"description": "\0"}, "description"),
    (InvalidInput, "dana", {"category_id": new_id()}, "categoryId"),
    # The first thing would be well; nothing of the change stays.
    (InvalidInput, "dana", {"name": "New", "price": Decimal(2), "stock_count": -1}, "stockCount"),
    (Forbidden, "sam", {"price": Decimal(2)}, None),
    (Forbidden, "alice", {"price": Decimal(2)}, None),
]


@pytest.mark.parametrize(("kind", "who", "wanted", "field"), BAD)
def test_a_refused_change_changes_nothing(
    shop: Shop, product: Make, kind: type[DomainError], who: str, wanted: dict[str, Any], field: str | None
) -> None:
    fruit = product(name="Apple", category="fruit")
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        change(shop, who, fruit, **wanted)
    assert refusal.value.details == ({} if field is None else {"field": field})


def test_staff_move_nothing_into_another_department(shop: Shop, product: Make) -> None:
    own = product(category="everything-else")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        change(shop, "sam", own, category_id=category_id(shop, "fruit"))
    change(shop, "sam", own, price=Decimal(3))
    assert facts(shop, own)["price"] == Decimal(3)


def test_staff_of_two_departments_move_between_them_and_no_further(shop: Shop, product: Make) -> None:
    # given
    kim = hire(shop, "kim", Right.PRODUCTS, departments=("marketplace", "fresh-food")).actor
    tea = product(category="everything-else")

    def move(slug: str) -> None:
        to = ProductChange(category_id=category_id(shop, slug))
        with shop.database.write() as session:
            update_product(session, tea, to, actor=kim, cache=shop.cache)

    # when
    move("fruit")
    # then
    assert facts(shop, tea)["category_id"] == category_id(shop, "fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        move("tea")
    # and back, which staff of one of the two may not
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        change(shop, "sam", tea, category_id=category_id(shop, "everything-else"))
    move("everything-else")
    assert facts(shop, tea)["category_id"] == category_id(shop, "everything-else")


@pytest.mark.parametrize("act", [change, remove])
def test_an_unknown_product_is_not_found(shop: Shop, act: Callable[..., None]) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        act(shop, "dana", new_id())
    assert refusal.value.details == {"field": "productId"}


def test_a_product_never_ordered_is_destroyed_with_its_ledger(shop: Shop, product: Make) -> None:
    # given
    with nothing_changed(shop.database, but=("outbox_events", "audit_entries")):
        tea = product(stock=4)
        change(shop, "dana", tea, stock_count=7)
        # when
        remove(shop, "dana", tea)
    # then
    with shop.database.read() as session:
        assert find_product(session, shop.cache, tea) is None


def test_a_product_that_was_ordered_is_withdrawn(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea", stock=4)
    order_id = place(shop, "alice", (tea, 1))
    # when
    remove(shop, "dana", tea)
    # then shoppers do not see it, orders do, and its ledger stays
    with shop.database.read() as session:
        assert find_product(session, shop.cache, tea) is None
        assert find_product_by_slug(session, "tea") is None
        assert list_products_by_id(session, shop.cache, [tea])[tea].status == "withdrawn"
    assert ledger_of(shop.database, tea) == [(4, "initial", None, DANA), (-1, "order", order_id, ALICE)]


def test_a_withdrawn_product_can_come_back(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    place(shop, "alice", (tea, 1))
    remove(shop, "dana", tea)
    remove(shop, "dana", tea)
    change(shop, "dana", tea, status=ProductStatus.PUBLISHED)
    with shop.database.read() as session:
        found = find_product(session, shop.cache, tea)
        assert found is not None
        assert (found.id, found.stock_count, found.slug) == (tea, 9, "tea")


def test_staff_of_another_department_remove_nothing(shop: Shop, product: Make) -> None:
    fruit = product(category="fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        remove(shop, "sam", fruit)
