"""Scheduled prices: they begin by the clock, for whoever reads or buys first, and nobody pays or sees another one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine

from models import Product
from models.audit_entry import AuditAction
from models.price import PriceReason
from models.user import Right
from services.catalogue.prices import settling
from services.catalogue.prices.collisions import MOST_PENDING
from services.catalogue.prices.price_history import write_price
from services.catalogue.prices.settling import settle_all, settle_when_due
from tests.services.acting import change, order_with_lines, place
from tests.services.evidence import nothing_changed, product_row
from tests.services.hiring import entries, hire
from tests.services.pricing import cancel, history_of, schedule_price, scheduled_of, told_price
from tests.support import DANA
from utils.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from utils.ids import new_id
from wiring import Shop

Make = Callable[..., UUID]
Clock = time_machine.Traveller

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock() -> Any:
    """A clock that stands at noon until it is moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_a_price_begins_at_its_moment_for_whoever_reads_first(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + 10 * SECOND)
    assert told_price(shop, tea) == "10.00"
    # when
    clock.move_to(NOON + 10 * SECOND - timedelta(microseconds=1))
    before = told_price(shop, tea)
    clock.move_to(NOON + 10 * SECOND)
    # then
    assert (before, told_price(shop, tea)) == ("10.00", "8.00")
    assert history_of(shop.database, tea) == [
        ("10.00", NOON, "initial", DANA),
        ("8.00", NOON + 10 * SECOND, "scheduled", DANA),
    ]
    [applied] = scheduled_of(shop.database, tea)
    assert (applied.applied_at, applied.cancelled_at, applied.created_by) == (NOON + 10 * SECOND, None, DANA)


def test_what_was_cached_before_it_was_scheduled_does_not_outlive_its_moment(
    shop: Shop, product: Make, clock: Clock
) -> None:
    tea = product(price="10")
    assert [told_price(shop, tea), told_price(shop, tea)] == ["10.00", "10.00"]
    schedule_price(shop, tea, "8", NOON + 10 * SECOND)
    clock.move_to(NOON + 11 * SECOND)
    assert told_price(shop, tea) == "8.00"


def test_a_cached_answer_ends_at_the_moment_of_another_products_price(
    shop: Shop, product: Make, clock: Clock, counted_sql: Callable[[], Any]
) -> None:
    tea, rice = product(price="10"), product(price="3")
    schedule_price(shop, tea, "8", NOON + 10 * SECOND)
    told_price(shop, rice)
    clock.move_to(NOON + 9 * SECOND)
    with counted_sql() as cached:
        assert told_price(shop, rice) == "3.00"
    clock.move_to(NOON + 10 * SECOND)
    with counted_sql() as anew:
        assert told_price(shop, rice) == "3.00"
    assert (len(cached), len(anew) > 0) == (0, True)
    assert product_row(shop.database, tea).price == 8  # type: ignore[union-attr]  # it is there


def test_a_shopper_who_comes_first_buys_at_the_new_price(
    shop: Shop, product: Make, clock: Clock, counted_sql: Callable[[], Any]
) -> None:
    # given
    tea, rice = product(price="10"), product(price="3")
    schedule_price(shop, tea, "8", NOON + 10 * SECOND)
    place(shop, "alice", (rice, 1))  # the first order of all writes the rules down
    with counted_sql() as usual:
        early = place(shop, "alice", (tea, 1), (rice, 1))
    clock.move_to(NOON + 10 * SECOND)
    # when
    first = place(shop, "alice", (tea, 2), (rice, 1))
    with counted_sql() as later:
        second = place(shop, "alice", (tea, 1), (rice, 1))
    # then
    paid = [[line.price_at_purchase for line in order_with_lines(shop, each).items] for each in (early, first, second)]
    assert paid == [[10, 3], [8, 3], [8, 3]]
    assert order_with_lines(shop, first).total_amount == 19
    assert order_with_lines(shop, first).created_at == NOON + 10 * SECOND
    assert [each[:3] for each in history_of(shop.database, tea)][1:] == [("8.00", NOON + 10 * SECOND, "scheduled")]
    assert len(usual) == len(later)
    assert told_price(shop, tea) == "8.00"


def test_an_order_that_is_refused_settles_nothing_and_the_next_one_does(
    shop: Shop, product: Make, clock: Clock
) -> None:
    tea = product(price="10", stock=1)
    schedule_price(shop, tea, "8", NOON + SECOND)
    clock.move_to(NOON + SECOND)
    with nothing_changed(shop.database), pytest.raises(DomainError):
        place(shop, "alice", (tea, 2))
    assert order_with_lines(shop, place(shop, "alice", (tea, 1))).total_amount == 8


def test_of_several_that_are_due_the_last_is_the_price_and_all_are_history(
    shop: Shop, product: Make, clock: Clock
) -> None:
    # given
    tea = product(price="10")
    for price, seconds in (("8", 10), ("8", 20), ("6", 30), ("9", 40)):
        schedule_price(shop, tea, price, NOON + seconds * SECOND)
    version = product_row(shop.database, tea).version  # type: ignore[union-attr]  # it is there
    # when the program was asleep meanwhile
    clock.move_to(NOON + 35 * SECOND)
    assert settle_all(shop.database, shop.cache) == 1
    # then
    assert [(price, (since - NOON) / SECOND) for price, since, _, _ in history_of(shop.database, tea)] == [
        ("10.00", 0),
        ("8.00", 10),
        ("6.00", 30),
    ]
    row = product_row(shop.database, tea)
    assert row is not None
    assert (row.price, row.version, row.updated_at) == (Decimal(6), version + 1, NOON + 35 * SECOND)
    assert [each.applied_at is None for each in scheduled_of(shop.database, tea)] == [False, False, False, True]
    assert told_price(shop, tea) == "6.00"


def test_a_price_for_a_while_is_two_prices(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + HOUR, NOON + DAY)
    # what the product costs afterwards was settled when it was scheduled, whatever it costs meanwhile
    change(shop, "dana", tea, price=Decimal(11))
    told = {}
    for hours in (0, 1, 23, 24):
        clock.move_to(NOON + hours * HOUR)
        told[hours] = told_price(shop, tea)
    assert told == {0: "11.00", 1: "8.00", 23: "8.00", 24: "10.00"}


def test_another_price_may_follow(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + HOUR, NOON + DAY, after="9.5")
    clock.move_to(NOON + DAY)
    assert told_price(shop, tea) == "9.50"


def test_a_price_from_now_on_is_the_price_at_once(shop: Shop, product: Make, clock: Clock) -> None:
    tea = product(price="10")
    clock.move_to(NOON + HOUR)
    schedule_price(shop, tea, "8", None, NOON + DAY)
    assert product_row(shop.database, tea).price == 8  # type: ignore[union-attr]  # it is there
    assert told_price(shop, tea) == "8.00"
    assert [each[:3] for each in history_of(shop.database, tea)][1:] == [("8.00", NOON + HOUR, "scheduled")]
    clock.move_to(NOON + DAY)
    assert told_price(shop, tea) == "10.00"


def test_a_price_set_by_hand_has_the_last_word_over_one_that_was_due(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + HOUR)
    schedule_price(shop, tea, "7", NOON + DAY)
    clock.move_to(NOON + 2 * HOUR)
    # when
    change(shop, "dana", tea, price=Decimal(9))
    # then
    assert told_price(shop, tea) == "9.00"
    assert [(price, since, why) for price, since, why, _ in history_of(shop.database, tea)] == [
        ("10.00", NOON, "initial"),
        ("8.00", NOON + HOUR, "scheduled"),
        ("9.00", NOON + 2 * HOUR, "changed"),
    ]
    # and over no later one
    clock.move_to(NOON + DAY)
    assert told_price(shop, tea) == "7.00"


def test_a_later_price_by_hand_stands_even_if_the_due_one_is_settled_after_it(
    shop: Shop, product: Make, clock: Clock
) -> None:
    tea = product(price="10")
    with shop.database.write() as session:  # whoever forgets to settle first
        session.get_one(Product, tea).price = Decimal(9)
        write_price(
            session,
            product_id=tea,
            price=Decimal(9),
            currency="USD",
            effective_from=NOON + 2 * HOUR,
            reason=PriceReason.CHANGED,
            actor_id=DANA,
        )
    schedule_price(shop, tea, "8", NOON + HOUR)
    clock.move_to(NOON + 3 * HOUR)
    assert told_price(shop, tea) == "9.00"


def test_one_that_was_called_off_never_begins(shop: Shop, product: Make, clock: Clock) -> None:
    # given
    tea = product(price="10")
    [sale, end] = schedule_price(shop, tea, "8", NOON + HOUR, NOON + DAY, after="12")
    # when
    cancel(shop, sale)
    # then
    clock.move_to(NOON + 2 * HOUR)
    assert told_price(shop, tea) == "10.00"
    # and its end, which has an id of its own, stays
    clock.move_to(NOON + DAY)
    assert told_price(shop, tea) == "12.00"
    assert [each.cancelled_at for each in scheduled_of(shop.database, tea)] == [NOON, None]
    for over in (sale, end):
        with nothing_changed(shop.database), pytest.raises(Conflict):
            cancel(shop, over)
    with nothing_changed(shop.database), pytest.raises(NotFound):
        cancel(shop, new_id())


def test_one_that_has_begun_cannot_be_called_off_though_nobody_has_read_since(
    shop: Shop, product: Make, clock: Clock
) -> None:
    [sale] = schedule_price(shop, product(), "8", NOON + HOUR)
    clock.move_to(NOON + HOUR)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        cancel(shop, sale)
    assert refusal.value.message == "This price has begun already, or was called off before."


NOT_SO: dict[str, tuple[dict[str, Any], str | None]] = {
    "a moment that has passed": ({"starts_at": NOON - SECOND}, "from"),
    "a moment too far ahead": ({"starts_at": NOON + 733 * DAY}, "from"),
    "a moment without an offset": ({"starts_at": datetime(2026, 7, 2)}, "from"),  # noqa: DTZ001 - what is refused
    "an end too far ahead": ({"ends_at": NOON + 733 * DAY}, "until"),
    "an end at the beginning": ({"starts_at": NOON + HOUR, "ends_at": NOON + HOUR}, "until"),
    "an end that has passed": ({"ends_at": NOON - HOUR}, "until"),
    "a negative price": ({"price": "-0.01"}, "price"),
    "half a coin": ({"price": "1.005"}, "price"),
    "half a coin afterwards": ({"ends_at": NOON + DAY, "after": "1.005"}, "priceAfter"),
    "a price after nothing": ({"starts_at": NOON + DAY, "after": "1"}, "priceAfter"),
}


@pytest.mark.parametrize("case", NOT_SO)
@pytest.mark.usefixtures("clock")
def test_what_cannot_be_scheduled(shop: Shop, product: Make, case: str) -> None:
    wanted, field = NOT_SO[case]
    tea = product()
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        schedule_price(shop, tea, **{"price": "8", **wanted})
    assert refusal.value.details == {"field": field}


@pytest.mark.usefixtures("clock")
def test_two_years_ahead_is_allowed(shop: Shop, product: Make) -> None:
    assert len(schedule_price(shop, product(), "8", NOON + 731 * DAY)) == 1


@pytest.mark.usefixtures("clock")
def test_two_prices_do_not_begin_at_one_moment_nor_within_a_while(shop: Shop, product: Make) -> None:
    # given
    tea, rice = product(price="10"), product(price="3")
    schedule_price(shop, tea, "8", NOON + 2 * HOUR)
    # then
    collisions: list[tuple[timedelta, timedelta | None]] = [
        (2 * HOUR, None), (HOUR, 3 * HOUR), (2 * HOUR, 3 * HOUR), (HOUR, 2 * HOUR)
    ]  # fmt: skip
    for begin, end in collisions:
        with nothing_changed(shop.database), pytest.raises(Conflict):
            schedule_price(shop, tea, "7", NOON + begin, None if end is None else NOON + end)
    schedule_price(shop, tea, "7", NOON + 3 * HOUR, NOON + 4 * HOUR)
    schedule_price(shop, rice, "2", NOON + 2 * HOUR)


INSIDE: dict[str, tuple[timedelta, timedelta | None]] = {
    "at its beginning": (HOUR, None),
    "within it": (3 * HOUR, None),
    "a while within it": (2 * HOUR, 3 * HOUR),
    "a while out of it": (3 * HOUR, 9 * HOUR),
    "a while into it": (timedelta(0), 3 * HOUR),
    "a while around it": (timedelta(0), 9 * HOUR),
}


@pytest.mark.parametrize("case", INSIDE)
@pytest.mark.usefixtures("clock")
def test_no_other_price_begins_within_a_while_whichever_comes_first(shop: Shop, product: Make, case: str) -> None:
    begin, end = ((None if each is None else NOON + each) for each in INSIDE[case])
    # the while first
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + HOUR, NOON + 5 * HOUR)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        schedule_price(shop, tea, "7", begin, end)
    assert refusal.value.details == {"field": "from"}
    # and the other one first
    rice = product(price="10")
    schedule_price(shop, rice, "7", begin, end)
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        schedule_price(shop, rice, "8", NOON + HOUR, NOON + 5 * HOUR)
    assert refusal.value.details == {"field": "from"}


def test_a_while_that_has_begun_is_left_alone_until_its_end_is_called_off(
    shop: Shop, product: Make, clock: Clock
) -> None:
    # given
    tea = product(price="10")
    _, end = schedule_price(shop, tea, "8", NOON + HOUR, NOON + 5 * HOUR)
    clock.move_to(NOON + 2 * HOUR)
    # then
    for begin in (None, NOON + 3 * HOUR):
        with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
            schedule_price(shop, tea, "7", begin)
        assert refusal.value.message == (
            "From 2026-07-01T13:00:00+00:00 until 2026-07-01T17:00:00+00:00 this product has a price for a while. "
            "Call its end off, or choose other moments."
        )
    schedule_price(shop, tea, "6", NOON + 6 * HOUR)
    cancel(shop, end)
    schedule_price(shop, tea, "7", NOON + 3 * HOUR)
    told = []
    for hours in (2, 3, 5, 6):
        clock.move_to(NOON + hours * HOUR)
        told.append(told_price(shop, tea))
    assert told == ["8.00", "7.00", "7.00", "6.00"]


@pytest.mark.usefixtures("clock")
def test_where_the_beginning_was_called_off_there_is_no_while(shop: Shop, product: Make) -> None:
    tea = product(price="10")
    begin, _ = schedule_price(shop, tea, "8", NOON + HOUR, NOON + 5 * HOUR)
    cancel(shop, begin)
    schedule_price(shop, tea, "7", NOON + 3 * HOUR)
    assert [each.starts_at for each in scheduled_of(shop.database, tea) if each.cancelled_at is None] == [
        NOON + 3 * HOUR,
        NOON + 5 * HOUR,
    ]


@pytest.mark.usefixtures("clock")
def test_so_many_prices_to_come_and_no_more(shop: Shop, product: Make) -> None:
    tea = product()
    ids = [one for hour in range(1, MOST_PENDING) for one in schedule_price(shop, tea, "8", NOON + hour * HOUR)]
    with nothing_changed(shop.database), pytest.raises(Conflict) as refusal:
        schedule_price(shop, tea, "8", NOON + 10 * DAY, NOON + 11 * DAY)
    assert refusal.value.message == "A product has at most 50 prices to come."
    schedule_price(shop, tea, "8", NOON + 10 * DAY)
    with nothing_changed(shop.database), pytest.raises(Conflict):
        schedule_price(shop, tea, "8", NOON + 12 * DAY)
    cancel(shop, ids[0])
    schedule_price(shop, tea, "8", NOON + 12 * DAY)


@pytest.mark.usefixtures("clock")
def test_only_staff_of_the_department_schedule_and_call_off(shop: Shop, product: Make) -> None:
    apple = product(category="fruit")
    [sale] = schedule_price(shop, apple, "8", NOON + HOUR)
    lee = hire(shop, "lee", Right.PRODUCTS).actor
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        schedule_price(shop, apple, "8", NOON + DAY, actor=lee)
    with nothing_changed(shop.database), pytest.raises(Forbidden):
        cancel(shop, sale, actor=lee)
    with nothing_changed(shop.database), pytest.raises(NotFound):
        schedule_price(shop, new_id(), "8", NOON + DAY)


@pytest.mark.usefixtures("clock")
def test_the_audit_log_says_what_was_scheduled_and_called_off(shop: Shop, product: Make) -> None:
    tea = product(price="10")
    [sale, _] = schedule_price(shop, tea, "8.50", NOON + HOUR, NOON + DAY)
    cancel(shop, sale)
    scheduled, cancelled = entries(shop.database)[-2:]
    assert (scheduled.action, scheduled.subject_type, scheduled.subject_id, scheduled.actor_id) == (
        AuditAction.PRICE_SCHEDULED, "product", tea, DANA
    )  # fmt: skip
    said = {"price": "8.5", "from": "2026-07-01T13:00:00+00:00"}
    assert scheduled.after == {"scheduled_prices": [said, {"price": "10", "from": "2026-07-02T12:00:00+00:00"}]}
    assert (cancelled.action, cancelled.before) == (
        AuditAction.SCHEDULED_PRICE_CANCELLED, {"scheduled_prices": [said]}
    )  # fmt: skip


def test_the_worker_looks_with_one_read_and_settles_what_is_due(
    shop: Shop, product: Make, clock: Clock, counted_sql: Callable[[], Any]
) -> None:
    tea = product(price="10")
    schedule_price(shop, tea, "8", NOON + HOUR)
    with counted_sql() as statements:
        assert settle_when_due(shop.database, shop.cache) == 0
    assert len(statements) == 1
    clock.move_to(NOON + HOUR)
    assert settle_when_due(shop.database, shop.cache) == 1
    assert product_row(shop.database, tea).price == 8  # type: ignore[union-attr]  # it is there
    assert settle_when_due(shop.database, shop.cache) == 0


def test_more_than_a_batch_at_one_moment(
    shop: Shop, product: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = [product(price="10") for _ in range(7)]
    for each in goods:
        schedule_price(shop, each, "8", NOON + HOUR)
    monkeypatch.setattr(settling, "_LOCK_DUE", settling._LOCK_DUE.replace(f"LIMIT {settling.BATCH}", "LIMIT 3"))
    clock.move_to(NOON + HOUR)
    assert settle_all(shop.database, shop.cache) == 7
    assert {told_price(shop, each) for each in goods} == {"8.00"}


@pytest.mark.parametrize(
    ("times", "on_sale"),
    [
        ({"publish_from": NOON}, True),
        ({"publish_from": NOON + SECOND}, False),
        ({"publish_until": NOON + SECOND}, True),
        ({"publish_until": NOON}, False),
        ({"publish_from": NOON - DAY, "publish_until": NOON + DAY}, True),
    ],
)
@pytest.mark.usefixtures("clock")
def test_what_is_not_on_sale_by_its_times_is_not_sold(
    shop: Shop, product: Make, times: dict[str, datetime], *, on_sale: bool
) -> None:
    tea = product()
    with shop.database.write() as session:
        row = session.get_one(Product, tea)
        for name, moment in times.items():
            setattr(row, name, moment)
    if on_sale:
        place(shop, "alice", (tea, 1))
    else:
        with nothing_changed(shop.database), pytest.raises(DomainError) as refusal:
            place(shop, "alice", (tea, 1))
        assert (refusal.value.code.value, refusal.value.details) == ("NOT_FOR_SALE", {"productIds": [str(tea)]})
