"""Whose discounts are whose: staff look after goods of their departments, admins after everything."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from models.user import Right
from services.accounts.actor import Actor
from services.catalogue.products.brands import find_or_make_brand
from services.catalogue.shelves.categories import CategoryChange, CategoryDraft, create_category, update_category
from services.catalogue.shelves.collections import CollectionDraft, create_collection
from services.pricing.calculating.facts import Targets
from tests.services.acting import category_id, change
from tests.services.discounts_managed import (
    LEAST,
    ORDER,
    add_codes,
    codes_in,
    create,
    delete,
    goods,
    remove_code,
    set_customers,
    targets_in,
    update,
)
from tests.services.evidence import nothing_changed
from tests.services.hiring import department_id, hire
from tests.support import ADMIN, ALICE
from utils.errors import Forbidden
from wiring import Shop

Make = Callable[..., UUID]


@pytest.fixture
def don(shop: Shop) -> Actor:
    """Staff of the marketplace who look after discounts."""
    return hire(shop, "don", Right.DISCOUNTS).actor


@pytest.fixture
def things(shop: Shop, product: Make) -> dict[str, Targets]:
    """Goods by whose they are: ours is the marketplace, theirs groceries."""
    acting: dict[str, Any] = {"actor": ADMIN, "cache": shop.cache}
    with shop.database.write() as session:
        draft = CategoryDraft("Ours alone", department_id=department_id(shop, "marketplace"))
        ours = create_category(session, draft, **acting)
        mixed = create_category(session, CategoryDraft("Mixed", parent_id=ours), **acting)
        below = create_category(session, CategoryDraft("Below", parent_id=mixed), **acting)
        theirs = CategoryChange(department_id=department_id(shop, "groceries"))
        update_category(session, below, theirs, **acting)
        leaf = create_category(session, CategoryDraft("Leaf", parent_id=ours), **acting)
        collection = create_collection(session, CollectionDraft("Summer"), **acting)
        brand = find_or_make_brand(session, "Acme")
    fruit = category_id(shop, "fruit")
    tea, apple = product(), product(category="fruit")
    return {
        "ours": goods(tea),
        "our category": goods(categories=[leaf]),
        "both of ours": goods(tea, categories=[leaf]),
        "theirs": goods(apple),
        "ours and theirs": goods(tea, apple),
        "their category": goods(categories=[fruit]),
        "ours with theirs below": goods(categories=[ours]),
        "mixed": goods(categories=[mixed]),
        "a collection": goods(tea, collections=[collection]),
        "a brand": goods(tea, brands=[brand]),
    }


OURS = ("ours", "our category", "both of ours")


def test_staff_make_and_change_discounts_on_goods_of_their_own(
    shop: Shop, don: Actor, things: dict[str, Targets]
) -> None:
    for name in things:
        if name in OURS:
            made = create(shop, targets=things[name], needs_code=True, actor=don)
            update(shop, made, targets=things["both of ours"], actor=don)
            add_codes(shop, made, f"A{made.hex}", actor=don)
            remove_code(shop, codes_in(shop, made)[0].id, actor=don)
            delete(shop, made, actor=don)
            assert targets_in(shop, made) == set()
        else:
            with nothing_changed(shop.database), pytest.raises(Forbidden):
                create(shop, targets=things[name], actor=don)


def refused(shop: Shop, act: Callable[..., object], *args: Any, **wanted: Any) -> None:
    """Asserts that the act is forbidden and changes nothing."""
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        act(shop, *args, **wanted)


def test_what_it_was_and_what_it_becomes_must_both_be_theirs(
    shop: Shop, don: Actor, things: dict[str, Targets]
) -> None:
    ours = create(shop, targets=things["ours"])
    for name in things.keys() - set(OURS):
        others = create(shop, targets=things[name], needs_code=True)
        add_codes(shop, others, f"B{others.hex}")
        refused(shop, update, ours, targets=things[name], actor=don)
        refused(shop, update, others, targets=things["ours"], actor=don)
        # Who may not look after it is told that first.
        refused(shop, update, others, name="Other", version=99, actor=don)
        refused(shop, delete, others, actor=don)
        refused(shop, add_codes, others, "C", actor=don)
        refused(shop, remove_code, codes_in(shop, others)[0].id, actor=don)


@pytest.mark.parametrize(
    "beyond",
    [
        {},
        {"targets": "ours", **LEAST["percent"], **ORDER},
        {"targets": "ours", **LEAST["free"]},
        {"targets": "ours", "for_named_customers": True},
        {"targets": "ours", **LEAST["buy"], "bought": "theirs"},
    ],
    ids=["all goods", "order", "shipping", "named", "bought"],
)
def test_what_goes_beyond_goods_of_theirs_is_an_admins(
    shop: Shop, don: Actor, things: dict[str, Targets], beyond: dict[str, Any]
) -> None:
    wanted: dict[str, Any] = {
        name: things.get(each, each) if isinstance(each, str) else each for name, each in beyond.items()
    }
    refused(shop, create, **wanted, actor=don)
    made = create(shop, **wanted)
    refused(shop, update, made, name="Other", actor=don)
    refused(shop, delete, made, actor=don)
    refused(shop, set_customers, made, add=[ALICE], actor=don)


def test_a_discount_of_theirs_does_not_become_an_admins(shop: Shop, don: Actor, things: dict[str, Targets]) -> None:
    ours = create(shop, **LEAST["buy"], targets=things["ours"], actor=don)
    refused(shop, update, ours, targets=None, actor=don)
    refused(shop, update, ours, for_named_customers=True, actor=don)
    refused(shop, update, ours, bought=things["theirs"], actor=don)
    update(shop, ours, bought=things["our category"], actor=don)


def test_a_product_that_moves_to_another_department_takes_its_discount_along(
    shop: Shop, don: Actor, product: Make
) -> None:
    tea = product()
    made = create(shop, targets=goods(tea), actor=don)
    change(shop, "dana", tea, category_id=category_id(shop, "fruit"))
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        update(shop, made, name="Other", actor=don)
