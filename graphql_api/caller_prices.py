"""Prices as the caller has them, loaded ahead for the products of a list, and only if the document asks for them."""

from collections.abc import Collection

from graphql_api.context import Context
from models.user import Right
from services.catalogue.product_facts import ProductFacts
from services.pricing.showing import Looker, explain_prices, show_prices

_PRICED = ("yourPrice", "discounts")
_EXPLAINED = ("priceTrace", "nearMisses")


def load_prices(context: Context, products: Collection[ProductFacts], paths: frozenset[str], prefix: str) -> None:
    """Works out what the document asks of the caller's prices under this prefix.

    For a caller with a token the answer is theirs alone. Refuses (UNAUTHENTICATED) a token that is not valid: a guest's
    prices might be higher than the caller's.
    """
    if any(f"{prefix}{name}" in paths for name in _PRICED):
        missing = [product for product in products if product.id not in context.prices]
        if missing:
            context.prices.update(show_prices(context.catalogue, missing, _looker(context)))
    if any(f"{prefix}{name}" in paths for name in _EXPLAINED):
        missing = [product for product in products if product.id not in context.traces]
        if missing:
            found = explain_prices(context.catalogue, missing, _looker(context))
            context.traces.update({product.id: found.get(product.id) for product in missing})


def _looker(context: Context) -> Looker:
    caller = context.caller
    return Looker(
        customer_id=None if caller is None else caller.id,
        region=context.region or context.regions.home,
        time_zone=context.shop.settings.time_zone,
        in_full=caller is not None and caller.may(Right.READ),
    )
