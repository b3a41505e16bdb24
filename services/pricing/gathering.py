"""Gathers the facts that a price is counted from: here is asked, so that the calculator need not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from models.discount import DiscountClass
from services.catalogue.prices.beginnings import Began
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.shelves.tree import Tree
from services.catalogue.stock.stock import LockedProduct
from services.catalogue.tags import COLLECTIONS
from services.pricing.calculating.facts import Customer, Line, Purchase, RegionFacts, Rule, Targets
from utils.database import run
from utils.money import Money

_NOWHERE: frozenset[UUID] = frozenset()
# In which of the collections that matter the products stand.
_COLLECTED = """
SELECT product_id, collection_id FROM collection_products
WHERE product_id = ANY(CAST(%(products)s AS uuid[])) AND collection_id = ANY(CAST(%(collections)s AS uuid[]))
"""
# Where products stand: of each the category and all above it, and the collections, as one JSON of pairs.
STANDING = """
WITH RECURSIVE above (product_id, category_id) AS (
    SELECT id, category_id FROM products WHERE id = ANY(CAST(%(products)s AS uuid[]))
    UNION ALL
    SELECT above.product_id, c.parent_id FROM above JOIN categories AS c ON c.id = above.category_id
    WHERE c.parent_id IS NOT NULL
)
SELECT json_build_array(
    (SELECT json_agg(json_build_array(product_id, category_id)) FROM above),
    (SELECT json_agg(json_build_array(product_id, collection_id)) FROM collection_products
     WHERE product_id = ANY(CAST(%(products)s AS uuid[]))))::text
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """All of a purchase but its goods: when, where, who, and by which rules. `time_zone` is the shop's (IANA)."""

    moment: datetime
    time_zone: str
    region: RegionFacts
    customer: Customer
    rules: tuple[Rule, ...]
    codes: Mapping[UUID, str] = field(default_factory=dict)


def gather(
    reader: Reader,
    goods: Sequence[tuple[ProductFacts, int]],
    *,
    occasion: Occasion,
    tree: Tree | None,
    began: Mapping[UUID, Began] = MappingProxyType({}),
    classes: frozenset[DiscountClass] = frozenset(DiscountClass),
    ships: bool = True,
) -> Purchase:
    """The purchase of so many pieces of these products, for whoever asks what it would cost.

    The products come with their prices in the region (`ProductFacts.in_region`). Categories are those of the tree, and
    of none without one; `began` tells when prices did, for who wants to know. One statement tells of collections, and
    none if no rule asks for them.
    """
    wanted = _collections_of(occasion.rules)
    collected: Mapping[UUID, frozenset[UUID]] = {}
    if wanted and goods:
        reader.depend(COLLECTIONS)
        collected = _collected(reader.session, [product.id for product, _ in goods], wanted)
    lines = tuple(
        Line(
            product_id=product.id,
            name=product.name,
            quantity=quantity,
            price=Money(product.price, product.currency),
            tax_class=product.tax_class,
            version=product.version,
            source=_source(product, occasion.region),
            since=began[product.id].since if product.id in began else None,
            scheduled=product.id in began and began[product.id].by_the_clock,
            categories=_NOWHERE if tree is None else _categories(tree, product.category_id),
            collections=collected.get(product.id, _NOWHERE),
            brand_id=None if product.brand is None else product.brand.id,
        )
        for product, quantity in goods
    )
    return _purchase(occasion, lines, classes=classes, ships=ships)


def gather_locked(goods: Sequence[tuple[LockedProduct, int]], *, occasion: Occasion, standing: str) -> Purchase:
    """The purchase of products that this transaction has locked, for an order: nothing of it is from a cache.

    `standing`: what STANDING tells of them. A line has of it what some rule asks for.
    """
    wanted = _collections_of(occasion.rules)
    categories: Mapping[UUID, frozenset[UUID]] = {}
    collections: Mapping[UUID, frozenset[UUID]] = {}
    if wanted or needs_categories(occasion.rules):
        above, collected = orjson.loads(standing)
        categories = _by_product(above)
        collections = {product: found & wanted for product, found in _by_product(collected).items()}
    lines = tuple(
        Line(
            product_id=product.id,
            name=product.name,
            quantity=quantity,
            price=Money(product.price, product.currency),
            tax_class=product.tax_class,
            version=product.version,
            source=product.price_source,
            since=product.price_since,
            scheduled=product.price_scheduled,
            categories=categories.get(product.id, _NOWHERE),
            collections=collections.get(product.id, _NOWHERE),
            brand_id=product.brand_id,
        )
        for product, quantity in goods
    )
    return _purchase(occasion, lines)


def needs_categories(rules: Iterable[Rule]) -> bool:
    """Whether it matters to any of these rules in which category a product stands."""
    return any(targets.categories for targets in _targets_of(rules))


def _purchase(occasion: Occasion, lines: tuple[Line, ...], **more: Any) -> Purchase:
    return Purchase(
        moment=occasion.moment,
        time_zone=occasion.time_zone,
        region=occasion.region,
        customer=occasion.customer,
        rules=occasion.rules,
        codes=occasion.codes,
        lines=lines,
        **more,
    )


def _targets_of(rules: Iterable[Rule]) -> Iterable[Targets]:
    return (targets for rule in rules for targets in (rule.targets, rule.bought) if targets is not None)


def _collections_of(rules: Iterable[Rule]) -> frozenset[UUID]:
    return frozenset().union(*(targets.collections for targets in _targets_of(rules)))


def _collected(
    session: Session, products: Sequence[UUID], collections: Collection[UUID]
) -> dict[UUID, frozenset[UUID]]:
    given = {"products": [str(each) for each in products], "collections": [str(each) for each in collections]}
    found: dict[UUID, set[UUID]] = {}
    for row in run(session, _COLLECTED, given):
        found.setdefault(row.product_id, set()).add(row.collection_id)
    return {product: frozenset(standing) for product, standing in found.items()}


def _by_product(pairs: Iterable[tuple[str, str]] | None) -> dict[UUID, frozenset[UUID]]:
    found: dict[str, set[UUID]] = {}
    for product, place in pairs or ():
        found.setdefault(product, set()).add(UUID(place))
    return {UUID(product): frozenset(standing) for product, standing in found.items()}


def _categories(tree: Tree, category_id: UUID) -> frozenset[UUID]:
    category = tree.find(category_id)
    # One that is newer than the tree this request read: the next request knows it.
    return _NOWHERE if category is None else frozenset(each.id for each in tree.breadcrumbs(category))


def _source(product: ProductFacts, region: RegionFacts) -> str:
    regional = product.region_prices.get(region.code)
    return "product" if regional is None else regional.source
