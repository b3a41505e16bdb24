"""What becomes of uses of discounts when orders move on: a cancelled order gives them back, once."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.services.acting import order_with_lines, place
from tests.services.evidence import nothing_changed
from tests.services.offers import offer, uses_of
from tests.services.tiers import move
from tests.support import ALICE, BOB
from utils.errors import DiscountExhausted
from wiring import Shop

Make = Callable[..., UUID]
TENTH, NOTHING = Decimal(1), Decimal(0)


@pytest.fixture
def buy(shop: Shop, product: Make) -> Callable[..., tuple[UUID, Decimal]]:
    """An order of a piece for 10.00: its id, and how much discounts took off."""
    tea = product(price="10.00", stock=20)

    def order(who: str, *codes: str) -> tuple[UUID, Decimal]:
        made = place(shop, who, (tea, 1), codes=codes)
        return made, order_with_lines(shop, made).discount_total

    return order


Buy = Callable[..., tuple[UUID, Decimal]]


def customer_uses(shop: Shop) -> dict[UUID, int]:
    with shop.database.read() as session:
        rows = session.execute(text("SELECT customer_id, used_count FROM discount_customer_uses"))
        return {row.customer_id: row.used_count for row in rows}


@pytest.mark.parametrize("first", [[], ["paid"]])
def test_the_last_use_of_all_comes_back(shop: Shop, buy: Buy, first: Sequence[str]) -> None:
    # given a discount that one order has used up
    discount = offer(shop, total_limit=1)
    order, taken = buy("alice")
    assert (taken, buy("bob")[1]) == (TENTH, NOTHING)
    for status in first:
        move(shop, order, status)
    assert uses_of(shop, discount) == (1, [(order, ALICE, "1.000")])
    # when
    move(shop, order, "cancelled")
    # then nobody has it, and whoever is next does
    assert uses_of(shop, discount) == (0, [])
    other, taken = buy("bob")
    assert (taken, buy("alice")[1]) == (TENTH, NOTHING)
    assert uses_of(shop, discount) == (1, [(other, BOB, "1.000")])


def test_the_last_use_of_a_customer_comes_back(shop: Shop, buy: Buy) -> None:
    discount = offer(shop, per_customer_limit=1)
    order, taken = buy("alice")
    bobs, _ = buy("bob")
    assert (taken, buy("alice")[1]) == (TENTH, NOTHING)
    assert customer_uses(shop) == {ALICE: 1, BOB: 1}
    move(shop, order, "cancelled")
    # nobody else's
    assert customer_uses(shop) == {ALICE: 0, BOB: 1}
    assert uses_of(shop, discount)[1] == [(bobs, BOB, "1.000")]
    assert [buy(who)[1] for who in ("bob", "alice", "alice")] == [NOTHING, TENTH, NOTHING]


@pytest.mark.parametrize(
    ("limits", "who", "condition"),
    [
        ({"use_limit": 1}, "bob", "EXHAUSTED"),
        ({"total_limit": 1}, "bob", "EXHAUSTED"),
        ({"per_customer_limit": 1}, "alice", "EXHAUSTED_FOR_CUSTOMER"),
    ],
)
def test_a_code_that_was_refused_counts_again(
    shop: Shop, buy: Buy, limits: dict[str, Any], who: str, condition: str
) -> None:
    # given
    offer(shop, code="ONCE", **limits)
    order, taken = buy("alice", "ONCE")
    assert taken == TENTH

    def refused() -> bool:
        with nothing_changed(shop.database), pytest.raises(DiscountExhausted) as refusal:
            buy(who, "ONCE")
        return bool(refusal.value.details == {"discountCode": "ONCE", "condition": condition})

    assert refused()
    # when
    move(shop, order, "cancelled")
    # then it counts for one order more, and no other
    assert buy(who, "once")[1] == TENTH
    assert refused()


def test_who_calls_an_order_off_twice_gives_back_once(shop: Shop, buy: Buy) -> None:
    discount = offer(shop, total_limit=2, per_customer_limit=2)
    order, _ = buy("alice")
    kept, _ = buy("alice")
    for _ in range(2):
        move(shop, order, "cancelled")
        assert uses_of(shop, discount) == (1, [(kept, ALICE, "1.000")])
        assert customer_uses(shop) == {ALICE: 1}


def test_a_refunded_order_has_used_what_it_used(shop: Shop, buy: Buy) -> None:
    discount = offer(shop, total_limit=1, per_customer_limit=1)
    order, _ = buy("alice")
    move(shop, order, "paid")
    move(shop, order, "refunded")
    assert (uses_of(shop, discount), buy("bob")[1]) == ((1, [(order, ALICE, "1.000")]), NOTHING)
    assert customer_uses(shop) == {ALICE: 1}
