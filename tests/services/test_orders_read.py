"""Reading orders: one's own, all for staff with the right, and a stranger's is as if it did not exist."""

from collections.abc import Callable
from uuid import UUID

import pytest

from models.user import Right
from services.orders.placing import Line, place_order
from services.orders.pricing_placed import Terms
from services.orders.reading import find_order, list_orders
from tests.services.acting import place
from tests.services.hiring import hire
from tests.support import BOB, actor_for
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def listed(shop: Shop, who: str, first: int = 100) -> list[UUID]:
    """The ids of the orders this caller sees, as they are listed."""
    with shop.database.read() as session:
        return [order.id for order in list_orders(session, actor=actor_for(shop, who), first=first)]


def found(shop: Shop, who: str, order_id: UUID) -> UUID | None:
    """The id of the order if this caller finds it."""
    with shop.database.read() as session:
        order = find_order(session, order_id, actor=actor_for(shop, who))
        return None if order is None else order.id


def test_customers_see_their_own_and_staff_see_all_newest_first(shop: Shop, product: Make) -> None:
    tea = product()
    alices, bobs, for_bob = (
        place(shop, "alice", (tea, 1)),
        place(shop, "bob", (tea, 1)),
        place(shop, "sam", (tea, 1), customer=BOB),
    )
    assert listed(shop, "alice") == [alices]
    assert listed(shop, "bob") == [for_bob, bobs]
    assert listed(shop, "charlie") == []
    assert listed(shop, "sam") == listed(shop, "dana") == [for_bob, bobs, alices]


@pytest.mark.parametrize("rights", [(), (Right.PRODUCTS, Right.ORDERS, Right.REFUNDS, Right.USERS, Right.DISCOUNTS)])
def test_staff_without_the_right_to_read_see_their_own_only(
    shop: Shop, product: Make, rights: tuple[Right, ...]
) -> None:
    # given
    kim = hire(shop, "kim", *rights).actor
    alices = place(shop, "alice", (product(), 1))
    with shop.database.write() as session:
        own = place_order(
            session,
            [Line(product(), 1)],
            actor=kim,
            customer_id=None,
            cache=shop.cache,
            request=None,
            verified_only=True,
            terms=Terms("UTC"),
        )
    # then
    with shop.database.read() as session:
        assert [order.id for order in list_orders(session, actor=kim, first=100)] == [own]
        assert find_order(session, alices, actor=kim) is None
        assert find_order(session, own, actor=kim) is not None


def test_the_list_is_capped(shop: Shop, product: Make) -> None:
    tea = product()
    made = [place(shop, "alice", (tea, 1)) for _ in range(3)]
    assert listed(shop, "alice", first=2) == [made[2], made[1]]
    assert listed(shop, "dana", first=1) == [made[2]]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_length_out_of_bounds_is_refused(shop: Shop, first: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        listed(shop, "alice", first)
    assert refusal.value.details == {"field": "first"}


def test_an_order_is_found_by_its_customer_and_by_staff(shop: Shop, product: Make) -> None:
    order_id = place(shop, "alice", (product(), 1))
    assert [found(shop, who, order_id) for who in ("alice", "sam", "dana")] == [order_id] * 3


def test_a_strangers_order_is_as_if_it_did_not_exist(shop: Shop, product: Make) -> None:
    order_id = place(shop, "alice", (product(), 1))
    assert found(shop, "bob", order_id) is None
    assert found(shop, "bob", new_id()) is None
    assert found(shop, "dana", new_id()) is None
