"""Queries of brands, and of families for the staff who fill them."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.pagination import First, InRegion
from graphql_api.permissions import Permission
from graphql_api.types.brands import Brand
from graphql_api.types.product_parts import Family
from services.catalogue.products.brands import list_brands, list_brands_on_sale
from services.catalogue.products.variants import list_families
from utils.cursors import MOST_PER_PAGE

_STARTS_WITH = "Only those whose name begins so, in any case."


@strawberry.type
class BrandsQuery:
    """Names to choose from."""

    @root_field(Permission.ANYONE, "Brands with goods on sale, by name, at most `first`.", shared=True)
    def brands(
        self,
        info: Info,
        first: First = MOST_PER_PAGE,
        starts_with: Annotated[str | None, argument(description=_STARTS_WITH)] = None,
        region: InRegion = None,
    ) -> list[Brand]:
        """Read from PostgreSQL."""
        context = info.context
        context.use_region(region)
        found = list_brands_on_sale(context.catalogue, first=first, starts_with=starts_with, region=context.region_code)
        return cast("list[Brand]", list(found))

    @root_field(Permission.PRODUCTS, "All brands by name, at most `first`: also those without goods on sale.")
    def staff_brands(
        self,
        info: Info,
        first: First = MOST_PER_PAGE,
        starts_with: Annotated[str | None, argument(description=_STARTS_WITH)] = None,
    ) -> list[Brand]:
        """Read from PostgreSQL."""
        return cast("list[Brand]", list(list_brands(info.context.session, first=first, starts_with=starts_with)))

    @root_field(Permission.PRODUCTS, "Families of variants by name, at most `first`.")
    def families(
        self,
        info: Info,
        first: First = MOST_PER_PAGE,
        starts_with: Annotated[str | None, argument(description=_STARTS_WITH)] = None,
    ) -> list[Family]:
        """Read from PostgreSQL."""
        return cast("list[Family]", list_families(info.context.session, first=first, starts_with=starts_with))
