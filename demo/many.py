"""Makes any number of goods, one after the other, the same ones each time and no two with one name."""

from collections.abc import Iterator
from decimal import Decimal
from math import gcd
from random import Random
from typing import NamedTuple

from demo.goods import Good
from demo.labels import tags_of
from demo.many_words import FIRST_WORDS, KINDS, LOOKS, MEASURES, SECOND_WORDS
from services.catalogue.products.product_values import slug_of

_SEED = 20_260_101
# What the three sizes or looks cost, in per cent of the middle one: large packs are cheaper for what they hold.
_MEASURE_PERCENT = (60, 100, 180)
_LOOK_PERCENT = (90, 100, 115)
# About the golden section of the whole: neighbours in the sequence differ in maker as well as in kind.
_STRIDE = 0.618


class _Shape(NamedTuple):
    """All of a product but its maker; `cents` is what it usually costs."""

    category_slug: str
    label: str
    size: str
    unit: str
    cents: int
    remark: str


def _sizes(named: str) -> Iterator[tuple[str, str, int]]:
    """Each size of a row of them: what the name says, the unit it is sold by, its price in per cent."""
    if named in MEASURES:
        yield from ((size, size, percent) for size, percent in zip(MEASURES[named], _MEASURE_PERCENT, strict=True))
    else:
        yield from ((look, "each", percent) for look, percent in zip(LOOKS[named], _LOOK_PERCENT, strict=True))


def _all_shapes() -> Iterator[_Shape]:
    lines = KINDS.strip("\n").splitlines()
    for kind, varieties in zip(lines[::2], lines[1::2], strict=True):
        category_slug, noun, cents, sizes, remark = kind.split(" | ")
        for variety in varieties.strip().split(", "):
            for size, unit, percent in _sizes(sizes):
                yield _Shape(category_slug, f"{variety} {noun}", size, unit, int(cents) * percent // 100, remark)


_BRANDS = tuple(f"{first} {second}" for first in FIRST_WORDS.split(", ") for second in SECOND_WORDS.split(", "))
_SHAPES = tuple(_all_shapes())
# So many names are natural; beyond them a lot number tells equal goods apart.
NATURAL_NAMES = len(_BRANDS) * len(_SHAPES)


def many_goods(count: int) -> Iterator[Good]:
    """The first `count` goods of an endless sequence that is the same on every machine.

    Nothing is kept while it runs: the n-th good is found by a step through all combinations that meets each one once
    before it meets any again, so names are unique by construction and not by remembering them.
    """
    random = Random(_SEED)  # noqa: S311 - prices and stock, not secrets
    step = _coprime_step(NATURAL_NAMES)
    for number in range(count):
        lot, place = divmod(number, NATURAL_NAMES)
        shape, brand = divmod(place * step % NATURAL_NAMES, len(_BRANDS))
        yield _good(_BRANDS[brand], _SHAPES[shape], lot, random)


def _coprime_step(whole: int) -> int:
    step = int(whole * _STRIDE)
    while gcd(step, whole) != 1:
        step += 1
    return step


def _good(brand: str, shape: _Shape, lot: int, random: Random) -> Good:
    name = f"{brand} {shape.label}, {shape.size}" + (f", Lot {lot + 1}" if lot else "")
    cents = shape.cents * random.randint(85, 130) // 100
    return Good(
        name=name,
        slug=slug_of(name),
        description=f"{shape.label} from {brand}. {shape.remark}",
        unit=shape.unit,
        price=Decimal(cents - cents % 10 + 9).scaleb(-2),  # as price tags end
        stock_count=random.randint(20, 500),
        category_slug=shape.category_slug,
        brand=brand,
        tags=tags_of(name),
    )
