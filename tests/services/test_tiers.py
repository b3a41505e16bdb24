"""Tiers of customers: exact at every threshold, on the way up and down, and what is kept is repaired."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from demo.cast import PASSWORD
from models import CustomerTier, User
from models.discount import Tier
from services.accounts.erasing import delete_account
from services.catalogue.reader import reading
from services.pricing.discounts.customers import customer_facts
from services.pricing.tiers import recounting
from services.pricing.tiers.reading import Standing, list_standings, list_tier_changes
from services.pricing.tiers.recounting import Reason, Recount, Repair, recount
from services.pricing.tiers.tiers import Thresholds
from tests.services.evidence import nothing_changed
from tests.services.tiers import THRESHOLDS, add_orders, changes, kept, move, repair
from tests.support import ALICE, BOB, CHARLIE, actor_for
from utils import clock
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop
from workers.relay import relay_all

Counted = Callable[[], AbstractContextManager[list[str]]]


def count_anew(shop: Shop, customer: UUID = ALICE, reason: Reason = Reason.ORDER) -> Recount:
    with shop.database.write() as session:
        return recount(session, shop.cache, customer_id=customer, reason=reason, thresholds=THRESHOLDS)


def told_tier(shop: Shop, customer: UUID = ALICE) -> str:
    """The tier that discounts are judged by, as the cache has it."""
    with shop.database.read() as session:
        return customer_facts(reading(session, shop.cache), customer).tier.value


@pytest.mark.parametrize(
    ("before", "tier_before", "tier"),
    [(19, "bronze", "bronze"), (20, "bronze", "silver"), (48, "silver", "silver"), (49, "silver", "gold")],
)
@pytest.mark.parametrize("back", ["cancelled", "refunded"])
def test_one_more_paid_order_and_one_less(shop: Shop, before: int, tier_before: str, tier: str, back: str) -> None:
    # given
    add_orders(shop, ALICE, before)
    [order] = add_orders(shop, ALICE, 1, "pending")
    repair(shop)
    known = changes(shop, ALICE)
    assert (kept(shop, ALICE), told_tier(shop)) == ((tier_before, before), tier_before)
    # when it is paid
    move(shop, order, "paid")
    relay_all(shop)
    # then
    up = [] if tier == tier_before else [(tier_before, tier, before + 1, "order")]
    assert (kept(shop, ALICE), told_tier(shop)) == ((tier, before + 1), tier)
    assert changes(shop, ALICE) == known + up
    # when it is no success any more
    move(shop, order, back)
    relay_all(shop)
    # then
    down = [(after, earlier, before, "order") for earlier, after, _, _ in up]
    assert (kept(shop, ALICE), told_tier(shop)) == ((tier_before, before), tier_before)
    assert changes(shop, ALICE) == known + up + down


def test_only_paid_orders_of_this_customer_count(shop: Shop) -> None:
    for status in ("pending", "cancelled", "refunded"):
        add_orders(shop, ALICE, 30, status)
    add_orders(shop, ALICE, 2)
    add_orders(shop, BOB, 60)
    assert count_anew(shop) == Recount(corrected=True, moved=False)
    assert (kept(shop, ALICE), kept(shop, BOB), changes(shop, ALICE)) == (("bronze", 2), None, [])


def test_counting_twice_changes_nothing_twice(shop: Shop) -> None:
    add_orders(shop, ALICE, 50)
    assert count_anew(shop) == Recount(corrected=True, moved=True)
    with nothing_changed(shop.database):
        assert count_anew(shop) == Recount(corrected=False, moved=False)
    assert changes(shop, ALICE) == [("bronze", "gold", 50, "order")]


def test_who_is_erased_or_unknown_has_no_tier(shop: Shop) -> None:
    add_orders(shop, ALICE, 50)
    repair(shop)
    delete_account(shop.database, shop.passwords, actor=actor_for(shop, "alice"), password=PASSWORD, cache=shop.cache)
    for customer in (ALICE, new_id()):
        with nothing_changed(shop.database):
            assert count_anew(shop, customer) == Recount(corrected=False, moved=False)
    assert repair(shop) == Repair(0, 0, 0)
    assert (kept(shop, ALICE), changes(shop, ALICE)) == (None, [])


def test_a_repair_corrects_what_is_otherwise_and_says_how_much(shop: Shop) -> None:
    # given one who is right, one whose count is wrong, one whose tier is, one who has a row and never ordered
    add_orders(shop, ALICE, 21)
    repair(shop)
    add_orders(shop, BOB, 3)
    with shop.database.write() as session:
        session.execute(insert(CustomerTier).values(customer_id=BOB, tier="bronze", successful_orders=2))
        session.execute(insert(CustomerTier).values(customer_id=CHARLIE, tier="gold", successful_orders=50))
    # when
    assert repair(shop) == Repair(checked=3, corrected=2, moved=1)
    # then
    assert [kept(shop, each) for each in (ALICE, BOB, CHARLIE)] == [("silver", 21), ("bronze", 3), ("bronze", 0)]
    assert changes(shop, CHARLIE) == [("gold", "bronze", 0, "repair")]
    with nothing_changed(shop.database):
        assert repair(shop) == Repair(checked=3, corrected=0, moved=0)


def test_who_has_orders_that_do_not_count_is_looked_at_and_gets_no_row(shop: Shop) -> None:
    add_orders(shop, ALICE, 2, "pending")
    with nothing_changed(shop.database):
        assert repair(shop) == Repair(checked=1, corrected=0, moved=0)


def test_other_thresholds_come_into_effect_by_a_repair(shop: Shop) -> None:
    add_orders(shop, ALICE, 21)
    repair(shop)
    assert told_tier(shop) == "silver"
    assert repair(shop, Thresholds(silver=5, gold=21)) == Repair(checked=1, corrected=1, moved=1)
    assert (kept(shop, ALICE), told_tier(shop)) == (("gold", 21), "gold")
    assert repair(shop, Thresholds(silver=22, gold=30)) == Repair(checked=1, corrected=1, moved=1)
    assert (kept(shop, ALICE), told_tier(shop)) == (("bronze", 21), "bronze")
    assert [each[:2] for each in changes(shop, ALICE)] == [
        ("bronze", "silver"),
        ("silver", "gold"),
        ("gold", "bronze"),
    ]


@pytest.mark.parametrize("page", [1, 2, 7, 1000])
def test_a_repair_goes_over_all_accounts_page_by_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, counted_sql: Counted, page: int
) -> None:
    # given seven with orders among the accounts there are
    monkeypatch.setattr(recounting, "PAGE", page)
    people = [new_id() for _ in range(7)]
    with shop.database.write() as session:
        for each in people:
            session.add(User(id=each, email=f"{each}@example.com", name="N", password_hash="!", created_at=clock.now()))
    for number, each in enumerate(people):
        add_orders(shop, each, 20 + number % 2)
    # when
    assert repair(shop) == Repair(checked=7, corrected=7, moved=3)
    # then
    assert [kept(shop, each) for each in people] == [(("bronze", 20), ("silver", 21))[at % 2] for at in range(7)]
    with shop.database.read() as session:
        accounts = session.execute(text("SELECT count(*) FROM users")).scalar_one()
    with counted_sql() as statements:
        assert repair(shop) == Repair(checked=7, corrected=0, moved=0)
    assert len(statements) == accounts // page + 1


def test_reading_where_customers_stand(shop: Shop, counted_sql: Counted) -> None:
    add_orders(shop, ALICE, 50)
    for thresholds in (Thresholds(60, 70), Thresholds(30, 70), THRESHOLDS):
        repair(shop, thresholds)
    with shop.database.read() as session:
        assert list_standings(session, [ALICE, BOB, new_id()]) == {
            ALICE: Standing(ALICE, Tier.GOLD, 50),
            BOB: Standing(BOB, Tier.BRONZE, 0),
        }
        with counted_sql() as statements:
            found = list_tier_changes(session, [ALICE, BOB], first=2)
        assert len(statements) == 1
        assert [(each.before, each.after, each.successful_orders) for each in found[ALICE]] == [
            (Tier.SILVER, Tier.GOLD, 50),
            (Tier.BRONZE, Tier.SILVER, 50),
        ]
        assert found[BOB] == []
        assert [each.after for each in list_tier_changes(session, [ALICE], first=1)[ALICE]] == [Tier.GOLD]
        for first in (0, 101):
            with pytest.raises(InvalidInput):
                list_tier_changes(session, [ALICE], first=first)
