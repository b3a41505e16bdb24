"""What staff say of a discount: all of a new one, or what is to change of one that is there."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, NamedTuple

from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.calculating.facts import Step, Targets
from utils.left_out import LEFT_OUT, LeftOut

USUAL_PRIORITY = 100
NO_TARGETS = Targets()


class Weekday(IntEnum):
    """A day of the week, as windows have it."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Amount(NamedTuple):
    """So much in this currency."""

    amount: Decimal
    currency: str


class Hours(NamedTuple):
    """Every week on this day, from "16:00" until "20:00", or "24:00" for its end, by the shop's clocks."""

    day: Weekday
    begins: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountDraft:
    """All of a discount but its codes and customers. `targets` of None are all goods; see models/discount.py.

    `applies_to` of None: what the kind is usually for, shipping or else goods line by line. `bought` of None: the
    pieces to buy are of the goods that are reduced.
    """

    name: str
    kind: DiscountKind
    applies_to: DiscountClass | None = None
    is_active: bool = True
    percent: Decimal | None = None
    amounts: Sequence[Amount] = ()
    steps: Sequence[Step] = ()
    buy_quantity: int | None = None
    get_quantity: int | None = None
    targets: Targets | None = None
    bought: Targets | None = None
    tiers: Sequence[Tier] = ()
    region_codes: Sequence[str] = ()
    for_named_customers: bool = False
    first_order_only: bool = False
    min_amounts: Sequence[Amount] = ()
    min_quantity: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    windows: Sequence[Hours] = ()
    needs_code: bool = False
    total_limit: int | None = None
    per_customer_limit: int | None = None
    priority: int = USUAL_PRIORITY
    exclusive_group: str | None = None
    combines_with: Sequence[DiscountClass] = ()

    @property
    def target_count(self) -> int:
        """How many things it names on both sides: a product for each counts twice."""
        return sum(0 if each is None else each.count for each in (self.targets, self.bought))

    def is_in_use(self, moment: datetime) -> bool:
        """Whether it is switched on and not over at this moment, begun or not."""
        return self.is_active and (self.ends_at is None or self.ends_at > moment)

    @property
    def all_targets(self) -> Targets:
        """The goods that are reduced and those that must be bought, together."""
        one, other = self.targets or NO_TARGETS, self.bought or NO_TARGETS
        return Targets(
            products=one.products | other.products,
            categories=one.categories | other.categories,
            collections=one.collections | other.collections,
            brands=one.brands | other.brands,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountChange:
    """What is to change of a discount. Left out, or None where a discount cannot be without it: stays as it is.

    The kind and what it applies to stay: what another kind takes off is another discount.
    """

    name: str | None = None
    is_active: bool | None = None
    for_named_customers: bool | None = None
    first_order_only: bool | None = None
    needs_code: bool | None = None
    priority: int | None = None
    # None takes these away.
    percent: Decimal | LeftOut | None = LEFT_OUT
    amounts: Sequence[Amount] | LeftOut | None = LEFT_OUT
    steps: Sequence[Step] | LeftOut | None = LEFT_OUT
    buy_quantity: int | LeftOut | None = LEFT_OUT
    get_quantity: int | LeftOut | None = LEFT_OUT
    targets: Targets | LeftOut | None = LEFT_OUT
    bought: Targets | LeftOut | None = LEFT_OUT
    tiers: Sequence[Tier] | LeftOut | None = LEFT_OUT
    region_codes: Sequence[str] | LeftOut | None = LEFT_OUT
    min_amounts: Sequence[Amount] | LeftOut | None = LEFT_OUT
    min_quantity: int | LeftOut | None = LEFT_OUT
    starts_at: datetime | LeftOut | None = LEFT_OUT
    ends_at: datetime | LeftOut | None = LEFT_OUT
    windows: Sequence[Hours] | LeftOut | None = LEFT_OUT
    total_limit: int | LeftOut | None = LEFT_OUT
    per_customer_limit: int | LeftOut | None = LEFT_OUT
    exclusive_group: str | LeftOut | None = LEFT_OUT
    combines_with: Sequence[DiscountClass] | LeftOut | None = LEFT_OUT
    # Which version of the discount was looked at; None for whatever it is.
    version: int | None = None

    def of(self, present: DiscountDraft) -> DiscountDraft:
        """The discount as this change leaves it, not checked yet."""
        said: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "version"}
        changed: dict[str, Any] = {}
        for name, value in said.items():
            if isinstance(value, LeftOut) or (value is None and name in _ALWAYS_THERE):
                continue
            changed[name] = () if value is None and name in _LISTS else value
        return replace(present, **changed)


_ALWAYS_THERE = ("name", "is_active", "for_named_customers", "first_order_only", "needs_code", "priority")
_LISTS = ("amounts", "steps", "tiers", "region_codes", "min_amounts", "windows", "combines_with")
