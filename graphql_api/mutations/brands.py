"""Mutations of brands, for staff."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.brands import Brand
from services.catalogue.products.brands import find_brand
from services.catalogue.products.product_values import LONGEST_BRAND
from services.catalogue.products.renaming import rename_brand
from utils.ids import parse_id

_NAME = f"Its name, of at most {LONGEST_BRAND} characters; no other brand's in whatever case."


@strawberry.type
class BrandsMutation:
    """What staff of any department do to brands; a brand comes with the first product that bears it."""

    @root_field(Permission.PRODUCTS, "Gives a brand another name, on all of its products; its slug stays.")
    def rename_brand(
        self,
        info: Info,
        brand_id: Annotated[str, argument(description="Which brand.")],
        name: Annotated[str, argument(description=_NAME)],
    ) -> Brand | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(brand_id, "brandId")
        with context.database.write() as session:
            rename_brand(session, wanted, name, actor=context.actor, cache=context.cache)
        return cast("Brand | None", find_brand(context.fresh_session(), wanted))
