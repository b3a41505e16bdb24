"""Brands as the schema shows them."""

import strawberry

from graphql_api.fields import described


@strawberry.type(description="Who makes a thing.")
class Brand:
    """A brand; its source is `BrandFacts`."""

    id: strawberry.ID = described("The brand's id.")
    slug: str = described("Its short name, for addresses; unique.")
    name: str = described("Its name.")
