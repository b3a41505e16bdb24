"""What a discount may be: every value in its bounds, and the parts that its kind has, no more and no fewer."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeVar

from models.discount import DiscountClass, DiscountKind
from services.pricing.calculating.facts import Targets
from services.pricing.discounts.checked_parts import (
    checked_amounts,
    checked_percent,
    checked_region_codes,
    checked_steps,
    checked_windows,
)
from services.pricing.discounts.drafts import DiscountDraft
from utils import clock, text
from utils.errors import InvalidInput

LONGEST_NAME = 200
LONGEST_GROUP = 100
MOST_TARGETS = 500
HIGHEST_PRIORITY = 1_000
MOST_PIECES = 1_000_000
LARGEST_LIMIT = 1_000_000_000

E = TypeVar("E", bound=Enum)
_FREE = Decimal(100)


class _Kind(NamedTuple):
    """What a kind of discount has, and what it may apply to, the usual first."""

    has: frozenset[str]
    applies_to: tuple[DiscountClass, ...]


_GOODS = (DiscountClass.PRODUCT, DiscountClass.ORDER)
_PARTS = {
    DiscountKind.PERCENT: _Kind(frozenset({"percent"}), _GOODS),
    DiscountKind.AMOUNT: _Kind(frozenset({"amounts"}), _GOODS),
    DiscountKind.QUANTITY_STEPS: _Kind(frozenset({"steps"}), (DiscountClass.PRODUCT,)),
    DiscountKind.BUY_X_GET_Y: _Kind(
        frozenset({"percent", "buyQuantity", "getQuantity", "boughtTargets"}), (DiscountClass.PRODUCT,)
    ),
    DiscountKind.FREE_SHIPPING: _Kind(frozenset(), (DiscountClass.SHIPPING,)),
}
# Without them the pieces to buy are those that are reduced.
_MAY_BE_MISSING = frozenset({"boughtTargets"})


def checked(draft: DiscountDraft) -> DiscountDraft:
    """The discount as it is kept: in whole coins, in UTC, each thing once.

    Refuses (INVALID_INPUT, naming the field): a name that is empty or has over 200 characters; a percent that is not
    over 0, at most 100, with at most 2 decimals; amounts that are not over 0, not in whole coins, or two of one
    currency; steps that do not rise; windows that end before they begin, or overlap; an end that is not after the
    start; over 500 targets; counts out of their bounds; and parts that the kind has not, or lacks.
    """
    kept = replace(
        draft,
        name=text.line(draft.name, "name", longest=LONGEST_NAME),
        applies_to=_checked_class(draft),
        percent=_percent(draft),
        amounts=checked_amounts(draft.amounts, "amounts"),
        steps=checked_steps(draft.steps, most_pieces=MOST_PIECES),
        buy_quantity=_count(draft.buy_quantity, "buyQuantity", MOST_PIECES),
        get_quantity=_count(draft.get_quantity, "getQuantity", MOST_PIECES),
        tiers=_each_once(draft.tiers),
        region_codes=checked_region_codes(draft.region_codes),
        min_amounts=checked_amounts(draft.min_amounts, "minAmounts"),
        min_quantity=_count(draft.min_quantity, "minQuantity", MOST_PIECES),
        starts_at=clock.in_utc(draft.starts_at, "startsAt"),
        ends_at=clock.in_utc(draft.ends_at, "endsAt"),
        windows=checked_windows(draft.windows),
        total_limit=_count(draft.total_limit, "totalLimit", LARGEST_LIMIT),
        per_customer_limit=_count(draft.per_customer_limit, "perCustomerLimit", LARGEST_LIMIT),
        exclusive_group=_group(draft.exclusive_group),
        combines_with=_each_once(draft.combines_with),
    )
    _check_parts(kept)
    _check_number(kept.targets, kept.bought)
    if not 0 <= kept.priority <= HIGHEST_PRIORITY:
        raise InvalidInput(f"priority must be from 0 to {HIGHEST_PRIORITY}.", field="priority")
    if kept.starts_at is not None and kept.ends_at is not None and kept.starts_at >= kept.ends_at:
        raise InvalidInput("endsAt must be after startsAt.", field="endsAt")
    return kept


def check_end(now: DiscountDraft, *, before: DiscountDraft | None = None) -> None:
    """Refuses (INVALID_INPUT) an end that has passed already, unless the discount had it before: None for a new one."""
    had = None if before is None else before.ends_at
    if now.ends_at is not None and now.ends_at != had and now.ends_at <= clock.now():
        raise InvalidInput("endsAt must not have passed; switch it off instead: isActive false.", field="endsAt")


def check_targets(targets: Targets | None, bought: Targets | None) -> None:
    """What may be given as targets: refuses (INVALID_INPUT) those that name nothing, and more than 500 together.

    What a discount has may have been removed from the shop since, so one that is there may have none left.
    """
    for field, each in (("targets", targets), ("boughtTargets", bought)):
        if each is not None and not each.count:
            raise InvalidInput(f"{field} must name something; without any, leave it out.", field=field)
    _check_number(targets, bought)


def _check_number(targets: Targets | None, bought: Targets | None) -> None:
    count = 0
    for field, each in (("targets", targets), ("boughtTargets", bought)):
        count += 0 if each is None else each.count
        if count > MOST_TARGETS:
            raise InvalidInput(f"A discount has at most {MOST_TARGETS} targets.", field=field)


def _checked_class(draft: DiscountDraft) -> DiscountClass:
    allowed = _PARTS[draft.kind].applies_to
    wanted = allowed[0] if draft.applies_to is None else draft.applies_to
    if wanted not in allowed:
        names = " or ".join(each.name for each in allowed)
        raise InvalidInput(f"A discount of the kind {draft.kind.name} applies to {names}.", field="appliesTo")
    return wanted


def _percent(draft: DiscountDraft) -> Decimal | None:
    if draft.percent is None and draft.kind is DiscountKind.BUY_X_GET_Y:
        return _FREE
    return None if draft.percent is None else checked_percent(draft.percent, "percent")


def _check_parts(draft: DiscountDraft) -> None:
    given = {
        "percent": draft.percent is not None,
        "amounts": bool(draft.amounts),
        "steps": bool(draft.steps),
        "buyQuantity": draft.buy_quantity is not None,
        "getQuantity": draft.get_quantity is not None,
        "boughtTargets": draft.bought is not None,
    }
    due = _PARTS[draft.kind].has
    for field, is_given in given.items():
        if is_given and field not in due:
            raise InvalidInput(f"A discount of the kind {draft.kind.name} has no {field}.", field=field)
        if not is_given and field in due - _MAY_BE_MISSING:
            raise InvalidInput(f"A discount of the kind {draft.kind.name} needs {field}.", field=field)


def _count(value: int | None, field: str, largest: int) -> int | None:
    if value is not None and not 1 <= value <= largest:
        raise InvalidInput(f"{field} must be from 1 to {largest}.", field=field)
    return value


def _group(name: str | None) -> str | None:
    return None if name is None else text.line(name, "exclusiveGroup", longest=LONGEST_GROUP)


def _each_once(values: Iterable[E]) -> tuple[E, ...]:
    """Each value once, in the order of its enum."""
    chosen = set(values)
    return tuple(each for each in type(next(iter(chosen))) if each in chosen) if chosen else ()
