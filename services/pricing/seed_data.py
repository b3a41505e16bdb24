"""The regions the shop sells to, with the currency of each, as every new database gets them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegionSeed:
    """A country by its ISO 3166-1 code, and the ISO 4217 code of the money spent there."""

    code: str
    name: str
    currency: str


# Japan's currency has no minor unit and Kuwait's has three places: rounding is tried on more than cents.
REGIONS: tuple[RegionSeed, ...] = (
    RegionSeed("US", "United States", "USD"),
    RegionSeed("CA", "Canada", "CAD"),
    RegionSeed("GB", "United Kingdom", "GBP"),
    RegionSeed("IE", "Ireland", "EUR"),
    RegionSeed("DE", "Germany", "EUR"),
    RegionSeed("FR", "France", "EUR"),
    RegionSeed("ES", "Spain", "EUR"),
    RegionSeed("SE", "Sweden", "SEK"),
    RegionSeed("CH", "Switzerland", "CHF"),
    RegionSeed("KE", "Kenya", "KES"),
    RegionSeed("IN", "India", "INR"),
    RegionSeed("JP", "Japan", "JPY"),
    RegionSeed("AU", "Australia", "AUD"),
    RegionSeed("KW", "Kuwait", "KWD"),
)
