"""Changing and removing products: the ledger follows the stock, staff stay in their department."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine

from models.product import ContentUnit, ProductStatus, TaxClass
from models.user import Right
from services.catalogue.products.changing import ProductChange, update_product
from services.catalogue.reader import reading
from services.catalogue.reading import find_product, find_product_by_slug, list_products_by_id
from tests.services.acting import category_id, change, place, remove
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row, stock_of
from tests.services.hiring import entries, hire
from tests.support import ALICE, DANA
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def facts(shop: Shop, product: UUID) -> dict[str, Any]:
    """All columns of the product."""
    row = product_row(shop.database, product)
    assert row is not None
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def unsearched(found: dict[str, Any]) -> dict[str, Any]:
    """Without what the database makes of name, brand, tags and description."""
    return {name: value for name, value in found.items() if name != "search"}


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
    before = unsearched(facts(shop, tea))
    # when
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        change(shop, "dana", tea, **wanted)
    # then
    assert unsearched(facts(shop, tea)) == {**before, column: value, "updated_at": moment, "version": 2}
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
    tea = product(category="fruit", stock=3)
    fruit, produce, cheese, dairy = (
        category_id(shop, slug) for slug in ("fruit", "fresh-produce", "cheese", "dairy-and-eggs")
    )
    made = len(news_of(shop.database, "catalogue.changed"))
    # when
    change(shop, "dana", tea, stock_count=1, unit="y", low_stock_at=9, tax_class=TaxClass.ZERO, name="Product")
    change(shop, "dana", tea, price=Decimal(2))
    change(shop, "dana", tea, price=Decimal(2))
    change(shop, "dana", tea, stock_count=0)
    change(shop, "dana", tea, category_id=cheese)
    # then
    from_fruit: list[UUID | str] = [fruit, produce, "all"]
    both: list[UUID | str] = [*chain_of(fruit, produce, cheese, dairy), "all"]
    assert [each["tags"] for each in news_of(shop.database, "catalogue.changed")[made:]] == [
        [f"product:{tea}", *tags_of("list", from_fruit), *tags_of("stocked", from_fruit)],
        [f"product:{tea}", *tags_of("list", from_fruit), *tags_of("stocked", from_fruit)],
        [f"product:{tea}"],
        [f"product:{tea}", *tags_of("stocked", from_fruit)],
        [f"product:{tea}", *tags_of("list", both), *tags_of("stocked", both)],
    ]


def chain_of(fruit: UUID, produce: UUID, cheese: UUID, dairy: UUID) -> list[UUID]:
    """The categories of two ways up, as they are told: the lower id first."""
    return [fruit, produce, cheese, dairy] if fruit < cheese else [cheese, dairy, fruit, produce]


def tags_of(kind: str, scopes: Sequence[UUID | str]) -> list[str]:
    """The tags of these lists."""
    return [f"{kind}:{each}" for each in scopes]


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "Coffee"},
        {"slug": "coffee"},
        {"description": "Dark."},
        {"status": ProductStatus.DRAFT},
        {"brand": "Acme"},
        {"tags": ["hot"]},
        {"sku": "T1"},
        {"barcode": "96385074"},
        {"publish_from": datetime(2027, 1, 1, tzinfo=UTC)},
        {"publish_until": datetime(2027, 1, 1, tzinfo=UTC)},
    ],
)
def test_whatever_lists_and_searches_look_at_is_told_to_them(shop: Shop, product: Make, wanted: dict[str, Any]) -> None:
    tea = product(name="Tea")
    change(shop, "dana", tea, **wanted)
    assert "list:all" in news_of(shop.database, "catalogue.changed")[-1]["tags"]


def test_what_a_product_can_be_without_is_taken_away_by_nothing(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea")
    bare = unsearched(facts(shop, tea))
    given = {
        "brand": "Acme",
        "sku": "T1",
        "barcode": "96385074",
        "content_amount": Decimal(500),
        "content_unit": ContentUnit.G,
        "publish_from": datetime(2027, 1, 1, tzinfo=UTC),
        "publish_until": datetime(2027, 2, 1, tzinfo=UTC),
        "low_stock_at": 3,
    }
    change(shop, "dana", tea, **given)
    full = facts(shop, tea)
    assert {name: full[name] for name in given if name != "brand"} == {
        name: value for name, value in given.items() if name != "brand"
    }
    # when nothing is said, nothing changes
    change(shop, "dana", tea, unit="each")
    assert facts(shop, tea) == {**full, "updated_at": facts(shop, tea)["updated_at"], "version": 3}
    # then each is taken away, the amount of the content with its unit
    change(shop, "dana", tea, **dict.fromkeys([name for name in given if name != "content_unit"]))
    now = unsearched(facts(shop, tea))
    assert now == {**bare, "updated_at": now["updated_at"], "version": 4}


def test_one_part_of_the_content_or_the_time_is_checked_against_the_other(shop: Shop, product: Make) -> None:
    tea = product()
    change(shop, "dana", tea, content_amount=Decimal(5), content_unit=ContentUnit.G)
    change(shop, "dana", tea, content_unit=ContentUnit.KG, publish_from=datetime(2027, 2, 1, tzinfo=UTC))
    assert facts(shop, tea)["content_unit"] == "kg"
    assert facts(shop, tea)["content_amount"] == Decimal(5)
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        change(shop, "dana", tea, publish_until=datetime(2027, 1, 1, tzinfo=UTC))
    assert refusal.value.details == {"field": "publishUntil"}


def test_a_change_of_a_version_that_is_past_is_refused(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea", price="1.00")
    change(shop, "dana", tea, price=Decimal(2), version=1)
    # then
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        change(shop, "dana", tea, price=Decimal(3), version=1)
    assert refusal.value.details == {"field": "version", "version": 2}
    # and a sale is no change by staff
    place(shop, "alice", (tea, 1))
    change(shop, "dana", tea, price=Decimal(3), version=2)
    assert (facts(shop, tea)["price"], facts(shop, tea)["version"]) == (Decimal(3), 3)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"slug": "coffee"}, "slug"),
        ({"sku": "c1"}, "sku"),
        ({"barcode": "96385074"}, "barcode"),
        ({"barcode": "0000096385074"}, "barcode"),
    ],
)
def test_what_another_product_has_is_refused(shop: Shop, product: Make, wanted: dict[str, Any], field: str) -> None:
    coffee, tea = product(name="Coffee"), product(name="Tea")
    change(shop, "dana", coffee, sku="C1", barcode="96385074")
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        # a brand to be made meanwhile must not bring the refusal forward
        change(shop, "dana", tea, **wanted, brand="Acme")
    assert refusal.value.details == {"field": field}


def test_a_barcode_may_be_written_in_another_length_and_is_shown_as_it_was_written(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    for written in ("036000291452", "0036000291452"):
        change(shop, "dana", tea, barcode=written)
        assert facts(shop, tea)["barcode"] == written


def test_the_audit_log_has_what_differs_and_nothing_else(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    change(shop, "dana", tea, name="Tea", sku="T1", content_amount=Decimal("1.500"), content_unit=ContentUnit.KG)
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.before, noted.after) == (
        "product.changed",
        {"sku": None, "content_amount": None, "content_unit": None},
        {"sku": "T1", "content_amount": "1.5", "content_unit": "kg"},
    )


def test_readers_see_a_change_at_once(shop: Shop, product: Make) -> None:
    # given a product that the cache holds
    tea = product(name="Tea", price="1.00")
    with shop.database.read() as session:
        for _ in range(2):
            kept = find_product(reading(session, shop.cache), tea)
            assert kept is not None
            assert kept.price == Decimal("1.00")
    # when
    change(shop, "dana", tea, price=Decimal("2.00"))
    # then
    with shop.database.read() as session:
        seen = find_product(reading(session, shop.cache), tea)
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
    (InvalidInput, "dana", {"slug": "A b"}, "slug"),
    (InvalidInput, "dana", {"brand": ""}, "brand"),
    (InvalidInput, "dana", {"sku": ""}, "sku"),
    (InvalidInput, "dana", {"barcode": "123"}, "barcode"),
    (InvalidInput, "dana", {"content_unit": ContentUnit.G}, "contentAmount"),
    (InvalidInput, "dana", {"family_id": new_id()}, "familyId"),
    (InvalidInput, "dana", {"low_stock_at": -1}, "lowStockAt"),
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
    with nothing_changed(shop.database, but=("outbox_events", "audit_entries", "search_words", "search_word_variants")):
        tea = product(stock=4)
        change(shop, "dana", tea, stock_count=7)
        # when
        remove(shop, "dana", tea)
    # then
    with shop.database.read() as session:
        assert find_product(reading(session, shop.cache), tea) is None


def test_a_product_that_was_ordered_is_withdrawn(shop: Shop, product: Make) -> None:
    # given
    tea = product(name="Tea", stock=4)
    order_id = place(shop, "alice", (tea, 1))
    # when
    remove(shop, "dana", tea)
    # then shoppers do not see it, orders do, and its ledger stays
    with shop.database.read() as session:
        assert find_product(reading(session, shop.cache), tea) is None
        assert find_product_by_slug(reading(session, shop.cache), "tea") is None
        assert list_products_by_id(reading(session, shop.cache), [tea])[tea].status == "withdrawn"
    assert ledger_of(shop.database, tea) == [(4, "initial", None, DANA), (-1, "order", order_id, ALICE)]


def test_a_withdrawn_product_can_come_back(shop: Shop, product: Make) -> None:
    tea = product(name="Tea")
    place(shop, "alice", (tea, 1))
    remove(shop, "dana", tea)
    remove(shop, "dana", tea)
    change(shop, "dana", tea, status=ProductStatus.PUBLISHED)
    with shop.database.read() as session:
        found = find_product(reading(session, shop.cache), tea)
        assert found is not None
        assert (found.id, found.stock_count, found.slug) == (tea, 9, "tea")


def test_staff_of_another_department_remove_nothing(shop: Shop, product: Make) -> None:
    fruit = product(category="fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        remove(shop, "sam", fruit)
