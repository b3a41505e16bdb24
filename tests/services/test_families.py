"""Families of variants: who is in one, by which values, and what shoppers see of its products."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from models.user import Right
from services.catalogue.products import families
from services.catalogue.products.families import Option
from services.catalogue.products.variants import FamilyFacts, list_families, list_families_by_id, list_on_sale
from services.catalogue.reader import Reader, reading
from services.catalogue.reading import list_products_by_id
from tests.services.acting import change, remove
from tests.services.evidence import news_of, nothing_changed, product_row
from tests.services.hiring import entries, hire
from tests.support import ADMIN, actor_for
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def create(shop: Shop, name: str = "Tea", *options: str) -> UUID:
    with shop.database.write() as session:
        return families.create_family(session, name, options=options or ("Size",), actor=ADMIN, cache=shop.cache)


def update(shop: Shop, family: UUID, *, actor: Any = ADMIN, **wanted: Any) -> None:
    with shop.database.write() as session:
        families.update_family(session, family, **wanted, actor=actor, cache=shop.cache)


def delete(shop: Shop, family: UUID) -> None:
    with shop.database.write() as session:
        families.delete_family(session, family, actor=ADMIN, cache=shop.cache)


def join(shop: Shop, product: UUID, family: UUID | None, who: str = "dana", **options: str) -> None:
    """Puts the product into the family: join(shop, tea, family, Size="1 kg")."""
    change(shop, who, product, family_id=family, options=[Option(*each) for each in options.items()])


def read(shop: Shop, family: UUID) -> FamilyFacts:
    """As a shopper's request reads it."""
    with shop.database.read() as session:
        return list_families_by_id(reading(session, shop.cache), [family])[family]


def options_of(shop: Shop, product: UUID) -> list[tuple[str, str]]:
    """As the product shows them."""
    with shop.database.read() as session:
        found = list_products_by_id(reading(session, shop.cache), [product])[product]
    return [(each.name, each.value) for each in found.options]


def test_products_join_a_family_and_leave_it(shop: Shop, product: Make) -> None:
    # given
    family = create(shop, " Tea ", "Kind", " Size ")
    assert read(shop, family) == FamilyFacts(family, "Tea", ["Kind", "Size"], 1, [])
    large, small = product(name="Large"), product(name="Small")
    # when
    join(shop, large, family, Size="1 kg", Kind="Black")
    join(shop, small, family, KIND="Black", size=" 500  g ")
    # then
    assert read(shop, family).members == [large, small]
    assert options_of(shop, small) == [("Kind", "Black"), ("Size", "500 g")]
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": [f"product:{small}", "families"]}
    # and other values in the same family, nothing said of the family
    change(shop, "dana", large, options=[Option("Kind", "Green"), Option("Size", "1 kg")])
    assert read(shop, family).members == [small, large]
    # and away
    join(shop, small, None)
    remove(shop, "dana", large)
    assert read(shop, family).members == []
    assert options_of(shop, small) == []


def test_siblings_on_sale_are_listed_in_the_order_of_their_values(shop: Shop, product: Make) -> None:
    family = create(shop)
    made = {size: product() for size in ("B", "A", "C")}
    for size, each in made.items():
        join(shop, each, family, Size=size)
    change(shop, "dana", made["C"], status="withdrawn")
    with shop.database.read() as session:
        found = list_on_sale(reading(session, shop.cache), [read(shop, family)])
    assert [each.id for each in found[family]] == [made["A"], made["B"]]


@pytest.mark.parametrize("values", [{}, {"Size": ""}, {"Colour": "red"}, {"Size": "1", "Colour": "red"}])
def test_a_product_gives_exactly_the_familys_options(shop: Shop, product: Make, values: dict[str, str]) -> None:
    tea, family = product(), create(shop)
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        join(shop, tea, family, **values)
    assert refusal.value.details == {"field": "options"}


def test_options_without_a_family_and_unknown_families_are_refused(shop: Shop, product: Make) -> None:
    tea = product()
    with nothing_changed(shop.database):
        with pytest.raises(InvalidInput):
            change(shop, "dana", tea, options=[Option("Size", "1")])
        with pytest.raises(InvalidInput):
            join(shop, tea, None, Size="1")
        with pytest.raises(InvalidInput):
            join(shop, tea, new_id(), Size="1")


@pytest.mark.parametrize("size", ["1 kg", "1  KG "])
def test_two_siblings_have_other_values(shop: Shop, product: Make, size: str) -> None:
    tea, other, family = product(), product(), create(shop)
    join(shop, tea, family, Size="1 kg")
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        join(shop, other, family, Size=size)
    assert refusal.value.details == {"field": "options"}
    # its own values are no other product's
    join(shop, tea, family, Size="1 KG")
    assert options_of(shop, tea) == [("Size", "1 KG")]


def test_a_family_has_so_many_products_and_no_more(shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert families.MOST_MEMBERS == 100
    monkeypatch.setattr(families, "MOST_MEMBERS", 1)
    tea, other, family = product(), product(), create(shop)
    join(shop, tea, family, Size="1")
    join(shop, tea, family, Size="2")
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        join(shop, other, family, Size="3")
    assert refusal.value.details == {"field": "familyId"}


def test_a_family_and_its_options_get_other_names_which_its_products_show(shop: Shop, product: Make) -> None:
    # given
    tea, family = product(), create(shop, "Tea", "Size")
    join(shop, tea, family, Size="1 kg")
    assert options_of(shop, tea) == [("Size", "1 kg")]
    # when
    update(shop, family, name="Black Tea", options=["Weight"])
    # then
    assert read(shop, family) == FamilyFacts(family, "Black Tea", ["Weight"], 2, [tea])
    assert options_of(shop, tea) == [("Weight", "1 kg")]
    assert news_of(shop.database, "catalogue.changed")[-1] == {"tags": [f"product:{tea}", "families"]}
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.before, noted.after) == (
        "family.changed",
        {"name": "Tea", "options": ["Size"]},
        {"name": "Black Tea", "options": ["Weight"]},
    )
    # and no more or fewer of them while a product has values
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        update(shop, family, options=["Weight", "Kind"])
    assert refusal.value.details == {"field": "options"}
    join(shop, tea, None)
    update(shop, family, options=["Weight", "Kind"])
    assert read(shop, family).option_names == ["Weight", "Kind"]


def test_of_two_who_looked_at_one_version_the_second_is_refused(shop: Shop, product: Make) -> None:
    # given a family that two people look at; who is in it is no part of what they change
    tea, family = product(), create(shop, "Tea", "Size")
    join(shop, tea, family, Size="1 kg")
    seen = read(shop, family).version
    # when
    update(shop, family, name="Black Tea", version=seen)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        update(shop, family, options=["Weight"], version=seen)
    # then
    assert refusal.value.details == {"field": "version", "version": 2}
    assert read(shop, family)[1:4] == ("Black Tea", ["Size"], 2)
    # and whoever says no version changes whatever there is
    update(shop, family, name="Tea")
    assert read(shop, family).version == 3
    with shop.database.read() as session:
        assert [(each.name, each.version) for each in list_families(session, first=1)] == [("Tea", 3)]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [({"name": " "}, "name"), ({"options": []}, "options"), ({"options": ["A", "a"]}, "options")],
)
def test_bad_families_are_refused(shop: Shop, wanted: dict[str, Any], field: str) -> None:
    family = create(shop)

    def made() -> None:
        given = {"name": "A", "options": ["Size"], **wanted}
        with shop.database.write() as session:
            families.create_family(session, given["name"], options=given["options"], actor=ADMIN, cache=shop.cache)

    # where both are given, one of them would be well
    for act in (made, lambda: update(shop, family, **{"name": "B", "options": ["B"], **wanted})):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            act()
        assert refusal.value.details == {"field": field}


def test_a_family_goes_when_no_product_is_in_it(shop: Shop, product: Make) -> None:
    tea, family = product(), create(shop)
    join(shop, tea, family, Size="1")
    change(shop, "dana", tea, status="withdrawn")
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        delete(shop, family)
    assert refusal.value.details == {"field": "familyId"}
    join(shop, tea, None)
    delete(shop, family)
    with shop.database.read() as session:
        assert list_families_by_id(reading(session, shop.cache), [family]) == {}
    assert entries(shop.database)[-1].action == "family.removed"


@pytest.mark.parametrize("act", [lambda shop, family: update(shop, family, name="A"), delete])
def test_an_unknown_family_is_not_found(shop: Shop, act: Callable[..., None]) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        act(shop, new_id())
    assert refusal.value.details == {"field": "familyId"}


def test_a_family_is_changed_by_who_works_where_all_its_products_stand(shop: Shop, product: Make) -> None:
    # given one of sam's department and one of another
    ours, theirs, family = product(category="toys"), product(category="fruit"), create(shop)
    sam = actor_for(shop, "sam")
    kim = hire(shop, "kim", Right.PRODUCTS, departments=("marketplace", "fresh-food")).actor
    join(shop, ours, family, "sam", Size="1")
    update(shop, family, actor=sam, name="A")
    join(shop, theirs, family, Size="2")
    # then
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        update(shop, family, actor=sam, name="B")
    update(shop, family, actor=kim, name="C")
    assert read(shop, family).name == "C"


def test_families_cost_one_statement_and_none_once_they_are_known(
    shop: Shop, product: Make, counted_sql: Callable[[], Any]
) -> None:
    made = [create(shop, f"F{number}") for number in range(5)]
    for family in made:
        join(shop, product(), family, Size="1")

    def costs() -> int:
        with shop.database.read() as session, counted_sql() as statements:
            reader = Reader(lambda: session, shop.cache)
            found = list_families_by_id(reader, made)
            list_on_sale(reader, list(found.values()))
        return len(statements)

    assert [costs(), costs()] == [2, 0]
    update(shop, made[0], name="New")
    # all families, and the product of this one
    assert [costs(), costs()] == [2, 0]


def test_staff_find_families_by_the_beginning_of_their_names(shop: Shop) -> None:
    for name in ("Tea", "Teapots", "Coffee", "100 %"):
        create(shop, name)
    with shop.database.read() as session:
        for begun, found in (("tEA", ["Tea", "Teapots"]), ("%", []), ("100 %", ["100 %"]), (None, ["100 %", "Coffee"])):
            assert [each.name for each in list_families(session, first=2, starts_with=begun)] == found
        with pytest.raises(DomainError):
            list_families(session, first=0)


def test_a_product_made_in_a_family_is_told_to_its_siblings(shop: Shop, product: Make) -> None:
    tea, family = product(), create(shop)
    join(shop, tea, family, Size="1")
    assert read(shop, family).members == [tea]
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.family_id, row.option_values) == (family, ["1"])
