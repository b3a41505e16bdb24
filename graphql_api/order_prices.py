"""Why orders cost what they do, loaded ahead for the orders of a list, once in a request, and only as far as asked."""

from collections.abc import Sequence
from uuid import UUID

from graphql_api.charges import charge_reasons
from graphql_api.context import Context
from models import Order
from models.user import Right
from services.orders.pricing_kept import list_explanations
from services.orders.pricing_shown import KeptPrices, list_kept_prices, shown_of
from services.pricing.explanations import Explanation
from utils.errors import RateLimited

_OF_LINES = frozenset({"items.discounts", "items.taxes"})
_PRICED = frozenset({"subtotal", "shippingTotal", "discounts", "taxes", *_OF_LINES})


def load_order_prices(context: Context, orders: Sequence[Order], paths: frozenset[str]) -> None:
    """Loads what the document asks of these orders' kept prices.

    Amounts, discounts and taxes are few words of what is kept; the whole of it, with every discount that was
    considered, is read for `priceTrace` alone, and counts (charges.py). Traces without room are not read: who asks for
    them is refused (`order_trace_of`), and the rest is told.
    """
    ids = [order.id for order in orders]
    if "priceTrace" in paths:
        missing = [each for each in ids if each not in context.order_traces]
        if missing:
            _load_traces(context, missing)
    if not _PRICED.isdisjoint(paths):
        _load_prices(context, ids, with_lines=not _OF_LINES.isdisjoint(paths))


def order_trace_of(context: Context, order_id: UUID) -> Explanation | None:
    """The trace that was loaded; None for orders of before there were any. Refuses (RATE_LIMITED) one without room."""
    found = context.order_traces[order_id]
    if isinstance(found, RateLimited):
        raise found
    return found


def _load_traces(context: Context, ids: Sequence[UUID]) -> None:
    paid, refusal = charge_reasons(context, len(ids))
    known, refused = ids[:paid], ids[paid:]
    found = list_explanations(context.session, known, in_full=context.actor.may(Right.READ)) if known else {}
    context.order_traces.update({each: found.get(each) for each in ids})
    if refused:
        # Said once, as of products.
        context.order_traces[refused[0]] = refusal


def _load_prices(context: Context, ids: Sequence[UUID], *, with_lines: bool) -> None:
    known = context.order_prices
    # What was read for its trace is not read again.
    for each in ids:
        trace = context.order_traces.get(each)
        if isinstance(trace, Explanation):
            known[each] = shown_of(trace)
    missing = [each for each in ids if each not in known or (with_lines and _lacks_lines(known[each]))]
    if missing:
        found = list_kept_prices(context.session, missing, with_lines=with_lines)
        known.update({each: found.get(each) for each in missing})


def _lacks_lines(prices: KeptPrices | None) -> bool:
    return prices is not None and prices.lines is None
