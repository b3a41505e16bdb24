"""What a product is made of, as the schema shows it: family, options, the price by the measure."""

from typing import cast

import strawberry

from graphql_api.fields import describe_enum, described
from graphql_api.scalars import CurrencyCode, Money
from models.product import ContentUnit, ProductStatus, TaxClass
from services.catalogue.products.variants import FamilyFacts

describe_enum(
    ProductStatus,
    description="Whether shoppers see a product.",
    each={
        ProductStatus.DRAFT: "Not on sale yet; only staff see it.",
        ProductStatus.PUBLISHED: "On sale, within its time if it has one.",
        ProductStatus.WITHDRAWN: "Not sold any more; the orders that have it still show it.",
    },
)
describe_enum(
    TaxClass,
    description="Which of a region's rates of tax a product bears.",
    each={
        TaxClass.STANDARD: "The usual rate.",
        TaxClass.REDUCED: "The rate for food, books and the like, where there is one.",
        TaxClass.ZERO: "No tax.",
    },
)
describe_enum(
    ContentUnit,
    description="In what the content of a product is measured.",
    each={
        ContentUnit.G: "Grams.",
        ContentUnit.KG: "Kilograms.",
        ContentUnit.ML: "Millilitres.",
        ContentUnit.L: "Litres.",
        ContentUnit.CM: "Centimetres.",
        ContentUnit.M: "Metres.",
        ContentUnit.M2: "Square metres.",
        ContentUnit.PIECE: "Pieces, such as the bags of a box of tea.",
    },
)


@strawberry.type(description="Products that differ by their options only.")
class Family:
    """A family; its source is `FamilyFacts`."""

    id: strawberry.ID = described("The family's id.")
    name: str = described("What its products are called together.")
    option_names: list[str] = described("What its products differ by, such as colour and size.")
    version: int = described("Rises with every change of its name or options; hand it to `updateFamily`.")


@strawberry.type(description="What a product is in one of its family's options.")
class ProductOption:
    """An option and its value; its source is `OptionFacts`."""

    name: str = described("The option, such as colour.")
    value: str = described("What the product is in it, such as red.")


@strawberry.type(description="What a product costs by the measure (directive 98/6/EC).")
class UnitPrice:
    """A price for packs of different sizes to be compared by; its source is the pricing's record."""

    amount: Money = described("So much for one `per`, in `currency`, rounded to its coin.")
    currency: CurrencyCode = described("The currency of `amount`.")
    per: ContentUnit = described("Always one of KG, L, M, M2 and PIECE.")


def as_family(facts: FamilyFacts) -> Family:
    """The record as a source of the type."""
    return cast("Family", facts)
