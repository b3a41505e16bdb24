"""A repeated request is harmless: one key, one order, one change of stock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select

from models import IdempotencyKey, Order
from services.idempotency import Request, begin, forget_old
from tests.services.acting import change, place
from tests.services.evidence import everything, nothing_changed, stock_of
from tests.support import ALICE, BOB, make_products
from utils.errors import Conflict, InvalidInput, OutOfStock
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]


def request(caller: UUID = ALICE, key: str = "k1", **arguments: Any) -> Request:
    """A request for createOrder."""
    return Request(caller=str(caller), key=key, field="createOrder", arguments=arguments)


def test_a_repetition_answers_with_the_first_order_and_takes_no_stock(shop: Shop, product: Make) -> None:
    # given
    tea = product(stock=10)
    first = place(shop, "alice", (tea, 3), request=request(tea=3))
    # when
    with nothing_changed(shop.database, but=("outbox_events",)):  # the cache is told again
        again = place(shop, "alice", (tea, 3), request=request(tea=3))
    # then
    assert again == first
    assert stock_of(shop.database, tea) == [7]


def test_a_repetition_answers_also_when_nothing_is_left(shop: Shop, product: Make) -> None:
    tea = product(stock=3)
    first = place(shop, "alice", (tea, 3), request=request(tea=3))
    assert place(shop, "alice", (tea, 3), request=request(tea=3)) == first


def test_other_arguments_under_one_key_are_a_conflict(shop: Shop, product: Make) -> None:
    tea = product()
    place(shop, "alice", (tea, 3), request=request(tea=3))
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        place(shop, "alice", (tea, 4), request=request(tea=4))
    assert refusal.value.details == {"field": "idempotencyKey"}


def test_keys_belong_to_their_caller(shop: Shop, product: Make) -> None:
    tea = product(stock=10)
    first = place(shop, "alice", (tea, 3), request=request(ALICE))
    second = place(shop, "bob", (tea, 3), request=request(BOB))
    assert first != second
    assert stock_of(shop.database, tea) == [4]


def test_another_key_is_another_order(shop: Shop, product: Make) -> None:
    tea = product(stock=10)
    made = {place(shop, "alice", (tea, 3), request=request(key=key)) for key in ("k1", "K1", "k2")}
    assert (len(made), stock_of(shop.database, tea)) == (3, [1])


def test_a_refusal_is_not_stored(shop: Shop, product: Make) -> None:
    # given a request that was refused
    tea = product(stock=2)
    with nothing_changed(shop.database), pytest.raises(OutOfStock):
        place(shop, "alice", (tea, 3), request=request(tea=3))
    # when there is more
    change(shop, "dana", tea, stock_count=5)
    # then the same request succeeds
    place(shop, "alice", (tea, 3), request=request(tea=3))
    assert stock_of(shop.database, tea) == [2]


@pytest.mark.parametrize("key", ["", "a" * 201, "a\0", "a\n", "\t", "é", "\ud800", "\x7f"])
def test_bad_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        request(key=key)
    assert refusal.value.message == "An idempotency key has 1 to 200 printable ASCII characters."
    assert refusal.value.details == {"field": "idempotencyKey"}


@pytest.mark.parametrize("key", ["a", " ", "~" * 200, "8e03978e-40d5-43e8-bc93-6894a57f9324"])
def test_good_keys_are_taken(key: str) -> None:
    assert request(key=key).key == key


def test_the_hash_does_not_depend_on_the_order_of_arguments() -> None:
    assert request(a=1, b=[2]).arguments_hash == request(b=[2], a=1).arguments_hash
    assert request(a=1, b=[2]).arguments_hash != request(a=1, b=[3]).arguments_hash


def test_keys_are_kept_forty_eight_hours(shop: Shop) -> None:
    # given keys of four ages
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as now, shop.database.write() as session:
        for hours in (0, 1, 47, 48):
            now.move_to(start + timedelta(hours=hours))
            begin(session, request(key=f"at {hours}"), makes=new_id())
        # when
        now.move_to(start + timedelta(hours=49))
        forgotten = forget_old(session)
        # then
        assert forgotten == 1
        assert sorted(session.scalars(select(IdempotencyKey.key))) == ["at 1", "at 47", "at 48"]


def test_what_was_made_is_found_under_its_field_only(shop: Shop) -> None:
    made = new_id()
    with shop.database.write() as session:
        assert begin(session, request(), makes=made) is None
        assert begin(session, request(), makes=new_id()) == made
        another = Request(caller=str(ALICE), key="k1", field="another", arguments={})
        assert begin(session, another, makes=new_id()) is None


def test_a_double_click_makes_one_order(committing_shop: Shop) -> None:
    # given eight requests with one key, all at once
    shop = committing_shop
    (tea,) = make_products(shop, 1, stock=10)
    start, made = Barrier(8), list[UUID]()

    def click() -> None:
        start.wait()
        made.append(place(shop, "alice", (tea, 3), request=request(tea=3)))

    clicks = [Thread(target=click) for _ in range(8)]
    # when
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    # then
    assert (len(made), len(set(made))) == (8, 1)
    assert stock_of(shop.database, tea) == [7]
    with shop.database.read() as session:
        assert session.scalars(select(func.count()).select_from(Order)).one() == 1
    assert len(everything(shop.database)["idempotency_keys"]) == 1
