"""Every bad discount is refused with the field's name, before the database is asked, and changes nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.facts import Step, Targets
from services.pricing.discounts.checking import checked
from services.pricing.discounts.drafts import Amount, Hours, Weekday
from tests.services.discounts_managed import LEAST, create, draft, goods, row_of, targets_in, update
from tests.services.evidence import nothing_changed
from tests.support import make_products
from utils.errors import InvalidInput
from utils.ids import new_id
from wiring import Shop

AMOUNT, STEPS, BUY = DiscountKind.AMOUNT, DiscountKind.QUANTITY_STEPS, DiscountKind.BUY_X_GET_Y
FREE, PERCENT = DiscountKind.FREE_SHIPPING, DiscountKind.PERCENT
PRODUCT, ORDER, SHIPPING = DiscountClass
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATER = datetime(2999, 7, 1, 12, tzinfo=UTC)
FRIDAY = Weekday.FRIDAY


def usd(amount: str) -> Amount:
    return Amount(Decimal(amount), "USD")


def step(quantity: int, percent: str) -> Step:
    return Step(quantity, Decimal(percent))


def hours(begins: str, ends: str, day: Weekday = FRIDAY) -> dict[str, Any]:
    return {"windows": [Hours(day, begins, ends)]}


# By what is refused: the field, and what is otherwise than ten percent off all goods.
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "no name": ("name", {"name": "  "}),
    "a long name": ("name", {"name": "a" * 201}),
    "a name with control characters": ("name", {"name": "a\0"}),
    "no percent": ("percent", {"percent": Decimal(0)}),
    "less than none": ("percent", {"percent": Decimal(-1)}),
    "over 100": ("percent", {"percent": Decimal("100.01")}),
    "three decimals": ("percent", {"percent": Decimal("0.125")}),
    "hardly any": ("percent", {"percent": Decimal("1e-40")}),
    "a percent that is missing": ("percent", {"kind": PERCENT}),
    "a percent of an amount": ("percent", {**LEAST["amount"], "percent": Decimal(1)}),
    "a percent of free shipping": ("percent", {"kind": FREE, "percent": Decimal(1)}),
    "a percent of steps": ("percent", {"kind": STEPS, "steps": [step(1, "1")], "percent": Decimal(1)}),
    "no amount": ("amounts", {"kind": AMOUNT}),
    "an amount of nothing": ("amounts.0.amount", {"kind": AMOUNT, "amounts": [usd("0")]}),
    "a negative amount": ("amounts.1.amount", {"kind": AMOUNT, "amounts": [Amount(Decimal(1), "EUR"), usd("-1")]}),
    "half a cent": ("amounts.0.amount", {"kind": AMOUNT, "amounts": [usd("0.005")]}),
    "half a yen": ("amounts.0.amount", {"kind": AMOUNT, "amounts": [Amount(Decimal("1.5"), "JPY")]}),
    "more money than there is": ("amounts.0.amount", {"kind": AMOUNT, "amounts": [usd("1e12")]}),
    "no currency": ("amounts.0.currency", {"kind": AMOUNT, "amounts": [Amount(Decimal(1), "ABC")]}),
    "a small currency": ("amounts.0.currency", {"kind": AMOUNT, "amounts": [Amount(Decimal(1), "usd")]}),
    "two of one currency": ("amounts.1.currency", {"kind": AMOUNT, "amounts": [usd("1"), usd("2")]}),
    "too many currencies": ("amounts", {"kind": AMOUNT, "amounts": [usd("1")] * 21}),
    "amounts of a percent": ("amounts", {"percent": Decimal(1), "kind": PERCENT, "amounts": [usd("1")]}),
    "no steps": ("steps", {"kind": STEPS}),
    "steps of a percent": ("steps", {**LEAST["percent"], "steps": [step(1, "1")]}),
    "a step at nothing": ("steps.0.quantity", {"kind": STEPS, "steps": [step(0, "1")]}),
    "a step out of bounds": ("steps.0.quantity", {"kind": STEPS, "steps": [step(1_000_001, "1")]}),
    "a step of nothing": ("steps.1.percent", {"kind": STEPS, "steps": [step(1, "1"), step(2, "0")]}),
    "a step over 100": ("steps.0.percent", {"kind": STEPS, "steps": [step(1, "101")]}),
    "steps at one quantity": ("steps.1.quantity", {"kind": STEPS, "steps": [step(2, "1"), step(2, "2")]}),
    "steps that fall": ("steps.2.quantity", {"kind": STEPS, "steps": [step(2, "1"), step(5, "2"), step(4, "3")]}),
    "steps that take less": ("steps.1.percent", {"kind": STEPS, "steps": [step(2, "5"), step(3, "5")]}),
    "too many steps": ("steps", {"kind": STEPS, "steps": [step(each, str(each)) for each in range(1, 22)]}),
    "nothing to buy": ("buyQuantity", {"kind": BUY, "get_quantity": 1}),
    "nothing to get": ("getQuantity", {"kind": BUY, "buy_quantity": 1}),
    "buying none": ("buyQuantity", {"kind": BUY, "buy_quantity": 0, "get_quantity": 1}),
    "getting fewer than none": ("getQuantity", {"kind": BUY, "buy_quantity": 1, "get_quantity": -1}),
    "too much to get": ("getQuantity", {"kind": BUY, "buy_quantity": 1, "get_quantity": 2**31 - 1}),
    "buying with a percent": ("buyQuantity", {**LEAST["percent"], "buy_quantity": 1}),
    "getting with an amount": ("getQuantity", {**LEAST["amount"], "get_quantity": 1}),
    "goods to buy with a percent": ("boughtTargets", {**LEAST["percent"], "bought": goods(new_id())}),
    "free shipping off goods": ("appliesTo", {"kind": FREE, "applies_to": PRODUCT}),
    "free shipping off an order": ("appliesTo", {"kind": FREE, "applies_to": ORDER}),
    "a percent off shipping": ("appliesTo", {"applies_to": SHIPPING}),
    "an amount off shipping": ("appliesTo", {**LEAST["amount"], "applies_to": SHIPPING}),
    "pieces off an order": ("appliesTo", {**LEAST["buy"], "applies_to": ORDER}),
    "steps off an order": ("appliesTo", {"kind": STEPS, "steps": [step(1, "1")], "applies_to": ORDER}),
    "no targets": ("targets", {"targets": Targets()}),
    "no goods to buy": ("boughtTargets", {**LEAST["buy"], "bought": Targets()}),
    "too many targets": ("targets", {"targets": goods(*(UUID(int=each) for each in range(501)))}),
    "too many on both sides": (
        "boughtTargets",
        {
            **LEAST["buy"],
            "targets": goods(*(UUID(int=each) for each in range(250))),
            "bought": goods(*(UUID(int=each) for each in range(251))),
        },
    ),
    "an unknown product": ("targets.productIds", {"targets": goods(new_id())}),
    "an unknown category": ("targets.categoryIds", {"targets": goods(categories=[new_id()])}),
    "an unknown collection": ("targets.collectionIds", {"targets": goods(collections=[new_id()])}),
    "an unknown brand": ("targets.brandIds", {"targets": goods(brands=[new_id()])}),
    "an unknown product to buy": ("boughtTargets.productIds", {**LEAST["buy"], "bought": goods(new_id())}),
    "an unknown region": ("regionCodes", {"region_codes": ["US", "ZZ"]}),
    "no region": ("regionCodes.0", {"region_codes": ["u\0s"]}),
    "too many regions": ("regionCodes", {"region_codes": ["US"] * 101}),
    "a minimum of nothing": ("minAmounts.0.amount", {"min_amounts": [usd("0")]}),
    "two minimums": ("minAmounts.1.currency", {"min_amounts": [usd("1"), usd("1")]}),
    "a minimum of no pieces": ("minQuantity", {"min_quantity": 0}),
    "a start without an offset": ("startsAt", {"starts_at": NOON.replace(tzinfo=None)}),
    "an end without an offset": ("endsAt", {"ends_at": NOON.replace(tzinfo=None)}),
    "an end at the start": ("endsAt", {"starts_at": NOON, "ends_at": NOON}),
    "an end before the start": ("endsAt", {"starts_at": NOON, "ends_at": NOON - timedelta(seconds=1)}),
    "a window that ends before it begins": ("windows.0.until", hours("20:00", "16:00")),
    "a window of no time": ("windows.0.until", hours("16:00", "16:00")),
    "a window over midnight": ("windows.0.until", hours("22:00", "00:00")),
    "a window from the end of the day": ("windows.0.from", hours("24:00", "24:00")),
    "no time": ("windows.0.from", hours("4pm", "20:00")),
    "a time of other digits": ("windows.0.from", hours("\u0661\u0662:00", "20:00")),
    "a time with a line break": ("windows.0.until", hours("12:00", "20:00\n")),
    "a time there is not": ("windows.0.until", hours("16:00", "24:01")),
    "windows that overlap": (
        "windows.2.from",
        {
            "windows": [
                Hours(FRIDAY, "16:00", "20:00"),
                Hours(Weekday.MONDAY, "16:00", "20:00"),
                Hours(FRIDAY, "19:59", "21:00"),
            ]
        },
    ),
    "one window twice": ("windows.1.from", {"windows": [Hours(FRIDAY, "16:00", "20:00")] * 2}),
    "too many windows": ("windows", {"windows": [Hours(FRIDAY, "16:00", "20:00")] * 51}),
    "a limit of none": ("totalLimit", {"total_limit": 0}),
    "a limit of many": ("totalLimit", {"total_limit": 1_000_000_001}),
    "a limit of none each": ("perCustomerLimit", {"per_customer_limit": 0}),
    "a priority below 0": ("priority", {"priority": -1}),
    "a priority over 1000": ("priority", {"priority": 1001}),
    "a group without a name": ("exclusiveGroup", {"exclusive_group": " "}),
    "a group with a long name": ("exclusiveGroup", {"exclusive_group": "a" * 101}),
}


def told(field: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """The details of the refusal: of things that there are not, their ids too."""
    if not field.startswith(("targets.", "boughtTargets.")):
        return {"field": field}
    goods: Targets = wanted.get("bought") or wanted["targets"]
    ids = goods.products | goods.categories | goods.collections | goods.brands
    return {"field": field, "ids": sorted(map(str, ids))}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_discount_is_refused_and_nothing_is_made(shop: Shop, case: str) -> None:
    field, wanted = BAD[case]
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        create(shop, **wanted)
    assert refusal.value.details == told(field, wanted)


# What it applies to stays, and of unknown goods a change says so first.
NEW_ONLY = {each for each, (_, wanted) in BAD.items() if "applies_to" in wanted} | {"goods to buy with a percent"}


@pytest.mark.parametrize("case", [each for each in BAD if each not in NEW_ONLY])
def test_a_bad_change_is_refused_and_nothing_is_changed(shop: Shop, case: str) -> None:
    field, wanted = BAD[case]
    kind = wanted.get("kind", PERCENT)
    present = {
        PERCENT: LEAST["percent"],
        AMOUNT: LEAST["amount"],
        BUY: LEAST["buy"],
        FREE: LEAST["free"],
        STEPS: {"kind": STEPS, "steps": [step(1, "1")]},
    }[kind]
    made = create(shop, **present)
    # What is not said of a new discount is taken away from one that is there.
    parts = ("percent", "amounts", "steps", "buy_quantity", "get_quantity")
    said: dict[str, Any] = {name: None for name in parts if name in present and "kind" in wanted}
    said |= {name: each for name, each in wanted.items() if name != "kind"}
    with nothing_changed(shop.database), pytest.raises(InvalidInput) as refusal:
        update(shop, made, **said)
    assert refusal.value.details == told(field, wanted)


def test_the_outermost_discounts_are_taken(shop: Shop) -> None:
    products = make_products(shop, 250)
    for wanted in (
        {"name": "a" * 200, "percent": Decimal("0.01"), "kind": PERCENT, "priority": 0},
        {"percent": Decimal("100.00"), "kind": PERCENT, "priority": 1000, "exclusive_group": "a" * 100},
        {"kind": AMOUNT, "amounts": [usd("0.01"), Amount(Decimal("99999999999.999"), "KWD")]},
        {"kind": STEPS, "steps": [step(each, str(each)) for each in range(1, 21)]},
        {**LEAST["buy"], "targets": goods(*products), "bought": goods(*products)},
        {"windows": [Hours(FRIDAY, "00:00", "12:00"), Hours(FRIDAY, "12:00", "24:00")], "min_quantity": 1_000_000},
        {"starts_at": LATER, "ends_at": LATER + timedelta(microseconds=1), "total_limit": 1_000_000_000},
        {"starts_at": datetime.min.replace(tzinfo=UTC), "ends_at": datetime.max.replace(tzinfo=UTC)},
    ):
        made = create(shop, **wanted)
        before = targets_in(shop, made)
        # and said anew they are the same
        update(shop, made, name="Other")
        assert (row_of(shop, made).version, targets_in(shop, made)) == (2, before)


@given(
    st.lists(
        st.builds(
            lambda day, begins, length: Hours(Weekday(day), _clock(begins), _clock(min(begins + length, 1440))),
            st.integers(0, 6),
            st.integers(0, 1439),
            st.integers(1, 1440),
        ),
        max_size=6,
    )
)
def test_windows_are_taken_exactly_if_no_minute_of_the_week_is_in_two(windows: list[Hours]) -> None:
    minutes = [
        each.day * 1440 + minute for each in windows for minute in range(_minutes(each.begins), _minutes(each.ends))
    ]
    if len(set(minutes)) == len(minutes):
        kept = checked(draft(windows=windows)).windows
        assert list(kept) == sorted(windows)
    else:
        with pytest.raises(InvalidInput):
            checked(draft(windows=windows))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])
