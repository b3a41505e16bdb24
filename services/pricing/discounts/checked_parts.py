"""The parts of a discount that are made of parts: percents, amounts by currency, steps, hours of the week, regions."""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from services.pricing.calculating.facts import Step, Window
from services.pricing.discounts.drafts import Amount, Hours, Weekday
from utils import money
from utils.errors import InvalidInput
from utils.region_codes import is_region_code, no_region

MOST_AMOUNTS = 20
MOST_STEPS = 20
MOST_WINDOWS = 50
MOST_REGIONS = 100
_HUNDREDTH = Decimal("0.01")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_END_OF_DAY = 24 * 60


def checked_percent(percent: Decimal, field: str) -> Decimal:
    """Over 0, at most 100, with at most two decimals; with both of them written out."""
    if not 0 < percent <= 100 or percent != percent.quantize(_HUNDREDTH):
        raise InvalidInput(f"{field} must be over 0, at most 100, with at most 2 decimals.", field=field)
    return percent.quantize(_HUNDREDTH)


def checked_amounts(amounts: Sequence[Amount], field: str) -> tuple[Amount, ...]:
    """Over 0, in whole coins, of 20 currencies at most, each once; by the names of the currencies."""
    if len(amounts) > MOST_AMOUNTS:
        raise InvalidInput(f"{field} must be of at most {MOST_AMOUNTS} currencies.", field=field)
    seen: set[str] = set()
    for at, (amount, currency) in enumerate(amounts):
        _check_amount(amount, currency, f"{field}.{at}")
        if currency in seen:
            raise InvalidInput(f"{field} must name {currency} once.", field=f"{field}.{at}.currency")
        seen.add(currency)
    kept = [Amount(money.rounded(amount, currency), currency) for amount, currency in amounts]
    return tuple(sorted(kept, key=lambda each: each.currency))


def _check_amount(amount: Decimal, currency: str, field: str) -> None:
    if not money.is_currency(currency):
        raise InvalidInput("currency must be an ISO 4217 code in capitals, such as USD.", field=f"{field}.currency")
    if not 0 < amount <= money.LARGEST_AMOUNT:
        raise InvalidInput(f"amount must be over 0, at most {money.LARGEST_AMOUNT}.", field=f"{field}.amount")
    if not money.is_whole_coins(amount, currency):
        raise InvalidInput(
            f"amount must have at most {money.exponent(currency)} decimals in {currency}.", field=f"{field}.amount"
        )


def checked_steps(steps: Sequence[Step], *, most_pieces: int) -> tuple[Step, ...]:
    """At most 20 steps, each at more pieces and with a higher percent than the one before."""
    if len(steps) > MOST_STEPS:
        raise InvalidInput(f"A discount has at most {MOST_STEPS} steps.", field="steps")
    kept = []
    for at, (quantity, percent) in enumerate((each.quantity, each.percent) for each in steps):
        if not 1 <= quantity <= most_pieces:
            raise InvalidInput(f"quantity must be from 1 to {most_pieces}.", field=f"steps.{at}.quantity")
        kept.append(Step(quantity, checked_percent(percent, f"steps.{at}.percent")))
    for at, (one, next_one) in enumerate(pairwise(kept), 1):
        if next_one.quantity <= one.quantity:
            raise InvalidInput("Each step must be at more pieces than the one before.", field=f"steps.{at}.quantity")
        if next_one.percent <= one.percent:
            raise InvalidInput("Each step must take off more than the one before.", field=f"steps.{at}.percent")
    return tuple(kept)


class _Placed(NamedTuple):
    """A window, and where it stood in what was given."""

    window: Window
    at: int


def checked_windows(windows: Sequence[Hours]) -> tuple[Hours, ...]:
    """At most 50 windows, none of which ends before it begins or overlaps with another; from Monday on."""
    if len(windows) > MOST_WINDOWS:
        raise InvalidInput(f"A discount has at most {MOST_WINDOWS} windows.", field="windows")
    placed = [_Placed(_window(each, f"windows.{at}"), at) for at, each in enumerate(windows)]
    placed.sort(key=lambda each: (each.window.day, each.window.begins))
    for one, next_one in pairwise(placed):
        if one.window.day == next_one.window.day and next_one.window.begins < one.window.ends:
            raise InvalidInput("Windows must not overlap.", field=f"windows.{max(one.at, next_one.at)}.from")
    return tuple(windows[each.at] for each in placed)


def window_of(hours: Hours) -> Window:
    """The same in minutes; the times must have been checked."""
    return Window(int(hours.day), _minutes(hours.begins, ""), _minutes(hours.ends, ""))


def hours_of(window: Window) -> Hours:
    """The same as people write it."""
    return Hours(Weekday(window.day), _written(window.begins), _written(window.ends))


def _window(hours: Hours, field: str) -> Window:
    begins, ends = _minutes(hours.begins, f"{field}.from"), _minutes(hours.ends, f"{field}.until")
    if begins == _END_OF_DAY:
        raise InvalidInput("from must be before 24:00.", field=f"{field}.from")
    if ends <= begins:
        raise InvalidInput(
            "until must be after from; a window over midnight is two windows of two days.", field=f"{field}.until"
        )
    return Window(int(hours.day), begins, ends)


def _minutes(time: str, field: str) -> int:
    if not _TIME.fullmatch(time):
        raise InvalidInput("A time of day is written like 16:00; the day ends at 24:00.", field=field)
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def checked_region_codes(codes: Sequence[str]) -> tuple[str, ...]:
    """At most 100 codes that may be those of regions, each once."""
    if len(codes) > MOST_REGIONS:
        raise InvalidInput(f"A discount names at most {MOST_REGIONS} regions.", field="regionCodes")
    for at, each in enumerate(codes):
        if not is_region_code(each):
            raise no_region(each, f"regionCodes.{at}")
    return tuple(sorted(set(codes)))
