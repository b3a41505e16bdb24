"""What every new database is seeded with: departments, a tree of two levels, regions."""

from collections import Counter

from services.catalogue.seed_data import CATEGORIES, DEFAULT_CATEGORY_SLUG, DEPARTMENTS
from services.pricing.seed_data import REGIONS
from utils.money import exponent, is_currency


def test_departments_are_the_four_of_the_shop() -> None:
    assert [department.slug for department in DEPARTMENTS] == ["fresh-food", "groceries", "household", "marketplace"]


def test_no_two_categories_share_a_slug_and_each_parent_stands_before_its_children() -> None:
    seen: set[str] = set()
    for category in CATEGORIES:
        assert category.slug not in seen
        assert category.parent_slug is None or category.parent_slug in seen
        seen.add(category.slug)


def test_categories_have_two_levels_and_stay_in_their_parents_department() -> None:
    by_slug = {category.slug: category for category in CATEGORIES}
    parents = [category for category in CATEGORIES if category.parent_slug is None]
    children = Counter(category.parent_slug for category in CATEGORIES if category.parent_slug is not None)

    assert len(parents) == 18
    assert children.total() == 50
    assert set(children) == {parent.slug for parent in parents}
    for category in CATEGORIES:
        if category.parent_slug is not None:
            assert by_slug[category.parent_slug].parent_slug is None
            assert by_slug[category.parent_slug].department_slug == category.department_slug


def test_each_department_has_categories_and_none_is_in_an_unknown_department() -> None:
    assert {category.department_slug for category in CATEGORIES} == {department.slug for department in DEPARTMENTS}


def test_the_default_category_is_a_leaf_of_the_marketplace() -> None:
    default = next(category for category in CATEGORIES if category.slug == DEFAULT_CATEGORY_SLUG)

    assert (default.slug, default.department_slug) == ("everything-else", "marketplace")
    assert default.slug not in {category.parent_slug for category in CATEGORIES}


def test_regions_have_iso_codes_and_known_currencies_of_no_two_and_three_decimals() -> None:
    assert len({region.code for region in REGIONS}) == len(REGIONS) == 14
    assert len({region.name for region in REGIONS}) == 14
    for region in REGIONS:
        assert len(region.code) == 2
        assert region.code.isupper()
        assert is_currency(region.currency)
    assert {exponent(region.currency) for region in REGIONS} == {0, 2, 3}
