"""Loads ahead what a document asks for, so that the number of SQL statements does not depend on a list's length."""

from collections.abc import Iterable, Sequence
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode
from graphql.type import GraphQLResolveInfo
from sqlalchemy import inspect
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from graphql_api.context import Context
from models import Category, Order, StaffInvitation, User
from services.accounts.departments import list_departments_by_id, list_departments_of
from services.catalogue.categories import list_categories_by_id
from services.catalogue.product_facts import ProductFacts
from services.catalogue.reading import list_products_by_id


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
    context: Context, products: Iterable[ProductFacts], paths: frozenset[str], prefix: str = ""
) -> None:
    """Loads the categories of these products if the document asks for them under `prefix`."""
    if f"{prefix}category" in paths:
        load = category_options(paths, f"{prefix}category.")
        # A field before this one may have loaded the same categories without what this one asks of them.
        known = {each for each, row in context.categories.items() if not load or "department" in inspect(row).dict}
        ids = {product.category_id for product in products} - known
        if ids:
            context.categories.update(list_categories_by_id(context.session, ids, load=load))


def category_options(paths: frozenset[str], prefix: str = "") -> Sequence[ORMOption]:
    """How to load categories so that what the document asks for under `prefix` is there."""
    return [selectinload(Category.department)] if f"{prefix}department" in paths else []


# Made once, so that the statements with them are built once as well.
_OF_ORDERS = {"items": selectinload(Order.items), "history": selectinload(Order.history)}


def order_options(paths: frozenset[str]) -> tuple[ORMOption, ...]:
    """How to load orders so that the lines and the history are there if the document asks for them."""
    return tuple(option for name, option in _OF_ORDERS.items() if name in paths)


def load_for_orders(context: Context, orders: Iterable[Order], paths: frozenset[str]) -> None:
    """Loads the products of these orders' lines if the document asks for them."""
    if "items.product" in paths:
        ids = sorted({item.product_id for order in orders for item in order.items})
        products = list_products_by_id(context.session, context.cache, ids) if ids else {}
        context.products.update(products)
        load_for_products(context, products.values(), paths, "items.product.")


def load_for_users(context: Context, users: Iterable[User], paths: frozenset[str], prefix: str = "") -> None:
    """Loads the departments in which these accounts work if the document asks for them under `prefix`."""
    if f"{prefix}departments" in paths:
        ids = {user.id for user in users} - context.departments.keys()
        if ids:
            context.departments.update(list_departments_of(context.session, ids))


def load_for_invitations(context: Context, invitations: Iterable[StaffInvitation], paths: frozenset[str]) -> None:
    """Loads the departments that these invitations name if the document asks for them."""
    if "departments" in paths:
        named = {invitation.id: set(invitation.departments) for invitation in invitations}
        rows = list_departments_by_id(context.session, set().union(*named.values()))
        context.departments.update({each: [row for row in rows if row.id in wanted] for each, wanted in named.items()})
