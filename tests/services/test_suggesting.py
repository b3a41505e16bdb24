"""Suggestions while somebody types: what begins so, and what has such words in its name."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from models import Brand
from services.catalogue.finding.suggesting import SuggestionKind, suggest
from services.catalogue.reader import reading
from tests.support import described
from utils import clock
from utils.errors import InvalidInput
from wiring import Shop

Make = Callable[..., UUID]


def brand(shop: Shop, name: str) -> UUID:
    with shop.database.write() as session:
        made = Brand(slug=name.lower(), name=name, created_at=clock.now())
        session.add(made)
        session.flush()
        return session.scalars(select(Brand.id).where(Brand.name == name)).one()


def suggested(shop: Shop, term: str, first: int = 8) -> list[tuple[str, str]]:
    """Kind and name of each."""
    with shop.database.read() as session:
        found = suggest(reading(session, shop.cache), term, first=first)
    return [(each.kind.value, each.text) for each in found]


@pytest.fixture
def stocked(shop: Shop, product: Make) -> None:
    """A brand, and products of which the second is the most popular."""
    fruitful = brand(shop, "Fruitful")
    brand(shop, "Fruitless")
    described(shop, product(name="Fruit Salad"), brand_id=fruitful, popularity=1)
    described(shop, product(name="Früit Tea"), popularity=5)
    described(shop, product(name="Dried Fruit"), popularity=9)
    described(shop, product(name="Fruit Wine"), status="draft")
    product(name="Teapot")


@pytest.mark.usefixtures("stocked")
def test_categories_then_brands_then_products_the_most_popular_first(shop: Shop) -> None:
    expected = [
        ("category", "Frozen Fruit and Vegetables"),
        ("category", "Fruit"),
        ("brand", "Fruitful"),
        ("product", "Früit Tea"),
        ("product", "Fruit Salad"),
        ("product", "Dried Fruit"),
    ]
    for term in ("fruit", "FRU", " frui ", "Früit"):
        assert suggested(shop, term) == expected
    assert suggested(shop, "fruit", first=4) == expected[:4]
    assert suggested(shop, "fruit", first=1) == expected[:1]


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("fruit s", [("product", "Fruit Salad")]),
        ("fruit sa", [("product", "Fruit Salad")]),
        ("fruit te", [("product", "Früit Tea")]),
        ("tea fru", [("product", "Früit Tea")]),
        ("dried fr", [("product", "Dried Fruit")]),
        ("fr dried", []),
        ("te", [("category", "Tea"), ("product", "Teapot"), ("product", "Früit Tea")]),
        ("f", []),
        ("", []),
        ("  ", []),
        ("%%", []),
        ("__", []),
        ("\\'", []),
        ("xylophone", []),
        ("a" * 200, []),
    ],
)
def test_words_in_the_middle_are_found_by_their_beginning(
    shop: Shop, term: str, expected: list[tuple[str, str]]
) -> None:
    assert suggested(shop, term) == expected


@pytest.mark.parametrize(
    "term", ["earl gr", "leaf gr", "loose-leaf gr", "Earl  GRE", "earl grey", "the earl gr", "grey ea"]
)
def test_the_end_of_a_word_is_looked_for_beside_the_others(shop: Shop, product: Make, term: str) -> None:
    """More words begin so than are looked for one by one, and grey is not among the first of the alphabet."""
    grey = [("product", "Loose-Leaf Earl Grey")]
    product(name="Loose-Leaf Earl Grey")
    for begin in ("gra", "ea"):
        product(name="Other " + " ".join(f"{begin}{a}{b}" for a in "bcdfg" for b in "aeiou"))
    described(shop, product(name="Old Earl Greyling"), status="draft")
    assert suggested(shop, term) == grey


def test_a_beginning_alone_is_found_in_the_middle_of_names(shop: Shop, product: Make) -> None:
    product(name="Other " + " ".join(f"gra{a}{b}" for a in "bcdfg" for b in "aeiou"))
    product(name="Earl Grey")
    assert ("product", "Earl Grey") in suggested(shop, "gr", first=20)
    # English leaves less of a word than was typed
    product(name="Dark Chocolates")
    assert suggested(shop, "dark chocolat") == suggested(shop, "dark chocolates") == [("product", "Dark Chocolates")]
    assert ("product", "Dark Chocolates") in suggested(shop, "chocolat")


def test_a_brand_without_anything_on_sale_is_not_suggested(shop: Shop, product: Make) -> None:
    acme = brand(shop, "Acme")
    pen = described(shop, product(name="Pen"), brand_id=acme, status="withdrawn")
    assert suggested(shop, "acme") == []
    described(shop, pen, status="published")
    assert suggested(shop, "acme") == [("brand", "Acme"), ("product", "Pen")]


def test_a_suggestion_names_what_it_leads_to(shop: Shop, product: Make) -> None:
    pen = product(name="Penholder")
    with shop.database.read() as session:
        [found] = suggest(reading(session, shop.cache), "penh", first=8)
    assert (found.kind, found.id, found.brand) == (SuggestionKind.PRODUCT, pen, None)


@pytest.mark.parametrize(
    ("term", "first", "field"),
    [("tea", 0, "first"), ("tea", -1, "first"), ("tea", 21, "first"), ("a\0", 8, "term"), ("a" * 201, 8, "term")],
)
def test_bad_questions_are_refused(shop: Shop, term: str, first: int, field: str) -> None:
    with shop.database.read() as session, pytest.raises(InvalidInput) as refusal:
        suggest(reading(session, shop.cache), term, first=first)
    assert refusal.value.details == {"field": field}
