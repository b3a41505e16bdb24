"""Mutations of the catalogue, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.permissions import Permission
from graphql_api.scalars import Money
from graphql_api.types.catalogue import Product, as_product
from models.product import ProductStatus
from services.accounts.actor import existing_account
from services.catalogue import writing
from services.catalogue.reading import list_products_by_id
from services.catalogue.writing import ProductChange, ProductDraft
from utils.ids import parse_id


@strawberry.input(description="What a new product is to be.")
class ProductInput:
    """Only price and stock must be given."""

    price: Money = strawberry.field(description="The price of one piece, in the shop's currency.")
    stock_count: int = strawberry.field(description="How many pieces there are; 0 or more.")
    name: str | None = strawberry.field(default=None, description="Its name; a placeholder by default.")
    description: str | None = strawberry.field(default=None, description="What it is, in a sentence or two.")
    unit: str | None = strawberry.field(default=None, description="What one piece of it is; `each` by default.")
    category_id: UUID | None = strawberry.field(
        default=None, description="The category it stands in; the shop's default one if none is named."
    )

    def draft(self) -> ProductDraft:
        """The same for the catalogue."""
        return ProductDraft(
            price=self.price,
            stock_count=self.stock_count,
            name=self.name,
            description=self.description,
            unit=self.unit,
            category_id=self.category_id,
        )


@strawberry.input(description="What is to change of a product; what is left out stays as it is.")
class ProductUpdateInput:
    """A change of one product."""

    product_id: str = strawberry.field(description="Which product.")
    price: Money | None = strawberry.field(default=None, description="The new price of one piece.")
    stock_count: int | None = strawberry.field(
        default=None, description="How many pieces there are now; the difference goes into the ledger of stock."
    )
    name: str | None = strawberry.field(default=None, description="The new name; the slug stays.")
    description: str | None = strawberry.field(default=None, description="The new description.")
    unit: str | None = strawberry.field(default=None, description="What one piece is from now on.")
    category_id: UUID | None = strawberry.field(default=None, description="The category it moves to.")
    status: ProductStatus | None = strawberry.field(default=None, description="Whether shoppers see it.")

    def change(self) -> ProductChange:
        """The same for the catalogue."""
        return ProductChange(
            price=self.price,
            stock_count=self.stock_count,
            name=self.name,
            description=self.description,
            unit=self.unit,
            category_id=self.category_id,
            status=self.status,
        )


@strawberry.type
class CatalogueMutation:
    """What staff do to the catalogue."""

    @root_field(
        Permission.PRODUCTS,
        "Makes a product and puts its stock into the ledger; staff do so in their own departments, admins in all.",
    )
    def create_product(
        self, info: Info, input: Annotated[ProductInput, argument(description="The product.")]
    ) -> Product | None:
        """Answers with a fresh read."""
        context = info.context
        with existing_account(), context.database.write() as session:
            product_id = writing.create_product(
                session,
                input.draft(),
                actor=context.actor,
                cache=context.cache,
                currency=context.shop.settings.currency,
            )
        return _read_again(context, info, product_id)

    @root_field(Permission.PRODUCTS, "Changes a product; staff do so in their own departments, admins in all.")
    def update_product(
        self, info: Info, input: Annotated[ProductUpdateInput, argument(description="The product and the change.")]
    ) -> Product | None:
        """Answers with a fresh read."""
        context, product_id = info.context, parse_id(input.product_id, "productId")
        with existing_account(), context.database.write() as session:
            writing.update_product(session, product_id, input.change(), actor=context.actor, cache=context.cache)
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
            writing.delete_product(session, wanted, actor=context.actor, cache=context.cache)
        return True


def _read_again(context: Context, info: Info, product_id: UUID) -> Product | None:
    facts = list_products_by_id(context.fresh_session(), context.cache, [product_id]).get(product_id)
    if facts is None:
        return None
    load_for_products(context, [facts], asked_paths(info._raw_info))
    return as_product(facts)
