"""The rules that orders read: remembered by this process under their versions, and never other than they are."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from models import Discount, DiscountTarget
from models.discount import Tier
from services.pricing.calculating.facts import Rule, Step, Targets
from services.pricing.discounts import rules_now
from services.pricing.discounts.changing import delete_discount, update_discount
from services.pricing.discounts.code_making import CodesDraft, add_codes, remove_code
from services.pricing.discounts.drafts import Amount, DiscountChange, Hours, Weekday
from services.pricing.discounts.naming import set_customers
from tests.services.acting import order_with_lines, place, remove
from tests.services.offers import offer
from tests.services.using_discounts import active_rules_now
from tests.support import ADMIN, ALICE
from utils import clock
from wiring import Shop

Make = Callable[..., UUID]
Counting = Callable[[], Any]


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> rules_now._Memory:
    """The memory of a process that has just begun."""
    empty = rules_now._Memory()
    monkeypatch.setattr(rules_now, "_memory", empty)
    return empty


def rules(shop: Shop) -> tuple[Rule, ...]:
    with shop.database.write() as session:
        return active_rules_now(session, moment=clock.now())


def fresh(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Rule, ...]:
    """As a process that remembers nothing reads them."""
    with monkeypatch.context() as patched:
        patched.setattr(rules_now, "_memory", rules_now._Memory())
        return rules(shop)


def count(shop: Shop, counted_sql: Counting) -> int:
    with counted_sql() as statements:
        rules(shop)
    return len(statements)


def test_only_what_is_not_known_is_read(shop: Shop, counted_sql: Counting) -> None:
    assert count(shop, counted_sql) == 1
    first = offer(shop)
    assert [count(shop, counted_sql) for _ in range(2)] == [2, 1]
    offer(shop)
    with counted_sql() as statements:
        found = rules(shop)
    assert len(statements) == 2
    assert len(found) == 2
    # The same object, so that nothing of it is counted out or written down twice.
    assert rules(shop) is found
    with shop.database.write() as session:
        session.execute(update(Discount).where(Discount.id == first).values(is_active=False))
    assert count(shop, counted_sql) == 1


def test_whether_all_uses_are_taken_is_read_each_time(shop: Shop, counted_sql: Counting) -> None:
    offer(shop, total_limit=1)
    for used_count, expected in ((0, False), (1, True), (0, False)):
        with shop.database.write() as session:
            session.execute(update(Discount).values(used_count=used_count))
        [rule] = rules(shop)
        assert rule.is_exhausted is expected
        assert count(shop, counted_sql) == 1


def test_one_that_was_exhausted_when_it_was_first_read_is_not_remembered_so(shop: Shop) -> None:
    offer(shop, total_limit=1, used_count=1)
    assert rules(shop)[0].is_exhausted
    with shop.database.write() as session:
        session.execute(update(Discount).values(used_count=0))
    assert not rules(shop)[0].is_exhausted


# All that staff can do to a discount that the calculator is told of.
CHANGES: dict[str, dict[str, Any]] = {
    "name": {"name": "Other"},
    "percent": {"percent": Decimal(33)},
    "limits": {"total_limit": 7, "per_customer_limit": 3},
    "minimums": {"min_amounts": (Amount(Decimal(5), "USD"),), "min_quantity": 4},
    "time": {"ends_at": clock.now() + timedelta(days=9)},
    "windows": {"windows": (Hours(Weekday.MONDAY, "08:00", "09:00"),)},
    "tiers and regions": {"tiers": (Tier.GOLD,), "region_codes": ("DE",)},
    "who": {"for_named_customers": True, "first_order_only": True},
    "standing": {"priority": 3, "exclusive_group": "g", "combines_with": ()},
    "code": {"needs_code": True},
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_staff_change_is_read_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    discount = offer(shop)
    offer(shop)
    before = rules(shop)
    with shop.database.write() as session:
        update_discount(session, discount, DiscountChange(**CHANGES[what]), actor=ADMIN, cache=shop.cache)
    after = rules(shop)
    assert after == fresh(shop, monkeypatch)
    [changed, other] = sorted(after, key=lambda rule: rule.id != discount)
    assert (changed.version, other in before, changed in before) == (2, True, False)


def test_other_targets_are_read_anew(shop: Shop, product: Make) -> None:
    tea, rice = product(), product()
    discount = offer(shop, targets=[{"product_id": tea}])
    assert rules(shop)[0].targets == Targets(products=frozenset({tea}))
    change = DiscountChange(targets=Targets(products=frozenset({rice})))
    with shop.database.write() as session:
        update_discount(session, discount, change, actor=ADMIN, cache=shop.cache)
    assert rules(shop)[0].targets == Targets(products=frozenset({rice}))


def test_codes_and_names_make_another_version(shop: Shop) -> None:
    coded, named = offer(shop, needs_code=True), offer(shop, for_named_customers=True)
    versions = [_versions(shop, coded, named)]
    with shop.database.write() as session:
        code = add_codes(session, coded, CodesDraft(codes=["TEA"]), actor=ADMIN, cache=shop.cache)
        set_customers(session, named, add=[ALICE], remove=[], actor=ADMIN, cache=shop.cache)
    versions.append(_versions(shop, coded, named))
    with shop.database.write() as session:
        remove_code(session, code, actor=ADMIN, cache=shop.cache)
        set_customers(session, named, add=[], remove=[ALICE], actor=ADMIN, cache=shop.cache)
    versions.append(_versions(shop, coded, named))
    assert versions == [[1, 1], [2, 2], [3, 3]]


def test_one_that_is_removed_is_gone(shop: Shop) -> None:
    discount = offer(shop)
    assert len(rules(shop)) == 1
    with shop.database.write() as session:
        delete_discount(session, discount, actor=ADMIN, cache=shop.cache)
    assert rules(shop) == ()


def test_another_moment_of_the_same_version_is_another_rule(shop: Shop) -> None:
    """As after a database was set back, and changed otherwise than before."""
    offer(shop)
    assert rules(shop)[0].percent == 10
    with shop.database.write() as session:
        session.execute(update(Discount).values(percent=20, updated_at=clock.now()))
    assert rules(shop)[0].percent == 20


@pytest.mark.parametrize("kind", ["percent", "buy_x_get_y"])
def test_goods_that_are_removed_leave_prices_as_they_are(
    shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The row of a target goes without another version: what is remembered prices the same as what is read."""
    tea, rice, gone = product(price="10.00", stock=9), product(price="4.00", stock=9), product(price="1.00")
    more: dict[str, Any] = {} if kind == "percent" else {"kind": kind, "percent": 50, "bought_apart": True}
    more |= {} if kind == "percent" else {"buy_quantity": 1, "get_quantity": 1}
    sides: list[Any] = [{"product_id": each} for each in (tea, gone)]
    bought: list[Any] = [{"product_id": each, "side": "bought"} for each in (rice, gone)] if more else []
    offer(shop, targets=[*sides, *bought], min_quantity=1, **more)
    offer(shop, targets=[{"product_id": gone}], percent=99, name="Of nothing")
    before = place(shop, "alice", (tea, 2), (rice, 1))
    remove(shop, "dana", gone)
    remembered = place(shop, "alice", (tea, 2), (rice, 1))
    monkeypatch.setattr(rules_now, "_memory", rules_now._Memory())
    read = place(shop, "alice", (tea, 2), (rice, 1))
    found = [_amounts(shop, each) for each in (before, remembered, read)]
    expected = [Decimal(18), Decimal(4)] if kind == "percent" else [Decimal(15), Decimal(4)]
    assert found == [expected] * 3


def test_what_is_remembered_has_an_end(shop: Shop, counted_sql: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = rules_now._Memory(most=2_000)
    monkeypatch.setattr(rules_now, "_memory", memory)
    known = memory.known._known
    made = {offer(shop) for _ in range(9)}
    assert {rule.id for rule in rules(shop)} == made
    assert 0 < len(known) < 9
    assert memory.known._weight == sum(weight for _, weight in known.values()) <= 2_000
    # The list that was made last is there as a whole; another one reads what was forgotten.
    assert count(shop, counted_sql) == 1
    made.add(offer(shop))
    assert {rule.id for rule in rules(shop)} == made
    assert memory.known._weight <= 2_000


def test_all_are_of_one_moment_even_if_staff_come_between_the_statements(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = offer(shop, name="Known"), None
    rules(shop)
    new = offer(shop, name="New")
    read = rules_now._read

    def read_after_a_change(session: Session, ids: list[str], moment: Any) -> Any:
        session.execute(update(Discount).where(Discount.id == known).values(is_active=False))
        changed = {"version": 2, "steps": [[2, "9"]], "kind": "quantity_steps", "percent": None, "total_limit": 3}
        session.execute(update(Discount).where(Discount.id == new).values(**changed))
        return read(session, ids, moment)

    with shop.database.write() as session:
        heads = session.connection().exec_driver_sql(rules_now.HEADS, {"now": clock.now()}).scalar_one()
        monkeypatch.setattr(rules_now, "_read", read_after_a_change)
        found = rules_now.rules_of_heads(session, heads, moment=clock.now())
        assert [(rule.id, rule.version, rule.steps) for rule in found.rules] == [(new, 2, (Step(2, Decimal(9)),))]
        assert found.limited == {new}


def test_which_have_a_total_limit_is_told(shop: Shop) -> None:
    limited, _ = offer(shop, total_limit=2), offer(shop, per_customer_limit=2)
    with shop.database.write() as session:
        heads = session.connection().exec_driver_sql(rules_now.HEADS, {"now": clock.now()}).scalar_one()
        assert rules_now.rules_of_heads(session, heads, moment=clock.now()).limited == {limited}


def test_no_row_of_a_target_is_no_goods(shop: Shop, product: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(shop, targets=[{"product_id": product()}])
    with shop.database.write() as session:
        session.execute(delete(DiscountTarget))
    assert rules(shop)[0].targets == Targets()


def _versions(shop: Shop, *discounts: UUID) -> list[int]:
    found = {rule.id: rule.version for rule in rules(shop)}
    return [found[each] for each in discounts]


def _amounts(shop: Shop, order_id: UUID) -> list[Decimal]:
    return [line.line_total for line in order_with_lines(shop, order_id).items]
