"""The seed gives a database what every shop needs, and changes nothing that people changed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import init_db
from models import Category, Department, Region
from models.product import TaxClass
from services.catalogue.reader import reading
from services.catalogue.seed_data import CATEGORIES, DEPARTMENTS
from services.catalogue.shelves.tree import read_tree
from services.pricing import seeding
from services.pricing.region_facts import region_facts
from services.pricing.seed_data import REGIONS
from services.pricing.seeding import seed_regions
from tests.services.evidence import news_of, nothing_changed
from tests.services.regional import regions_now
from utils.errors import InvalidInput
from wiring import Shop


def test_a_second_seed_changes_nothing(shop: Shop) -> None:
    with nothing_changed(shop.database):
        init_db.seed(shop)


def test_everything_of_the_seed_is_there(shop: Shop) -> None:
    with shop.database.read() as session:
        assert sorted(session.scalars(select(Department.slug))) == sorted(each.slug for each in DEPARTMENTS)
        assert sorted(session.scalars(select(Category.slug))) == sorted(each.slug for each in CATEGORIES)
        assert [region.name for region in regions_now(session).in_order] == sorted(each.name for each in REGIONS)


def test_what_people_changed_stays_and_what_is_missing_comes(shop: Shop) -> None:
    # given
    with shop.database.write() as session:
        session.execute(update(Category).where(Category.slug == "fruit").values(name="Our Fruit", position=99))
        session.execute(update(Department).where(Department.slug == "household").values(name="Home"))
        session.execute(update(Region).where(Region.code == "CH").values(currency="EUR"))
        session.execute(delete(Category).where(Category.slug == "cheese"))
        session.execute(delete(Region).where(Region.code == "JP"))
    # when
    init_db.seed(shop)
    # then
    with shop.database.read() as session:
        fruit = session.scalars(select(Category).where(Category.slug == "fruit")).one()
        assert (fruit.name, fruit.position) == ("Our Fruit", 99)
        assert session.scalars(select(Department.name).where(Department.slug == "household")).one() == "Home"
        assert session.get_one(Region, "CH").currency == "EUR"
        assert session.get_one(Region, "JP").currency == "JPY"
        regions = regions_now(session)
        assert regions.home.code == "US"
        japan = regions.find("JP")
        assert japan is not None
        assert japan.countries == ("JP",)
        assert [each.percent for each in japan.rates] == [Decimal(8), Decimal(10), Decimal(0)]
        parent = session.scalars(select(Category.id).where(Category.slug == "dairy-and-eggs")).one()
        assert session.scalars(select(Category.parent_id).where(Category.slug == "cheese")).one() == parent


# By region: whether prices include taxes, its tax, and the percents of the classes standard, reduced and zero.
TAXES: dict[str, tuple[bool, str | None, tuple[str | None, ...]]] = {
    "US": (False, None, (None, None, None)),
    "CA": (False, "GST", ("5", None, "0")),
    "GB": (True, "VAT", ("20", "5", "0")),
    "IE": (True, "VAT", ("23", "13.5", "0")),
    "DE": (True, "VAT", ("19", "7", "0")),
    "FR": (True, "VAT", ("20", "5.5", "0")),
    "ES": (True, "VAT", ("21", "10", "0")),
    "SE": (True, "VAT", ("25", "12", "0")),
    "CH": (True, "VAT", ("8.1", "2.6", "0")),
    "KE": (True, "VAT", ("16", None, None)),
    "IN": (True, "GST", ("18", "5", "0")),
    "JP": (True, "Consumption tax", ("10", "8", "0")),
    "AU": (True, "GST", ("10", None, "0")),
    "KW": (False, None, (None, None, None)),
}


@pytest.mark.parametrize("code", TAXES)
def test_regions_have_their_country_and_the_taxes_of_2026(shop: Shop, code: str) -> None:
    with shop.database.read() as session:
        known = regions_now(session).find(code)
    assert known is not None
    facts = region_facts(known, datetime(2026, 1, 1, tzinfo=UTC))
    percents = {each.tax_class: each.percent for each in facts.rates}
    found = tuple(None if percents.get(each) is None else str(percents[each]) for each in TaxClass)
    assert (known.prices_include_tax, next((each.name for each in facts.rates), None), found) == TAXES[code]
    assert (known.countries, known.is_home, str(facts.shipping_price.amount.normalize())) == (
        (code,),
        code == "US",
        "0",
    )


@pytest.mark.parametrize(
    ("currency", "wanted", "home"),
    [
        ("USD", None, "US"),
        ("EUR", None, "IE"),
        ("EUR", "DE", "DE"),
        ("JPY", None, "JP"),
        ("NZD", None, "HOME"),
    ],
)
def test_the_home_region_is_one_with_the_shops_currency(
    shop: Shop, session: Session, currency: str, wanted: str | None, home: str
) -> None:
    # given a database without regions, as a new one is
    session.execute(delete(Region))
    session.flush()
    # when
    seed_regions(session, currency=currency, home_region=wanted, cache=shop.cache)
    # then
    regions = regions_now(session)
    assert (regions.home.code, regions.home.currency) == (home, currency)
    assert [each.code for each in regions.in_order if each.is_home] == [home]
    assert len(regions.in_order) == len(REGIONS) + (home == "HOME")
    assert news_of(shop.database, "catalogue.changed") == []


def test_a_home_region_that_is_there_stays_and_another_wish_is_warned_of(
    session: Session, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned: list[dict[str, str]] = []
    monkeypatch.setattr(seeding.log, "warning", lambda _, **said: warned.append(said), raising=False)
    seed_regions(session, currency="USD", home_region="US", cache=shop.cache)
    seed_regions(session, currency="EUR", home_region="FR", cache=shop.cache)
    assert warned == [{"has": "US", "wanted": "FR"}]
    assert session.scalars(select(Region.code).where(Region.is_home)).all() == ["US"]


def test_of_regions_that_are_there_one_becomes_the_home_region_where_none_is(shop: Shop) -> None:
    # given a database of before there were home regions, without goods
    with shop.database.write() as session:
        session.execute(update(Region).values(is_home=False))
    with shop.database.write() as session:
        seed_regions(session, currency="EUR", home_region="FR", cache=shop.cache)
        assert regions_now(session).home.code == "FR"
    # and it stays so
    init_db.seed(shop)
    with shop.database.read() as session:
        assert [each.code for each in regions_now(session).in_order if each.is_home] == ["FR"]


@pytest.mark.parametrize("wanted", ["US", "XX"])
def test_a_home_region_of_another_currency_or_unknown_is_refused(session: Session, shop: Shop, wanted: str) -> None:
    session.execute(delete(Region))
    with pytest.raises(InvalidInput, match="HOME_REGION must be a region in which people pay with CURRENCY, EUR"):
        seed_regions(session, currency="EUR", home_region=wanted, cache=shop.cache)
    assert session.scalar(select(func.count()).select_from(Region)) == 0


def test_a_region_that_comes_back_ends_what_was_kept_of_goods(shop: Shop) -> None:
    with shop.database.write() as session:
        session.execute(delete(Region).where(Region.code == "JP"))
    init_db.seed(shop)
    assert news_of(shop.database, "catalogue.changed") == [{"tags": [], "everything": True}]


def test_categories_are_listed_parents_first_each_level_in_its_order(shop: Shop) -> None:
    parents = [each.slug for each in CATEGORIES if each.parent_slug is None]
    leaves = [each.slug for each in CATEGORIES if each.parent_slug is not None]
    with shop.database.read() as session:
        in_order = read_tree(reading(session, shop.cache)).in_order
        assert [category.slug for category in in_order] == parents + leaves
