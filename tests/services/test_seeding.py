"""The seed gives a database what every shop needs, and changes nothing that people changed."""

from sqlalchemy import delete, select, update

import init_db
from models import Category, Department, Region
from services.catalogue.reader import reading
from services.catalogue.seed_data import CATEGORIES, DEPARTMENTS
from services.catalogue.shelves.tree import read_tree
from services.pricing.regions import list_regions
from services.pricing.seed_data import REGIONS
from tests.services.evidence import nothing_changed
from wiring import Shop


def test_a_second_seed_changes_nothing(shop: Shop) -> None:
    with nothing_changed(shop.database):
        init_db.seed(shop.database)


def test_everything_of_the_seed_is_there(shop: Shop) -> None:
    with shop.database.read() as session:
        assert sorted(session.scalars(select(Department.slug))) == sorted(each.slug for each in DEPARTMENTS)
        assert sorted(session.scalars(select(Category.slug))) == sorted(each.slug for each in CATEGORIES)
        assert [region.name for region in list_regions(session)] == sorted(each.name for each in REGIONS)


def test_what_people_changed_stays_and_what_is_missing_comes(shop: Shop) -> None:
    # given
    with shop.database.write() as session:
        session.execute(update(Category).where(Category.slug == "fruit").values(name="Our Fruit", position=99))
        session.execute(update(Department).where(Department.slug == "household").values(name="Home"))
        session.execute(update(Region).where(Region.code == "CH").values(currency="EUR"))
        session.execute(delete(Category).where(Category.slug == "cheese"))
        session.execute(delete(Region).where(Region.code == "JP"))
    # when
    init_db.seed(shop.database)
    # then
    with shop.database.read() as session:
        fruit = session.scalars(select(Category).where(Category.slug == "fruit")).one()
        assert (fruit.name, fruit.position) == ("Our Fruit", 99)
        assert session.scalars(select(Department.name).where(Department.slug == "household")).one() == "Home"
        assert session.get_one(Region, "CH").currency == "EUR"
        assert session.get_one(Region, "JP").currency == "JPY"
        parent = session.scalars(select(Category.id).where(Category.slug == "dairy-and-eggs")).one()
        assert session.scalars(select(Category.parent_id).where(Category.slug == "cheese")).one() == parent


def test_categories_are_listed_parents_first_each_level_in_its_order(shop: Shop) -> None:
    parents = [each.slug for each in CATEGORIES if each.parent_slug is None]
    leaves = [each.slug for each in CATEGORIES if each.parent_slug is not None]
    with shop.database.read() as session:
        in_order = read_tree(reading(session, shop.cache)).in_order
        assert [category.slug for category in in_order] == parents + leaves
