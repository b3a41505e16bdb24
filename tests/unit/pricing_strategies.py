"""Made-up purchases: random goods, carts, customers, regions and discounts, small enough to try everything."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
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
_PERCENTS = st.sampled_from(("5", "7.5", "10", "12.5", "33.33", "50", "99.99", "100")).map(Decimal)
_CLASSES = st.frozensets(st.sampled_from(DiscountClass))
_TAX_PERCENTS = st.sampled_from(("0", "2.5", "7", "8.875", "19", "25", "100")).map(Decimal)


def coins(count: int, currency: str) -> Money:
    """So many coins."""
    return Money.of_coins(count, currency)


def amounts(currency: str, most: int) -> st.SearchStrategy[dict[str, Decimal]]:
    """An amount in the currency, or in another only."""
    own = st.integers(1, most).map(lambda count: {currency: coins(count, currency).amount})
    return own | st.just({"USD": Decimal("1.00")}) if most > 500 else own


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


@st.composite
def rules(draw: st.DrawFn, number: int, currency: str, only: tuple[DiscountClass, ...] = tuple(DiscountClass)) -> Rule:
    """A discount of any kind, most of them under few conditions and willing to stand beside others."""
    applies_to = draw(st.sampled_from(only))
    conditions = draw(st.fixed_dictionaries({}, optional=_conditions(currency)))
    few = dict(list(conditions.items())[:2])
    return Rule(
        id=RULES[number],
        version=number + 1,
        name=f"Discount {number}",
        applies_to=applies_to,
        targets=draw(targets()),
        priority=draw(st.sampled_from((10, 20, 30))),
        exclusive_group=draw(st.sampled_from((None, None, "a", "b"))),
        combines_with=draw(st.just(frozenset(DiscountClass)) | _CLASSES),
        **draw(kinds(applies_to, currency)),
        **few,
    )


def _conditions(currency: str) -> dict[str, st.SearchStrategy[Any]]:
    return {
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


@st.composite
def kinds(draw: st.DrawFn, applies_to: DiscountClass, currency: str) -> dict[str, Any]:
    """What a discount of the class takes."""
    if applies_to is SHIPPING:
        return {"kind": DiscountKind.FREE_SHIPPING}
    of_products = (DiscountKind.BUY_X_GET_Y, DiscountKind.QUANTITY_STEPS) if applies_to is PRODUCT else ()
    kind = draw(st.sampled_from((DiscountKind.PERCENT, DiscountKind.AMOUNT, *of_products)))
    if kind is DiscountKind.AMOUNT:
        return {"kind": kind, "amounts": draw(amounts(currency, 300))}
    if kind is DiscountKind.QUANTITY_STEPS:
        percents = sorted(draw(st.lists(_PERCENTS, min_size=1, max_size=2, unique=True)))
        return {"kind": kind, "steps": tuple(Step(2 + 2 * place, percent) for place, percent in enumerate(percents))}
    if kind is DiscountKind.BUY_X_GET_Y:
        buy, get = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        return {
            "kind": kind,
            "percent": draw(_PERCENTS),
            "buy_quantity": buy,
            "get_quantity": get,
            "bought": draw(targets()),
        }
    return {"kind": kind, "percent": draw(_PERCENTS)}


@st.composite
def lines(draw: st.DrawFn, currency: str) -> Line:
    """A few pieces of one of few products."""
    return Line(
        product_id=draw(st.sampled_from(PRODUCTS[:4])),
        name="A thing",
        quantity=draw(st.integers(1, 5)),
        price=coins(draw(st.integers(0, 40) | st.integers(0, 1500)), currency),
        tax_class=draw(st.sampled_from(("standard", "reduced", "zero"))),
        scheduled=draw(st.booleans()),
        categories=draw(st.frozensets(st.sampled_from(CATEGORIES[:3]), max_size=2)),
        collections=draw(st.frozensets(st.sampled_from(COLLECTIONS[:2]), max_size=1)),
        brand_id=draw(st.none() | st.sampled_from(BRANDS[:2])),
    )


@st.composite
def regions(draw: st.DrawFn, currency: str) -> RegionFacts:
    """A region with none, one or two taxes for each class."""
    rates: list[TaxRate] = []
    for tax_class, most in (("standard", 3), ("reduced", 1)):
        for percent in draw(st.lists(_TAX_PERCENTS, max_size=most)):
            rates.append(TaxRate(RATES[len(rates)], tax_class, f"Tax {len(rates)}", percent))
    return RegionFacts(
        code=draw(st.sampled_from(("DE", "JP"))),
        version=1,
        currency=currency,
        prices_include_tax=draw(st.booleans()),
        rates=tuple(rates),
        shipping_price=coins(draw(st.sampled_from((0, 1, 490))), currency),
        shipping_tax_class=draw(st.sampled_from(("standard", "zero"))),
    )


@st.composite
def purchases(
    draw: st.DrawFn, most_lines: int = 3, most_rules: int = 5, only: tuple[DiscountClass, ...] = tuple(DiscountClass)
) -> Purchase:
    """A purchase with all its facts."""
    currency = draw(st.sampled_from(_CURRENCIES))
    some = [draw(rules(number, currency, only)) for number in range(draw(st.integers(0, most_rules)))]
    ids = [rule.id for rule in some]
    chosen = st.frozensets(st.sampled_from(ids)) if ids else st.just(frozenset())
    return Purchase(
        moment=NOW,
        time_zone="Europe/Berlin",
        region=draw(regions(currency)),
        customer=Customer(
            id=draw(st.none() | st.just(PRODUCTS[30])),
            tier=draw(st.sampled_from(Tier)),
            has_ordered=draw(st.booleans()),
            named_in=draw(chosen),
            uses={each: draw(st.integers(0, 2)) for each in draw(chosen)},
        ),
        lines=tuple(draw(st.lists(lines(currency), min_size=0, max_size=most_lines))),
        rules=tuple(draw(st.permutations(some))),
        codes={each: f"CODE{each.int % 100}" for each in draw(chosen)},
        classes=draw(st.just(frozenset(DiscountClass)) | _CLASSES),
        ships=draw(st.booleans()),
    )


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
