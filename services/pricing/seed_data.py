"""The regions the shop sells to, with their currencies and taxes, as every new database gets them.

The rates are those of 2026 for goods, of the whole country: what states, provinces and towns add to them (such as the
sales taxes of the United States) is not here. They are a beginning and no advice; an admin sets others (`setTaxRate`).
"""

from dataclasses import dataclass

# Where a rate is older than any order of a shop that begins now, it is told from here on.
_LONG_AGO = "2020-01-01"


@dataclass(frozen=True, slots=True)
class TaxSeed:
    """A tax's percents by class; None for a class that it does not know. Since when they hold."""

    name: str
    standard: str
    reduced: str | None = None
    zero: str | None = "0"
    since: str = _LONG_AGO


@dataclass(frozen=True, slots=True)
class RegionSeed:
    """A country by its ISO 3166-1 code, the ISO 4217 code of the money spent there, and its tax on goods."""

    code: str
    name: str
    currency: str
    prices_include_tax: bool = True
    tax: TaxSeed | None = None


# Japan's currency has no minor unit and Kuwait's has three places: rounding is tried on more than cents.
REGIONS: tuple[RegionSeed, ...] = (
    # No tax of the whole country; prices stand without those of states and towns.
    RegionSeed("US", "United States", "USD", prices_include_tax=False),
    # Canada Revenue Agency, GST/HST rates: 5 percent since 2008; provinces add theirs. Basic groceries are zero-rated.
    RegionSeed("CA", "Canada", "CAD", prices_include_tax=False, tax=TaxSeed("GST", "5")),
    # HM Revenue and Customs, VAT rates: 20, 5 and 0 percent since 2011.
    RegionSeed("GB", "United Kingdom", "GBP", tax=TaxSeed("VAT", "20", "5")),
    # Revenue Commissioners, current VAT rates: 23 percent (21 until February 2021), 13.5 and 0.
    RegionSeed("IE", "Ireland", "EUR", tax=TaxSeed("VAT", "23", "13.5", since="2021-03-01")),
    # Umsatzsteuergesetz, section 12: 19 and 7 percent (16 and 5 until December 2020).
    RegionSeed("DE", "Germany", "EUR", tax=TaxSeed("VAT", "19", "7", since="2021-01-01")),
    # Code général des impôts, articles 278 and 278-0 bis: 20 and 5.5 percent since 2014.
    RegionSeed("FR", "France", "EUR", tax=TaxSeed("VAT", "20", "5.5")),
    # Ley 37/1992 del IVA, articles 90 and 91: 21 and 10 percent since 2012.
    RegionSeed("ES", "Spain", "EUR", tax=TaxSeed("VAT", "21", "10")),
    # Mervärdesskattelag (2023:200), chapter 9: 25 and 12 percent.
    RegionSeed("SE", "Sweden", "SEK", tax=TaxSeed("VAT", "25", "12")),
    # Mehrwertsteuergesetz, article 25: 8.1 and 2.6 percent since 2024.
    RegionSeed("CH", "Switzerland", "CHF", tax=TaxSeed("VAT", "8.1", "2.6", since="2024-01-01")),
    # Kenya Revenue Authority, value added tax: 16 percent (14 until December 2020).
    RegionSeed("KE", "Kenya", "KES", tax=TaxSeed("VAT", "16", zero=None, since="2021-01-01")),
    # Central Board of Indirect Taxes: 18 and 5 percent since 2017, the two that most goods bear since September 2025.
    RegionSeed("IN", "India", "INR", tax=TaxSeed("GST", "18", "5")),
    # National Tax Agency, consumption tax: 10 percent, 8 for food and drink, since October 2019.
    RegionSeed("JP", "Japan", "JPY", tax=TaxSeed("Consumption tax", "10", "8")),
    # Australian Taxation Office, GST: 10 percent since 2000; basic food is free of it.
    RegionSeed("AU", "Australia", "AUD", tax=TaxSeed("GST", "10")),
    # No value added tax.
    RegionSeed("KW", "Kuwait", "KWD", prices_include_tax=False),
)
