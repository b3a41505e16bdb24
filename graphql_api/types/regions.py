"""Regions as the schema shows them."""

import strawberry

from graphql_api.fields import described
from graphql_api.scalars import CurrencyCode


@strawberry.type(description="A country the shop sells to.")
class Region:
    """A region; its source is the table's row."""

    code: str = described("Its ISO 3166 code, such as US.")
    name: str = described("Its name.")
    currency: CurrencyCode = described("The currency people pay in there.")
