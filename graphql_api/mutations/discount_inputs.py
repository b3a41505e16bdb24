"""What staff say of a discount they make or change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from graphql_api.mutations.product_inputs import left_out
from graphql_api.scalars import CurrencyCode, Measure, Money
from graphql_api.types.discount_kinds import DiscountClass, DiscountKind, Tier, Weekday
from services.pricing.calculating.facts import Step, Targets
from services.pricing.discounts.checking import HIGHEST_PRIORITY, LONGEST_GROUP, LONGEST_NAME, MOST_TARGETS
from services.pricing.discounts.code_making import LONGEST_PREFIX, MOST_AT_A_TIME
from services.pricing.discounts.drafts import USUAL_PRIORITY, Amount, DiscountChange, DiscountDraft, Hours

_GONE = "Left out: stays; null: taken away."
_NAME = f"Its name, which customers are shown; at most {LONGEST_NAME} characters."
_PERCENT = "So many percent, over 0 and at most 100, with at most two decimals; of PERCENT and BUY_X_GET_Y"
_AMOUNTS = "So much off, over 0, each currency once; of AMOUNT."
_STEPS = "Percents by quantity, both rising; of QUANTITY_STEPS."
_BUY = "So many pieces to buy; of BUY_X_GET_Y."
_GET = "So many pieces for less, the cheapest; of BUY_X_GET_Y."
_TARGETS = f"The goods it takes from or, for an order and its shipping, asks conditions of; at most {MOST_TARGETS}."
_BOUGHT = "The goods to buy, of BUY_X_GET_Y, if they are not those that are reduced."
_TIERS = "The tiers it is for."
_REGIONS = "The codes of the regions it is for."
_NAMED = "Whether it is only for customers whom `setDiscountCustomers` names."
_FIRST = "Whether it is for a customer's first order only."
_MIN_AMOUNTS = "It counts from so much on, at list prices of its goods, each currency once; in others it does not."
_MIN_QUANTITY = "It counts from so many pieces of its goods on."
_STARTS, _ENDS = "From when on it counts.", "Until when it counts."
_WINDOWS = "Hours of the week at which it counts; they do not overlap."
_CODE = "Whether it counts with one of its codes only, which `addDiscountCodes` makes."
_TOTAL = "How many orders may use it; not below how many did."
_PER_CUSTOMER = "How many orders of one customer may use it."
_PRIORITY = f"From 0 to {HIGHEST_PRIORITY}: of discounts that stand together, the lower one is taken off first"
_GROUP = f"Of those of one group and class, at most one counts; at most {LONGEST_GROUP} characters."
_COMBINES = "Beside discounts of which classes it may count, if these may as well."
_ALONE = (
    "Empty unless you fill it: such a discount stands beside none that meets it, so fifteen percent off may take free "
    "delivery away. For most shops PRODUCT, ORDER and SHIPPING, or at least SHIPPING, is meant."
)


@strawberry.input(description="An amount of money with its currency.")
class MoneyInCurrencyInput:
    """So much in a currency."""

    amount: Money = strawberry.field(description="The amount, in whole coins of the currency.")
    currency: CurrencyCode = strawberry.field(description="The currency.")


@strawberry.input(description="From so many pieces of one product on, so many percent.")
class DiscountStepInput:
    """One step."""

    quantity: int = strawberry.field(description="From so many pieces on.")
    percent: Measure = strawberry.field(description="So many percent off all of them.")


@strawberry.input(description="Hours of a day of every week, by the clocks of the shop's time zone.")
class WeeklyWindowInput:
    """One window."""

    day: Weekday = strawberry.field(description="The day.")
    begins: str = strawberry.field(name="from", description="From when on, such as 16:00.")
    ends: str = strawberry.field(name="until", description="Until when, such as 20:00; 24:00 is the day's end.")


@strawberry.input(description="Goods: one thing at least, of any kind.")
class DiscountTargetsInput:
    """What a discount is about."""

    product_ids: list[UUID] | None = strawberry.field(default=None, description="Products, one by one.")
    category_ids: list[UUID] | None = strawberry.field(default=None, description="Categories, each with all below it.")
    collection_ids: list[UUID] | None = strawberry.field(default=None, description="Collections.")
    brand_ids: list[UUID] | None = strawberry.field(default=None, description="Brands.")

    def targets(self) -> Targets:
        """The same for the service."""
        return Targets(
            products=frozenset(self.product_ids or ()),
            categories=frozenset(self.category_ids or ()),
            collections=frozenset(self.collection_ids or ()),
            brands=frozenset(self.brand_ids or ()),
        )


@strawberry.input(description="What a new discount is to be.")
class DiscountInput:
    """Its kind says which of its parts it has."""

    name: str = strawberry.field(description=_NAME)
    kind: DiscountKind = strawberry.field(description="How it counts what it takes off; it stays so.")
    applies_to: DiscountClass | None = strawberry.field(
        default=None,
        description="What it takes from: by default SHIPPING for FREE_SHIPPING, else PRODUCT. It stays so.",
    )
    is_active: bool = strawberry.field(default=True, description="Whether it counts, within its time.")
    percent: Measure | None = strawberry.field(default=None, description=f"{_PERCENT}, there 100 by default.")
    amounts: list[MoneyInCurrencyInput] | None = strawberry.field(default=None, description=_AMOUNTS)
    steps: list[DiscountStepInput] | None = strawberry.field(default=None, description=_STEPS)
    buy_quantity: int | None = strawberry.field(default=None, description=_BUY)
    get_quantity: int | None = strawberry.field(default=None, description=_GET)
    targets: DiscountTargetsInput | None = strawberry.field(
        default=None, description=f"{_TARGETS} All goods by default."
    )
    bought_targets: DiscountTargetsInput | None = strawberry.field(default=None, description=_BOUGHT)
    tiers: list[Tier] | None = strawberry.field(default=None, description=f"{_TIERS} All by default.")
    region_codes: list[str] | None = strawberry.field(default=None, description=f"{_REGIONS} All by default.")
    for_named_customers: bool = strawberry.field(default=False, description=_NAMED)
    first_order_only: bool = strawberry.field(default=False, description=_FIRST)
    min_amounts: list[MoneyInCurrencyInput] | None = strawberry.field(default=None, description=_MIN_AMOUNTS)
    min_quantity: int | None = strawberry.field(default=None, description=_MIN_QUANTITY)
    starts_at: datetime | None = strawberry.field(default=None, description=_STARTS)
    ends_at: datetime | None = strawberry.field(default=None, description=_ENDS)
    windows: list[WeeklyWindowInput] | None = strawberry.field(default=None, description=_WINDOWS)
    needs_code: bool = strawberry.field(default=False, description=_CODE)
    total_limit: int | None = strawberry.field(default=None, description=_TOTAL)
    per_customer_limit: int | None = strawberry.field(default=None, description=_PER_CUSTOMER)
    priority: int = strawberry.field(default=USUAL_PRIORITY, description=f"{_PRIORITY}.")
    exclusive_group: str | None = strawberry.field(default=None, description=_GROUP)
    combines_with: list[DiscountClass] | None = strawberry.field(default=None, description=f"{_COMBINES} {_ALONE}")

    def draft(self) -> DiscountDraft:
        """The same for the service."""
        said: dict[str, Any] = {name: getattr(self, name) for name in (*_PLAIN, *_CLEARED)}
        lists: dict[str, Any] = {
            name: () if getattr(self, name) is None else _listed(getattr(self, name)) for name in _LISTS
        }
        return DiscountDraft(
            kind=self.kind,
            applies_to=self.applies_to,
            targets=_targets(self.targets),
            bought=_targets(self.bought_targets),
            **said,
            **lists,
        )


@strawberry.input(description="What is to change of a discount; what is left out stays as it is.")
class DiscountUpdateInput:
    """A change of one discount."""

    name: str | None = strawberry.field(default=None, description=_NAME)
    is_active: bool | None = strawberry.field(default=None, description="Whether it counts, within its time.")
    percent: Measure | None = strawberry.field(default=strawberry.UNSET, description=f"{_PERCENT}, there null is 100.")
    amounts: list[MoneyInCurrencyInput] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_AMOUNTS} All of them. {_GONE}"
    )
    steps: list[DiscountStepInput] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_STEPS} All of them. {_GONE}"
    )
    buy_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=_BUY)
    get_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=_GET)
    targets: DiscountTargetsInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_TARGETS} All of them. Left out: they stay; null: all goods."
    )
    bought_targets: DiscountTargetsInput | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_BOUGHT} All of them. {_GONE}"
    )
    tiers: list[Tier] | None = strawberry.field(default=strawberry.UNSET, description=f"{_TIERS} {_GONE}")
    region_codes: list[str] | None = strawberry.field(default=strawberry.UNSET, description=f"{_REGIONS} {_GONE}")
    for_named_customers: bool | None = strawberry.field(default=None, description=_NAMED)
    first_order_only: bool | None = strawberry.field(default=None, description=_FIRST)
    min_amounts: list[MoneyInCurrencyInput] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_MIN_AMOUNTS} {_GONE}"
    )
    min_quantity: int | None = strawberry.field(default=strawberry.UNSET, description=f"{_MIN_QUANTITY} {_GONE}")
    starts_at: datetime | None = strawberry.field(default=strawberry.UNSET, description=f"{_STARTS} {_GONE}")
    ends_at: datetime | None = strawberry.field(default=strawberry.UNSET, description=f"{_ENDS} {_GONE}")
    windows: list[WeeklyWindowInput] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_WINDOWS} All of them. {_GONE}"
    )
    needs_code: bool | None = strawberry.field(default=None, description=_CODE)
    total_limit: int | None = strawberry.field(default=strawberry.UNSET, description=f"{_TOTAL} {_GONE}")
    per_customer_limit: int | None = strawberry.field(default=strawberry.UNSET, description=f"{_PER_CUSTOMER} {_GONE}")
    priority: int | None = strawberry.field(default=None, description=f"{_PRIORITY}.")
    exclusive_group: str | None = strawberry.field(default=strawberry.UNSET, description=f"{_GROUP} {_GONE}")
    combines_with: list[DiscountClass] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_COMBINES} {_GONE} Empty, it stands beside none that meets it."
    )

    def change(self, version: int | None) -> DiscountChange:
        """The same for the service."""
        said: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        cleared: dict[str, Any] = {name: left_out(getattr(self, name)) for name in _CLEARED}
        lists: dict[str, Any] = {name: _listed(left_out(getattr(self, name))) for name in _LISTS}
        return DiscountChange(
            version=version,
            targets=_targets(left_out(self.targets)),
            bought=_targets(left_out(self.bought_targets)),
            **said,
            **cleared,
            **lists,
        )


@strawberry.input(description="Codes that nobody can guess: 12 signs of 32 at random, 60 bits.")
class GenerateCodesInput:
    """How many of them."""

    count: int = strawberry.field(description=f"How many, from 1 to {MOST_AT_A_TIME}.")
    prefix: str | None = strawberry.field(
        default=None,
        description=f"How they begin: at most {LONGEST_PREFIX} letters of ASCII, digits, - and _; nothing by default.",
    )


_PLAIN = ("name", "is_active", "for_named_customers", "first_order_only", "needs_code", "priority")
_CLEARED = (
    "percent",
    "buy_quantity",
    "get_quantity",
    "min_quantity",
    "starts_at",
    "ends_at",
    "total_limit",
    "per_customer_limit",
    "exclusive_group",
)
_LISTS = ("amounts", "steps", "tiers", "region_codes", "min_amounts", "windows", "combines_with")


def _targets(given: Any) -> Any:
    """The goods for the service; what is left out, or null, as it is."""
    return given.targets() if isinstance(given, DiscountTargetsInput) else given


def _listed(given: Any) -> Any:
    """A list for the service, with its own kinds of parts; what is left out, or null, as it is."""
    return [_part(each) for each in given] if isinstance(given, Sequence) else given


def _part(given: Any) -> Any:
    if isinstance(given, MoneyInCurrencyInput):
        return Amount(given.amount, given.currency)
    if isinstance(given, DiscountStepInput):
        return Step(given.quantity, given.percent)
    if isinstance(given, WeeklyWindowInput):
        return Hours(given.day, given.begins, given.ends)
    return given
