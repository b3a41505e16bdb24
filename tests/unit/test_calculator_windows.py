"""Weekly windows go by the clocks on the wall, in summer and in winter, and the next change is known beforehand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing.calculating.facts import Rule, Window
from services.pricing.calculating.windows import is_open, next_change
from tests.unit.pricing_made import rule
from tests.unit.pricing_strategies import NOW, timed_rules

BERLIN = "Europe/Berlin"
FRIDAYS = rule(0, "10", windows=(Window(4, 16 * 60, 20 * 60),))
SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The clocks go forward on 29 March 2026 and back on 25 October.
@pytest.mark.parametrize(
    ("opens", "closes"),
    [
        ("2026-03-27T15:00", "2026-03-27T19:00"),
        ("2026-04-03T14:00", "2026-04-03T18:00"),
        ("2026-10-23T14:00", "2026-10-23T18:00"),
        ("2026-10-30T15:00", "2026-10-30T19:00"),
    ],
)
def test_fridays_from_16_to_20_in_summer_and_in_winter(opens: str, closes: str) -> None:
    begins, ends = at(opens), at(closes)

    moments = (begins - SECOND, begins, ends - SECOND, ends)
    assert [is_open(FRIDAYS, moment, BERLIN) for moment in moments] == [False, True, True, False]
    assert next_change([FRIDAYS], begins - timedelta(days=3), BERLIN) == begins
    assert next_change([FRIDAYS], begins, BERLIN) == ends


def test_after_a_friday_comes_the_next_one_by_the_new_time() -> None:
    assert next_change([FRIDAYS], at("2026-03-27T19:00"), BERLIN) == at("2026-04-03T14:00")
    assert next_change([FRIDAYS], at("2026-10-23T18:00"), BERLIN) == at("2026-10-30T15:00")


def test_the_hour_that_the_clocks_leave_out_has_no_window() -> None:
    # On that Sunday 2 o'clock is 3 o'clock.
    left_out = rule(0, "10", windows=(Window(6, 130, 170),))
    assert next_change([left_out], at("2026-03-25T00:00"), BERLIN) == at("2026-04-05T00:10")

    over_it = rule(0, "10", windows=(Window(6, 90, 150),))
    assert next_change([over_it], at("2026-03-29T00:45"), BERLIN) == at("2026-03-29T01:00")


def test_the_hour_that_the_clocks_show_twice_has_its_window_twice() -> None:
    twice = rule(0, "10", windows=(Window(6, 120, 150),))
    changes = [at("2026-10-24T00:00")]
    for _ in range(4):
        changes.append(next_change([twice], changes[-1], BERLIN) or NOW)

    assert changes[1:] == [
        *(at("2026-10-25T00:00"), at("2026-10-25T00:30")),
        *(at("2026-10-25T01:00"), at("2026-10-25T01:30")),
    ]


def test_windows_that_touch_are_one() -> None:
    night = rule(0, "10", windows=(Window(4, 1200, 1440), Window(5, 0, 60)))

    assert next_change([night], at("2026-05-08T20:00"), "UTC") == at("2026-05-09T01:00")
    assert is_open(night, at("2026-05-09T00:00"), "UTC")


def test_a_rule_begins_and_ends_at_its_moments() -> None:
    timed = rule(0, "10", starts_at=NOW, ends_at=NOW + timedelta(days=1))

    moments = (NOW - SECOND, NOW, NOW + timedelta(days=1) - SECOND, NOW + timedelta(days=1))
    assert [is_open(timed, moment, "UTC") for moment in moments] == [False, True, True, False]
    assert next_change([timed], NOW - SECOND, "UTC") == NOW
    assert next_change([timed], NOW, "UTC") == NOW + timedelta(days=1)
    assert next_change([timed], NOW + timedelta(days=1), "UTC") is None


def test_the_windows_of_a_rule_that_ended_or_has_not_begun_change_nothing() -> None:
    assert next_change([replace(FRIDAYS, ends_at=NOW)], NOW, BERLIN) is None
    later = NOW + timedelta(days=60)
    assert next_change([replace(FRIDAYS, starts_at=later)], NOW, BERLIN) == later


def test_without_times_nothing_changes_and_the_first_change_of_all_counts() -> None:
    assert next_change([], NOW, BERLIN) is None
    assert next_change([rule(0, "10")], NOW, BERLIN) is None
    soon = rule(1, "10", starts_at=NOW + timedelta(hours=1))
    assert next_change([FRIDAYS, soon], NOW, BERLIN) == NOW + timedelta(hours=1)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(KeyError):
        is_open(FRIDAYS, NOW, "Mars/Olympus")


@settings(max_examples=50)
@given(
    st.lists(timed_rules(), max_size=3),
    st.sampled_from((BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC")),
    st.sampled_from((NOW, at("2026-03-28T20:00"), at("2026-10-24T20:00"), at("2026-04-04T10:00"))),
    st.data(),
)
def test_nothing_changes_before_the_next_change(
    rules: list[Rule], time_zone: str, moment: datetime, data: st.DataObject
) -> None:
    change = next_change(rules, moment, time_zone)
    until = min(change or moment + timedelta(days=9), moment + timedelta(days=9))
    within = [data.draw(st.datetimes(moment.replace(tzinfo=None), until.replace(tzinfo=None))) for _ in range(5)]

    for rule_ in rules:
        before = is_open(rule_, moment, time_zone)
        assert all(
            is_open(rule_, each.replace(tzinfo=UTC), time_zone) == before
            for each in within
            if each.replace(tzinfo=UTC) < until
        )
