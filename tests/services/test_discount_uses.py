"""Uses of discounts: taken, refused when none is left, told to the cache, and given back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from models import Discount, DiscountCode, DiscountUse, OutboxEvent
from services.pricing.discounts.uses import give_back_uses, take_uses
from services.pricing.tags import DISCOUNTS, customer_tag
from tests.services.evidence import nothing_changed
from tests.services.using_discounts import (
    applied,
    give_back,
    given,
    limited,
    offer,
    reader_of_rules,
    shown_customer,
    shown_rules,
    take,
    uses,
)
from tests.support import ALICE, BOB, CHARLIE
from utils.ids import new_id
from wiring import Shop

Counting = Callable[[], Any]


def made(order: UUID | list[UUID]) -> UUID:
    assert isinstance(order, UUID)
    return order


def code_uses(shop: Shop) -> dict[str, int]:
    with shop.database.read() as session:
        return {row.code: row.used_count for row in session.scalars(select(DiscountCode))}


def announced(shop: Shop) -> list[list[str]]:
    """The tags of every event so far, which are forgotten now."""
    with shop.database.write() as session:
        found = [row.payload["tags"] for row in session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))]
        session.execute(delete(OutboxEvent))
    return found


def test_a_use_is_noted_with_its_order_customer_code_and_amount(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"TEA": None})
    order = take(shop, discount, codes={discount: "TEA"})
    with shop.database.read() as session:
        [row] = session.scalars(select(DiscountUse))
        code = session.scalars(select(DiscountCode.id)).one()
    assert (row.discount_id, row.order_id, row.customer_id) == (discount, order, ALICE)
    assert (row.code_id, row.amount) == (code, Decimal("1.500"))


def test_what_has_no_limit_is_not_counted(shop: Shop) -> None:
    """Buyers of a discount that all may use wait for nobody."""
    discount = offer(shop, needs_code=True, codes={"TEA": None})
    for _ in range(3):
        take(shop, discount, codes={discount: "TEA"})
    assert uses(shop, discount) == (0, {}, 3)
    assert code_uses(shop) == {"TEA": 0}


def test_the_total_limit_holds(shop: Shop) -> None:
    discount = offer(shop, total_limit=2)
    made(take(shop, discount))
    made(take(shop, discount, customer=BOB))
    with nothing_changed(shop.database):
        assert take(shop, discount, customer=CHARLIE) == [discount]
    assert uses(shop, discount) == (2, {}, 2)


def test_the_limit_of_each_customer_holds(shop: Shop) -> None:
    discount = offer(shop, per_customer_limit=2)
    for customer in (ALICE, ALICE, BOB):
        made(take(shop, discount, customer=customer))
    with nothing_changed(shop.database):
        assert take(shop, discount) == [discount]
    made(take(shop, discount, customer=BOB))
    assert uses(shop, discount) == (0, {ALICE: 2, BOB: 2}, 4)


def test_the_limit_of_a_code_holds(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"ONCE": 1, "EVER": None})
    made(take(shop, discount, codes={discount: "ONCE"}))
    with nothing_changed(shop.database):
        assert take(shop, discount, codes={discount: "ONCE"}, customer=BOB) == [discount]
    made(take(shop, discount, codes={discount: "EVER"}, customer=BOB))
    assert code_uses(shop) == {"ONCE": 1, "EVER": 0}


def test_a_first_order_is_one(shop: Shop) -> None:
    discount = offer(shop, first_order_only=True)
    made(take(shop, discount))
    with nothing_changed(shop.database):
        assert take(shop, discount) == [discount]
    made(take(shop, discount, customer=BOB))


def test_all_that_are_short_are_told_by_id_and_nothing_of_the_rest_is_taken(shop: Shop) -> None:
    short = sorted(offer(shop, total_limit=1, used_count=1) for _ in range(3))
    left = offer(shop, total_limit=1, per_customer_limit=1, codes={"TEA": 1})
    with nothing_changed(shop.database):
        assert take(shop, short[2], left, short[0], short[1], codes={left: "TEA"}) == short
    made(take(shop, left, codes={left: "TEA"}))


# What staff do, and whether the discount, its code and its customers' uses are limited.
MEANWHILE: dict[str, Callable[[UUID], Any]] = {
    "changed": lambda each: update(Discount).where(Discount.id == each).values(version=2),
    "ended": lambda each: update(Discount).where(Discount.id == each).values(is_active=False),
    "removed": lambda each: delete(Discount).where(Discount.id == each),
}


@pytest.mark.parametrize("limits", [{}, {"total_limit": 5}, {"per_customer_limit": 5}, {"codes": {"TEA": 5}}])
@pytest.mark.parametrize("act", MEANWHILE)
def test_what_staff_changed_in_between_is_stale(shop: Shop, act: str, limits: dict[str, Any]) -> None:
    discount, left = offer(shop, **limits), offer(shop, total_limit=5, per_customer_limit=5)
    with shop.database.write() as session:
        reduced = [applied(session, each) for each in (discount, left)]
        codes = {discount: given(session, "TEA")} if "codes" in limits else {}
        of = limited(session, [discount, left])
        session.execute(MEANWHILE[act](discount))
    with nothing_changed(shop.database), shop.database.write() as session:
        taken = take_uses(session, customer_id=ALICE, applied=reduced, codes=codes, limited=of)
        assert (taken.is_stale, taken.is_done, taken.short, taken.tags) == (True, False, (), ())


def test_a_limited_code_that_is_gone_is_stale(shop: Shop) -> None:
    discount = offer(shop, needs_code=True, codes={"TEA": 1})
    with shop.database.write() as session:
        reduced, code = applied(session, discount), given(session, "TEA")
        session.execute(delete(DiscountCode))
    with nothing_changed(shop.database), shop.database.write() as session:
        assert take_uses(session, customer_id=ALICE, applied=[reduced], codes={discount: code}, limited=()).is_stale


def test_without_discounts_nothing_is_taken(shop: Shop, counted_sql: Counting) -> None:
    with shop.database.write() as session, counted_sql() as statements:
        assert take_uses(session, customer_id=ALICE, applied=[], codes={}, limited=()).is_done
    assert statements == []


def test_the_cache_is_told_of_discounts_when_one_becomes_exhausted_or_ceases_to_be(shop: Shop) -> None:
    discount, free = offer(shop, total_limit=2), offer(shop)
    alice = customer_tag(ALICE)
    announced(shop)
    made(take(shop, free))
    first = made(take(shop, discount, free))
    assert announced(shop) == [[alice], [alice]]
    second = made(take(shop, discount, free))
    assert announced(shop) == [[alice, DISCOUNTS]]
    give_back(shop, first)
    assert announced(shop) == [[DISCOUNTS, customer_tag(ALICE)]]
    give_back(shop, second)
    assert announced(shop) == [[customer_tag(ALICE)]]


def test_of_uses_that_were_not_taken_nobody_is_told(shop: Shop) -> None:
    left, short = offer(shop, total_limit=1), offer(shop, total_limit=1, used_count=1)
    shown_customer(shop)
    before = reader_of_rules(shop).versions, shown_customer(shop)
    assert take(shop, left, short) == [short]
    assert (reader_of_rules(shop).versions, shown_customer(shop)) == before


def test_an_exhausted_discount_shows_so_and_its_return_too_at_once(shop: Shop) -> None:
    discount = offer(shop, total_limit=1, per_customer_limit=1)
    assert shown_rules(shop)[discount].is_exhausted is False
    order = made(take(shop, discount))
    assert shown_rules(shop)[discount].is_exhausted is True
    assert shown_customer(shop).uses == {discount: 1}
    give_back(shop, order)
    assert shown_rules(shop)[discount].is_exhausted is False
    assert shown_customer(shop).uses == {}


def test_a_cancelled_order_gives_everything_back_once(shop: Shop) -> None:
    discount = offer(
        shop, total_limit=2, per_customer_limit=2, needs_code=True, first_order_only=True, codes={"TEA": 2}
    )
    order = made(take(shop, discount, codes={discount: "TEA"}))
    assert (uses(shop, discount), code_uses(shop)) == ((1, {ALICE: 1}, 1), {"TEA": 1})
    for _ in range(2):
        give_back(shop, order)
        assert (uses(shop, discount), code_uses(shop)) == ((0, {ALICE: 0}, 0), {"TEA": 0})
    made(take(shop, discount, codes={discount: "TEA"}))


def test_giving_back_is_of_that_order_only(shop: Shop) -> None:
    discount, other = offer(shop, total_limit=5, per_customer_limit=5), offer(shop, total_limit=5)
    order = made(take(shop, discount))
    made(take(shop, discount, other))
    made(take(shop, discount, customer=BOB))
    give_back(shop, order)
    assert uses(shop, discount) == (2, {ALICE: 1, BOB: 1}, 2)
    assert uses(shop, other) == (1, {}, 1)


def test_what_was_counted_before_there_was_a_limit_is_not_given_back(shop: Shop) -> None:
    discount = offer(shop)
    order = made(take(shop, discount))
    with shop.database.write() as session:
        session.execute(update(Discount).values(total_limit=1, per_customer_limit=1))
    give_back(shop, order)
    assert uses(shop, discount) == (0, {}, 0)


def test_giving_back_for_an_unknown_order_changes_nothing(shop: Shop) -> None:
    offer(shop, total_limit=1)
    with nothing_changed(shop.database), shop.database.write() as session:
        give_back_uses(session, shop.cache, order_id=new_id())


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(
    ("limits", "expected"),
    [({}, 1), ({"total_limit": 9}, 2), ({"per_customer_limit": 9}, 2), ({"first_order_only": True}, 3)],
)
def test_how_many_statements_taking_costs(
    shop: Shop, counted_sql: Counting, count: int, limits: dict[str, Any], expected: int
) -> None:
    discounts = [offer(shop, **limits) for _ in range(count)]
    with shop.database.write() as session:
        reduced, of = [applied(session, each) for each in discounts], limited(session, discounts)
        with counted_sql() as statements:
            assert take_uses(session, customer_id=ALICE, applied=reduced, codes={}, limited=of).is_done
    assert len(statements) == expected
