"""How much of a processor a price costs: carts of 50 lines against 200 active discounts, and a page of 20 products."""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

from bench.figures import Figure, Target, as_table
from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.calculating.calculator import price, price_each
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
from services.pricing.discounts.room import MOST_ACTIVE
from utils.money import Money

LINES, DISCOUNTS = 50, 200
PAGE, PAGE_DISCOUNTS = 20, 20
_SHOPS, _CARTS = 6, 15
# A Friday afternoon.
_NOW = datetime(2026, 5, 8, 15, 0, tzinfo=UTC)
_SHELVES, _CATEGORIES, _COLLECTIONS, _BRANDS, _PRODUCTS = 60, 70, 30, 40, 2000
_ALL = frozenset(DiscountClass)
_OTHERS = {0: DiscountClass.ORDER, 7: DiscountClass.SHIPPING, 13: DiscountClass.ORDER}


def figures(*, rounds: int = 5) -> list[Figure]:
    """CPU milliseconds of a price: of a cart with all its reasons, and of a page of products without."""
    cart, dearest_cart = _timed(price, _shops(LINES, DISCOUNTS), rounds)
    page, dearest_page = _timed(price_each, _shops(PAGE, PAGE_DISCOUNTS), rounds)
    most, _ = _timed(price, [[_beside_the_most()]], rounds)
    against = f"{LINES} lines, {DISCOUNTS} active discounts, with every step and verdict"
    each = f"{PAGE} products, {PAGE_DISCOUNTS} active discounts, each by itself"
    return [
        Figure("price of a cart", cart, "ms", against, f"the slowest {dearest_cart:.2f} ms", Target(5, "below")),
        Figure("prices of a page", page, "ms", each, f"the slowest {dearest_page:.2f} ms"),
        Figure(
            "price of a cart beside the most", most, "ms", f"{LINES} lines, {MOST_ACTIVE} order discounts that combine"
        ),
    ]


def _timed(act: Callable[[Purchase], object], shops: Sequence[Sequence[Purchase]], rounds: int) -> tuple[float, float]:
    """Milliseconds of CPU: of the middle cart, and of the slowest one; of each its middle round."""
    middles = []
    # As gunicorn.conf.py does before a worker answers.
    gc.collect()
    gc.freeze()
    for carts in shops:
        took: list[list[float]] = [[] for _ in carts]
        # Each round takes all of them; what is remembered of amounts they find as carts of one shop do.
        for _ in range(rounds + 1):
            for number, cart in enumerate(carts):
                began = time.process_time()
                act(cart)
                took[number].append((time.process_time() - began) * 1000)
        middles += [median(each[1:]) for each in took]
    gc.unfreeze()
    return median(middles), max(middles)


def _shops(lines: int, discounts: int) -> list[list[Purchase]]:
    """Carts of several shops; those of one shop meet the same discounts."""
    found = []
    for seed in range(_SHOPS):
        dice = Random(seed)
        rules = tuple(_rule(dice, number) for number in range(discounts))
        found.append([_purchase(dice, lines, rules) for _ in range(_CARTS)])
    return found


def _beside_the_most() -> Purchase:
    """As many discounts as may be active, all of which count, each for goods of its own."""
    dice = Random(0)
    bare = _purchase(dice, LINES, ())
    rules = tuple(
        Rule(
            id=_id(10, number),
            version=1,
            name=f"No {number}",
            kind=DiscountKind.AMOUNT,
            applies_to=DiscountClass.ORDER,
            amounts={"EUR": Decimal("0.01")},
            targets=Targets(products=frozenset(line.product_id for line in dice.sample(bare.lines, 10))),
            combines_with=_ALL,
        )
        for number in range(MOST_ACTIVE)
    )
    return replace(bare, rules=rules)


def _purchase(dice: Random, lines: int, rules: tuple[Rule, ...]) -> Purchase:
    coded = [rule.id for rule in rules if rule.needs_code]
    standard, city = TaxRate(_id(9, 1), "standard", "VAT", Decimal("19")), TaxRate(_id(9, 2), "standard", "City", _TWO)
    reduced = TaxRate(_id(9, 3), "reduced", "VAT", Decimal("7"))
    return Purchase(
        moment=_NOW,
        time_zone="Europe/Berlin",
        region=RegionFacts(
            code="DE",
            version=1,
            currency="EUR",
            prices_include_tax=True,
            rates=(standard, city, reduced),
            shipping_price=Money(Decimal("4.90"), "EUR"),
        ),
        customer=Customer(id=_id(8, 1), tier=Tier.GOLD, has_ordered=True, named_in=frozenset(_ids(coded[:2]))),
        lines=tuple(_line(dice) for _ in range(lines)),
        rules=rules,
        codes={each: f"CODE{number}" for number, each in enumerate(coded[:3])},
    )


_TWO = Decimal("2")


def _line(dice: Random) -> Line:
    shelf = dice.randrange(_SHELVES)
    return Line(
        product_id=_id(1, dice.randrange(_PRODUCTS)),
        name="A thing",
        quantity=dice.choice((1, 1, 1, 2, 3, 6, 12)),
        price=Money(Decimal(dice.randrange(99, 20_000)).scaleb(-2), "EUR"),
        tax_class=dice.choice(("standard", "standard", "reduced")),
        # Three deep: of sixty shelves, eight of each group, two departments.
        categories=frozenset({_id(2, shelf), _id(2, 60 + shelf // 8), _id(2, 68 + shelf // 32)}),
        collections=frozenset(_id(3, dice.randrange(_COLLECTIONS)) for _ in range(dice.randrange(3))),
        brand_id=_id(4, dice.randrange(_BRANDS)),
    )


def _rule(dice: Random, number: int) -> Rule:
    """Of twenty seventeen are of products, two of orders, one of shipping; two of five allow all others beside them."""
    applies_to = _OTHERS.get(number % 20, DiscountClass.PRODUCT)
    return Rule(
        id=_id(5, number),
        version=1,
        name=f"Discount No {number}",
        applies_to=applies_to,
        targets=_targets(dice, number, applies_to),
        tiers=dice.choice((frozenset(), frozenset(), frozenset({Tier.GOLD}), frozenset({Tier.SILVER}))),
        region_codes=dice.choice((frozenset(), frozenset(), frozenset({"DE", "AT"}), frozenset({"US"}))),
        first_order_only=dice.random() < 0.05,
        min_amounts={"EUR": Decimal(dice.choice((20, 100, 500)))} if dice.random() < 0.3 else {},
        min_quantity=dice.choice((None, None, None, 3)),
        starts_at=_NOW - timedelta(days=30),
        ends_at=_NOW + timedelta(days=30),
        windows=dice.choice(((), (), (), (Window(4, 960, 1200), Window(5, 960, 1200)))),
        needs_code=number % 6 == 0,
        priority=dice.choice((10, 50, 100, 100)),
        exclusive_group=dice.choice((None, None, "season", "clearance", "club")),
        combines_with=dice.choice((_ALL, _ALL, frozenset(), frozenset(), frozenset({DiscountClass.SHIPPING}))),
        **_kind(dice, applies_to),
    )


def _kind(dice: Random, applies_to: DiscountClass) -> dict[str, Any]:
    if applies_to is DiscountClass.SHIPPING:
        return {"kind": DiscountKind.FREE_SHIPPING}
    percent = {"kind": DiscountKind.PERCENT, "percent": Decimal(dice.choice(("5", "10", "12.5", "20")))}
    amount = {"kind": DiscountKind.AMOUNT, "amounts": {"EUR": Decimal("1.50"), "USD": Decimal("2")}}
    if applies_to is DiscountClass.ORDER:
        return dice.choice((percent, amount))
    steps = {"kind": DiscountKind.QUANTITY_STEPS, "steps": (Step(3, Decimal(5)), Step(10, Decimal(12)))}
    two_and_one = {"kind": DiscountKind.BUY_X_GET_Y, "percent": Decimal(100), "buy_quantity": 2, "get_quantity": 1}
    return dice.choice((percent, percent, percent, amount, steps, two_and_one))


def _targets(dice: Random, number: int, applies_to: DiscountClass) -> Targets | None:
    """All goods for most discounts of orders and one in twenty of products; else mostly a category or a few."""
    if (applies_to is not DiscountClass.PRODUCT and dice.random() < 0.8) or number % 20 == 3:
        return None
    kind = dice.choice(("products", "categories", "categories", "categories", "collections", "brands"))
    of = {
        "products": (1, _PRODUCTS, 40),
        "categories": (2, _CATEGORIES, dice.choice((1, 2, 10))),
        "collections": (3, _COLLECTIONS, 1),
        "brands": (4, _BRANDS, 2),
    }
    space, among, count = of[kind]
    return Targets(**{kind: frozenset(_id(space, dice.randrange(among)) for _ in range(count))})


def _ids(ids: Sequence[UUID]) -> Iterator[UUID]:
    # As from another text: equal, and not the same objects.
    return (UUID(int=each.int) for each in ids)


def _id(space: int, number: int) -> UUID:
    return UUID(int=0x0000000000007000_8000000000000000 + (space << 96) + number)


def main() -> int:
    """Measures and prints; the exit status."""
    argparse.ArgumentParser(prog="python -m bench.pricing", description=__doc__).parse_args()
    print(as_table(figures(rounds=11)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
