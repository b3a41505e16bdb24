"""Settings of prices: by which clocks weekly discounts are meant, and which customers are in which tier."""

from zoneinfo import available_timezones

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from utils.config_fields import whole

# Systems keep it among the zones, but it is whatever this machine happens to be set to.
_NO_ZONE = "localtime"


class PricingSettings(BaseSettings):
    """What concerns prices and their discounts."""

    home_region: str | None = Field(
        None, pattern=r"^[A-Z0-9]{2,8}$", description="a region's code in capitals, such as DE"
    )
    time_zone: str = Field("UTC", description="an IANA time zone such as UTC, Europe/Berlin or America/New_York")
    # Silver stands before gold, which is compared with it.
    tier_silver_orders: int = whole(21, 1, 999_999)
    tier_gold_orders: int = Field(
        50, le=1_000_000, description="a whole number up to 1000000, above TIER_SILVER_ORDERS"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        # Not by opening it: systems also have folders, and zones that count leap seconds, beside those of IANA.
        if name == _NO_ZONE or name not in available_timezones():
            raise ValueError
        return name

    @field_validator("tier_gold_orders")
    @classmethod
    def _is_above_silver(cls, gold: int, info: ValidationInfo) -> int:
        # A wrong number for silver is told by itself.
        if gold <= info.data.get("tier_silver_orders", 0):
            raise ValueError
        return gold
