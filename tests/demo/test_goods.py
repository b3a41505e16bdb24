"""The goods of the demo shop: enough on each shelf, no two alike, all of them believable."""

import re
from collections import Counter
from decimal import Decimal
from itertools import islice
from types import ModuleType

import pytest

from demo import goods_cupboard, goods_fresh, goods_household, goods_leisure, goods_living, goods_media, goods_treats
from demo.goods import GOODS, Good
from demo.labels import barcode_of, content_of, sku_of
from demo.many import NATURAL_NAMES, many_goods
from services.catalogue.products.product_values import checked_barcode, checked_brand, checked_sku, checked_tags
from services.catalogue.seed_data import CATEGORIES

PARENTS = {category.parent_slug for category in CATEGORIES}
LEAVES = {category.slug for category in CATEGORIES} - PARENTS
UNIT = re.compile(
    r"each|pair|bunch"
    r"|(pack|set) of [1-9]\d*"
    r"|([1-9]\d* x )?[1-9]\d*(\.\d)? (g|kg|ml|l|m|sheets)"
)
SHELF_MODULES = (
    goods_fresh,
    goods_cupboard,
    goods_treats,
    goods_household,
    goods_media,
    goods_living,
    goods_leisure,
)


def check_one(good: Good) -> None:
    assert UNIT.fullmatch(good.unit), good
    assert good.price.as_tuple().exponent == -2, good
    assert Decimal("0.50") <= good.price <= Decimal("250.00"), good
    assert good.stock_count > 0, good
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", good.slug), good
    assert good.category_slug in LEAVES, good
    assert good.name == good.name.strip(), good


def test_there_are_369_goods_and_no_two_share_a_name_a_slug_an_id_or_a_description() -> None:
    assert len(GOODS) == 369
    assert len({good.name.casefold() for good in GOODS}) == 369
    assert len({good.slug for good in GOODS}) == 369
    assert len({good.product_id for good in GOODS}) == 369
    assert len({good.description for good in GOODS}) == 369


def test_each_leaf_category_has_at_least_five_goods_and_no_parent_has_any() -> None:
    counted = Counter(good.category_slug for good in GOODS)

    assert set(counted) == LEAVES
    assert [slug for slug, number in counted.items() if number < 5] == []


@pytest.mark.parametrize("module", SHELF_MODULES, ids=lambda module: module.__name__)
def test_each_good_is_believable(module: ModuleType) -> None:
    goods = [good for good in GOODS if good.category_slug in module.SHELVES]

    assert goods
    for good in goods:
        check_one(good)
        assert 30 <= len(good.description) <= 160, good
        assert good.description.endswith("."), good


def test_a_shelf_reads_as_it_is_written() -> None:
    apples = GOODS[0]

    assert (apples.name, apples.unit, apples.price, apples.stock_count, apples.category_slug) == (
        "Gala Apples",
        "1 kg",
        Decimal("3.49"),
        180,
        "fruit",
    )
    assert apples.description == "Crisp, sweet and thin-skinned, and small enough for a lunch box."


def test_an_id_is_the_same_on_every_machine() -> None:
    assert GOODS[0].slug == "gala-apples"
    assert str(GOODS[0].product_id) == "76a6b68d-4073-595b-a016-f96e334faff0"


@pytest.mark.parametrize(
    ("unit", "content"),
    [
        ("1 kg", ("1", "kg")),
        ("2.5 kg", ("2.5", "kg")),
        ("4 x 160 g", ("640", "g")),
        ("6 x 1.5 l", ("9.0", "l")),
        ("10 m", ("10", "m")),
        ("pack of 12", ("12", "piece")),
        ("set of 3", ("3", "piece")),
        ("each", None),
        ("pair", None),
        ("12 x 10 sheets", None),
    ],
)
def test_a_unit_says_what_a_piece_holds(unit: str, content: tuple[str, str] | None) -> None:
    assert content_of(unit) == (None if content is None else (Decimal(content[0]), content[1]))


def test_each_good_has_numbers_of_its_own_that_a_shop_would_take() -> None:
    assert len({sku_of(good.product_id) for good in GOODS}) == 369
    assert len({checked_barcode(barcode_of(good.product_id)) for good in GOODS}) == 369
    for good in GOODS:
        assert checked_sku(sku_of(good.product_id)) == sku_of(good.product_id)
        assert checked_tags(good.tags) == list(good.tags)
        assert good.brand is None or checked_brand(good.brand) == good.brand
    assert {good.brand for good in GOODS if good.category_slug == "fruit"} == {None}
    assert sum(1 for good in GOODS if good.tags) > 50


def test_twenty_thousand_goods_have_twenty_thousand_names_and_stand_on_every_shelf() -> None:
    many = list(many_goods(20_000))

    assert len({good.name.casefold() for good in many}) == 20_000
    assert len({good.slug for good in many}) == 20_000
    assert {good.category_slug for good in many} == LEAVES
    assert {good.slug for good in many}.isdisjoint(good.slug for good in GOODS)
    for good in many:
        check_one(good)


def test_the_many_are_the_same_each_time_and_a_longer_row_begins_with_the_shorter_one() -> None:
    assert list(many_goods(500)) == list(many_goods(500))
    assert list(islice(many_goods(1_000_000), 500)) == list(many_goods(500))


def test_when_natural_names_run_out_a_lot_number_tells_goods_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.many.NATURAL_NAMES", 1000)

    names = [good.name for good in many_goods(2_500)]

    assert NATURAL_NAMES == 1_464_000
    assert len(set(names)) == 2_500
    assert names[1000] == f"{names[0]}, Lot 2"
    assert names[2000] == f"{names[0]}, Lot 3"
