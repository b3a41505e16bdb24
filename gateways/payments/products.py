"""What a payment provider is told of a product, who tells it, and what it may say to that."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID


class StripeRefused(Exception):
    """Stripe will never take this. Its status, code and parameter are told, and none of its words: they quote ours."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Twin:
    """A product as the provider is to have it, under the product's own id.

    `amount` is in `currency`, exact. `facts` are short values under names of ours; an empty one is taken away.
    """

    id: UUID
    name: str
    description: str
    unit: str
    active: bool
    amount: Decimal
    currency: str
    facts: Mapping[str, str]


class ProductDirectory(Protocol):
    """Keeps the twins of our products."""

    @property
    def account(self) -> str | None:
        """Which account holds the twins: another name, another account, which was told nothing. None: nobody does."""

    def put(self, twin: Twin, *, price_id: str | None) -> str | None:
        """Makes the twin as it is to be and returns the id of its price; harmless when repeated.

        `price_id` is what the last call for this product returned. Raises UNAVAILABLE when the provider is away, too
        busy or does not take our key, and StripeRefused when it never takes this product.
        """

    def archive(self, product_id: UUID) -> None:
        """Takes the twin off sale, if there is one; harmless when repeated. Raises what `put` raises."""


class NoDirectory:
    """What there is without a key: nobody is told anything."""

    account: str | None = None

    def put(self, twin: Twin, *, price_id: str | None) -> str | None:
        """Tells nobody."""
        return price_id

    def archive(self, product_id: UUID) -> None:
        """Tells nobody."""
