"""Mutations of the catalogue, for staff."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.mutations.product_inputs import ProductInput, ProductUpdateInput
from graphql_api.permissions import Permission
from graphql_api.repeating import ONCE, made_once
from graphql_api.types.catalogue import Product, as_product
from models import Product as ProductRow
from services.accounts.actor import existing_account
from services.catalogue.products import changing, making, removing
from services.catalogue.reading import list_products_by_id
from utils.ids import parse_id


@strawberry.type
class CatalogueMutation:
    """What staff do to the catalogue."""

    @root_field(
        Permission.PRODUCTS,
        f"Makes a product and puts its stock into the ledger. {ONCE} Staff do so in their own departments, admins in "
        "all.",
    )
    def create_product(
        self, info: Info, input: Annotated[ProductInput, argument(description="The product.")]
    ) -> Product | None:
        """Answers with a fresh read."""
        context, draft = info.context, input.draft()
        actor, cache, currency = context.actor, context.cache, context.shop.settings.currency
        with existing_account(), context.database.write() as session:
            product_id = made_once(
                info,
                session,
                asdict(draft),
                lambda: making.create_product(session, draft, actor=actor, cache=cache, currency=currency),
                of=ProductRow,
                announce_again=lambda known: making.announce_again(session, known, cache=cache),
            )
        return _read_again(context, info, product_id)

    @root_field(Permission.PRODUCTS, "Changes a product; staff do so in their own departments, admins in all.")
    def update_product(
        self, info: Info, input: Annotated[ProductUpdateInput, argument(description="The product and the change.")]
    ) -> Product | None:
        """Answers with a fresh read."""
        context, product_id = info.context, parse_id(input.product_id, "productId")
        with existing_account(), context.database.write() as session:
            changing.update_product(session, product_id, input.change(), actor=context.actor, cache=context.cache)
        return _read_again(context, info, product_id)

    @root_field(
        Permission.PRODUCTS,
        "Takes a product out of the shop: one that was ever ordered is withdrawn, any other is removed; true when "
        "done. Staff do so in their own departments, admins in all.",
    )
    def delete_product(
        self, info: Info, product_id: Annotated[str, argument(description="Which product.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(product_id, "productId")
        with existing_account(), context.database.write() as session:
            removing.delete_product(session, wanted, actor=context.actor, cache=context.cache)
        return True


def _read_again(context: Context, info: Info, product_id: UUID) -> Product | None:
    facts = list_products_by_id(context.afresh(), [product_id]).get(product_id)
    if facts is None:
        return None
    load_for_products(context, [facts], asked_paths(info._raw_info))
    return as_product(facts)
