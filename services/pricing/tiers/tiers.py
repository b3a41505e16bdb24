"""Which tier so many successful orders make, and how many it takes to the next one."""

from dataclasses import dataclass

from models.discount import Tier
from utils.config import Settings


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many successful orders on a customer is silver, and gold; gold > silver > 0 (TIER_* settings)."""

    silver: int
    gold: int


def thresholds_of(settings: Settings) -> Thresholds:
    """The thresholds of this shop."""
    return Thresholds(silver=settings.tier_silver_orders, gold=settings.tier_gold_orders)


def tier_of(orders: int, thresholds: Thresholds) -> Tier:
    """The tier of a customer with so many successful orders (requirements/pinchi-grocery.md: 0-20, 21-49, 50)."""
    if orders >= thresholds.gold:
        return Tier.GOLD
    return Tier.SILVER if orders >= thresholds.silver else Tier.BRONZE


def orders_to_next_tier(tier: Tier, orders: int, thresholds: Thresholds) -> int | None:
    """How many more successful orders it takes from this tier to the next; None from the highest.

    0 for whoever has enough for it by now, because the thresholds were lowered: the next count says so.
    """
    if tier is Tier.GOLD:
        return None
    return max(0, (thresholds.gold if tier is Tier.SILVER else thresholds.silver) - orders)
