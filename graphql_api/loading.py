"""Loads ahead what a document asks for, so that the number of SQL statements does not depend on a list's length."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from graphql.type import GraphQLResolveInfo
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from graphql_api.caller_prices import load_prices
from graphql_api.context import Context
from graphql_api.order_prices import load_order_prices
from models import Order, StaffInvitation, User
from models.discount import Tier
from services.accounts.departments import list_departments_by_id, list_departments_of
from services.catalogue.prices.prior_price import list_prior_prices
from services.catalogue.product_facts import ProductFacts
from services.catalogue.products.variants import list_families_by_id, list_on_sale
from services.catalogue.reading import list_products_by_id
from services.catalogue.shelves.windows import list_shown
from services.pricing.tiers.reading import Change, Standing, list_standings, list_tier_changes


def asked_paths(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The fields asked for below this one, by path: {"items", "items.product", "items.product.category", ...}.

    Fields under @skip or @include count as asked for: loading one too many is only slower.
    """
    found: set[str] = set()
    for node in info.field_nodes:
        _collect(node.selection_set, "", info, found)
    return frozenset(found)


def _collect(selections: SelectionSetNode | None, prefix: str, info: GraphQLResolveInfo[Any], found: set[str]) -> None:
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            path = prefix + selection.name.value
            found.add(path)
            _collect(selection.selection_set, f"{path}.", info, found)
        elif isinstance(selection, InlineFragmentNode):
            _collect(selection.selection_set, prefix, info, found)
        elif isinstance(selection, FragmentSpreadNode):
            _collect(info.fragments[selection.name.value].selection_set, prefix, info, found)


def load_for_products(
    context: Context,
    products: Collection[ProductFacts],
    paths: frozenset[str],
    prefix: str = "",
    *,
    region: str | None = None,
) -> None:
    """Loads the prior and the caller's prices, the families and the variants of these products, as far as the document
    asks for them there.

    `region` is the code of the one whose prices the products have; None for their own.
    """
    if f"{prefix}priorPrice" in paths:
        prices = {product.id: product.price for product in products if product.id not in context.prior_prices}
        if prices:
            context.prior_prices.update(list_prior_prices(context.catalogue.session, prices, region=region))
    load_prices(context, products, paths, prefix)
    with_variants = f"{prefix}variants" in paths
    if with_variants or f"{prefix}family" in paths:
        named = {product.family_id for product in products if product.family_id is not None}
        _load_families(context, named)
        if with_variants:
            siblings = _load_variants(context, named, region)
            load_for_products(context, siblings, paths, f"{prefix}variants.", region=region)


def _load_families(context: Context, ids: Iterable[UUID]) -> None:
    missing = set(ids) - context.families.keys()
    if missing:
        found = list_families_by_id(context.catalogue, missing)
        context.families.update({each: found.get(each) for each in missing})


def _load_variants(context: Context, ids: Iterable[UUID], region: str | None) -> list[ProductFacts]:
    missing = set(ids) - context.variants.keys()
    families = [family for each in missing if (family := context.families[each]) is not None]
    found = list_on_sale(context.catalogue, families, region=region)
    context.variants.update({each: found.get(each, ()) for each in missing})
    return [product for each in set(ids) for product in context.variants[each]]


def load_shown(context: Context, collection_id: UUID, paths: frozenset[str], *, first: int) -> Sequence[ProductFacts]:
    """The first products of a collection, and of all that were listed with it, with what the document asks of them."""
    known, region = context.shown.setdefault((first, paths), {}), context.region_code
    if collection_id not in known:
        # Another field of this request may have listed some before.
        missing = context.collections - known.keys()
        known.update(list_shown(context.catalogue, missing, first=first, region=region))
        products = [one for each in missing for one in known[each]]
        load_for_products(context, products, paths, region=region)
    return known[collection_id]


# Made once, so that the statements with them are built once as well.
_OF_ORDERS = {"items": selectinload(Order.items), "history": selectinload(Order.history)}


def order_options(paths: frozenset[str]) -> tuple[ORMOption, ...]:
    """How to load orders so that the lines and the history are there if the document asks for them."""
    return tuple(option for name, option in _OF_ORDERS.items() if name in paths)


def load_for_orders(context: Context, orders: Sequence[Order], paths: frozenset[str]) -> None:
    """Loads the products of these orders' lines, and why they cost what they do, if the document asks for them."""
    load_order_prices(context, orders, paths)
    if "items.product" in paths:
        ids = sorted({item.product_id for order in orders for item in order.items})
        products, region = list_products_by_id(context.catalogue, ids) if ids else {}, context.region_code
        # What was bought is shown also where it is not sold any more: then with its own price.
        products = {each: facts.in_region(region) or facts for each, facts in products.items()}
        context.products.update(products)
        load_for_products(context, products.values(), paths, "items.product.", region=region)


class OfProduct(Protocol):
    """A row that names its product."""

    @property
    def product_id(self) -> Any:
        """The product's id."""


def load_products_of(
    context: Context, rows: Iterable[OfProduct], paths: frozenset[str], prefixes: Sequence[str]
) -> None:
    """Loads the products that these rows name, on sale or not, if the document asks for them under a prefix."""
    asked = [f"{prefix}product" for prefix in prefixes if f"{prefix}product" in paths]
    ids = sorted({row.product_id for row in rows}) if asked else []
    if ids:
        products = list_products_by_id(context.catalogue, ids)
        context.products.update(products)
        for each in asked:
            load_for_products(context, products.values(), paths, f"{each}.")


def load_for_users(context: Context, users: Iterable[User], paths: frozenset[str], prefix: str = "") -> None:
    """Loads the departments in which these accounts work, and their tiers, if the document asks for them there."""
    if f"{prefix}departments" in paths:
        ids = {user.id for user in users} - context.departments.keys()
        if ids:
            context.departments.update(list_departments_of(context.session, ids))
    if any(f"{prefix}{name}" in paths for name in ("tier", "successfulOrders", "ordersToNextTier")):
        _load_standings(context, {user.id for user in users})
    if f"{prefix}tierChanges" in paths:
        context.tiers.listed.update(user.id for user in users)


def standing_of(context: Context, user_id: UUID) -> Standing:
    """The tier of an account, with those of all that were listed with it. Whoever is erased meanwhile has none."""
    _load_standings(context, {user_id})
    return context.tiers.standings[user_id]


def _load_standings(context: Context, ids: set[UUID]) -> None:
    missing = ids - context.tiers.standings.keys()
    if missing:
        found = list_standings(context.session, missing)
        context.tiers.standings.update({each: found.get(each) or Standing(each, Tier.BRONZE, 0) for each in missing})


def tier_changes_of(context: Context, user_id: UUID, *, first: int) -> Sequence[Change]:
    """The newest changes of an account's tier, loaded for all accounts that were listed with it."""
    known = context.tiers.changes.setdefault(first, {})
    if user_id not in known:
        known.update(list_tier_changes(context.session, {user_id, *context.tiers.listed}, first=first))
    return known[user_id]


def load_for_invitations(context: Context, invitations: Iterable[StaffInvitation], paths: frozenset[str]) -> None:
    """Loads the departments that these invitations name if the document asks for them."""
    if "departments" in paths:
        named = {invitation.id: set(invitation.departments) for invitation in invitations}
        rows = list_departments_by_id(context.session, set().union(*named.values()))
        context.departments.update({each: [row for row in rows if row.id in wanted] for each, wanted in named.items()})
