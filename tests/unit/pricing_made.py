"""Purchases and discounts for examples, with as little said as the example needs."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.calculator import price
from services.pricing.calculating.facts import Customer, Line, Purchase, RegionFacts, Rule, Step, Targets, TaxRate
from services.pricing.calculating.priced import Priced, Refusal
from tests.unit.pricing_strategies import CATEGORIES, NOW, PRODUCTS, RATES, RULES
from utils.money import Money

ALL = frozenset(DiscountClass)
TEA, MILK, CUP = PRODUCTS[:3]
DRINKS = CATEGORIES[0]


def euro(amount: str) -> Money:
    """An amount of euros."""
    return Money(Decimal(amount), "EUR")


def of(*products: UUID) -> Targets:
    """These products."""
    return Targets(products=frozenset(products))


def line(product: UUID, cost: str, quantity: int = 1, currency: str = "EUR", **more: Any) -> Line:
    """So many pieces of a product; tea and milk stand among the drinks."""
    drinks = frozenset({DRINKS}) if product in (TEA, MILK) else frozenset()
    more = {"name": "A thing", "categories": drinks, **more}
    return Line(product_id=product, quantity=quantity, price=Money(Decimal(cost), currency), **more)


def rule(number: int = 0, percent: str | None = None, **more: Any) -> Rule:
    """A discount of products in per cent, or whatever else is said, which stands beside all others."""
    if percent is not None:
        more = {"kind": DiscountKind.PERCENT, "percent": Decimal(percent), **more}
    given = {"applies_to": DiscountClass.PRODUCT, "combines_with": ALL, "version": 1, "name": f"No {number}", **more}
    return Rule(id=RULES[number], **given)


def amount_off(number: int, euros: str, **more: Any) -> Rule:
    """A discount of so many euros."""
    return rule(number, kind=DiscountKind.AMOUNT, amounts={"EUR": Decimal(euros)}, **more)


def given_with(buy: int, get: int, percent: str = "100", **more: Any) -> Rule:
    """Buy so many, get so many for less."""
    return rule(0, percent, kind=DiscountKind.BUY_X_GET_Y, buy_quantity=buy, get_quantity=get, **more)


def stepped(*steps: tuple[int, str]) -> Rule:
    """From so many pieces on, so many per cent."""
    return rule(
        kind=DiscountKind.QUANTITY_STEPS, steps=tuple(Step(count, Decimal(percent)) for count, percent in steps)
    )


def free_shipping(number: int = 0, **more: Any) -> Rule:
    """A discount that takes shipping off."""
    return rule(number, kind=DiscountKind.FREE_SHIPPING, applies_to=DiscountClass.SHIPPING, **more)


def region(currency: str = "EUR", shipping: str = "4.90", *, included: bool = True, **rates: str) -> RegionFacts:
    """A region with taxes by class, such as standard="19" or standard="5+2.5"."""
    found = [
        TaxRate(RATES[number], tax_class, f"Tax {number}", Decimal(percent))
        for number, (tax_class, percent) in enumerate(
            (tax_class, percent) for tax_class, percents in rates.items() for percent in percents.split("+")
        )
    ]
    return RegionFacts(
        code="DE",
        version=3,
        currency=currency,
        prices_include_tax=included,
        rates=tuple(found),
        shipping_price=Money(Decimal(shipping), currency),
    )


def purchase(*parts: Line | Rule, **more: Any) -> Purchase:
    """Lines and discounts, bought by a guest in Germany on a Friday at 17 o'clock."""
    given: Mapping[str, Any] = {"region": region(), "customer": Customer(), "moment": NOW, **more}
    return Purchase(
        time_zone="Europe/Berlin",
        lines=tuple(part for part in parts if isinstance(part, Line)),
        rules=tuple(part for part in parts if isinstance(part, Rule)),
        **given,
    )


def totals(priced: Priced) -> list[str]:
    """What each line costs, and shipping at the end."""
    return [*(str(each.total.amount) for each in priced.lines), str(priced.shipping.total.amount)]


def refusals(bought: Purchase) -> dict[int, Refusal | None]:
    """The verdicts, by the numbers of the discounts."""
    return {RULES.index(each.rule.id): each.refusal for each in price(bought).verdicts}
