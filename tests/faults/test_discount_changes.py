"""Staff who change a discount while an order waits at its row: the order is priced by what the discount is by then."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from models import Discount, DiscountCode, DiscountCustomer
from services.orders import pricing_placed
from services.orders.pricing_kept import list_explanations
from services.orders.replaying import Replay
from services.pricing.discounts.changing import delete_discount, update_discount
from services.pricing.discounts.code_making import remove_code
from services.pricing.discounts.drafts import DiscountChange
from services.pricing.discounts.naming import set_customers
from services.pricing.facts_now import facts_now
from tests.faults.rivals import assert_clean, beside, count_rows, interrupted, until_blocked
from tests.faults.test_discount_races import buy, people, stocks, totals
from tests.services.offers import changed, offer, uses_of
from tests.support import ADMIN, make_products
from utils.errors import DiscountExhausted, DiscountUnknown, DomainError, Unavailable
from wiring import Shop

Act = Callable[[Session, Shop, UUID], object]
LIMITS: dict[str, dict[str, Any]] = {
    "no limit": {},
    "a total limit": {"total_limit": 5},
    "a limit for each customer": {"per_customer_limit": 5},
    "first orders": {"first_order_only": True},
}


def change(session: Session, shop: Shop, discount: UUID, **values: Any) -> None:
    update_discount(session, discount, DiscountChange(**values), actor=ADMIN, cache=shop.cache)


def end(session: Session, shop: Shop, discount: UUID) -> None:
    change(session, shop, discount, is_active=False)


def removed(session: Session, shop: Shop, discount: UUID) -> None:
    delete_discount(session, discount, actor=ADMIN, cache=shop.cache)


def without_codes(session: Session, shop: Shop, discount: UUID) -> None:
    for each in session.scalars(select(DiscountCode.id)).all():
        remove_code(session, each, actor=ADMIN, cache=shop.cache)


def is_limited(shop: Shop, discount: UUID) -> bool:
    with shop.database.read() as session:
        return session.get_one(Discount, discount).total_limit is not None


def bought_meanwhile(
    shop: Shop, buyer: UUID, tea: UUID, discount: UUID, act: Act, codes: Sequence[str] = ()
) -> UUID | DomainError:
    """What becomes of an order that waits at the discount's row while staff act, and commit."""
    with beside() as start:
        with shop.database.write() as session:
            act(session, shop, discount)
            waiting = start(partial(buy, shop, buyer, tea, codes))
            until_blocked(shop.database)
        try:
            return waiting.result()
        except DomainError as refusal:
            return refusal


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize(
    ("act", "total"),
    [
        (end, "10"),
        (removed, "10"),
        (partial(change, percent=Decimal(25)), "7.5"),
        (partial(change, percent=Decimal(1)), "9.9"),
        (partial(change, min_quantity=2), "10"),
        (partial(change, total_limit=3), "9"),
        (partial(change, total_limit=None, per_customer_limit=None, name="No limit"), "9"),
    ],
)
def test_an_order_that_waited_has_the_price_of_the_changed_discount(
    committing_shop: Shop, limits: str, act: Act, total: str
) -> None:
    # given
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    discount = offer(shop, name="Changed", **LIMITS[limits])
    # when
    made = bought_meanwhile(shop, buyer, tea, discount, act)
    # then there is one order of that price, and a use only if it is cheaper
    assert isinstance(made, UUID)
    assert totals(shop) == {Decimal(total): 1}
    is_cheaper = total != "10"
    assert count_rows(shop.database, "discount_uses") == int(is_cheaper)
    if act is not removed:
        count, uses = uses_of(shop, discount)
        expected = [(made, buyer, Decimal(10) - Decimal(total))] if is_cheaper else []
        assert [(*use[:2], Decimal(use[2])) for use in uses] == expected
        assert count == (int(is_cheaper) if is_limited(shop, discount) else 0)
    # and it has taken one piece, tells of the new version, and its facts give its price again
    assert stocks(shop, [tea]) == {4: 1}
    with shop.database.read() as session:
        considered = list_explanations(session, [made], in_full=True)[made].considered
    assert [each.version for each in considered] == ([] if act in (end, removed) else [2])
    replay = Replay(shop.database)
    assert (list(replay.differences()), replay.replayed) == ([], 1)
    assert_clean(shop.database)


@pytest.mark.parametrize("limits", [{}, {"total_limit": 5}, {"use_limit": 5}])
@pytest.mark.parametrize("act", [end, removed, without_codes])
def test_a_code_that_staff_ended_while_the_order_waited_is_refused(
    committing_shop: Shop, limits: dict[str, Any], act: Act
) -> None:
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    discount = offer(shop, code="TEA", **limits)
    refusal = bought_meanwhile(shop, buyer, tea, discount, act, ["tea"])
    # then as whoever comes later is told, and nothing was ordered
    assert isinstance(refusal, DiscountUnknown)
    assert refusal.details == {"discountCode": "TEA"}
    assert [count_rows(shop.database, each) for each in ("orders", "discount_uses", "order_pricing")] == [0, 0, 0]
    assert stocks(shop, [tea]) == {5: 1}


def test_who_is_not_named_any_more_pays_the_full_price(committing_shop: Shop) -> None:
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    discount = offer(shop, for_named_customers=True, total_limit=5)
    with shop.database.write() as session:
        session.execute(insert(DiscountCustomer).values(discount_id=discount, customer_id=buyer))

    def forget(session: Session, shop: Shop, discount: UUID) -> None:
        set_customers(session, discount, add=[], remove=[buyer], actor=ADMIN, cache=shop.cache)

    assert isinstance(bought_meanwhile(shop, buyer, tea, discount, forget), UUID)
    assert (totals(shop), uses_of(shop, discount)) == ({Decimal(10): 1}, (0, []))


def test_what_runs_out_after_a_change_is_marked_so(committing_shop: Shop) -> None:
    """Staff leave it as many uses as it had: the order that waited finds the last one gone."""
    shop = committing_shop
    goods, buyers = make_products(shop, 2, price="10.00", stock=5), people(shop, 2)
    discount, coded = offer(shop, total_limit=2, name="Last"), offer(shop, code="ONCE", total_limit=2)
    buy(shop, buyers[0], goods[0], ["ONCE"])

    def limit(session: Session, shop: Shop, each: UUID) -> None:
        change(session, shop, each, total_limit=1)

    made = bought_meanwhile(shop, buyers[1], goods[1], discount, limit)
    assert isinstance(made, UUID)
    assert totals(shop) == {Decimal("8.1"): 1, Decimal(10): 1}
    with shop.database.read() as session:
        considered = list_explanations(session, [made], in_full=True)[made].considered
    assert {each.name: each.refusal and each.refusal.name for each in considered}["Last"] == "EXHAUSTED"
    refusal = bought_meanwhile(shop, buyers[1], goods[1], coded, limit, ["ONCE"])
    assert isinstance(refusal, DiscountExhausted)
    assert (uses_of(shop, discount)[0], uses_of(shop, coded)[0]) == (1, 1)


def test_a_try_that_found_a_change_holds_no_rivals_row(committing_shop: Shop) -> None:
    """A discount that became limited is not locked after later ones: whoever held these has let them go."""
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    first, last = sorted(offer(shop) for _ in range(2))
    changed(shop, last, total_limit=5)
    free: list[int] = []

    def look() -> None:
        with shop.database.write() as session:
            chosen = text("SELECT id FROM discounts ORDER BY id FOR NO KEY UPDATE NOWAIT")
            free.append(len(session.execute(chosen).all()))

    with beside() as start, interrupted(shop.database.engine, after="ROLLBACK TO SAVEPOINT", by=look):
        with shop.database.write() as session:
            change(session, shop, first, total_limit=5)
            waiting = start(partial(buy, shop, buyer, tea))
            until_blocked(shop.database)
        assert isinstance(waiting.result(), UUID)
    assert free == [2]
    assert totals(shop) == {Decimal("8.1"): 1}
    assert [uses_of(shop, each)[0] for each in (first, last)] == [1, 1]


@pytest.mark.parametrize("limits", [{}, {"total_limit": 5}])
@pytest.mark.parametrize("changes", [pricing_placed.MOST_READINGS - 1, pricing_placed.MOST_READINGS])
def test_a_discount_that_changes_again_and_again(
    committing_shop: Shop, monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any], changes: int
) -> None:
    # given staff who are in between each time the rules were read
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    discount, left = offer(shop, percent=50, **limits), [*range(changes)]
    read = facts_now

    def read_before_a_change(*of: Any, **more: Any) -> Any:
        facts = read(*of, **more)
        if left:
            changed(shop, discount, percent=10 + left.pop())
        return facts

    monkeypatch.setattr(pricing_placed, "facts_now", read_before_a_change)
    # then the order is made with the last one, or refused after so many times
    if changes < pricing_placed.MOST_READINGS:
        buy(shop, buyer, tea)
        assert (totals(shop), stocks(shop, [tea])) == ({Decimal(9): 1}, {4: 1})
    else:
        with pytest.raises(Unavailable):
            buy(shop, buyer, tea)
        assert [count_rows(shop.database, each) for each in ("orders", "discount_uses")] == [0, 0]
        assert stocks(shop, [tea]) == {5: 1}
    assert left == []
    assert uses_of(shop, discount)[0] == int(bool(limits) and changes < pricing_placed.MOST_READINGS)


def test_staff_wait_until_an_order_with_the_discount_is_made(committing_shop: Shop) -> None:
    """Whether it has a limit or not: once an order holds it, the discount ends after the order."""
    shop = committing_shop
    [tea], [buyer] = make_products(shop, 1, price="10.00", stock=5), people(shop, 1)
    discount = offer(shop)

    def ended() -> int:
        with shop.database.write() as session:
            end(session, shop, discount)
            return int(session.execute(text("SELECT count(*) FROM orders")).scalar_one())

    with beside() as start:
        staff: list[Any] = []

        def begin() -> None:
            staff.append(start(ended))
            until_blocked(shop.database)

        with interrupted(shop.database.engine, after="WITH limited", by=begin):
            buy(shop, buyer, tea)
    assert [each.result() for each in staff] == [1]
    assert totals(shop) == {Decimal(9): 1}
