"""Staff who switch discounts on at once: never more than there is room for."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from services.pricing.discounts import room
from services.pricing.discounts.making import create_discount
from tests.faults.rivals import beside, together, until_blocked
from tests.services.discounts_managed import create, draft, goods, update
from tests.support import ADMIN, make_products
from utils.errors import Conflict
from wiring import Shop


def counted(shop: Shop) -> tuple[int, int]:
    with shop.database.read() as session:
        active = "SELECT count(*) FROM discounts WHERE is_active"
        targets = "SELECT count(*) FROM discount_targets AS t JOIN discounts AS d ON d.id = discount_id WHERE is_active"
        return session.scalars(text(active)).one(), session.scalars(text(targets)).one()


def test_the_last_place_is_given_once(committing_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a place, and somebody who is about to take it
    shop = committing_shop
    monkeypatch.setattr(room, "MOST_ACTIVE", 2)
    create(shop)
    with beside() as start:
        with shop.database.write() as session:
            create_discount(session, draft(), actor=ADMIN, cache=shop.cache)
            late = start(partial(create, shop))
            until_blocked(shop.database)
        # then who came later is refused
        with pytest.raises(Conflict):
            late.result()
    assert counted(shop) == (2, 0)


def test_whoever_creates_switches_on_and_names_goods_at_once(
    committing_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = committing_shop
    monkeypatch.setattr(room, "MOST_ACTIVE", 4)
    monkeypatch.setattr(room, "MOST_ACTIVE_TARGETS", 5)
    tea, rice = make_products(shop, 2)
    off = [create(shop, is_active=False, targets=goods(tea)) for _ in range(3)]
    on: UUID = create(shop, targets=goods(tea))
    acts: list[Callable[[], object]] = [
        *(partial(update, shop, each, is_active=True) for each in off),
        *(partial(create, shop, targets=goods(tea, rice)) for _ in range(4)),
        partial(update, shop, on, targets=goods(tea, rice)),
    ]
    results = together(acts)
    assert {type(each).__name__ for each in results} <= {"NoneType", "UUID", "Conflict"}, results
    discounts, targets = counted(shop)
    assert discounts <= 4
    assert targets <= 5
    # and none was refused for which there was room
    assert discounts == 4 or targets >= 4
