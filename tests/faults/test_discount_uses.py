"""Uses of discounts under rivals: never more than there are, nobody is stuck, what is given back is there again."""

from functools import partial
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import text

from models import Discount, User
from services.pricing.discounts.changing import update_discount
from services.pricing.discounts.drafts import DiscountChange
from tests.faults.rivals import beside, count_rows, interrupted, outcomes, together, until_blocked
from tests.services.using_discounts import give_back, offer, shown_customer, shown_rules, take, uses
from tests.support import ADMIN, ALICE, BOB
from utils import clock
from utils.ids import new_id
from wiring import Shop

LOCKED, TAKEN = "WITH limited", "INSERT INTO discount_uses"


def people(shop: Shop, count: int) -> list[UUID]:
    """So many customers, who have no orders."""
    with shop.database.write() as session:
        made = [
            User(
                id=new_id(),
                name="Buyer",
                email=f"buyer{number}@example.com",
                password_hash="-",
                created_at=clock.now(),
            )
            for number in range(count)
        ]
        session.add_all(made)
        return [each.id for each in made]


def buyers(shop: Shop, count: int, *discounts: UUID, **more: object) -> list[partial[UUID | list[UUID]]]:
    """An act for each of so many customers who want the discounts."""
    return [partial(take, shop, *discounts, customer=each, **more) for each in people(shop, count)]  # type: ignore[arg-type]


def test_forty_buyers_of_the_last_use_are_one_who_has_it(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, total_limit=1)
    assert shown_rules(shop)[discount].is_exhausted is False
    results = together(buyers(shop, 40, discount))
    assert sorted(outcomes(results).items()) == [("UUID", 1), ("list", 39)]
    assert [each for each in results if isinstance(each, list)] == [[discount]] * 39
    assert uses(shop, discount)[::2] == (1, 1)
    assert count_rows(shop.database, "orders") == 1
    assert shown_rules(shop)[discount].is_exhausted is True


def test_forty_buyers_of_ten_uses_are_ten_who_have_them(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, total_limit=10)
    results = together(buyers(shop, 40, discount))
    assert sorted(outcomes(results).items()) == [("UUID", 10), ("list", 30)]
    assert uses(shop, discount)[::2] == (10, 10)


def test_forty_buyers_with_a_code_of_one_use_are_one_who_has_it(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, needs_code=True, codes={"ONCE": 1})
    results = together(buyers(shop, 40, discount, codes={discount: "ONCE"}))
    assert sorted(outcomes(results).items()) == [("UUID", 1), ("list", 39)]
    assert uses(shop, discount) == (0, {}, 1)


@pytest.mark.parametrize("is_used", [False, True])
def test_one_customer_in_twenty_orders_has_no_more_than_their_own_uses(committing_shop: Shop, is_used: bool) -> None:
    """Whether there is a row of the customer's uses to wait at, or the first one makes it."""
    shop = committing_shop
    discount = offer(shop, per_customer_limit=3)
    if is_used:
        take(shop, discount)
    results = together([partial(take, shop, discount)] * 20)
    assert sorted(outcomes(results).items()) == [("UUID", 3 - is_used), ("list", 17 + is_used)]
    assert uses(shop, discount) == (0, {ALICE: 3}, 3)
    assert shown_customer(shop).uses == {discount: 3}


def test_one_customer_in_twenty_first_orders_has_one_first_order(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, first_order_only=True)
    results = together([partial(take, shop, discount)] * 20)
    assert sorted(outcomes(results).items()) == [("UUID", 1), ("list", 19)]
    assert count_rows(shop.database, "orders") == 1


def test_orders_with_several_discounts_never_deadlock(committing_shop: Shop) -> None:
    """In whatever order they come, with total limits, limits of one customer and codes, and with orders cancelled."""
    shop = committing_shop
    wanted = [offer(shop, total_limit=1000, per_customer_limit=1000, codes={f"C{number}": 1000}) for number in range(3)]
    codes = {each: f"C{number}" for number, each in enumerate(wanted)}

    def many(discounts: tuple[UUID, ...]) -> list[object]:
        orders = [take(shop, *discounts, codes=codes) for _ in range(8)]
        for each in orders[:4]:
            assert isinstance(each, UUID)
            give_back(shop, each)
        return list(orders)

    results = together([partial(many, each) for each in permutations(wanted)])
    assert outcomes(results) == {"list": 6}
    assert [uses(shop, each) for each in wanted] == [(24, {ALICE: 24}, 24)] * 3


def test_rivals_lock_discounts_by_id(committing_shop: Shop) -> None:
    """The one moment at which two orders would each hold what the other one needs, made on purpose."""
    shop = committing_shop
    first, last = sorted(offer(shop, total_limit=5) for _ in range(2))
    with beside() as start, shop.database.write() as session:
        session.execute(text("SELECT 1 FROM discounts WHERE id = :id FOR NO KEY UPDATE"), {"id": first})
        waiting = [start(partial(take, shop, *each)) for each in ((last, first), (first, last))]
        until_blocked(shop.database, 2)
        # Whoever waits for the first one holds none of the later ones.
        session.execute(text("SELECT 1 FROM discounts WHERE id = :id FOR UPDATE NOWAIT"), {"id": last})
    assert [isinstance(each.result(), UUID) for each in waiting] == [True, True]


def test_whoever_waited_for_the_last_use_has_none(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, total_limit=1)
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(take, shop, discount, customer=BOB)))
            until_blocked(shop.database)

        rivals: list[object] = []
        with interrupted(shop.database.engine, after=LOCKED, by=rival):
            first = take(shop, discount)
    assert isinstance(first, UUID)
    assert [each.result() for each in rivals] == [[discount]]  # type: ignore[attr-defined]  # Futures
    assert uses(shop, discount)[0] == 1


def test_whoever_waited_for_one_that_was_given_up_has_it(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, total_limit=1, per_customer_limit=1, first_order_only=True)
    with beside() as start:

        def rival_and_fault() -> None:
            rivals.append(start(partial(take, shop, discount)))
            until_blocked(shop.database)
            raise RuntimeError("the first one fails after it took its use")

        rivals: list[object] = []
        with (
            interrupted(shop.database.engine, after=TAKEN, by=rival_and_fault),
            pytest.raises(RuntimeError),
        ):
            take(shop, discount)
    assert [isinstance(each.result(), UUID) for each in rivals] == [True]  # type: ignore[attr-defined]  # Futures
    assert uses(shop, discount) == (1, {ALICE: 1}, 1)


def test_buyers_of_what_has_no_limit_do_not_wait(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop)
    with beside() as start:

        def rival() -> None:
            rivals.append(start(partial(take, shop, discount, customer=BOB)).result(timeout=10))

        rivals: list[object] = []
        with interrupted(shop.database.engine, after=TAKEN, by=rival):
            take(shop, discount)
    assert [isinstance(each, UUID) for each in rivals] == [True]
    assert uses(shop, discount) == (0, {}, 2)


def test_a_limit_that_comes_meanwhile_counts_the_order_that_was_first(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop)
    with beside() as start:

        def limited() -> None:
            with shop.database.write() as session:
                change = DiscountChange(total_limit=1, per_customer_limit=1)
                update_discount(session, discount, change, actor=ADMIN, cache=shop.cache)

        def rival() -> None:
            rivals.append(start(limited))
            until_blocked(shop.database)

        rivals: list[object] = []
        with interrupted(shop.database.engine, after=LOCKED, by=rival):
            assert isinstance(take(shop, discount), UUID)
    assert [each.result() for each in rivals] == [None]  # type: ignore[attr-defined]  # Futures
    assert uses(shop, discount) == (1, {ALICE: 1}, 1)
    assert take(shop, discount, customer=BOB) == [discount]


def test_two_cancellations_give_back_once(committing_shop: Shop) -> None:
    shop = committing_shop
    discount = offer(shop, total_limit=5, per_customer_limit=5)
    order = take(shop, discount)
    take(shop, discount)
    assert isinstance(order, UUID)
    assert outcomes(together([partial(give_back, shop, order)] * 8)) == {"NoneType": 8}
    assert uses(shop, discount) == (1, {ALICE: 1}, 1)
    with shop.database.read() as session:
        assert session.get_one(Discount, discount).version == 1
