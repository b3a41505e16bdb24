"""The schema: all domains in one, and nothing in it that has no description."""

from functools import cache

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig

from graphql_api.mutations.accounts import AccountsMutation
from graphql_api.mutations.addresses import AddressesMutation
from graphql_api.mutations.brands import BrandsMutation
from graphql_api.mutations.catalogue import CatalogueMutation
from graphql_api.mutations.categories import CategoriesMutation
from graphql_api.mutations.collections import CollectionsMutation
from graphql_api.mutations.departments import DepartmentsMutation
from graphql_api.mutations.discounts import DiscountsMutation
from graphql_api.mutations.families import FamiliesMutation
from graphql_api.mutations.images import ImagesMutation
from graphql_api.mutations.imports import ImportsMutation
from graphql_api.mutations.order_states import OrderStatesMutation
from graphql_api.mutations.orders import OrdersMutation
from graphql_api.mutations.prices import PricesMutation
from graphql_api.mutations.profile import ProfileMutation
from graphql_api.mutations.regions import RegionsMutation
from graphql_api.mutations.sessions import SessionsMutation
from graphql_api.mutations.staff import StaffMutation
from graphql_api.mutations.stock import StockMutation
from graphql_api.queries.accounts import AccountsQuery
from graphql_api.queries.addresses import AddressesQuery
from graphql_api.queries.audit import AuditLogQuery
from graphql_api.queries.brands import BrandsQuery
from graphql_api.queries.catalogue import CatalogueQuery
from graphql_api.queries.categories import CategoriesQuery
from graphql_api.queries.collections import CollectionsQuery
from graphql_api.queries.discounts import DiscountsQuery
from graphql_api.queries.imports import ImportsQuery
from graphql_api.queries.orders import OrdersQuery
from graphql_api.queries.prices import PricesQuery
from graphql_api.queries.quotes import QuotesQuery
from graphql_api.queries.regions import RegionsQuery
from graphql_api.queries.staff import StaffQuery
from graphql_api.queries.stock import StockQuery
from graphql_api.queries.tiers import TiersQuery
from graphql_api.scalars import SCALARS
from graphql_api.types.refusals import ErrorCode


@strawberry.type(description="Everything that can be read.")
class Query(
    CatalogueQuery,
    CategoriesQuery,
    CollectionsQuery,
    BrandsQuery,
    PricesQuery,
    DiscountsQuery,
    StockQuery,
    ImportsQuery,
    RegionsQuery,
    AccountsQuery,
    OrdersQuery,
    QuotesQuery,
    TiersQuery,
    AddressesQuery,
    StaffQuery,
    AuditLogQuery,
):
    """The root of reads."""


@strawberry.type(description="Everything that can be done. Each field is one transaction: whole, or not at all.")
class Mutation(
    AccountsMutation,
    SessionsMutation,
    CatalogueMutation,
    CategoriesMutation,
    BrandsMutation,
    FamiliesMutation,
    CollectionsMutation,
    PricesMutation,
    DiscountsMutation,
    StockMutation,
    ImagesMutation,
    ImportsMutation,
    OrdersMutation,
    OrderStatesMutation,
    AddressesMutation,
    ProfileMutation,
    RegionsMutation,
    StaffMutation,
    DepartmentsMutation,
):
    """The root of writes."""


schema = strawberry.Schema(
    query=Query, mutation=Mutation, types=[ErrorCode], config=StrawberryConfig(scalar_map=SCALARS)
)


def _mark_one_of(made: GraphQLSchema) -> None:
    # Strawberry prints @oneOf and checks it itself, late; told so, graphql-core refuses documents before they run, and
    # introspection says `isOneOf` to clients.
    for each in made.type_map.values():
        if isinstance(each, GraphQLInputObjectType):
            declared = each.extensions.get("strawberry-definition")
            each.is_one_of = declared is not None and declared.is_one_of


_mark_one_of(schema._schema)


def core_schema() -> GraphQLSchema:
    """The schema as graphql-core knows it: what documents are validated against and executed on."""
    return schema._schema


# Printing it takes longer than all else that a web process does before its first request.
@cache
def as_text() -> str:
    """The schema in its definition language, as it is committed in schema.graphql."""
    return print_schema(schema) + "\n"
