"""Collections: products put together by hand, in the order they were given."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.catalogue.reader import Reader, reading
from services.catalogue.shelves import collections, filling
from services.catalogue.shelves.collections import CollectionChange, CollectionDraft
from services.catalogue.shelves.windows import CollectionFacts, list_collections, list_shown
from tests.services.acting import change, remove
from tests.services.evidence import news_of, nothing_changed
from tests.services.hiring import entries
from tests.support import ADMIN, actor_for, make_products
from utils.errors import Conflict, DomainError, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
FILL: dict[str, Callable[..., None]] = {
    "add": filling.add_to_collection,
    "remove": filling.remove_from_collection,
    "set": filling.set_collection_products,
}


def create(shop: Shop, name: str = "Summer", **wanted: Any) -> UUID:
    with shop.database.write() as session:
        draft = CollectionDraft(name, **wanted)
        return collections.create_collection(session, draft, actor=actor_for(shop, "sam"), cache=shop.cache)


def update(shop: Shop, collection: UUID, **wanted: Any) -> None:
    with shop.database.write() as session:
        change = CollectionChange(**wanted)
        collections.update_collection(session, collection, change, actor=ADMIN, cache=shop.cache)


def delete(shop: Shop, collection: UUID) -> None:
    with shop.database.write() as session:
        collections.delete_collection(session, collection, actor=ADMIN, cache=shop.cache)


def fill(shop: Shop, act: str, collection: UUID, *products: UUID, version: int | None = None) -> None:
    with shop.database.write() as session:
        FILL[act](session, collection, list(products), version=version, actor=ADMIN, cache=shop.cache)


def read(shop: Shop) -> dict[str, CollectionFacts]:
    """As requests read them, by slug."""
    with shop.database.read() as session:
        return {each.slug: each for each in list_collections(reading(session, shop.cache))}


def shown(shop: Shop, collection: UUID, first: int = 100) -> list[UUID]:
    """Its products on sale, as shoppers see them."""
    with shop.database.read() as session:
        found = list_shown(reading(session, shop.cache), [collection], first=first)
    return [each.id for each in found[collection]]


def test_a_collection_is_made_last_and_hidden_unless_told_otherwise(shop: Shop) -> None:
    first = create(shop, " Summer Fêtes ", description="Sun.\nSea.")
    second = create(shop, "Summer Fetes", is_published=True)
    third = create(shop, "\N{GRINNING FACE}", slug="smile", position=0)
    found = list(read(shop).values())
    assert [(each.id, each.slug, each.position, each.is_published) for each in found] == [
        (third, "smile", 0, False),
        (first, "summer-fetes", 0, False),
        (second, f"summer-fetes-{second.hex[-12:]}", 1, True),
    ]
    assert (found[1].name, found[1].description, found[1].version) == ("Summer Fêtes", "Sun.\nSea.", 1)
    assert news_of(shop.database, "catalogue.changed") == [{"tags": ["collections"]}] * 3
    assert [each.action for each in entries(shop.database)] == ["collection.created"] * 3


@pytest.mark.parametrize(
    ("kind", "wanted", "field"),
    [
        (InvalidInput, {"name": ""}, "name"),
        (InvalidInput, {"description": "a" * 2001}, "description"),
        (InvalidInput, {"position": -1}, "position"),
        (InvalidInput, {"slug": "A"}, "slug"),
        (Conflict, {"slug": "winter"}, "slug"),
        (InvalidInput, {"image_id": new_id()}, "imageId"),
    ],
)
def test_bad_collections_are_refused(shop: Shop, kind: type[DomainError], wanted: dict[str, Any], field: str) -> None:
    create(shop, "Winter")
    summer = create(shop)
    for act in (
        lambda: create(shop, **{"name": "Other", **wanted}),
        lambda: update(shop, summer, **{"is_published": True, **wanted}),
    ):
        with nothing_changed(shop.database), pytest.raises(kind) as refusal:
            act()
        assert refusal.value.details == {"field": field}


def test_a_shop_has_a_hundred_collections(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert collections.MOST_COLLECTIONS == 100
    monkeypatch.setattr(collections, "MOST_COLLECTIONS", 1)
    create(shop)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        create(shop, "Winter")


def test_a_change_is_seen_at_once_and_a_past_version_is_refused(shop: Shop) -> None:
    summer = create(shop)
    assert read(shop)["summer"].is_published is False
    update(shop, summer, is_published=True, slug="sun", version=1)
    found = read(shop)["sun"]
    assert (found.is_published, found.version, found.name) == (True, 2, "Summer")
    noted = entries(shop.database)[-1]
    assert (noted.action, noted.before, noted.after) == (
        "collection.changed",
        {"slug": "summer", "is_published": False},
        {"slug": "sun", "is_published": True},
    )
    acts: list[Callable[[], None]] = [
        lambda: update(shop, summer, name="New", version=1),
        lambda: fill(shop, "set", summer, version=1),
        lambda: fill(shop, "add", summer, version=1),
        lambda: fill(shop, "remove", summer, version=1),
    ]
    for act in acts:
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.details == {"field": "version", "version": 2}


def test_products_come_go_and_change_places(shop: Shop, product: Make) -> None:
    # given goods of two departments
    a, b, c = product(category="fruit"), product(category="toys"), product()
    summer = create(shop)
    # when, then
    fill(shop, "add", summer, b, a)
    assert shown(shop, summer) == [b, a]
    fill(shop, "add", summer, a, c, c, b)
    assert shown(shop, summer) == [b, a, c]
    fill(shop, "remove", summer, a, new_id())
    assert shown(shop, summer) == [b, c]
    fill(shop, "set", summer, c, a, b)
    assert shown(shop, summer) == [c, a, b]
    fill(shop, "set", summer)
    assert shown(shop, summer) == []
    assert read(shop)["summer"].version == 6
    noted = [(each.before, each.after) for each in entries(shop.database) if each.action == "collection.filled"]
    ids = {each: str(each) for each in (a, b, c)}
    assert noted == [
        ({"removed": []}, {"added": [ids[b], ids[a]]}),
        ({"removed": []}, {"added": [ids[c]]}),
        ({"removed": [ids[a]]}, {"added": []}),
        ({"products": [ids[b], ids[c]]}, {"products": [ids[c], ids[a], ids[b]]}),
        ({"removed": [ids[c], ids[a], ids[b]]}, {"added": []}),
    ]


def test_bad_fillings_are_refused(shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, summer = product(), product(), create(shop)
    fill(shop, "set", summer, a)
    for act in ("add", "set"):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            fill(shop, act, summer, b, new_id())
        assert refusal.value.details == {"field": "productIds"}
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        fill(shop, "set", summer, a, b, a)
    assert filling.MOST_PRODUCTS == 500
    monkeypatch.setattr(filling, "MOST_PRODUCTS", 1)
    for act in ("add", "set"):
        with nothing_changed(shop.database), pytest.raises(Conflict) as full:
            fill(shop, act, summer, a, b)
        assert full.value.details == {"field": "productIds"}


@pytest.mark.parametrize(
    "act",
    [
        lambda shop, each: update(shop, each, name="A"),
        delete,
        lambda shop, each: fill(shop, "add", each),
        lambda shop, each: fill(shop, "remove", each),
        lambda shop, each: fill(shop, "set", each),
    ],
)
def test_an_unknown_collection_is_not_found(shop: Shop, act: Callable[..., None]) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        act(shop, new_id())
    assert refusal.value.details == {"field": "collectionId"}


def test_a_collection_goes_and_its_products_stay(shop: Shop, product: Make) -> None:
    tea = product()
    with nothing_changed(shop.database, but=("outbox_events", "audit_entries")):
        summer = create(shop)
        fill(shop, "add", summer, tea)
        assert read(shop) != {}
        delete(shop, summer)
    assert read(shop) == {}
    before = entries(shop.database)[-1].before
    assert before is not None
    assert (before["slug"], before["products"]) == ("summer", [str(tea)])


def test_what_is_not_on_sale_is_passed_over_and_the_next_ones_fill_its_place(shop: Shop, product: Make) -> None:
    made = [product(name=f"P{number}") for number in range(6)]
    summer = create(shop)
    fill(shop, "set", summer, *made)
    assert shown(shop, summer, first=3) == made[:3]
    change(shop, "dana", made[0], status="draft")
    remove(shop, "dana", made[1])
    assert shown(shop, summer, first=3) == made[2:5]
    assert shown(shop, summer, first=5) == made[2:]
    change(shop, "dana", made[0], status="published")
    assert shown(shop, summer, first=3) == [made[0], *made[2:4]]


@pytest.mark.parametrize("count", [1, 8])
def test_products_of_any_number_of_collections_cost_the_same(
    shop: Shop, count: int, counted_sql: Callable[[], Any]
) -> None:
    goods = make_products(shop, 5)
    made = [create(shop, f"C{number}") for number in range(count)]
    for each in made:
        fill(shop, "set", each, *goods)
    change(shop, "dana", goods[0], status="draft")

    def costs() -> int:
        with shop.database.read() as session, counted_sql() as statements:
            reader = Reader(lambda: session, shop.cache)
            list_collections(reader)
            list_shown(reader, made, first=2)
        return len(statements)

    # all collections; which products; the first two of each; the rest
    assert [costs(), costs()] == [4, 0]
