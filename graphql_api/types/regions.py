"""Regions as the schema shows them."""

from datetime import datetime

import strawberry

from graphql_api.fields import described, reading
from graphql_api.scalars import CurrencyCode, Measure, Money
from models.product import TaxClass
from services.pricing.region_facts import KnownRate, KnownRegion
from utils.money import exponent


@strawberry.type(description="A tax on goods of a class, from a moment on.")
class TaxRate:
    """A rate; its source is `KnownRate`."""

    id: strawberry.ID = described("The rate's id; `cancelTaxRate` takes it.")
    name: str = described("What the tax is called, such as VAT.")
    percent: Measure | None = described("How many percent; null: from `validFrom` on there is no such tax any more.")
    valid_from: datetime = described("From when on it holds.")
    valid_until: datetime | None = described("When the tax's next rate takes its place; null while none is set.")

    @strawberry.field(description="Which goods bear it.")
    def tax_class(root: strawberry.Parent[KnownRate]) -> TaxClass:
        """The class of the schema for the word of the table."""
        return TaxClass(root.tax_class)


@strawberry.type(description="A part of the world the shop sells to, with one currency and one way to show taxes.")
class Region:
    """A region; its source is `KnownRegion`."""

    id: strawberry.ID = described("The code once more, by which clients keep what they know.")
    code: str = described("Its short name of capitals and digits, such as US; the header `X-Region` takes it.")
    name: str = described("Its name.")
    currency: CurrencyCode = described("The currency people pay in there.")
    is_home: bool = described("Whether the prices there are the products' own; so it is in exactly one region.")
    countries: list[str] = described("Its countries by their codes of ISO 3166-1; each belongs to one region at most.")
    prices_include_tax: bool = described("Whether prices are set and shown with the taxes in them.")
    fallback_code: str | None = described(
        "The region whose price a product has here if it has none of its own; without one there either, it is the "
        "product's own, if it is in this currency. Else the product is not sold here."
    )
    shipping_price: Money = described("What bringing an order costs, shown as prices are, in `currency`.")
    version: int = described("Rises with every change of the region and of its taxes.")

    @strawberry.field(description="How many decimals amounts of `currency` have here; format with it.")
    def decimals(root: strawberry.Parent[KnownRegion]) -> int:
        """Browsers know other numbers for some currencies."""
        return exponent(root.currency)

    @strawberry.field(description="Which rate bringing an order bears.")
    def shipping_tax_class(root: strawberry.Parent[KnownRegion]) -> TaxClass:
        """The class of the schema for the word of the table."""
        return TaxClass(root.shipping_tax_class)

    # What is over is not among them: they were read at this request's moment, or are kept until the next one begins.
    tax_rates: list[TaxRate] = reading(
        "rates",
        list[TaxRate],
        "The taxes that hold now and those to come, by class, name and beginning. Those of several names add up; goods "
        "of a class that has none bear none.",
    )
