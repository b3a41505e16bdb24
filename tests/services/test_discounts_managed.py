"""Discounts as staff make, change and remove them: what is kept, what is told, and who may."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from models.discount import DiscountClass, DiscountKind, Tier
from models.user import Right
from services.catalogue.reader import reading
from services.pricing.calculating.facts import Rule, Step, Targets, Window
from services.pricing.discounts.active import active_rules
from services.pricing.discounts.customers import customer_facts
from services.pricing.discounts.drafts import Amount, Hours, Weekday
from tests.services.acting import category_id, place, remove
from tests.services.discounts_managed import LEAST, ORDER, create, delete, goods, row_of, targets_in, update
from tests.services.evidence import news_of, nothing_changed
from tests.services.hiring import entries, hire
from tests.services.offers import offer
from tests.support import ALICE, BOB, DANA
from utils import clock
from utils.errors import Conflict, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TOLD = {"tags": ["discounts"]}


def rules(shop: Shop) -> list[Rule]:
    """The active rules as the calculator is told them, by the cache."""
    with shop.database.read() as session:
        return list(active_rules(reading(session, shop.cache), time_zone="UTC"))


def test_a_discount_is_kept_whole_told_and_noted(shop: Shop, product: Make) -> None:
    tea, fruit = product(), category_id(shop, "fruit")
    assert rules(shop) == []
    made = create(
        shop,
        name=" Two teas, one fruit ",
        kind=DiscountKind.BUY_X_GET_Y,
        percent=Decimal("50.5"),
        buy_quantity=2,
        get_quantity=1,
        targets=goods(categories=[fruit]),
        bought=goods(tea),
        tiers=[Tier.GOLD, Tier.SILVER, Tier.GOLD],
        region_codes=["US", "US"],
        first_order_only=True,
        min_amounts=[Amount(Decimal("10.5"), "USD"), Amount(Decimal(1000), "JPY")],
        min_quantity=3,
        starts_at=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        ends_at=datetime(2999, 1, 1, tzinfo=UTC),
        windows=[Hours(Weekday.SUNDAY, "00:00", "24:00"), Hours(Weekday.FRIDAY, "16:00", "20:30")],
        total_limit=1000,
        per_customer_limit=2,
        priority=7,
        exclusive_group=" summer ",
        combines_with=[DiscountClass.SHIPPING, DiscountClass.ORDER, DiscountClass.ORDER],
    )
    row = row_of(shop, made)
    assert (row.amounts, row.steps, row.all_goods, row.bought_apart) == ({}, [], False, True)
    assert (row.min_amounts, row.windows) == ({"USD": "10.50", "JPY": "1000"}, [[4, 960, 1230], [6, 0, 1440]])
    assert (row.version, row.used_count, row.created_by, row.is_active) == (1, 0, DANA, True)
    assert row.created_at == row.updated_at
    assert targets_in(shop, made) == {("reduced", "category_id", fruit), ("bought", "product_id", tea)}
    [rule] = rules(shop)
    assert rule == Rule(
        id=made,
        version=1,
        name="Two teas, one fruit",
        kind=DiscountKind.BUY_X_GET_Y,
        applies_to=DiscountClass.PRODUCT,
        percent=Decimal("50.50"),
        buy_quantity=2,
        get_quantity=1,
        targets=Targets(categories=frozenset({fruit})),
        bought=Targets(products=frozenset({tea})),
        tiers=frozenset({Tier.GOLD, Tier.SILVER}),
        region_codes=frozenset({"US"}),
        first_order_only=True,
        min_amounts={"USD": Decimal("10.50"), "JPY": Decimal(1000)},
        min_quantity=3,
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        ends_at=datetime(2999, 1, 1, tzinfo=UTC),
        windows=(Window(4, 960, 1230), Window(6, 0, 1440)),
        per_customer_limit=2,
        priority=7,
        exclusive_group="summer",
        combines_with=frozenset({DiscountClass.ORDER, DiscountClass.SHIPPING}),
    )
    assert news_of(shop.database, "catalogue.changed")[-1] == TOLD


def test_what_was_made_is_noted(shop: Shop) -> None:
    fruit = category_id(shop, "fruit")
    windows = [Hours(Weekday.FRIDAY, "16:00", "20:30")]
    wanted: dict[str, Any] = {"kind": DiscountKind.PERCENT, "percent": Decimal("50.5"), "windows": windows}
    made = create(shop, **wanted, targets=goods(categories=[fruit]))
    [entry] = [each for each in entries(shop.database) if each.action.startswith("discount")]
    assert (entry.action, entry.subject_id, entry.actor_id, entry.before) == ("discount.created", made, DANA, None)
    assert entry.after is not None
    assert (entry.after["percent"], entry.after["windows"][0]) == ("50.50", ["FRIDAY", "16:00", "20:30"])
    assert entry.after["targets"] == {"products": [], "categories": [str(fruit)], "collections": [], "brands": []}


@pytest.mark.parametrize(
    ("kind", "applies_to", "wanted"),
    [
        ("percent", "product", {}),
        ("percent", "order", ORDER),
        ("amount", "order", ORDER),
        ("buy", "product", {}),
        ("free", "shipping", {}),
    ],
)
def test_each_kind_with_no_more_than_it_must_have(shop: Shop, kind: str, applies_to: str, wanted: Any) -> None:
    row = row_of(shop, create(shop, **LEAST[kind], **wanted))
    assert (row.applies_to, row.all_goods, row.bought_apart, row.needs_code) == (applies_to, True, False, False)
    assert (row.priority, row.combines_with, row.tiers, row.starts_at) == (100, [], [], None)
    assert row.percent == {"percent": Decimal(10), "buy": Decimal(100)}.get(kind)
    assert [each.id for each in rules(shop)] == [row.id]


def test_steps_and_amounts_as_they_are_kept(shop: Shop) -> None:
    steps = create(shop, kind=DiscountKind.QUANTITY_STEPS, steps=[Step(6, Decimal(5)), Step(12, Decimal("7.5"))])
    assert row_of(shop, steps).steps == [[6, "5.00"], [12, "7.50"]]
    amounts = create(
        shop,
        kind=DiscountKind.AMOUNT,
        amounts=[Amount(Decimal("1.5"), "USD"), Amount(Decimal("0.125"), "KWD"), Amount(Decimal("99.0"), "JPY")],
    )
    assert row_of(shop, amounts).amounts == {"USD": "1.50", "KWD": "0.125", "JPY": "99"}


def test_a_change_leaves_what_is_left_out_and_takes_away_what_is_null(shop: Shop, product: Make) -> None:
    # given
    tea, rice = product(), product()
    made = create(
        shop,
        targets=goods(tea),
        tiers=[Tier.GOLD],
        min_quantity=2,
        starts_at=NOON,
        ends_at=datetime(2999, 1, 1, tzinfo=UTC),
        exclusive_group="a",
        total_limit=5,
        needs_code=True,
    )
    # when, then: nothing but the version and the moment
    before = row_of(shop, made)
    update(shop, made, is_active=False, name=None, needs_code=None, priority=None)
    now = row_of(shop, made)
    assert (now.is_active, now.version) == (False, 2)
    assert now.updated_at > before.updated_at
    same = ("name", "percent", "min_quantity", "starts_at", "ends_at", "tiers", "needs_code", "priority", "total_limit")
    assert [getattr(now, each) for each in same] == [getattr(before, each) for each in same]
    assert targets_in(shop, made) == {("reduced", "product_id", tea)}
    assert rules(shop) == []
    [entry] = [each for each in entries(shop.database) if each.action == "discount.changed"]
    assert (entry.before, entry.after) == ({"is_active": True}, {"is_active": False})
    # and other goods for these, other times, and no conditions
    update(shop, made, is_active=True, targets=goods(rice), tiers=None, min_quantity=None, starts_at=None, ends_at=None)
    assert targets_in(shop, made) == {("reduced", "product_id", rice)}
    now = row_of(shop, made)
    assert (now.tiers, now.min_quantity, now.starts_at, now.ends_at) == ([], None, None, None)
    assert (now.exclusive_group, now.total_limit, now.all_goods, now.version) == ("a", 5, False, 3)
    # and all goods
    update(shop, made, targets=None, exclusive_group=None, total_limit=None)
    now = row_of(shop, made)
    assert (now.all_goods, now.exclusive_group, now.total_limit) == (True, None, None)
    assert targets_in(shop, made) == set()
    assert [(each.version, each.targets) for each in rules(shop)] == [(4, None)]
    assert news_of(shop.database, "catalogue.changed")[-4:] == [TOLD] * 4


def test_an_end_before_the_start_that_was_there_is_refused(shop: Shop) -> None:
    made = create(shop, starts_at=NOON)
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        update(shop, made, ends_at=NOON)
    assert refusal.value.details == {"field": "endsAt"}


def test_an_end_that_has_passed_is_refused_unless_it_was_there(shop: Shop) -> None:
    moment = clock.now()
    made, over = create(shop), offer(shop, ends_at=moment)
    for end in (moment, moment - timedelta(days=1), NOON):
        for act in (partial(create, shop), partial(update, shop, made), partial(update, shop, over)):
            if end != moment or act.args[-1] != over:
                with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
                    act(ends_at=end)
                assert refusal.value.details == {"field": "endsAt"}
    # one that is over is changed otherwise, and its end may be said again
    update(shop, over, name="Other", is_active=False, ends_at=moment)
    assert (row_of(shop, over).name, row_of(shop, over).ends_at) == ("Other", moment)
    soon = clock.now() + timedelta(hours=1)
    update(shop, over, ends_at=soon)
    assert row_of(shop, over).ends_at == soon


def test_what_is_in_dollars_only_is_not_of_a_region_with_another_currency(shop: Shop) -> None:
    dollars = {"amounts": [Amount(Decimal(5), "USD")]}
    made = create(shop, **LEAST["amount"] | dollars, region_codes=["DE", "US"])
    for wanted in ({"region_codes": ["DE"]}, {"amounts": [Amount(Decimal(5), "JPY")]}):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            update(shop, made, **wanted)
        assert refusal.value.details == {"field": "amounts"}
    update(shop, made, region_codes=["DE"], amounts=[Amount(Decimal(5), "EUR")])
    # one of before there was this rule can be switched off, and mended
    old = offer(shop, kind="amount", amounts={"USD": "5"}, region_codes=["DE"])
    update(shop, old, is_active=False)
    with nothing_changed(shop.database), pytest.raises(InvalidInput):
        update(shop, old, amounts=[Amount(Decimal(6), "USD")])
    update(shop, old, region_codes=None)
    assert row_of(shop, old).region_codes == []


def test_what_changes_nothing_makes_no_other_version(shop: Shop, product: Make) -> None:
    # given
    tea, end = product(), datetime(2999, 1, 1, tzinfo=UTC)
    hours = [Hours(Weekday.FRIDAY, "16:00", "20:00")]
    said: dict[str, Any] = {
        "name": "Offer",
        "percent": Decimal(10),
        "targets": goods(tea),
        "tiers": [Tier.GOLD],
        "region_codes": ["US"],
        "min_amounts": [Amount(Decimal(5), "USD")],
        "ends_at": end,
        "windows": hours,
        "combines_with": [DiscountClass.SHIPPING, DiscountClass.ORDER],
    }
    made = create(shop, kind=DiscountKind.PERCENT, **said)
    # when, then: the news go out again, since the first ones may have been lost
    told = len(news_of(shop.database, "catalogue.changed"))
    for wanted in ({}, {"version": 1}, said, {"name": None, "is_active": True}):
        with nothing_changed(shop.database, but=("outbox_events",)):
            update(shop, made, **wanted)
    assert news_of(shop.database, "catalogue.changed")[told:] == [TOLD] * 4
    # but what is refused is refused
    with nothing_changed(shop.database), pytest.raises(Conflict):
        update(shop, made, version=2)
    all_goods, don = create(shop), hire(shop, "don", Right.DISCOUNTS).actor
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        update(shop, all_goods, actor=don)


def test_what_another_kind_has_is_refused_in_a_change_too(shop: Shop, product: Make) -> None:
    made = create(shop)
    for wanted, field in (
        ({"amounts": [Amount(Decimal(1), "USD")]}, "amounts"),
        ({"percent": None}, "percent"),
        ({"percent": Decimal(101)}, "percent"),
        ({"buy_quantity": 1}, "buyQuantity"),
        ({"bought": goods(product())}, "boughtTargets"),
    ):
        with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
            update(shop, made, **wanted)
        assert refusal.value.details == {"field": field}


def test_a_past_version_is_refused_and_the_present_one_told(shop: Shop) -> None:
    made = create(shop)
    update(shop, made, version=1, name="Other")
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        update(shop, made, version=1, name="Another")
    assert refusal.value.details == {"field": "version", "version": 2}


def test_unknown_discounts_are_not_found(shop: Shop) -> None:
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        update(shop, new_id(), name="A")
    assert refusal.value.details == {"field": "discountId"}
    with nothing_changed(shop.database), pytest.raises(NotFound) as refusal:
        delete(shop, new_id())
    assert refusal.value.details == {"field": "discountId"}


def test_a_total_limit_counts_what_was_used_and_does_not_fall_below_it(shop: Shop, product: Make) -> None:
    # given two uses that nobody counted, since there was no limit
    made, tea = create(shop), product(stock=50)
    for _ in range(2):
        place(shop, "alice", (tea, 1))
    # when, then
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        update(shop, made, total_limit=1)
    assert refusal.value.details == {"field": "totalLimit"}
    update(shop, made, total_limit=2)
    assert row_of(shop, made).used_count == 2
    assert [each.is_exhausted for each in rules(shop)] == [True]
    update(shop, made, total_limit=3)
    assert [each.is_exhausted for each in rules(shop)] == [False]
    # and without it, uses are not counted again, until there is one
    update(shop, made, total_limit=None)
    place(shop, "bob", (tea, 1))
    update(shop, made, total_limit=9)
    assert row_of(shop, made).used_count == 3


def test_a_limit_for_each_customer_counts_what_each_used(shop: Shop, product: Make) -> None:
    made, tea = create(shop), product(stock=50)
    for who in ("alice", "alice", "bob"):
        place(shop, who, (tea, 1))

    def uses(customer: UUID) -> Any:
        with shop.database.read() as session:
            return dict(customer_facts(reading(session, shop.cache), customer).uses)

    assert (uses(ALICE), uses(BOB)) == ({}, {})
    update(shop, made, per_customer_limit=2)
    assert (uses(ALICE), uses(BOB)) == ({made: 2}, {made: 1})
    # and a limit that only changes counts nothing anew
    update(shop, made, per_customer_limit=None)
    place(shop, "bob", (tea, 1))
    update(shop, made, per_customer_limit=1)
    update(shop, made, per_customer_limit=5)
    assert (uses(ALICE), uses(BOB)) == ({made: 2}, {made: 2})


def test_a_discount_nobody_used_is_removed_with_all_that_is_its_own(shop: Shop, product: Make) -> None:
    made = create(shop, targets=goods(product()))
    assert len(rules(shop)) == 1
    delete(shop, made)
    assert (rules(shop), targets_in(shop, made)) == ([], set())
    [entry] = [each for each in entries(shop.database) if each.action == "discount.removed"]
    assert (entry.subject_id, (entry.before or {})["name"], entry.after) == (made, "Offer", None)


def test_a_discount_that_was_used_stays(shop: Shop, product: Make) -> None:
    made = create(shop)
    place(shop, "alice", (product(), 1))
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        delete(shop, made)
    assert refusal.value.details == {"field": "discountId"}


def test_a_discount_whose_goods_are_gone_has_no_goods_and_is_an_admins(shop: Shop, product: Make) -> None:
    sam = hire(shop, "don", Right.DISCOUNTS).actor
    tea = product()
    made = create(shop, targets=goods(tea), actor=sam)
    remove(shop, "dana", tea)
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        update(shop, made, name="Other", actor=sam)
    update(shop, made, name="Other")
    [rule] = rules(shop)
    assert (rule.name, rule.targets) == ("Other", Targets())
