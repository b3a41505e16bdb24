"""Brands: renamed on all of their products, and in what a search finds them by."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from models import Brand, Product
from services.catalogue.finding.facets import count_facets
from services.catalogue.finding.pages import PageQuery
from services.catalogue.finding.suggesting import SuggestionKind, suggest
from services.catalogue.product_facts import BrandFacts
from services.catalogue.products import renaming
from services.catalogue.products.brands import find_brand, find_or_make_brand, list_brands_on_sale
from services.catalogue.products.renaming import rename_brand
from services.catalogue.reader import reading
from services.catalogue.reading import find_product, list_page
from tests.services.acting import category_id, change
from tests.services.evidence import news_of, nothing_changed, product_row
from tests.services.hiring import entries
from tests.support import ADMIN, actor_for, make_product
from utils.errors import Conflict, DomainError, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def brand_of(shop: Shop, product_id: UUID) -> UUID:
    row = product_row(shop.database, product_id)
    assert row is not None
    assert row.brand_id is not None
    return row.brand_id


def rename(shop: Shop, brand_id: UUID, name: str) -> None:
    with shop.database.write() as session:
        rename_brand(session, brand_id, name, actor=actor_for(shop, "sam"), cache=shop.cache)


@pytest.fixture
def acme(shop: Shop, product: Make) -> tuple[UUID, list[UUID]]:
    """A brand, and its products: two on sale in two departments, and a draft."""
    goods = [product(name="Tea", category="tea"), product(name="Soap", category="laundry"), product(name="Plan")]
    for each in goods:
        change(shop, "dana", each, brand="Acme")
    change(shop, "dana", goods[2], status="draft")
    return brand_of(shop, goods[0]), goods


def all_that_shows(shop: Shop, product_id: UUID) -> dict[str, Any]:
    """All that shows the name of a product's brand or is found by it."""
    with shop.database.read() as session:
        reader = reading(session, shop.cache)

        def searched(term: str) -> list[UUID]:
            return sorted(each.id for each in list_page(reader, PageQuery(term=term)).products)

        def suggested(term: str) -> list[str]:
            return [each.text for each in suggest(reader, term, first=8) if each.kind is SuggestionKind.BRAND]

        shown = find_product(reader, product_id)
        assert shown is not None
        shelf = list_page(reader, PageQuery(category_id=category_id(shop, "tea"))).products
        return {
            "product": shown.brand,
            "lists": list_brands_on_sale(reader, first=10),
            "facets": [each.brand for each in count_facets(reader, PageQuery(), {"brands"}).brands],
            "search acme": searched("acme"),
            "search zenith": searched("zenith"),
            "suggest acm": suggested("acm"),
            "suggest zen": suggested("zen"),
            "in its category": [each.brand for each in shelf],
        }


def test_a_new_name_is_in_every_next_answer(shop: Shop, acme: tuple[UUID, list[UUID]]) -> None:
    brand_id, (tea, soap, plan) = acme

    def expected(name: str) -> dict[str, Any]:
        brand, is_new = BrandFacts(brand_id, "acme", name), name == "Zenith"
        return {
            "product": brand,
            "lists": [brand],
            "facets": [brand],
            "search acme": [] if is_new else sorted([tea, soap]),
            "search zenith": sorted([tea, soap]) if is_new else [],
            "suggest acm": [] if is_new else ["Acme"],
            "suggest zen": ["Zenith"] if is_new else [],
            "in its category": [brand],
        }

    # twice each: the second time from what is kept
    assert [all_that_shows(shop, tea) for _ in range(2)] == [expected("Acme")] * 2
    # when
    rename(shop, brand_id, "  Zenith ")
    # then
    assert [all_that_shows(shop, tea) for _ in range(2)] == [expected("Zenith")] * 2
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.subject_type, noted.subject_id, noted.before, noted.after) == (
        "brand.changed",
        "brand",
        brand_id,
        {"name": "Acme"},
        {"name": "Zenith"},
    )
    told = news_of(shop.database, "catalogue.changed")[-1]["tags"]
    assert {f"product:{each}" for each in (tea, soap, plan)} < set(told)
    assert {"list:all", f"list:{category_id(shop, 'laundry')}"} < set(told)


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_a_search_reads_of_its_products_what_it_reads_of_new_ones(
    shop: Shop, acme: tuple[UUID, list[UUID]], product: Make, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(renaming, "_AT_ONCE", at_once)
    brand_id, goods = acme
    before = [product_row(shop.database, each) for each in goods]
    rename(shop, brand_id, "Zenith Foods")
    after = [product_row(shop.database, each) for each in goods]
    for name, old, row in zip(("Tea", "Soap", "Plan"), before, after, strict=True):
        anew = product(name=name)
        change(shop, "dana", anew, brand="zenith foods")
        made = product_row(shop.database, anew)
        assert None not in (old, made, row)
        assert row.search == made.search != old.search  # type: ignore[union-attr]
        # it is no change of the product by staff
        assert (row.brand_id, row.version, row.updated_at) == (brand_id, old.version, old.updated_at)  # type: ignore[union-attr]


def test_what_it_is_called_already_changes_nothing_and_its_case_may_change(
    shop: Shop, acme: tuple[UUID, list[UUID]]
) -> None:
    brand_id, goods = acme
    with nothing_changed(shop.database):
        rename(shop, brand_id, " Acme")
    rename(shop, brand_id, "ACME  Inc.")
    rename(shop, brand_id, "Acme Inc.")
    with shop.database.read() as session:
        assert find_brand(session, brand_id) == BrandFacts(brand_id, "acme", "Acme Inc.")
    assert brand_of(shop, goods[2]) == brand_id


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        (InvalidInput, " ", "name"),
        (InvalidInput, "a" * 101, "name"),
        (InvalidInput, "a\0", "name"),
        (Conflict, "other  BRAND", "name"),
    ],
)
def test_bad_names_are_refused(
    shop: Shop, acme: tuple[UUID, list[UUID]], kind: type[DomainError], name: str, field: str
) -> None:
    with shop.database.write() as session:
        find_or_make_brand(session, "Other Brand")
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        rename(shop, acme[0], name)
    assert refusal.value.details == {"field": field}


def test_an_unknown_brand_is_not_found(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        rename(shop, new_id(), "Zenith")
    assert refusal.value.details == {"field": "brandId"}


def test_a_brand_of_very_many_products_ends_everything_that_is_kept(
    shop: Shop, acme: tuple[UUID, list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "_MOST_TOLD", 2)
    rename(shop, acme[0], "Zenith")
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": [], "everything": True}


def products_of(shop: Shop) -> list[tuple[str, str, bool]]:
    """Of all products the name, the brand's, and whether a search finds the one by the other."""
    is_found = Product.search.op("@@")(func.plainto_tsquery("english", func.lower(Brand.name)))
    chosen = select(Product.name, Brand.name, is_found).join(Brand, Brand.id == Product.brand_id)
    with shop.database.read() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(chosen)]


@pytest.mark.parametrize("renamed_first", [True, False])
def test_a_product_that_comes_meanwhile_is_found_by_its_brand(committing_shop: Shop, renamed_first: bool) -> None:
    """Whoever is second waits for the first: the product has the new name, or another brand has the old one."""
    shop = committing_shop
    with shop.database.write() as session:
        brand_id = find_or_make_brand(session, "Acme")
    first_has_written, second_may_go_on = threading.Event(), threading.Event()
    faults: list[BaseException] = []

    def add(session: Any) -> None:
        tea = make_product(session, shop.cache, name="Tea")
        session.get_one(Product, tea).brand_id = find_or_make_brand(session, "Acme")
        session.flush()

    def give_name(session: Any) -> None:
        rename_brand(session, brand_id, "Zenith", actor=ADMIN, cache=shop.cache)

    def first() -> None:
        try:
            with shop.database.write() as session:
                (give_name if renamed_first else add)(session)
                first_has_written.set()
                # long enough for the second to wait, or to be wrong
                second_may_go_on.wait(0.5)
        except BaseException as fault:
            faults.append(fault)
        finally:
            first_has_written.set()

    thread = threading.Thread(target=first)
    thread.start()
    first_has_written.wait(10)
    with shop.database.write() as session:
        (add if renamed_first else give_name)(session)
    thread.join(10)
    assert faults == []
    assert products_of(shop) == [("Tea", "Acme" if renamed_first else "Zenith", True)]
