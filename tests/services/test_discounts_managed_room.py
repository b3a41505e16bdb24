"""How many discounts may be switched on at once, and how many goods they may name together."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from services.pricing.discounts import room
from tests.services.acting import remove
from tests.services.discounts_managed import LEAST, create, delete, goods, row_of, update
from tests.services.evidence import nothing_changed
from tests.services.offers import offer
from tests.support import GraphQLClient
from utils.errors import Conflict
from wiring import Shop

Make = Callable[..., UUID]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for three discounts and five goods."""
    assert (room.MOST_ACTIVE, room.MOST_ACTIVE_TARGETS) == (1_000, 50_000)
    monkeypatch.setattr(room, "MOST_ACTIVE", 3)
    monkeypatch.setattr(room, "MOST_ACTIVE_TARGETS", 5)


@pytest.fixture
def clock() -> Any:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def refused(shop: Shop, act: Callable[..., object], *of: UUID, field: str, **wanted: Any) -> None:
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        act(shop, *of, **wanted)
    assert refusal.value.details == {"field": field}


def test_one_more_is_not_made_unless_it_is_off(shop: Shop, clock: Any) -> None:
    # given three, one of which has not begun
    first = create(shop, ends_at=NOON + HOUR)
    create(shop)
    create(shop, starts_at=NOON + 2 * HOUR)
    # then
    refused(shop, create, field="isActive")
    refused(shop, create, field="isActive", starts_at=NOON + 9 * HOUR)
    create(shop, is_active=False)
    offer(shop, starts_at=NOON - 2 * HOUR, ends_at=NOON)
    # and there is room for as many as are switched off, removed or over
    update(shop, first, is_active=False)
    second = create(shop)
    refused(shop, create, field="isActive")
    delete(shop, second)
    create(shop, ends_at=NOON + HOUR)
    refused(shop, create, field="isActive")
    clock.move_to(NOON + HOUR)
    create(shop)
    refused(shop, create, field="isActive")


def test_nor_switched_on_nor_prolonged(shop: Shop, clock: Any) -> None:
    off, over = create(shop, is_active=False), offer(shop, starts_at=NOON - 2 * HOUR, ends_at=NOON)
    on = [create(shop, ends_at=NOON + HOUR) for _ in range(3)]
    refused(shop, update, off, field="isActive", is_active=True)
    refused(shop, update, over, field="endsAt", ends_at=NOON + HOUR)
    refused(shop, update, over, field="endsAt", ends_at=None)
    # what is no more than before is not refused
    update(shop, off, name="Other")
    update(shop, over, name="Over")
    update(shop, over, is_active=False)
    update(shop, over, is_active=True)
    update(shop, on[0], is_active=True, ends_at=NOON + 2 * HOUR)
    update(shop, on[1], ends_at=None)
    # and one that ended meanwhile left its room to another
    clock.move_to(NOON + HOUR)
    create(shop)
    refused(shop, update, on[2], field="endsAt", ends_at=NOON + 2 * HOUR)


def test_a_shop_with_too_many_of_before_can_still_change_them(shop: Shop, product: Make) -> None:
    tea, rice = product(), product()
    many = [offer(shop, targets=[{"product_id": each} for each in (tea, rice)]) for _ in range(5)]
    update(shop, many[0], ends_at=datetime(2999, 1, 1, tzinfo=UTC))
    update(shop, many[0], ends_at=datetime(2998, 1, 1, tzinfo=UTC), name="Shorter", targets=goods(tea))
    update(shop, many[0], ends_at=datetime(2999, 1, 1, tzinfo=UTC))
    refused(shop, update, many[0], field="targets", targets=goods(tea, rice))
    update(shop, many[0], targets=None)
    update(shop, many[1], is_active=False)
    refused(shop, update, many[1], field="isActive", is_active=True)


def test_the_goods_of_all_are_bounded_on_both_sides(shop: Shop, product: Make) -> None:
    tea, rice, figs = (product() for _ in range(3))
    first = create(shop, targets=goods(tea, rice))
    create(shop, targets=goods(tea), is_active=False)
    both = {**LEAST["buy"], "targets": goods(tea, rice), "bought": goods(tea, figs)}
    refused(shop, create, field="targets", **both)
    second = create(shop, **{**both, "bought": goods(tea)})
    refused(shop, update, second, field="targets", bought=goods(tea, figs))
    refused(shop, update, first, field="targets", targets=goods(tea, rice, figs))
    refused(shop, create, field="targets", targets=goods(tea))
    # all goods are named by none, and others may be named instead
    create(shop)
    update(shop, first, targets=goods(tea, figs))
    # and what a product that is removed left is room again
    remove(shop, "dana", figs)
    update(shop, first, targets=goods(tea, rice))
    assert row_of(shop, first).version == 3


def test_the_refusal_is_told(graphql: GraphQLClient, shop: Shop) -> None:
    for _ in range(3):
        create(shop)
    document = 'mutation { createDiscount(input: {name: "Sale", kind: PERCENT, percent: 10}) { id } }'
    with nothing_changed(shop.database):
        [error] = graphql(document, as_="dana")["errors"]
    told = error["extensions"]
    assert (told["code"], told["field"]) == ("CONFLICT", "isActive")
    assert error["message"] == "At most 3 discounts may be switched on and not over: end some first."
