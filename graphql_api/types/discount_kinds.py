"""The enums of discounts as the schema has them; whoever shows or takes one imports it from here."""

from graphql_api.fields import describe_enum
from graphql_api.types import tiers
from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.discounts.drafts import Weekday

# Tier is described there, and must be before it is used.
assert tiers
__all__ = ["DiscountClass", "DiscountKind", "Tier", "Weekday"]

describe_enum(
    DiscountKind,
    description="How a discount counts what it takes off.",
    each={
        DiscountKind.PERCENT: "So many percent.",
        DiscountKind.AMOUNT: "So much money: off each piece of goods, or once off an order.",
        DiscountKind.BUY_X_GET_Y: "Of so many pieces, the cheapest for less or for nothing.",
        DiscountKind.QUANTITY_STEPS: "The more pieces of one product, the more percent.",
        DiscountKind.FREE_SHIPPING: "Bringing it costs nothing.",
    },
)
describe_enum(
    DiscountClass,
    description="What a discount takes from.",
    each={
        DiscountClass.PRODUCT: "Goods, line by line.",
        DiscountClass.ORDER: "The goods of an order together.",
        DiscountClass.SHIPPING: "What bringing an order costs.",
    },
)
describe_enum(
    Weekday,
    description="A day of the week.",
    each={each: f"{each.name.title()}." for each in Weekday},
)
