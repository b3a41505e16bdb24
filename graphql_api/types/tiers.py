"""Tiers of customers as the schema shows them."""

from datetime import datetime
from typing import cast
from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from graphql_api.loading import tier_changes_of
from graphql_api.pagination import First
from models.discount import Tier
from services.pricing.tiers.reading import Standing
from services.pricing.tiers.recounting import Reason
from services.pricing.tiers.tiers import orders_to_next_tier, thresholds_of

describe_enum(
    Tier,
    description="How good a customer is, by successful orders: those that are paid, neither cancelled nor refunded. "
    "How many each takes is a setting of the shop.",
    each={
        Tier.BRONZE: "Every customer from the start; up to 20 orders, unless the shop says otherwise.",
        Tier.SILVER: "From 21 orders on, unless the shop says otherwise.",
        Tier.GOLD: "From 50 orders on, unless the shop says otherwise.",
    },
)

describe_enum(
    Reason,
    name="TierChangeReason",
    description="Why the successful orders were counted when the tier changed.",
    each={
        Reason.ORDER: "An order of the customer changed its status.",
        Reason.REPAIR: "All customers were counted, as every day: thresholds had been changed, or news was lost.",
    },
)

# What several types say of the same thing.
TIER = "The tier, as it was counted when an order last changed its status, or by the nightly repair."
ORDERS = "How many orders are paid, neither cancelled nor refunded."
TO_NEXT = "How many more such orders make the next tier; null in the highest."
CHANGES = "How it came to that, the newest change first."


@strawberry.type(description="The tier of a customer became another one. Written once, never changed.")
class TierChange:
    """A change; its source is what the service read."""

    before: Tier = described("The tier until then.")
    after: Tier = described("The tier since then.")
    successful_orders: int = described("How many successful orders there were.")
    reason: Reason = described("Why they were counted then.")
    created_at: datetime = described("When.")


@strawberry.type(description="Where a customer stands.")
class CustomerTier:
    """Its source is what the service read."""

    customer_id: strawberry.ID = described("The customer's account.")
    tier: Tier = described(TIER)
    successful_orders: int = described(ORDERS)

    @strawberry.field(description=TO_NEXT)
    def orders_to_next_tier(root: strawberry.Parent[Standing], info: Info) -> int | None:
        """By the shop's settings of today."""
        return to_next_tier(info, root)

    @strawberry.field(description=CHANGES)
    def tier_changes(root: strawberry.Parent[Standing], info: Info, first: First = 20) -> list[TierChange]:
        """One statement."""
        return changes_of(info, root.customer_id, first)


def to_next_tier(info: Info, standing: Standing) -> int | None:
    """How many orders this customer lacks."""
    thresholds = thresholds_of(info.context.shop.settings)
    return orders_to_next_tier(standing.tier, standing.successful_orders, thresholds)


def changes_of(info: Info, customer_id: UUID, first: int) -> list[TierChange]:
    """The customer's newest changes, as sources of the type."""
    return cast("list[TierChange]", tier_changes_of(info.context, customer_id, first=first))
