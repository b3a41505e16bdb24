"""Made-up purchases: random goods, carts, customers, regions and discounts, small enough to try everything.

Strategies are made once and kept: to make them anew for each draw takes longer than to price what they draw.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.calculating.facts import (
    Customer,
    Line,
    Purchase,
    RegionFacts,
    Rule,
    Step,
    Targets,
    TaxRate,
    Window,
)
from utils.money import Money

NOW = datetime(2026, 5, 8, 15, 0, tzinfo=UTC)
PRODUCT, ORDER, SHIPPING = DiscountClass
PRODUCTS, CATEGORIES, COLLECTIONS, BRANDS, RULES, RATES = (
    [UUID(int=(space << 96) + 0x0000000000007000_8000000000000000 + number) for number in range(40)]
    for space in range(1, 7)
)
_CURRENCIES = ("EUR", "JPY", "KWD")
PERCENTS = st.sampled_from(("5", "7.5", "10", "12.5", "33.33", "50", "99.99", "100")).map(Decimal)
_CLASSES = st.frozensets(st.sampled_from(DiscountClass))
_MOSTLY_ALL_CLASSES = st.just(frozenset(DiscountClass)) | _CLASSES
_TIERS = st.sampled_from(Tier)
_PRIORITIES = st.sampled_from((10, 20, 30))
_GROUPS = st.sampled_from((None, None, "a", "b"))
_TWO_PERCENTS = st.lists(PERCENTS, min_size=1, max_size=2, unique=True)
_ONE_TO_TWO, _ONE_TO_THREE, _NONE_TO_TWO = st.integers(1, 2), st.integers(1, 3), st.integers(0, 2)
_BOOLEANS = st.booleans()
_TAX_PERCENTS = st.sampled_from(("0", "2.5", "7", "8.875", "19", "25", "100")).map(Decimal)
# By tax class, the percents of its rates.
_TAXES = {"standard": st.lists(_TAX_PERCENTS, max_size=3), "reduced": st.lists(_TAX_PERCENTS, max_size=1)}


def coins(count: int, currency: str) -> Money:
    """So many coins."""
    return Money.of_coins(count, currency)


@cache
def amounts(currency: str, most: int) -> st.SearchStrategy[dict[str, Decimal]]:
    """An amount in the currency, or in another only."""
    own = st.integers(1, most).map(lambda count: {currency: coins(count, currency).amount})
    return own | st.just({"USD": Decimal("1.00")}) if most > 500 else own


@cache
def targets() -> st.SearchStrategy[Targets | None]:
    """All goods, or some."""
    some = st.builds(
        Targets,
        products=st.frozensets(st.sampled_from(PRODUCTS[:3]), max_size=2),
        categories=st.frozensets(st.sampled_from(CATEGORIES[:3]), max_size=1),
        collections=st.frozensets(st.sampled_from(COLLECTIONS[:2]), max_size=1),
        brands=st.frozensets(st.sampled_from(BRANDS[:2]), max_size=1),
    )
    return st.none() | some


@cache
@st.composite
def rules(draw: st.DrawFn, number: int, currency: str, only: tuple[DiscountClass, ...] = tuple(DiscountClass)) -> Rule:
    """A discount of any kind, most of them under few conditions and willing to stand beside others."""
    applies_to = draw(_one_of(only))
    conditions = draw(_conditions(currency))
    few = dict(list(conditions.items())[:2])
    return Rule(
        id=RULES[number],
        version=number + 1,
        name=f"Discount {number}",
        applies_to=applies_to,
        targets=draw(targets()),
        priority=draw(_PRIORITIES),
        exclusive_group=draw(_GROUPS),
        combines_with=draw(_MOSTLY_ALL_CLASSES),
        **draw(kinds(applies_to, currency)),
        **few,
    )


@cache
def _one_of(choices: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices)


@cache
def _conditions(currency: str) -> st.SearchStrategy[dict[str, Any]]:
    conditions: dict[str, st.SearchStrategy[Any]] = {
        "needs_code": st.booleans(),
        "min_amounts": amounts(currency, 2000),
        "min_quantity": st.integers(1, 6),
        "tiers": st.frozensets(st.sampled_from(Tier)),
        "region_codes": st.frozensets(st.sampled_from(("DE", "JP"))),
        "for_named_customers": st.booleans(),
        "first_order_only": st.booleans(),
        "per_customer_limit": st.integers(1, 2),
        "is_exhausted": st.booleans(),
    }
    return st.fixed_dictionaries({}, optional=conditions)


@cache
@st.composite
def kinds(draw: st.DrawFn, applies_to: DiscountClass, currency: str) -> dict[str, Any]:
    """What a discount of the class takes."""
    if applies_to is SHIPPING:
        return {"kind": DiscountKind.FREE_SHIPPING}
    of_products = (DiscountKind.BUY_X_GET_Y, DiscountKind.QUANTITY_STEPS) if applies_to is PRODUCT else ()
    kind = draw(_one_of((DiscountKind.PERCENT, DiscountKind.AMOUNT, *of_products)))
    if kind is DiscountKind.AMOUNT:
        return {"kind": kind, "amounts": draw(amounts(currency, 300))}
    if kind is DiscountKind.QUANTITY_STEPS:
        percents = sorted(draw(_TWO_PERCENTS))
        return {"kind": kind, "steps": tuple(Step(2 + 2 * place, percent) for place, percent in enumerate(percents))}
    if kind is DiscountKind.BUY_X_GET_Y:
        buy, get = draw(_ONE_TO_THREE), draw(_ONE_TO_TWO)
        return {
            "kind": kind,
            "percent": draw(PERCENTS),
            "buy_quantity": buy,
            "get_quantity": get,
            "bought": draw(targets()),
        }
    return {"kind": kind, "percent": draw(PERCENTS)}


@cache
def lines(currency: str) -> st.SearchStrategy[Line]:
    """A few pieces of one of few products."""
    return st.builds(
        Line,
        product_id=st.sampled_from(PRODUCTS[:4]),
        name=st.just("A thing"),
        quantity=st.integers(1, 5),
        price=(st.integers(0, 40) | st.integers(0, 1500)).map(lambda count: coins(count, currency)),
        tax_class=st.sampled_from(("standard", "reduced", "zero")),
        scheduled=_BOOLEANS,
        categories=st.frozensets(st.sampled_from(CATEGORIES[:3]), max_size=2),
        collections=st.frozensets(st.sampled_from(COLLECTIONS[:2]), max_size=1),
        brand_id=st.none() | st.sampled_from(BRANDS[:2]),
    )


@cache
def _carts(currency: str, most_lines: int) -> st.SearchStrategy[list[Line]]:
    return st.lists(lines(currency), min_size=0, max_size=most_lines)


@cache
@st.composite
def regions(draw: st.DrawFn, currency: str) -> RegionFacts:
    """A region with none, one or two taxes for each class."""
    rates: list[TaxRate] = []
    for tax_class, percents in _TAXES.items():
        for percent in draw(percents):
            rates.append(TaxRate(RATES[len(rates)], tax_class, f"Tax {len(rates)}", percent))
    return RegionFacts(
        code=draw(_one_of(("DE", "JP"))),
        version=1,
        currency=currency,
        prices_include_tax=draw(_BOOLEANS),
        rates=tuple(rates),
        shipping_price=coins(draw(_one_of((0, 1, 490))), currency),
        shipping_tax_class=draw(_one_of(("standard", "zero"))),
    )


@st.composite
def purchases(
    draw: st.DrawFn, most_lines: int = 3, most_rules: int = 5, only: tuple[DiscountClass, ...] = tuple(DiscountClass)
) -> Purchase:
    """A purchase with all its facts."""
    currency = draw(_one_of(_CURRENCIES))
    some = [draw(rules(number, currency, only)) for number in range(draw(_up_to(most_rules)))]
    chosen = _some_of(tuple(rule.id for rule in some))
    return Purchase(
        moment=NOW,
        time_zone="Europe/Berlin",
        region=draw(regions(currency)),
        customer=Customer(
            id=draw(_one_of((None, PRODUCTS[30]))),
            tier=draw(_TIERS),
            has_ordered=draw(_BOOLEANS),
            named_in=draw(chosen),
            uses={each: draw(_NONE_TO_TWO) for each in draw(chosen)},
        ),
        lines=tuple(draw(_carts(currency, most_lines))),
        rules=tuple(draw(st.permutations(some))),
        codes={each: f"CODE{each.int % 100}" for each in draw(chosen)},
        classes=draw(_MOSTLY_ALL_CLASSES),
        ships=draw(_BOOLEANS),
    )


@cache
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


@cache
def _some_of(ids: tuple[UUID, ...]) -> st.SearchStrategy[frozenset[UUID]]:
    return st.frozensets(st.sampled_from(ids)) if ids else st.just(frozenset())


def timed_rules() -> st.SearchStrategy[Rule]:
    """A discount with a beginning, an end and windows."""
    hours = st.integers(-400, 400).map(lambda hours: NOW + timedelta(hours=hours))
    windows = st.builds(
        lambda day, begins, lasts: Window(day, begins, min(1440, begins + lasts)),
        st.integers(0, 6),
        st.integers(0, 1439),
        st.integers(1, 1440),
    )
    return st.builds(
        Rule,
        id=st.sampled_from(RULES),
        version=st.just(1),
        name=st.just("Now and then"),
        kind=st.just(DiscountKind.PERCENT),
        applies_to=st.just(PRODUCT),
        percent=st.just(Decimal(10)),
        starts_at=st.none() | hours,
        ends_at=st.none() | hours,
        windows=st.lists(windows, max_size=3).map(tuple),
    )
