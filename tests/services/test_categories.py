"""Categories: made, changed, moved and removed, by whom, and never into a ring."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy import update as sql_update

from models import Category
from models.user import Right
from services.accounts.actor import Actor
from services.catalogue.changes import announce_everything
from services.catalogue.reader import reading
from services.catalogue.seed_data import CATEGORIES
from services.catalogue.shelves import categories, shelves
from services.catalogue.shelves.categories import CategoryChange, CategoryDraft, CategoryMove
from services.catalogue.shelves.tree import Tree, read_tree
from tests.services.acting import category_id
from tests.services.evidence import news_of, nothing_changed
from tests.services.hiring import department_id, entries, hire
from tests.support import ADMIN, actor_for
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def create(shop: Shop, name: str, *, actor: Actor = ADMIN, **wanted: Any) -> UUID:
    """Makes a category, below the parent with this slug or at the top in the marketplace."""
    if "parent" in wanted:
        wanted["parent_id"] = category_id(shop, wanted.pop("parent"))
    elif "department_id" not in wanted and "parent_id" not in wanted:
        wanted["department_id"] = department_id(shop, "marketplace")
    with shop.database.write() as session:
        return categories.create_category(session, CategoryDraft(name, **wanted), actor=actor, cache=shop.cache)


def update(shop: Shop, wanted_id: UUID, *, actor: Actor = ADMIN, **wanted: Any) -> None:
    with shop.database.write() as session:
        categories.update_category(session, wanted_id, CategoryChange(**wanted), actor=actor, cache=shop.cache)


def move(shop: Shop, wanted_id: UUID, *, actor: Actor = ADMIN, **wanted: Any) -> None:
    with shop.database.write() as session:
        categories.move_category(session, wanted_id, CategoryMove(**wanted), actor=actor, cache=shop.cache)


def delete(shop: Shop, wanted_id: UUID, *, actor: Actor = ADMIN) -> None:
    with shop.database.write() as session:
        categories.delete_category(session, wanted_id, actor=actor, cache=shop.cache)


def row(shop: Shop, wanted_id: UUID) -> Category:
    with shop.database.read() as session:
        return session.get_one(Category, wanted_id)


def tree(shop: Shop) -> Tree:
    """As a shopper's request reads it."""
    with shop.database.read() as session:
        return read_tree(reading(session, shop.cache))


def slugs_below(shop: Shop, parent: str | None) -> list[str]:
    """The children of the category with this slug, as shoppers see them."""
    return [each.slug for each in tree(shop).children(None if parent is None else category_id(shop, parent))]


def chain(shop: Shop, length: int) -> list[UUID]:
    """So many new categories, each below the one before."""
    made = [create(shop, "Level 1")]
    for level in range(2, length + 1):
        made.append(create(shop, f"Level {level}", parent_id=made[-1]))
    return made


def test_a_category_comes_last_with_its_parents_department(shop: Shop) -> None:
    made = create(shop, " Figs & Dates ", parent="fresh-produce", description="Dried,\ntoo.")
    found = row(shop, made)
    assert (found.name, found.slug, found.description) == ("Figs & Dates", "figs-dates", "Dried,\ntoo.")
    assert (found.department_id, found.version) == (department_id(shop, "fresh-food"), 1)
    assert slugs_below(shop, "fresh-produce") == ["fruit", "vegetables", "salads-and-herbs", "figs-dates"]
    # one made of a name gets a suffix, and one that is asked for is refused
    again = row(shop, create(shop, "Figs, Dates")).slug
    assert again == f"figs-dates-{again[-12:]}"
    assert row(shop, create(shop, "\N{GRINNING FACE}", slug="smile")).slug == "smile"
    assert row(shop, create(shop, "\N{GRINNING FACE}")).slug == "category"
    noted = entries(shop.database)[0]
    assert (noted.action, noted.subject_id, noted.after) == (
        "category.created",
        made,
        {
            "slug": "figs-dates",
            "name": "Figs & Dates",
            "description": "Dried,\ntoo.",
            "department_id": str(found.department_id),
            "parent_id": str(found.parent_id),
            "position": 3,
        },
    )
    assert news_of(shop.database, "catalogue.changed")[0] == {"tags": ["categories"]}


@pytest.mark.parametrize(
    ("kind", "wanted", "field"),
    [
        (InvalidInput, {"name": ""}, "name"),
        (InvalidInput, {"name": "a" * 101}, "name"),
        (InvalidInput, {"name": "A", "description": "a" * 2001}, "description"),
        (InvalidInput, {"name": "A", "slug": "A"}, "slug"),
        (Conflict, {"name": "A", "slug": "fruit"}, "slug"),
        (InvalidInput, {"name": "A", "parent_id": new_id()}, "parentId"),
        (InvalidInput, {"name": "A", "department_id": new_id()}, "departmentId"),
        (InvalidInput, {"name": "A", "department_id": None}, "departmentId"),
    ],
)
def test_bad_drafts_are_refused(shop: Shop, kind: type[DomainError], wanted: dict[str, Any], field: str) -> None:
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        create(shop, **wanted)
    assert refusal.value.details == {"field": field}


def test_a_tree_is_eight_deep_at_most(shop: Shop) -> None:
    levels = chain(shop, 8)
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        create(shop, "Level 9", parent_id=levels[-1])
    assert refusal.value.message == "Categories stand at most 8 deep."
    # what is moved brings its levels along
    for moved, parent in ((levels[1], category_id(shop, "fruit")), (category_id(shop, "fruit"), levels[7])):
        with nothing_changed(shop.database), pytest.raises(InvalidInput):
            move(shop, moved, parent_id=parent)
    move(shop, category_id(shop, "fruit"), parent_id=levels[6])
    assert [each.slug for each in tree(shop).breadcrumbs(_found(shop, "fruit"))] == [
        *(f"level-{level}" for level in range(1, 8)),
        "fruit",
    ]


def _found(shop: Shop, slug: str) -> Any:
    return tree(shop).find_by_slug(slug)


def test_a_hundred_stand_side_by_side_and_a_thousand_in_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MOST_CHILDREN", 4)
    create(shop, "Figs", parent="fresh-produce")
    for act in (
        lambda: create(shop, "Dates", parent="fresh-produce"),
        lambda: move(shop, category_id(shop, "cheese"), parent_id=category_id(shop, "fresh-produce")),
    ):
        with nothing_changed(shop.database), pytest.raises(Conflict):
            act()
    # a move among them brings nobody
    move(shop, category_id(shop, "fruit"), position=1)
    monkeypatch.setattr(shelves, "MOST_CATEGORIES", 69)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        create(shop, "Toffee", parent="snacks-and-sweets")


def test_what_a_category_is_called_changes_and_its_slug_stays_unless_told(shop: Shop) -> None:
    fruit, household = category_id(shop, "fruit"), department_id(shop, "household")
    assert slugs_below(shop, "fresh-produce")[0] == "fruit"
    update(shop, fruit, name="Fresh Fruit", description="Ripe.")
    update(shop, fruit, slug="fresh-fruit", department_id=household, version=2)
    found = _found(shop, "fresh-fruit")
    assert (found.name, found.description, found.version) == ("Fresh Fruit", "Ripe.", 3)
    assert (found.department.id, found.department.name) == (household, "Household")
    assert _found(shop, "fruit") is None
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.before, noted.after) == (
        "category.changed",
        {"slug": "fruit", "department_id": str(department_id(shop, "fresh-food"))},
        {"slug": "fresh-fruit", "department_id": str(household)},
    )


@pytest.mark.parametrize(
    ("kind", "slug", "wanted", "details"),
    [
        (InvalidInput, "fruit", {"name": " "}, {"field": "name"}),
        (InvalidInput, "fruit", {"slug": "a b"}, {"field": "slug"}),
        (Conflict, "fruit", {"slug": "cheese"}, {"field": "slug"}),
        (Conflict, "everything-else", {"slug": "the-rest"}, {"field": "slug"}),
        (InvalidInput, "fruit", {"department_id": new_id()}, {"field": "departmentId"}),
        (Conflict, "fruit", {"name": "New", "version": 7}, {"field": "version", "version": 1}),
        # The first thing would be well.
        (Conflict, "fruit", {"name": "New", "slug": "cheese"}, {"field": "slug"}),
    ],
)
def test_bad_changes_are_refused(
    shop: Shop, kind: type[DomainError], slug: str, wanted: dict[str, Any], details: dict[str, Any]
) -> None:
    wanted_id = category_id(shop, slug)
    with nothing_changed(shop.database), pytest.raises(kind) as refusal:
        update(shop, wanted_id, **wanted)
    assert refusal.value.details == details


def test_a_category_moves_with_all_below_it_and_lists_on_both_ways_are_told(shop: Shop) -> None:
    # given
    produce, dairy, fruit = (category_id(shop, slug) for slug in ("fresh-produce", "dairy-and-eggs", "fruit"))
    figs = create(shop, "Figs", parent="fruit")
    # when
    move(shop, fruit, parent_id=dairy, position=1)
    # then
    assert slugs_below(shop, "fresh-produce") == ["vegetables", "salads-and-herbs"]
    assert slugs_below(shop, "dairy-and-eggs") == ["milk-and-cream", "fruit", "cheese", "yoghurt", "butter-and-eggs"]
    found = tree(shop)
    assert [each.slug for each in found.breadcrumbs(found._by_id[figs])] == ["dairy-and-eggs", "fruit", "figs"]
    scopes = [*sorted([produce, dairy]), "all"]
    assert news_of(shop.database, "catalogue.changed")[-1] == {
        "tags": [*(f"list:{each}" for each in scopes), *(f"stocked:{each}" for each in scopes), "categories"]
    }
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.before, noted.after) == (
        "category.moved",
        {"parent_id": str(produce), "position": 0},
        {"parent_id": str(dairy), "position": 1},
    )
    # and to the top, as the last
    move(shop, fruit, parent_id=None, version=2)
    assert slugs_below(shop, None)[-1] == "fruit"
    assert [each.slug for each in tree(shop).in_order][-1] == "figs"


@pytest.mark.parametrize(
    ("position", "order"),
    [
        (0, ["yoghurt", "milk-and-cream", "cheese", "butter-and-eggs"]),
        (2, ["milk-and-cream", "cheese", "yoghurt", "butter-and-eggs"]),
        (3, ["milk-and-cream", "cheese", "butter-and-eggs", "yoghurt"]),
        (None, ["milk-and-cream", "cheese", "yoghurt", "butter-and-eggs"]),
    ],
)
def test_a_category_takes_another_place_among_its_siblings(shop: Shop, position: int | None, order: list[str]) -> None:
    yoghurt = category_id(shop, "yoghurt")
    move(shop, yoghurt, position=position)
    assert slugs_below(shop, "dairy-and-eggs") == order
    assert [each.position for each in tree(shop).children(row(shop, yoghurt).parent_id)] == [0, 1, 2, 3]
    assert news_of(shop.database, "catalogue.changed") == [{"tags": ["categories"]}]


def ranks(shop: Shop) -> dict[UUID | None, list[int]]:
    """By parent, the positions that shoppers and staff read, in the order of the tree."""
    found: dict[UUID | None, list[int]] = {}
    for each in tree(shop).in_order:
        found.setdefault(each.parent_id, []).append(each.position)
    return found


def hand_back(shop: Shop) -> None:
    """Moves every category to the position that was read of it, which must change nothing that can be seen."""
    before = tree(shop).in_order
    for each in before:
        move(shop, each.id, position=each.position, version=each.version)
    assert [(each.slug, each.position) for each in tree(shop).in_order] == [
        (each.slug, each.position) for each in before
    ]
    assert all((each.before, each.after) == ({}, {}) for each in entries(shop.database)[-len(before) :])


def test_positions_of_the_seed_are_ranks_that_may_be_handed_back(shop: Shop) -> None:
    found = ranks(shop)
    assert len(found[None]) == len([each for each in CATEGORIES if each.parent_slug is None])
    assert sum(len(positions) for positions in found.values()) == len(CATEGORIES)
    assert all(positions == list(range(len(positions))) for positions in found.values())
    hand_back(shop)


def test_positions_are_ranks_after_categories_came_moved_and_went(shop: Shop) -> None:
    # given a shelf from whose middle one went elsewhere, one was removed, and to which one came
    move(shop, category_id(shop, "cheese"), parent_id=category_id(shop, "fresh-produce"), position=1)
    delete(shop, category_id(shop, "milk-and-cream"))
    create(shop, "Cream", parent="dairy-and-eggs")
    delete(shop, category_id(shop, "butter-and-eggs"))
    # and two whose positions in the table are the same
    with shop.database.write() as session:
        last = session.scalars(select(Category.position).where(Category.slug == "toys")).one()
        session.execute(sql_update(Category).where(Category.slug == "fruit").values(position=last))
        session.execute(sql_update(Category).where(Category.slug == "cheese").values(position=last))
        announce_everything(session, shop.cache)
    # then
    assert slugs_below(shop, "dairy-and-eggs") == ["yoghurt", "cream"]
    assert slugs_below(shop, "fresh-produce") == ["vegetables", "salads-and-herbs", "cheese", "fruit"]
    assert all(positions == list(range(len(positions))) for positions in ranks(shop).values())
    hand_back(shop)


@pytest.mark.parametrize(
    ("moved", "wanted", "field"),
    [
        ("fresh-produce", {"parent_id": "fresh-produce"}, "parentId"),
        ("fresh-produce", {"parent_id": "fruit"}, "parentId"),
        ("fruit", {"parent_id": "unknown"}, "parentId"),
        ("fruit", {"position": -1}, "position"),
        ("fruit", {"position": 3}, "position"),
        ("fruit", {"parent_id": "cheese", "position": 1}, "position"),
    ],
)
def test_rings_and_places_that_are_none_are_refused(shop: Shop, moved: str, wanted: dict[str, Any], field: str) -> None:
    names = {slug: category_id(shop, slug) for slug in ("fresh-produce", "fruit", "cheese")}
    wanted = {name: names.get(value, new_id()) if name == "parent_id" else value for name, value in wanted.items()}
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        move(shop, names[moved], **wanted)
    assert refusal.value.details == {"field": field}


def test_a_ring_is_refused_however_far_below(shop: Shop) -> None:
    levels = chain(shop, 6)
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        move(shop, levels[0], parent_id=levels[5])
    assert refusal.value.message == "A category cannot stand below itself."


def test_only_an_empty_category_goes_and_never_the_default_one(shop: Shop, product: Make) -> None:
    product(category="fruit")
    for slug in ("fresh-produce", "fruit", "everything-else"):
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            delete(shop, category_id(shop, slug))
        assert refusal.value.details == {"field": "categoryId"}
    cheese = category_id(shop, "cheese")
    delete(shop, cheese)
    assert slugs_below(shop, "dairy-and-eggs") == ["milk-and-cream", "yoghurt", "butter-and-eggs"]
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.subject_id, noted.before and noted.before["slug"]) == (
        "category.removed",
        cheese,
        "cheese",
    )


@pytest.mark.parametrize("act", [update, move, delete])
def test_an_unknown_category_is_not_found(shop: Shop, act: Callable[..., None]) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        act(shop, new_id())
    assert refusal.value.details == {"field": "categoryId"}


def test_staff_act_in_their_own_departments_and_between_them(shop: Shop) -> None:
    # given staff of the marketplace, and of two departments
    sam = actor_for(shop, "sam")
    kim = hire(shop, "kim", Right.PRODUCTS, departments=("marketplace", "fresh-food")).actor
    theirs, ours, household = (category_id(shop, slug) for slug in ("fruit", "toys", "laundry"))
    fresh, market = department_id(shop, "fresh-food"), department_id(shop, "marketplace")
    refused: list[Callable[[], object]] = [
        lambda: create(shop, "A", actor=sam, department_id=fresh),
        lambda: create(shop, "A", actor=sam, parent="fruit"),
        # neither the parent nor the category may be another department's
        lambda: create(shop, "A", actor=sam, parent="fruit", department_id=market),
        lambda: create(shop, "A", actor=sam, parent="toys", department_id=fresh),
        lambda: create(shop, "A", actor=sam, department_id=new_id()),
        lambda: update(shop, theirs, actor=sam, name="A"),
        lambda: update(shop, theirs, actor=sam, department_id=market),
        lambda: update(shop, ours, actor=sam, department_id=fresh),
        lambda: move(shop, theirs, actor=sam, position=0),
        lambda: move(shop, theirs, actor=sam, parent_id=ours),
        lambda: move(shop, ours, actor=sam, parent_id=theirs),
        lambda: move(shop, ours, actor=kim, parent_id=household),
        lambda: delete(shop, theirs, actor=sam),
    ]
    for act in refused:
        with nothing_changed(shop.database), pytest.raises(Forbidden):
            act()
    # when
    made = create(shop, "Puzzles", actor=sam, parent="toys")
    update(shop, made, actor=sam, name="Jigsaws")
    move(shop, made, actor=sam, parent_id=None)
    move(shop, ours, actor=kim, parent_id=theirs)
    update(shop, ours, actor=kim, department_id=fresh)
    # then
    assert (row(shop, ours).department_id, row(shop, ours).parent_id) == (fresh, theirs)
    delete(shop, made, actor=sam)
    with shop.database.read() as session:
        assert session.scalars(select(Category).where(Category.id == made)).all() == []
