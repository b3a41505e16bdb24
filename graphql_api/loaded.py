"""What one request has loaded ahead for the members of its lists (loading.py), until a mutation writes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from models import Department, Discount
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.variants import FamilyFacts
from services.orders.pricing_shown import KeptPrices
from services.pricing.explanations import Explanation
from services.pricing.price_lists import Shown
from services.pricing.tiers.reading import Change as TierChange
from services.pricing.tiers.reading import Standing
from utils.errors import RateLimited


@dataclass(slots=True)
class KnownTiers:
    """By account: its tier. Of the accounts that were `listed`, by how many are asked for, how the tier came about."""

    standings: dict[UUID, Standing] = field(default_factory=dict)
    listed: set[UUID] = field(default_factory=set)
    changes: dict[int, dict[UUID, Sequence[TierChange]]] = field(default_factory=dict)


class Loaded:
    """By id, what was loaded; what is not there was not asked for."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forgets all of it: what a mutation has written is read anew."""
        self.products: dict[UUID, ProductFacts] = {}
        self.families: dict[UUID, FamilyFacts | None] = {}
        # By family, its products on sale.
        self.variants: dict[UUID, Sequence[ProductFacts]] = {}
        # The collections that were listed, and by how many products of each and what is asked of these, the products.
        self.collections: set[UUID] = set()
        self.shown: dict[tuple[int, frozenset[str]], dict[UUID, Sequence[ProductFacts]]] = {}
        self.prior_prices: dict[UUID, Decimal | None] = {}
        # What each product costs the caller, and why.
        self.prices: dict[UUID, Shown] = {}
        self.traces: dict[UUID, Explanation | RateLimited | None] = {}
        # By order: what it came to, and why.
        self.order_prices: dict[UUID, KeptPrices | None] = {}
        self.order_traces: dict[UUID, Explanation | RateLimited | None] = {}
        # The discounts that were listed, and what was read for all of them together, by what that is.
        self.discounts: dict[UUID, Discount] = {}
        self.of_discounts: dict[object, dict[UUID, Any]] = {}
        # By account or invitation: in which departments it works, or will.
        self.departments: dict[UUID, Sequence[Department]] = {}
        self.tiers = KnownTiers()
