"""Prices with their reasons as the schema shows them: of a product, of a purchase that is thought of, of an order."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import strawberry

from graphql_api.fields import describe_enum, described
from graphql_api.scalars import CurrencyCode, Measure, Money
from graphql_api.types.discount_kinds import DiscountClass, DiscountKind, Tier
from services.catalogue.prices.region_prices import PriceSource
from services.pricing import explanations
from services.pricing.calculating.priced import Refusal, Stage

describe_enum(
    PriceSource,
    description="Where a product's price in a region comes from.",
    each={
        PriceSource.REGION: "It was set for this region.",
        PriceSource.FALLBACK: "It was set for the region that this one falls back to.",
        PriceSource.PRODUCT: "It is the product's own.",
    },
)
describe_enum(
    Stage,
    name="PriceStage",
    description="The order in which a price is worked out.",
    each={
        Stage.LIST_PRICE: "What the line costs by the region's list prices.",
        Stage.SCHEDULED_PRICE: "The list price is one whose time has come by the clock; the amount is in it already.",
        Stage.PRODUCT_DISCOUNT: "A discount on the goods of one line.",
        Stage.ORDER_DISCOUNT: "A line's share of a discount on the goods together.",
        Stage.SHIPPING: "What bringing it costs.",
        Stage.SHIPPING_DISCOUNT: "A discount on bringing it.",
        Stage.TAX: "A tax: 0 where prices are shown with taxes, which `included` tells of then.",
    },
)
describe_enum(
    Refusal,
    name="DiscountRefusal",
    description="Why a discount that was considered did not count; the first reason that was found.",
    each={
        Refusal.WRONG_REGION: "It is for other regions.",
        Refusal.NOT_STARTED: "It has not begun.",
        Refusal.EXPIRED: "It is over.",
        Refusal.OUTSIDE_WINDOW: "It holds at other hours of the week.",
        Refusal.NEEDS_CODE: "It needs a code, and none was given.",
        Refusal.NOT_NAMED: "It is for customers whom it names.",
        Refusal.WRONG_TIER: "It is for customers of other tiers.",
        Refusal.NOT_FIRST_ORDER: "It is for a first order.",
        Refusal.EXHAUSTED: "It was used as often as it may be.",
        Refusal.EXHAUSTED_FOR_CUSTOMER: "The customer used it as often as one may.",
        Refusal.NO_AMOUNT_IN_CURRENCY: "It names no amount in the purchase's currency.",
        Refusal.NO_GOODS: "None of its goods are bought.",
        Refusal.MINIMUM_AMOUNT: "Its goods cost less than they must.",
        Refusal.MINIMUM_QUANTITY: "There are fewer pieces of its goods than there must be.",
        Refusal.NOTHING_TO_REDUCE: "It would take nothing off.",
        Refusal.BETTER_COMBINATION: "Others are cheaper for the customer, and it does not combine with them.",
    },
)


@strawberry.type(description="What one discount takes off.")
class AppliedDiscount:
    """Its source is services/pricing/explanations.AppliedDiscount."""

    discount_id: strawberry.ID = described("The discount's id.")
    name: str = described("Its name.")
    amount: Money = described("How much it takes off, in `currency`.")
    currency: CurrencyCode = described("The currency of `amount`.")


@strawberry.type(description="What one tax comes to.")
class TaxPart:
    """Its source is services/pricing/explanations.TaxPart."""

    rate_id: strawberry.ID = described("The id of the tax's rate.")
    name: str = described("The tax's name.")
    percent: Measure = described("Its rate in percent.")
    net: Money = described("The amount it was counted from, without taxes.")
    amount: Money = described("The tax.")
    currency: CurrencyCode = described("The currency of the amounts.")


@strawberry.type(
    description="A discount that lacks nothing but so much more of its goods: then nothing refuses it any more. That "
    "it makes the purchase cheaper then is not promised, since others that it does not combine with may be better. On "
    "shipping none is named where that costs nothing already."
)
class NearMiss:
    """Its source is services/pricing/explanations.NearMiss."""

    discount_id: strawberry.ID = described("The discount's id.")
    name: str = described("Its name.")
    kind: DiscountKind = described("How it counts what it takes off.")
    applies_to: DiscountClass = described("What it takes from: of SHIPPING, delivery is free with so much more.")
    lines: list[int] | None = described(
        "The lines of whose goods it is more, from 0 on: any of them will do. Null where it may be any goods, of a "
        "product by itself, and of older orders."
    )
    missing_amount: Money | None = described("So much more of its goods, by list prices; null if that is enough.")
    missing_quantity: int | None = described("So many more pieces of its goods; null if these are enough.")
    currency: CurrencyCode = described("The currency of `missingAmount`.")


@strawberry.type(description="One amount of the sum. All steps add up to the total, to the coin.")
class PriceStep:
    """Its source is services/pricing/explanations.PriceStep."""

    stage: Stage = described("Where it stands in the order of work.")
    amount: Money = described("What it adds, or takes off: then it is below zero.")
    line: int | None = described("Of which line, from 0 on; null for what belongs to none.")
    discount_id: strawberry.ID | None = described("Which discount took it off.")
    tax_rate_id: strawberry.ID | None = described("Which tax it is.")
    exact: str | None = described("What it was before it was rounded, as a number or a fraction; null if it was not.")
    included: Money | None = described("The tax that is in the prices already, where they are shown with taxes.")


@strawberry.type(description="A discount that was considered, and what came of it.")
class ConsideredDiscount:
    """Its source is services/pricing/explanations.ConsideredDiscount."""

    discount_id: strawberry.ID = described("The discount's id.")
    name: str = described("Its name.")
    version: int = described("The version in which it was considered.")
    is_applied: bool = described("Whether it counted.")
    refusal: Refusal | None = described("Why it did not; null if it did.")
    missing_amount: Money | None = described("For how much more its goods would have to be bought.")
    missing_quantity: int | None = described("How many more pieces of its goods would have to be bought.")


@strawberry.type(description="A thing that a price was counted from.")
class PriceInput:
    """Its source is services/pricing/explanations.PriceInput."""

    kind: str = described('What it is: "product" or "region"; the versions of discounts stand in `considered`.')
    key: strawberry.ID = described("A product's id, or a region's code.")
    version: int = described("The version in which it was read.")
    price: Money | None = described("Of a product: the list price of a piece.")
    price_source: PriceSource | None = described("Of a product: where that price comes from.")
    since: datetime | None = described("Of a product: since when that price counts, as far as it is known.")
    is_scheduled: bool | None = described("Of a product: whether that price began by the clock.")


@strawberry.type(
    description="A price with its reasons. Discounts that need a code which was not given, or name customers of whom "
    "the caller is none, are told to staff with the right READ only."
)
class PriceTrace:
    """Its source is services/pricing/explanations.Explanation."""

    moment: datetime = described("When it was worked out; this decides what has begun and what is over.")
    time_zone: str = described("The shop's time zone, in which weekly hours are meant.")
    region: str = described("The code of the region whose prices and taxes these are.")
    currency: CurrencyCode = described("The currency of every amount.")
    decimals: int = described("How many decimals amounts of `currency` have here; format with it.")
    prices_include_tax: bool = described("Whether the region shows prices with the taxes in them.")
    tier: Tier | None = described("The tier of the customer; null for a guest.")
    total: Money = described("What is paid: the sum of the steps.")
    steps: list[PriceStep] = described("Every amount of the sum, in the order of work.")
    considered: list[ConsideredDiscount] = described("Every discount that was considered, applied or refused and why.")
    near_misses: list[NearMiss] = described("Discounts that lack nothing but a little more of their goods.")
    inputs: list[PriceInput] = described("What it was counted from, in which versions.")


def as_discounts(sources: Sequence[explanations.AppliedDiscount]) -> list[AppliedDiscount]:
    """The discounts as sources of the type."""
    return cast("list[AppliedDiscount]", sources)


def as_taxes(sources: Sequence[explanations.TaxPart]) -> list[TaxPart]:
    """The taxes as sources of the type."""
    return cast("list[TaxPart]", sources)


def as_near_misses(sources: Sequence[explanations.NearMiss]) -> list[NearMiss]:
    """The near misses as sources of the type."""
    return cast("list[NearMiss]", sources)


def as_trace(source: explanations.Explanation) -> PriceTrace:
    """The explanation as a source of the type."""
    return cast("PriceTrace", source)
