"""What the calculator answers: every amount, and every step that led to it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.pricing.calculating.facts import Purchase, Rule
from utils.money import Money


class Stage(StrEnum):
    """The order of work; steps stand in it."""

    LIST_PRICE = "list_price"
    SCHEDULED_PRICE = "scheduled_price"
    PRODUCT_DISCOUNT = "product_discount"
    ORDER_DISCOUNT = "order_discount"
    SHIPPING = "shipping"
    SHIPPING_DISCOUNT = "shipping_discount"
    TAX = "tax"


class Refusal(StrEnum):
    """Why a discount that was considered did not count."""

    WRONG_REGION = "wrong_region"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    OUTSIDE_WINDOW = "outside_window"
    NEEDS_CODE = "needs_code"
    NOT_NAMED = "not_named"
    WRONG_TIER = "wrong_tier"
    NOT_FIRST_ORDER = "not_first_order"
    EXHAUSTED = "exhausted"
    EXHAUSTED_FOR_CUSTOMER = "exhausted_for_customer"
    NO_AMOUNT_IN_CURRENCY = "no_amount_in_currency"
    NO_GOODS = "no_goods"
    MINIMUM_AMOUNT = "minimum_amount"
    MINIMUM_QUANTITY = "minimum_quantity"
    NOTHING_TO_REDUCE = "nothing_to_reduce"
    BETTER_COMBINATION = "better_combination"


class StepTaken(NamedTuple):
    """One amount of the sum. `exact` is what it was before rounding, as a decimal or as a fraction; None where nothing
    was rounded. `line`: the position of a line, None for shipping and for what belongs to no line. The amounts of all
    steps add up to the total; taxes that are in the prices already have steps of 0 with the tax in `included`."""

    stage: Stage
    amount: Money
    line: int | None = None
    rule: UUID | None = None
    tax_rate: UUID | None = None
    exact: str | None = None
    included: Money | None = None


class Verdict(NamedTuple):
    """A rule that was considered: applied, or refused for a reason. `missing_*`: what a minimum still lacks."""

    rule: Rule
    refusal: Refusal | None
    missing_amount: Money | None = None
    missing_quantity: int | None = None


class TaxPart(NamedTuple):
    """What one tax comes to: on one line, on shipping, or altogether. `net`: the amount it was counted from."""

    rate_id: UUID
    name: str
    percent: Decimal
    net: Money
    amount: Money


class AppliedDiscount(NamedTuple):
    """What one discount takes off: from a line, from shipping, or altogether."""

    rule: Rule
    amount: Money


class PricedLine(NamedTuple):
    """What a line, or bringing the goods, comes to.

    `list_total` and `total` are as the region shows prices; net + tax is what is paid for it.
    """

    list_total: Money
    total: Money
    discounts: tuple[AppliedDiscount, ...]
    net: Money
    tax: Money
    taxes: tuple[TaxPart, ...]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A discount that lacks nothing but so much more of its goods: then nothing refuses it any more.

    Either is None where enough is bought. How much it would take off is not said, nor that it would: discounts that it
    does not combine with may be better (see near_misses.py). `lines`: the positions of those of whose goods it is more;
    None where it may be any goods.
    """

    rule: Rule
    missing_amount: Money | None
    missing_quantity: int | None
    lines: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The whole answer. `total` = net goods + net shipping + tax = the sum of `steps`, to the coin."""

    purchase: Purchase
    lines: tuple[PricedLine, ...]
    shipping: PricedLine
    discounts: tuple[AppliedDiscount, ...]
    taxes: tuple[TaxPart, ...]
    list_total: Money
    discount_total: Money
    net_goods: Money
    net_shipping: Money
    tax_total: Money
    total: Money
    steps: tuple[StepTaken, ...]
    verdicts: tuple[Verdict, ...]
    near_misses: tuple[NearMiss, ...] = ()
