"""Mutations of stock, for staff."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_products
from graphql_api.permissions import Permission
from graphql_api.repeating import request_of
from graphql_api.types.catalogue import Product, as_product
from graphql_api.types.stock import StockReason
from services.accounts.actor import existing_account
from services.catalogue.reading import list_products_by_id
from services.catalogue.stock.adjusting import LONGEST_NOTE, adjust_stock
from utils.ids import parse_id


@strawberry.type
class StockMutation:
    """What staff do to stock."""

    @root_field(
        Permission.PRODUCTS,
        "Adds pieces to the stock of a product, or takes them from it, with a row in the ledger. A repetition with the "
        "same idempotency key (this argument, or the header `Idempotency-Key`) changes nothing. Staff do so in their "
        "own departments, admins in all.",
    )
    def adjust_stock(
        self,
        info: Info,
        product_id: Annotated[str, argument(description="Which product.")],
        quantity: Annotated[
            int,
            argument(
                description="How many pieces came, or went when it is negative; not 0. What was received or returned "
                "is positive, what was damaged or lost is negative. The stock never goes below zero (OUT_OF_STOCK)."
            ),
        ],
        reason: Annotated[StockReason, argument(description="Why.")],
        note: Annotated[
            str | None, argument(description=f"What there is to say about it: a line of at most {LONGEST_NOTE}.")
        ] = None,
        version: Annotated[
            int | None, argument(description="The product's version as you read it: CONFLICT if it is another by now.")
        ] = None,
        idempotency_key: Annotated[
            str | None, argument(description="Your name for this request, so that a double click counts once.")
        ] = None,
    ) -> Product | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(product_id, "productId")
        arguments = {
            "productId": str(wanted),
            "quantity": quantity,
            "reason": reason.value,
            "note": note,
            "version": version,
        }
        with existing_account(), context.database.write() as session:
            adjust_stock(
                session,
                wanted,
                quantity,
                reason=reason,
                note=note,
                version=version,
                actor=context.actor,
                cache=context.cache,
                request=request_of(info, key=idempotency_key, arguments=arguments),
            )
        facts = list_products_by_id(context.afresh(), [wanted]).get(wanted)
        if facts is None:
            return None
        load_for_products(context, [facts], asked_paths(info._raw_info))
        return as_product(facts)
