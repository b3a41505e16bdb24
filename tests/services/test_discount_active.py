"""Active discounts: PostgreSQL writes them as the calculator reads them, and the cache tells of them exactly."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models import Brand, Category, Collection, Discount, DiscountTarget, Product
from models.discount import DiscountClass, DiscountKind, Tier
from services.catalogue.changes import announce
from services.pricing.calculating.facts import Rule, Step, Targets, Window
from services.pricing.calculating.written_rules import rules_of, rules_text
from services.pricing.discounts import active
from services.pricing.tags import DISCOUNTS
from tests.services.using_discounts import active_rules_now, offer, reader_of_rules, shown_rules, take
from utils import clock
from wiring import Shop

Make = Callable[..., UUID]
Counting = Callable[[], Any]
# A Wednesday.
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def frozen() -> Any:
    """Noon of a Wednesday, for as long as the test needs."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def _goods(session: Session, product: UUID) -> dict[str, UUID]:
    brand = Brand(slug="acme", name="Acme")
    collection = Collection(
        slug="gifts", name="Gifts", description="", position=0, is_published=True, updated_at=clock.now()
    )
    session.add_all([brand, collection])
    session.flush()
    category = session.scalars(select(Product.category_id).where(Product.id == product)).one()
    return {"product_id": product, "category_id": category, "collection_id": collection.id, "brand_id": brand.id}


def _full(shop: Shop, goods: dict[str, UUID]) -> Rule:
    """A discount of which every part is set, and the rule that it is."""
    discount = offer(
        shop,
        name='Three for two on "tea" \u2026',
        kind="buy_x_get_y",
        percent="99.55",
        all_goods=False,
        buy_quantity=2,
        get_quantity=1,
        bought_apart=True,
        tiers=["silver", "gold"],
        region_codes=["US", "DE"],
        for_named_customers=True,
        first_order_only=True,
        min_amounts={"USD": "20.00", "KWD": "5.125"},
        min_quantity=3,
        starts_at=NOON - timedelta(days=1),
        ends_at=NOON + timedelta(days=1, microseconds=500),
        windows=[[2, 0, 1440], [4, 960, 1200]],
        needs_code=True,
        total_limit=7,
        per_customer_limit=2,
        used_count=7,
        priority=-5,
        exclusive_group="tea",
        combines_with=["shipping", "order"],
        version=4,
    )
    with shop.database.write() as session:
        session.add_all(DiscountTarget(discount_id=discount, **{column: each}) for column, each in goods.items())
        session.add(DiscountTarget(discount_id=discount, side="bought", category_id=goods["category_id"]))
        announce(session, shop.cache, also=[DISCOUNTS])
    return Rule(
        id=discount,
        version=4,
        name='Three for two on "tea" \u2026',
        kind=DiscountKind.BUY_X_GET_Y,
        applies_to=DiscountClass.PRODUCT,
        percent=Decimal("99.55"),
        buy_quantity=2,
        get_quantity=1,
        targets=Targets(*(frozenset({each}) for each in goods.values())),
        bought=Targets(categories=frozenset({goods["category_id"]})),
        tiers=frozenset({Tier.SILVER, Tier.GOLD}),
        region_codes=frozenset({"US", "DE"}),
        for_named_customers=True,
        first_order_only=True,
        min_amounts={"USD": Decimal("20.00"), "KWD": Decimal("5.125")},
        min_quantity=3,
        starts_at=NOON - timedelta(days=1),
        ends_at=NOON + timedelta(days=1, microseconds=500),
        windows=(Window(2, 0, 1440), Window(4, 960, 1200)),
        needs_code=True,
        per_customer_limit=2,
        is_exhausted=True,
        priority=-5,
        exclusive_group="tea",
        combines_with=frozenset({DiscountClass.SHIPPING, DiscountClass.ORDER}),
    )


def test_postgresql_writes_a_rule_as_the_calculator_reads_it(shop: Shop, product: Make, frozen: Any) -> None:
    with shop.database.write() as session:
        goods = _goods(session, product())
    rule = _full(shop, goods)
    assert shown_rules(shop) == {rule.id: rule}


def test_every_kind_is_the_rule_that_it_is(shop: Shop, frozen: Any) -> None:
    plain: dict[str, Any] = {"all_goods": True, "percent": None}
    amount = offer(shop, **plain | {"kind": "amount", "applies_to": "order", "amounts": {"USD": "5.00", "JPY": "700"}})
    steps = offer(shop, **plain | {"kind": "quantity_steps", "steps": [[6, "5.00"], [12, "10"]]})
    free = offer(shop, **plain | {"kind": "free_shipping", "applies_to": "shipping"})
    ten = offer(shop)
    common: dict[str, Any] = {"version": 1, "name": "Ten percent"}
    assert shown_rules(shop) == {
        amount: Rule(
            id=amount,
            kind=DiscountKind.AMOUNT,
            applies_to=DiscountClass.ORDER,
            amounts={"USD": Decimal("5.00"), "JPY": Decimal("700")},
            **common,
        ),
        steps: Rule(
            id=steps,
            kind=DiscountKind.QUANTITY_STEPS,
            applies_to=DiscountClass.PRODUCT,
            steps=(Step(6, Decimal("5.00")), Step(12, Decimal(10))),
            **common,
        ),
        free: Rule(id=free, kind=DiscountKind.FREE_SHIPPING, applies_to=DiscountClass.SHIPPING, **common),
        ten: Rule(
            id=ten, kind=DiscountKind.PERCENT, applies_to=DiscountClass.PRODUCT, percent=Decimal("10.00"), **common
        ),
    }


def test_the_text_of_the_rules_is_read_as_the_same_rules(shop: Shop, product: Make, frozen: Any) -> None:
    """What an order keeps of the rules says the same as what PostgreSQL wrote."""
    with shop.database.write() as session:
        goods = _goods(session, product())
    _full(shop, goods)
    offer(shop)
    rules = tuple(shown_rules(shop).values())
    assert len(rules) == 2
    assert rules_of(rules_text(rules)) == rules == tuple(sorted(rules, key=lambda rule: rule.id))


def test_past_the_cache_they_are_the_same(shop: Shop, product: Make, frozen: Any) -> None:
    with shop.database.write() as session:
        goods = _goods(session, product())
    rule = _full(shop, goods)
    with shop.database.write() as session:
        assert active_rules_now(session, moment=NOON) == (rule,)
        assert active_rules_now(session, moment=NOON + timedelta(days=2)) == ()
        session.execute(update(Discount).values(is_active=False))
        assert active_rules_now(session, moment=NOON) == ()


def test_a_discount_whose_goods_are_all_gone_is_for_no_goods(shop: Shop, product: Make, frozen: Any) -> None:
    tea = product()
    discount = offer(shop, all_goods=False)
    with shop.database.write() as session:
        session.add(DiscountTarget(discount_id=discount, product_id=tea))
        session.flush()
        session.execute(delete(DiscountTarget))
        announce(session, shop.cache, also=[DISCOUNTS])
    assert shown_rules(shop)[discount].targets == Targets()


@pytest.mark.parametrize(
    ("more", "is_shown"),
    [
        ({}, True),
        ({"is_active": False}, False),
        ({"ends_at": NOON}, False),
        ({"ends_at": NOON + timedelta(microseconds=1)}, True),
        ({"starts_at": NOON + timedelta(seconds=60)}, True),
        ({"starts_at": NOON + timedelta(seconds=61)}, False),
        ({"windows": [[0, 0, 60]]}, True),
        ({"needs_code": True}, True),
        ({"for_named_customers": True}, True),
    ],
)
def test_which_discounts_are_told_of(shop: Shop, frozen: Any, more: dict[str, Any], is_shown: bool) -> None:
    discount = offer(shop, **more)
    assert (discount in shown_rules(shop)) is is_shown


@pytest.mark.parametrize(
    ("more", "time_zone", "until"),
    [
        ({}, "UTC", timedelta(seconds=60)),
        ({"ends_at": NOON + timedelta(seconds=7)}, "UTC", timedelta(seconds=7)),
        ({"starts_at": NOON + timedelta(seconds=8)}, "UTC", timedelta(seconds=8)),
        ({"starts_at": NOON - timedelta(seconds=8)}, "UTC", timedelta(seconds=60)),
        # The shop's clocks show 13:00 in Berlin and 12:00 in UTC.
        ({"windows": [[2, 0, 13 * 60 + 1]]}, "Europe/Berlin", timedelta(seconds=60)),
        ({"windows": [[2, 13 * 60, 14 * 60]]}, "UTC", timedelta(seconds=60)),
    ],
)
def test_what_is_made_of_them_holds_until_the_clock_changes_them(
    shop: Shop, frozen: Any, more: dict[str, Any], time_zone: str, until: timedelta
) -> None:
    offer(shop, **more)
    first, again = reader_of_rules(shop, time_zone), reader_of_rules(shop, time_zone)
    assert (first.until, again.until) == (NOON + until, NOON + until)
    assert set(again.versions or {}) == {DISCOUNTS}


@pytest.mark.parametrize(("time_zone", "until"), [("Europe/Berlin", 60), ("UTC", 90)])
def test_a_window_is_meant_by_the_clocks_of_the_shop(shop: Shop, frozen: Any, time_zone: str, until: int) -> None:
    frozen.move_to(NOON + timedelta(seconds=30))
    offer(shop, windows=[[2, 13 * 60, 13 * 60 + 1]])
    assert reader_of_rules(shop, time_zone).until == NOON + timedelta(seconds=until)


def test_while_nothing_changes_nobody_asks_the_database(shop: Shop, counted_sql: Counting) -> None:
    discount = offer(shop)
    with counted_sql() as statements:
        shown_rules(shop)
    assert len(statements) == 1
    with counted_sql() as statements:
        assert set(shown_rules(shop)) == {discount}
    assert statements == []


def test_another_process_takes_them_from_redis(
    shop: Shop, counted_sql: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    discount = offer(shop)
    shown_rules(shop)
    active._kept.cache_clear()
    with counted_sql() as statements:
        assert set(shown_rules(shop)) == {discount}
    assert statements == []


def test_a_change_is_shown_at_once(shop: Shop) -> None:
    discount = offer(shop)
    assert shown_rules(shop)[discount].percent == Decimal(10)
    with shop.database.write() as session:
        session.execute(update(Discount).values(percent=Decimal(20)))
        announce(session, shop.cache, also=[DISCOUNTS])
    assert shown_rules(shop)[discount].percent == Decimal(20)


def test_a_discount_of_which_the_last_use_went_is_shown_so_at_once(shop: Shop) -> None:
    discount = offer(shop, total_limit=2)
    assert shown_rules(shop)[discount].is_exhausted is False
    take(shop, discount)
    assert shown_rules(shop)[discount].is_exhausted is False
    take(shop, discount)
    assert shown_rules(shop)[discount].is_exhausted is True


def test_a_category_stands_for_itself_only(shop: Shop, frozen: Any) -> None:
    """Those below it are not in the rule: lines bring all categories that are above them."""
    discount = offer(shop, all_goods=False)
    with shop.database.write() as session:
        above = session.scalars(select(Category.id).where(Category.slug == "fresh-produce")).one()
        session.add(DiscountTarget(discount_id=discount, category_id=above))
        announce(session, shop.cache, also=[DISCOUNTS])
    assert shown_rules(shop)[discount].targets == Targets(categories=frozenset({above}))
