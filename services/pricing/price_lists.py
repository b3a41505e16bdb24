"""Prices that were worked out before, for all who would be shown the same: as exact as what they were made of.

A page is looked at by many customers of one tier. What a piece of a product costs them follows from the rules, the
tree, the region, the product and what discounts ask of the customer. Rules, tree and regions are the same objects as
long as nothing of them changes (catalogue/kept.py), so whatever changes makes another list.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import orjson

from services.catalogue.product_facts import ProductFacts
from services.catalogue.shelves.tree import Tree
from services.pricing.calculating.facts import Customer, Rule
from services.pricing.calculating.windows import next_change
from services.pricing.explanations import AppliedDiscount
from services.pricing.region_facts import KnownRegion

# About 16 MB, if all of them are full.
_MOST_LISTS = 32
_MOST_PRODUCTS = 1_000
_FOREVER = datetime.max.replace(tzinfo=UTC)


class Shown(NamedTuple):
    """The price of a piece for the one who looks, as the region shows prices, and what made it less."""

    price: Decimal
    discounts: Sequence[AppliedDiscount]


class View(NamedTuple):
    """All that a price by itself follows from, but the product. `tree`: None where no rule asks for categories."""

    rules: tuple[Rule, ...]
    tree: Tree | None
    region: KnownRegion
    customer: Customer
    time_zone: str


class PriceList:
    """Prices of products in one view, until a rule begins, ends, opens or closes."""

    def __init__(self, region: KnownRegion, until: datetime) -> None:
        self.region, self.until = region, until
        self._prices: dict[UUID, tuple[tuple[object, ...], Shown]] = {}

    def find(self, product: ProductFacts) -> Shown | None:
        """The price of this product, if it was worked out for what it is now."""
        found = self._prices.get(product.id)
        return found[1] if found is not None and found[0] == _matters(product) else None

    def add(self, product: ProductFacts, shown: Shown) -> None:
        """Keeps a price."""
        if len(self._prices) >= _MOST_PRODUCTS:
            self._prices = {}
        self._prices[product.id] = (_matters(product), shown)


def likeness(customer: Customer) -> bytes:
    """What prices ask of a customer, written out: all who have the same are shown the same."""
    uses = sorted((str(each), count) for each, count in customer.uses.items())
    return orjson.dumps([customer.tier, customer.has_ordered, sorted(map(str, customer.named_in)), uses])


def _matters(product: ProductFacts) -> tuple[object, ...]:
    """What rules ask of a product beside its id, but for collections (see `price_list`)."""
    return product.price, product.currency, product.category_id, product.brand


class _Known:
    """All lists under one state of the rules and the tree: with another state all of them are let go."""

    def __init__(self, rules: tuple[Rule, ...], tree: Tree | None) -> None:
        self.rules, self.tree = rules, tree
        self.lists: dict[tuple[str, str, bytes], PriceList] = {}


_known = _Known((), None)


def price_list(view: View, now: datetime) -> PriceList:
    """The list of this view as of now; a new one where goods in collections matter, since those may change unseen."""
    global _known
    if any(targets and targets.collections for rule in view.rules for targets in (rule.targets, rule.bought)):
        return PriceList(view.region, now)
    known = _known
    if view.rules is not known.rules or view.tree is not known.tree:
        known = _known = _Known(view.rules, view.tree)
    key = (view.region.code, view.time_zone, likeness(view.customer))
    found = known.lists.get(key)
    if found is not None and found.until > now and found.region is view.region:
        return found
    if len(known.lists) >= _MOST_LISTS:
        known.lists.clear()
    made = known.lists[key] = PriceList(view.region, next_change(view.rules, now, view.time_zone) or _FOREVER)
    return made
