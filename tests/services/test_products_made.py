"""Making products: what is filled in, what is refused, and how slugs stay unique."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from models.product import ContentUnit, ProductStatus, TaxClass
from services.catalogue.products.brands import list_brands
from services.catalogue.products.families import Option, create_family
from services.catalogue.products.making import ProductDraft, create_product
from services.catalogue.products.product_records import AUDITED
from services.catalogue.products.product_values import slug_of
from services.catalogue.reader import reading
from services.catalogue.reading import list_products_by_id
from tests.services.acting import category_id
from tests.services.evidence import ledger_of, news_of, nothing_changed, product_row
from tests.services.hiring import entries
from tests.support import ADMIN, DANA, SAM, actor_for
from utils.errors import Conflict, Forbidden, InvalidInput
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
    scopes = (fruit, produce, "all")
    assert news_of(shop.database, "catalogue.changed") == [
        {
            "tags": [
                f"product:{made}",
                *(f"list:{each}" for each in scopes),
                *(f"stocked:{each}" for each in scopes),
            ]
        }
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
LATER = datetime(2027, 1, 1, tzinfo=UTC)
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
    ({"slug": "Tea"}, "slug", "slug must be of lower-case letters and digits with hyphens between, at most 80."),
    ({"brand": " "}, "brand", "brand must not be empty."),
    ({"sku": "t\u00e9"}, "sku", "sku must be of printable ASCII characters, at most 64."),
    ({"barcode": "4006381333932"}, "barcode", "barcode has a wrong check digit."),
    ({"tags": [str(number) for number in range(21)]}, "tags", "A product has at most 20 tags."),
    ({"content_amount": Decimal(1)}, "contentAmount", "contentAmount and contentUnit go together."),
    ({"publish_from": LATER, "publish_until": LATER}, "publishUntil", "publishFrom must be before publishUntil."),
    ({"family_id": new_id(), "options": [Option("a", "b")]}, "familyId", "There is no such family."),
    ({"options": [Option("a", "b")]}, "options", "options need a family."),
    ({"low_stock_at": -1}, "lowStockAt", "lowStockAt must be from 0 to 1000000000."),
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


def test_a_slug_that_was_asked_for_is_taken_or_refused(shop: Shop) -> None:
    made = create(shop, name="Tea", slug="black-tea")
    row = product_row(shop.database, made)
    assert row is not None
    assert row.slug == "black-tea"
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        create(shop, name="Other", slug="black-tea")
    assert refusal.value.details == {"field": "slug"}


def test_a_product_in_all_it_can_be(shop: Shop) -> None:
    with shop.database.write() as session:
        family = create_family(session, "Tea", options=["Size"], actor=ADMIN, cache=shop.cache)
    begin, end = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
    made = create(
        shop,
        name="Tea",
        status=ProductStatus.DRAFT,
        brand="  Acme   Foods ",
        sku=" TEA-1 ",
        barcode="4006381333931",
        tags=["Hot", " hot ", "Black  Tea"],
        tax_class=TaxClass.REDUCED,
        content_amount=Decimal("0.5"),
        content_unit=ContentUnit.KG,
        publish_from=begin,
        publish_until=end,
        family_id=family,
        options=[Option("size", " Large ")],
        low_stock_at=3,
    )
    row = product_row(shop.database, made)
    assert row is not None
    assert (row.status, row.sku, row.barcode, row.tags) == ("draft", "TEA-1", "4006381333931", ["hot", "black tea"])
    assert (row.tax_class, row.content_amount, row.content_unit) == ("reduced", Decimal("0.5"), "kg")
    assert (row.publish_from, row.publish_until, row.low_stock_at, row.version) == (begin, end, 3, 1)
    assert (row.family_id, row.option_values) == (family, ["Large"])
    with shop.database.read() as session:
        found = list_products_by_id(reading(session, shop.cache), [made])[made]
        assert found.brand is not None
        assert (found.brand.name, found.brand.slug) == ("Acme Foods", "acme-foods")
        assert found.options == [("Size", "Large")]
        noted = [each for each in entries(shop.database) if each.action == "product.created"][-1]
    assert noted.after is not None
    assert set(noted.after) == set(AUDITED)
    assert (noted.after["sku"], noted.after["publish_from"], noted.after["content_amount"]) == (
        "TEA-1",
        "2027-01-01T00:00:00+00:00",
        "0.5",
    )


@pytest.mark.parametrize(
    ("taken", "wanted", "field"),
    [
        ({"sku": "tea-1"}, {"sku": "TEA-1"}, "sku"),
        ({"barcode": "96385074"}, {"barcode": "96385074"}, "barcode"),
        ({"barcode": "036000291452"}, {"barcode": "0036000291452"}, "barcode"),
        ({"barcode": "00000096385074"}, {"barcode": "96385074"}, "barcode"),
    ],
)
def test_what_another_product_has_is_refused(
    shop: Shop, taken: dict[str, Any], wanted: dict[str, Any], field: str
) -> None:
    create(shop, **taken)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        create(shop, **wanted)
    assert refusal.value.details == {"field": field}


def test_a_brand_is_one_whatever_the_case_of_its_letters(shop: Shop) -> None:
    made = [create(shop, brand=name) for name in ("Acme Foods", "ACME  foods", "Acme-Foods")]
    rows = [product_row(shop.database, each) for each in made]
    brands = [row.brand_id for row in rows if row is not None]
    assert brands[0] == brands[1] != brands[2]
    with shop.database.read() as session:
        names = [(each.name, each.slug) for each in list_brands(session, first=10)]
        # the slug was taken
        assert names == [
            ("Acme Foods", "acme-foods"),
            ("Acme-Foods", f"acme-foods-{str(brands[2]).replace('-', '')[-12:]}"),
        ]
        for begun, found in (("acme F", ["Acme Foods"]), ("b", []), ("%", []), ("a\0", [])):
            listed = list_brands(session, first=1, starts_with=begun)
            assert [each.name for each in listed] == found


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
