"""Prices as the caller has them, loaded ahead for the products of a list, and only if the document asks for them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from graphql_api.charges import charge_reasons
from graphql_api.context import Context
from models.user import Right
from services.catalogue.product_facts import ProductFacts
from services.pricing.explanations import Explanation
from services.pricing.price_lists import Shown
from services.pricing.showing import Looker, explain_prices, show_prices
from utils.errors import RateLimited

_PRICED = ("yourPrice", "discounts")
_EXPLAINED = ("priceTrace", "nearMisses")


def load_prices(context: Context, products: Collection[ProductFacts], paths: frozenset[str], prefix: str) -> None:
    """Works out what the document asks of the caller's prices under this prefix.

    An answer with prices is for all who are alike, one with reasons for the caller alone. Reasons for which the
    caller's limit has no room (charges.py) are not worked out: who asks for them is refused (`reasons_of`), and the
    rest is told. Refuses (UNAUTHENTICATED) a token that is not valid: a guest's prices might be higher than the
    caller's.
    """
    if any(f"{prefix}{name}" in paths for name in _PRICED):
        missing = [product for product in products if product.id not in context.prices]
        if missing:
            context.prices.update(show_prices(context.catalogue, missing, _looker(context, in_full=False)))
    if any(f"{prefix}{name}" in paths for name in _EXPLAINED):
        missing = [product for product in products if product.id not in context.traces]
        if missing:
            _load_reasons(context, missing)


def reasons_of(context: Context, product_id: UUID) -> Explanation | None:
    """The reasons that were loaded; None where there are none. Refuses (RATE_LIMITED) those without room."""
    found = context.traces[product_id]
    if isinstance(found, RateLimited):
        raise found
    return found


def _load_reasons(context: Context, products: Sequence[ProductFacts]) -> None:
    caller = context.caller
    in_full = caller is not None and caller.may(Right.READ)
    paid, refusal = charge_reasons(context, len(products))
    known, refused = products[:paid], products[paid:]
    found = explain_prices(context.catalogue, known, _looker(context, in_full=in_full)) if known else {}
    context.traces.update({product.id: found.get(product.id) for product in products})
    if refused:
        # Said once: an error for each of thousands would be work that nobody has paid for.
        context.traces[refused[0].id] = refusal


class Told(ProductFacts):
    """A product together with what it costs the caller: its fields are read from it, and need no resolver."""

    shown: Shown


def told(context: Context, products: Sequence[ProductFacts]) -> Sequence[ProductFacts]:
    """These products, each with the price that was loaded for it, if one was."""
    return [_told(product, context.prices.get(product.id)) for product in products] if context.prices else products


def _told(product: ProductFacts, shown: Shown | None) -> ProductFacts:
    if shown is None:
        return product
    found = Told._make(product)
    found.shown = shown
    return found


def _looker(context: Context, *, in_full: bool) -> Looker:
    return Looker(
        customer=context.buyer,
        region=context.region or context.regions.home,
        time_zone=context.shop.settings.time_zone,
        in_full=in_full,
    )
