"""Making products: what is filled in, what is refused, and how slugs stay unique."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.catalogue.writing import ProductDraft, create_product, slug_of
from tests.services.acting import category_id
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row
from tests.support import DANA, SAM, actor_for
from utils.errors import Forbidden, InvalidInput
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def create(shop: Shop, who: str = "dana", *, currency: str = "USD", **wanted: Any) -> UUID:
    """Makes a product that costs 1 and is there 5 times unless told otherwise."""
    draft = ProductDraft(**{"price": Decimal(1), "stock_count": 5, **wanted})
    actor = actor_for(shop, who)
    with shop.database.write() as session:
        return create_product(session, draft, actor=actor, cache=shop.cache, currency=currency)


def test_price_and_stock_are_enough(shop: Shop) -> None:
    # when
    made = create(shop, "sam", price=Decimal("29.99"), stock_count=100)
    # then
    row = product_row(shop.database, made)
    assert row is not None
    tail = made.hex[-12:]
    assert (row.name, row.slug, row.unit, row.description) == (f"Product {tail}", f"product-{tail}", "each", "")
    assert (row.price, row.currency, row.stock_count, row.status) == (Decimal("29.99"), "USD", 100, "published")
    assert row.category_id == category_id(shop, "everything-else")
    assert row.created_at == row.updated_at
    assert ledger_of(shop.database, made) == [(100, "initial", None, SAM)]


def test_everything_can_be_said(shop: Shop) -> None:
    made = create(
        shop, name=" Tea ", description="Black.\nStrong.", unit="500 g", category_id=category_id(shop, "fruit")
    )
    row = product_row(shop.database, made)
    assert row is not None
    assert (row.name, row.slug, row.unit, row.description) == ("Tea", "tea", "500 g", "Black.\nStrong.")
    assert row.category_id == category_id(shop, "fruit")


def test_the_news_names_the_lists_of_the_category_its_ancestors_and_of_everything(shop: Shop) -> None:
    fruit, produce = category_id(shop, "fruit"), category_id(shop, "fresh-produce")
    made = create(shop, category_id=fruit)
    assert news_of(shop.database, "catalogue.changed") == [
        {"products": [str(made)], "lists": [*sorted([str(fruit), str(produce)]), "all"]}
    ]


def test_no_stock_makes_no_row_in_the_ledger(shop: Shop) -> None:
    assert ledger_of(shop.database, create(shop, stock_count=0)) == []


@pytest.mark.parametrize(
    ("currency", "price"),
    [("USD", "0"), ("USD", "0.01"), ("JPY", "150"), ("KWD", "0.125"), ("USD", "99999999999.99"), ("USD", "1.5000")],
)
def test_prices_in_whole_coins_are_taken(shop: Shop, currency: str, price: str) -> None:
    row = product_row(shop.database, create(shop, currency=currency, price=Decimal(price)))
    assert row is not None
    assert (row.price, row.currency) == (Decimal(price), currency)


LARGEST = 1_000_000_000
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"price": Decimal("-0.01")}, "price", "price must not be negative."),
    ({"price": Decimal("0.001")}, "price", "price must have at most 2 decimals in USD."),
    ({"price": Decimal("1.5"), "currency": "JPY"}, "price", "price must have at most 0 decimals in JPY."),
    ({"price": Decimal("0.0001"), "currency": "KWD"}, "price", "price must have at most 3 decimals in KWD."),
    ({"stock_count": -1}, "stockCount", "stockCount must be from 0 to 1000000000."),
    ({"stock_count": LARGEST + 1}, "stockCount", "stockCount must be from 0 to 1000000000."),
    ({"name": ""}, "name", "name must not be empty."),
    ({"name": "a" * 201}, "name", "name must have at most 200 characters."),
    ({"name": "a\0b"}, "name", "name must not contain control characters."),
    ({"unit": " "}, "unit", "unit must not be empty."),
    ({"unit": "a" * 41}, "unit", "unit must have at most 40 characters."),
    ({"description": "a" * 10_001}, "description", "description must have at most 10000 characters."),
    ({"description": "a\x1bb"}, "description", "description must not contain control characters."),
    ({"category_id": new_id()}, "categoryId", "There is no such category."),
]


@pytest.mark.parametrize(("wanted", "field", "message"), BAD)
def test_bad_values_are_refused(shop: Shop, wanted: dict[str, Any], field: str, message: str) -> None:
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        create(shop, **wanted)
    assert (refusal.value.message, refusal.value.details) == (message, {"field": field})


def test_the_largest_values_are_taken(shop: Shop) -> None:
    made = create(shop, stock_count=LARGEST, name="a" * 200, unit="b" * 40, description="c" * 10_000)
    row = product_row(shop.database, made)
    assert row is not None
    assert (row.stock_count, len(row.name), len(row.unit), len(row.description)) == (LARGEST, 200, 40, 10_000)
    assert row.slug == "a" * 80


@pytest.mark.parametrize("who", ["alice", "sam"])
def test_only_staff_of_the_department_make_its_products(shop: Shop, who: str) -> None:
    fruit = category_id(shop, "fruit")
    with nothing_changed(shop.database), pytest.raises(Forbidden) as refusal:
        create(shop, who, category_id=fruit)
    assert refusal.value.message == "This belongs to another department."
    assert ledger_of(shop.database, create(shop, "dana", category_id=fruit)) == [(5, "initial", None, DANA)]


def test_products_of_one_name_have_slugs_of_their_own(shop: Shop) -> None:
    made = [create(shop, name=name) for name in ("Green Tea", "Green Tea", "green-tea!", "Gréen  Tea")]
    rows = [product_row(shop.database, each) for each in made]
    assert [row.slug if row else None for row in rows] == [
        "green-tea",
        *(f"green-tea-{each.hex[-12:]}" for each in made[1:]),
    ]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tea", "tea"),
        ("Crème Brûlée, 4 \N{MULTIPLICATION SIGN} 100 g", "creme-brulee-4-100-g"),
        ("  --Ham & Eggs--  ", "ham-eggs"),
        ("北京烤鸭", "product"),
        ("\N{GRINNING FACE}", "product"),
        ("Straße ½", "strae-12"),
        ("a" * 79 + " b", "a" * 79),
        ("x" * 200, "x" * 80),
    ],
)
def test_slugs_are_plain_words(name: str, slug: str) -> None:
    assert slug_of(name) == slug
