"""Which tier so many orders make."""

import pytest

from models.discount import Tier
from services.pricing.tiers.tiers import Thresholds, orders_to_next_tier, tier_of

USUAL = Thresholds(silver=21, gold=50)


@pytest.mark.parametrize(
    ("orders", "tier", "missing"),
    [
        (0, Tier.BRONZE, 21),
        (20, Tier.BRONZE, 1),
        (21, Tier.SILVER, 29),
        (49, Tier.SILVER, 1),
        (50, Tier.GOLD, None),
        (51, Tier.GOLD, None),
        (1_000_000, Tier.GOLD, None),
    ],
)
def test_the_tier_of_so_many_orders(orders: int, tier: Tier, missing: int | None) -> None:
    assert tier_of(orders, USUAL) is tier
    assert orders_to_next_tier(tier, orders, USUAL) == missing


def test_thresholds_are_those_of_the_shop() -> None:
    close = Thresholds(silver=1, gold=2)
    assert [tier_of(orders, close) for orders in (0, 1, 2)] == [Tier.BRONZE, Tier.SILVER, Tier.GOLD]


def test_who_has_enough_already_by_new_thresholds_lacks_none() -> None:
    assert orders_to_next_tier(Tier.BRONZE, 20, Thresholds(silver=10, gold=50)) == 0
    assert orders_to_next_tier(Tier.SILVER, 49, Thresholds(silver=10, gold=12)) == 0
