"""The prior price of a reduction, by examples and against a model that looks at every day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.catalogue.prices.prior_price import PricePoint, laid_over, prior_price

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

# (day, price) ...: the prior price
EXAMPLES = {
    "no price at all": ([], None),
    "never changed": ([(0, 10)], None),
    "made dearer": ([(0, 10), (50, 12)], None),
    "reduced": ([(0, 10), (50, 8)], 10),
    "reduced and made dearer again": ([(0, 10), (50, 8), (60, 9)], None),
    "a lower price within the thirty days counts": ([(0, 10), (30, 7), (35, 10), (50, 8)], 7),
    "so does one that reached into them": ([(0, 7), (21, 10), (50, 8)], 7),
    "one that ended as they began does not": ([(0, 7), (20, 10), (50, 8)], 10),
    "nor does one before that": ([(0, 7), (19, 10), (50, 8)], 10),
    "a higher price within does not": ([(0, 10), (30, 15), (35, 10), (50, 8)], 10),
    "reduced step by step: each step for itself": ([(0, 10), (50, 8), (55, 6)], 8),
    "a step after more than thirty days": ([(0, 10), (50, 8), (81, 6)], 8),
    "the first price counts from when it came": ([(45, 10), (50, 8)], 10),
    "a price that was never in effect does not": ([(0, 10), (30, 5), (30, 10), (50, 8)], 10),
    "nor does one replaced at the moment of the reduction": ([(0, 10), (50, 3), (50, 8)], 10),
    "a repetition is no change": ([(0, 10), (50, 8), (52, 8)], 10),
    "a repetition does not move the thirty days": ([(0, 7), (20, 10), (50, 8), (60, 8)], 10),
    "reduced to nothing": ([(0, 10), (50, 0)], 10),
}


def points(history: list[tuple[int, int]], currency: str = "EUR") -> list[PricePoint]:
    return [PricePoint(Decimal(price), currency, START + day * DAY) for day, price in history]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    history, expected = EXAMPLES[name]
    assert prior_price(points(history)) == expected


def test_the_last_moment_of_a_price_counts() -> None:
    history = points([(0, 7), (20, 10), (50, 8)])
    history[1] = history[1]._replace(since=history[1].since + timedelta(microseconds=1))
    assert prior_price(history) == 7


def test_prices_in_another_currency_are_not_compared() -> None:
    assert prior_price([*points([(0, 10)], "EUR"), *points([(50, 8)], "USD")]) is None
    assert prior_price([*points([(0, 1)], "EUR"), *points([(40, 9), (50, 8)], "USD")]) == 9
    # in effect between two runs of one currency, it ends the first of them
    assert prior_price([*points([(0, 1)], "USD"), *points([(30, 5)], "EUR"), *points([(40, 9), (50, 8)], "USD")]) == 9


def day_by_day(history: list[tuple[int, int]]) -> int | None:
    """The same, by looking at the price of every day."""

    def price_of(day: int) -> int:
        return [price for since, price in history if since <= day][-1]

    changed = [day for day in range(history[0][0] + 1, history[-1][0] + 1) if price_of(day) != price_of(day - 1)]
    if not changed or price_of(changed[-1]) > price_of(changed[-1] - 1):
        return None
    reduced = changed[-1]
    return min(price_of(day) for day in range(reduced - 30, reduced) if day >= history[0][0])


changes = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 5)), min_size=1, max_size=8).map(
    lambda found: sorted(found, key=lambda each: each[0])
)


@given(changes)
@example([(0, 2), (20, 3), (50, 1)])
@example([(0, 2), (21, 3), (50, 1)])
def test_it_is_what_looking_at_every_day_finds(history: list[tuple[int, int]]) -> None:
    assert prior_price(points(history)) == day_by_day(history)


LAYERED = {
    "nothing set": ([], [(0, 10), (50, 8)], True, [(0, 10), (50, 8)]),
    "set once": ([(40, 9)], [(0, 10), (50, 8)], True, [(0, 10), (40, 9)]),
    "set from the first day on": ([(0, 9), (40, 7)], [(0, 10), (50, 8)], True, [(0, 9), (40, 7)]),
    "taken away": ([(20, 9), (40, 10)], [(0, 10), (30, 6), (50, 8)], False, [(0, 10), (20, 9), (40, 10), (50, 8)]),
    "taken away, and nothing since": ([(20, 9), (40, 10)], [(0, 10)], False, [(0, 10), (20, 9), (40, 10)]),
    "nothing below": ([(20, 9)], [], True, [(20, 9)]),
}


@pytest.mark.parametrize("name", LAYERED)
def test_prices_of_a_region_hide_those_below_while_they_are_in_effect(name: str) -> None:
    layer, below, is_in_effect, expected = LAYERED[name]
    assert laid_over(points(layer), points(below), is_in_effect=is_in_effect) == points(expected)
