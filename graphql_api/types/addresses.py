"""Addresses as the schema shows them."""

from datetime import datetime

import strawberry

from graphql_api.fields import described


@strawberry.type(description="A postal address of an account.")
class Address:
    """An address; its source is the table's row."""

    id: strawberry.ID = described("The address's id.")
    recipient: str = described("The name of the person it is for.")
    company: str | None = described("The company, if it goes to one.")
    line1: str = described("Street and number.")
    line2: str | None = described("What else finds the door: a flat, a floor, a building.")
    city: str = described("The town.")
    state: str | None = described("State, province or county, where letters need it.")
    postal_code: str | None = described("The postal code, where there is one.")
    country: str = described("The country's code of ISO 3166-1, such as US.")
    phone: str | None = described("A telephone number for the carrier, as +14155550123.")
    is_default_shipping: bool = described("Whether goods go here if nothing else is said.")
    is_default_billing: bool = described("Whether bills go here if nothing else is said.")
    created_at: datetime = described("When it was added.")
