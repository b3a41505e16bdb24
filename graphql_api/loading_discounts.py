"""What discounts are told with: read for all that a request listed together, when the first of them is asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from graphql_api.context import Context
from graphql_api.loading import load_for_products, load_for_users
from models import Discount
from services.catalogue.product_facts import BrandFacts, ProductFacts
from services.catalogue.reading import list_products_by_id
from services.catalogue.shelves.windows import CollectionFacts, list_collections
from services.pricing.calculating.facts import Targets
from services.pricing.discounts.code_reading import CodePage, CodeQuery, count_codes, list_codes
from services.pricing.discounts.named_reading import NamedPage, NamedQuery, list_named
from services.pricing.discounts.naming import count_customers
from services.pricing.discounts.reading import count_uses, list_brands_by_id
from services.pricing.discounts.targets import read_targets, targets_of
from services.pricing.discounts.use_reading import UsePage, UseQuery, list_uses

T = TypeVar("T")


def note_discounts(context: Context, rows: Iterable[Discount]) -> None:
    """Notes which discounts a field gave, so that what is asked of one is read for all."""
    context.discounts.update((row.id, row) for row in rows)


def _of(context: Context, what: object, discount_id: UUID, read: Callable[[Sequence[UUID]], Mapping[UUID, T]]) -> T:
    known = context.of_discounts.setdefault(what, {})
    missing = sorted(context.discounts.keys() - known.keys())
    if missing:
        known.update(read(missing))
    found: T = known[discount_id]
    return found


def sides_of(context: Context, discount_id: UUID) -> tuple[Targets | None, Targets | None]:
    """The goods that are reduced, None for all; and those to buy, None for the same."""

    def read(ids: Sequence[UUID]) -> Mapping[UUID, tuple[Targets | None, Targets | None]]:
        rows = read_targets(context.session, ids)
        return {each: targets_of(context.discounts[each], rows[each]) for each in ids}

    return _of(context, "sides", discount_id, read)


def products_of(context: Context, targets: Targets, paths: frozenset[str], *, first: int) -> Sequence[ProductFacts]:
    """The first products of the targets, by their ids; read for both sides of all discounts that were listed."""
    key = ("products", paths, first)
    known: dict[UUID, Any] = context.of_discounts.setdefault(key, {})
    if not known.keys() >= set(_first(targets.products, first)):
        ids = {one for each in _all_targets(context) for one in _first(each.products, first)}
        found = list_products_by_id(context.catalogue, sorted(ids))
        load_for_products(context, found.values(), paths)
        known.update({each: found.get(each) for each in ids})
    shown = (known[each] for each in _first(targets.products, first))
    return [each for each in shown if each is not None]  # one may have been removed meanwhile


def brands_of(context: Context, targets: Targets) -> Sequence[BrandFacts]:
    """The brands of the targets by name, read likewise."""
    known: dict[UUID, Any] = context.of_discounts.setdefault("brands", {})
    if not known.keys() >= targets.brands:
        ids = {one for each in _all_targets(context) for one in each.brands}
        found = list_brands_by_id(context.session, ids)
        known.update({each: found.get(each) for each in ids})
    shown = (known[each] for each in targets.brands)
    return sorted((each for each in shown if each is not None), key=lambda each: (each.name, each.id))


def collections_of(context: Context, targets: Targets) -> Sequence[CollectionFacts]:
    """The collections of the targets in the shop's order; read once, and all that are named are noted first."""
    known: dict[Any, Any] = context.of_discounts.setdefault("collections", {})
    if not known.keys() >= targets.collections:
        known.update((each.id, each) for each in list_collections(context.catalogue))
    context.collections.update(one for each in _all_targets(context) for one in each.collections if one in known)
    return [each for each in known.values() if each.id in targets.collections]


def customers_count_of(context: Context, discount_id: UUID) -> int:
    """How many customers the discount names."""
    return _of(context, "customers", discount_id, lambda ids: _or_none_of(count_customers(context.session, ids), ids))


def uses_of(context: Context, discount_id: UUID) -> int:
    """How many orders the discount made cheaper."""
    listed = context.discounts
    return _of(context, "uses", discount_id, lambda ids: count_uses(context.session, [listed[each] for each in ids]))


def codes_count_of(context: Context, discount_id: UUID) -> int:
    """How many codes the discount has."""
    return _of(context, "codesCount", discount_id, lambda ids: _or_none_of(count_codes(context.session, ids), ids))


def codes_of(context: Context, query: CodeQuery) -> CodePage:
    """A page of the discount's codes."""
    if query.after is not None:
        # A cursor is of one discount only.
        return list_codes(context.session, [query.discount_id], query)[query.discount_id]
    key = ("codes", query.first)
    return _of(context, key, query.discount_id, lambda ids: list_codes(context.session, ids, query))


def customers_of(context: Context, query: NamedQuery, paths: frozenset[str]) -> NamedPage:
    """A page of those whom the discount names, with what `paths` ask of each account."""

    def read(ids: Sequence[UUID]) -> Mapping[UUID, NamedPage]:
        pages = list_named(context.session, ids, query)
        for prefix in ("edges.node.", "nodes."):
            load_for_users(context, [user for page in pages.values() for user in page.customers], paths, prefix)
        return pages

    if query.after is not None:
        return read([query.discount_id])[query.discount_id]
    return _of(context, ("customers", query.first, paths), query.discount_id, read)


def uses_page_of(context: Context, query: UseQuery) -> UsePage:
    """A page of the orders that used the discount."""
    if query.after is not None:
        return list_uses(context.session, [query.discount_id], query)[query.discount_id]
    key = ("usesPage", query.first)
    return _of(context, key, query.discount_id, lambda ids: list_uses(context.session, ids, query))


def _all_targets(context: Context) -> Iterable[Targets]:
    for each in context.discounts:
        yield from (side for side in sides_of(context, each) if side is not None)


def _first(ids: Iterable[UUID], first: int) -> Sequence[UUID]:
    return sorted(ids)[:first]


def _or_none_of(counts: Mapping[UUID, int], ids: Sequence[UUID]) -> Mapping[UUID, int]:
    return {each: counts.get(each, 0) for each in ids}
