"""What products cost the one who looks at them: each by itself, a piece of it, with the discounts on products."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from models.discount import DiscountClass
from services.catalogue.prices.beginnings import Began, list_beginnings
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.shelves.tree import read_tree
from services.pricing.calculating.calculator import explain_each, price_each
from services.pricing.calculating.facts import Customer, Purchase
from services.pricing.discounts.active import active_rules
from services.pricing.explanations import Explanation, applied, explain
from services.pricing.gathering import Occasion, gather, needs_categories
from services.pricing.price_lists import Shown, View, price_list
from services.pricing.region_facts import KnownRegion, region_facts

_ON_PRODUCTS = frozenset({DiscountClass.PRODUCT})


class Looker(NamedTuple):
    """Who looks, and where: what discounts ask of them, the region, and the shop's time zone (an IANA name).

    `in_full`: whether they may be told of discounts that are others' business (see explanations.py).
    """

    customer: Customer
    region: KnownRegion
    time_zone: str
    in_full: bool = False


def show_prices(reader: Reader, products: Iterable[ProductFacts], looker: Looker) -> dict[UUID, Shown]:
    """What one piece of each costs by itself: order and shipping discounts, and those for more pieces, are not in it.

    The products come with their prices in the region. One whose price is in another currency is not sold there, and is
    shown by its list price.
    """
    goods, found = _parted(products, looker)
    if not goods:
        return found
    view = _view(reader, looker)
    known = price_list(view, reader.now)
    missing = []
    for product in goods:
        shown = known.find(product)
        if shown is None:
            missing.append(product)
        else:
            found[product.id] = shown
    if missing:
        priced = price_each(_purchase(reader, missing, view))
        for product, line in zip(missing, priced, strict=True):
            # Not looked up again: another thread may have emptied the list meanwhile.
            shown = found[product.id] = Shown(line.total.amount, applied(line.discounts))
            known.add(product, shown)
    return found


def explain_prices(reader: Reader, products: Iterable[ProductFacts], looker: Looker) -> dict[UUID, Explanation]:
    """The same with all reasons, and the taxes.

    Of products in another currency, and of those that would cost more than an amount can hold, there is nothing to
    explain.
    """
    goods, _ = _parted(products, looker)
    if not goods:
        return {}
    began = list_beginnings(reader.session, [product.id for product in goods], region=looker.region.code)
    explained = explain_each(_purchase(reader, goods, _view(reader, looker), began))
    return {
        product.id: explain(priced, in_full=looker.in_full)
        for product, priced in zip(goods, explained, strict=True)
        if priced is not None
    }


def _parted(products: Iterable[ProductFacts], looker: Looker) -> tuple[list[ProductFacts], dict[UUID, Shown]]:
    known: Mapping[UUID, ProductFacts] = {product.id: product for product in products}
    goods = [each for each in known.values() if each.currency == looker.region.currency]
    others = [each for each in known.values() if each.currency != looker.region.currency]
    return goods, {each.id: Shown(each.price, ()) for each in others}


def _view(reader: Reader, looker: Looker) -> View:
    rules = active_rules(reader, time_zone=looker.time_zone)
    tree = read_tree(reader) if needs_categories(rules) else None
    return View(rules, tree, looker.region, looker.customer, looker.time_zone)


def _purchase(
    reader: Reader,
    goods: Sequence[ProductFacts],
    view: View,
    began: Mapping[UUID, Began] = MappingProxyType({}),
) -> Purchase:
    occasion = Occasion(
        moment=reader.now,
        time_zone=view.time_zone,
        region=region_facts(view.region, reader.now),
        customer=view.customer,
        rules=view.rules,
    )
    pieces = [(product, 1) for product in goods]
    return gather(reader, pieces, occasion=occasion, tree=view.tree, began=began, classes=_ON_PRODUCTS, ships=False)
