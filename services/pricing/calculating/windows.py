"""When a rule may count: from, until, and weekly windows by the shop's clocks.

Windows are meant in wall-clock time (IANA time zone): Fridays from 16 to 20 begin at 16 by the clock on the wall, in
summer as in winter. An hour that the clocks leave out has no window, one that they show twice has it twice.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.pricing.calculating.facts import Rule, Window

# A window of every week changes within a week and a day; after one whose hour the clocks left out, within two.
_DAYS_AHEAD = 16
_INSTANT = timedelta(microseconds=1)


class WallClock(NamedTuple):
    """What a clock on the wall shows: the date, the day of the week (0 is Monday) and the minute of the day."""

    date: date
    day: int
    minute: int


def is_open(rule: Rule, moment: datetime, time_zone: str) -> bool:
    """Whether the rule has begun, has not ended, and is in one of its windows, if it has any."""
    if rule.starts_at is not None and moment < rule.starts_at:
        return False
    if rule.ends_at is not None and moment >= rule.ends_at:
        return False
    return in_window(rule.windows, moment, time_zone)


def in_window(windows: tuple[Window, ...], moment: datetime, time_zone: str) -> bool:
    """Whether the moment is in one of the windows; in no windows at all it always is."""
    if not windows:
        return True
    _, day, minute = wall_clock(moment, time_zone)
    return any(window.day == day and window.begins <= minute < window.ends for window in windows)


@lru_cache(maxsize=8192)
def wall_clock(moment: datetime, time_zone: str) -> WallClock:
    """What the shop's clocks show at a moment. Refuses (ZoneInfoNotFoundError, a KeyError) an unknown time zone."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return WallClock(local.date(), local.weekday(), local.hour * 60 + local.minute)


def next_change(rules: Iterable[Rule], moment: datetime, time_zone: str) -> datetime | None:
    """The next moment after this one at which any rule begins, ends, or a window opens or closes, in UTC.

    None if nothing will change by itself.
    """
    first: datetime | None = None
    for rule in rules:
        for change in _changes(rule, moment, time_zone):
            if change > moment and (first is None or change < first):
                first = change
    return None if first is None else first.astimezone(UTC)


def _changes(rule: Rule, moment: datetime, time_zone: str) -> Iterator[datetime]:
    if rule.starts_at is not None:
        yield rule.starts_at
    if rule.ends_at is not None:
        if moment >= rule.ends_at:
            return
        yield rule.ends_at
    # Before it begins, its windows change nothing.
    if rule.windows and (rule.starts_at is None or moment >= rule.starts_at):
        turns = _turns(rule.windows, time_zone, wall_clock(moment, time_zone).date)
        yield from turns[bisect_right(turns, moment) :][:1]


# As many as discounts may be active (discounts/room.py); of 50 windows the moments are 14 kB.
@lru_cache(maxsize=1024)
def _turns(windows: tuple[Window, ...], time_zone: str, today: date) -> tuple[datetime, ...]:
    """The moments from yesterday on, for two weeks, at which windows open or close."""
    days = [today + timedelta(days=number) for number in range(-1, _DAYS_AHEAD)]
    candidates = {*_bounds(windows, time_zone, days), *_clock_changes(time_zone, days)}
    # Windows that touch neither open nor close where they do.
    return tuple(
        each
        for each in sorted(candidates)
        if in_window(windows, each, time_zone) != in_window(windows, each - _INSTANT, time_zone)
    )


def _bounds(windows: tuple[Window, ...], time_zone: str, days: list[date]) -> Iterator[datetime]:
    for day in days:
        for window in windows:
            if window.day == day.weekday():
                yield from _moments(day, window.begins, time_zone)
                yield from _moments(day, window.ends, time_zone)


# Shops have a few hours at which their discounts begin and end.
@lru_cache(maxsize=4096)
def _moments(day: date, minute: int, time_zone: str) -> tuple[datetime, ...]:
    """When a clock shows this minute of the day: an hour that is shown twice has two such moments."""
    wall = (datetime.combine(day, time()) + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(time_zone))
    return tuple({wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})


def _clock_changes(time_zone: str, days: list[date]) -> Iterator[datetime]:
    """The moments at which the clocks of the zone are put forward or back, between the first and the last day."""
    zone = ZoneInfo(time_zone)
    midnights = [datetime.combine(day, time(), UTC) for day in days]
    for before, after in pairwise(midnights):
        offset = before.astimezone(zone).utcoffset()
        if after.astimezone(zone).utcoffset() == offset:
            continue
        while after - before > timedelta(seconds=1):
            middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
            if middle.astimezone(zone).utcoffset() == offset:
                before = middle
            else:
                after = middle
        yield after
