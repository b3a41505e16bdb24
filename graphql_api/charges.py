"""What quotes, orders and reasons of prices count against their caller's limit: by the work, and before it.

One request pays for a quote or an order of up to ten lines, or for the reasons of one price, be it of a product or of
an order that is kept. Each further one, and each further ten lines begun, count like another request.
docs/decisions/limits.md has what was measured.
"""

from math import ceil
from typing import NamedTuple

from graphql_api.context import Context
from utils.errors import RateLimited

LINES_PER_REQUEST = 10


class Paid(NamedTuple):
    """For how many of the things in question there was room, and how the others are refused; None: there are none."""

    number: int
    refusal: RateLimited | None = None


def charge_quote(context: Context, lines: int) -> None:
    """Counts a quote of so many lines. Refuses (RATE_LIMITED) what the caller's limit has no room for."""
    pieces = ceil(lines / LINES_PER_REQUEST)
    _count(context, pieces - _free(context))
    context.charged += pieces


def charge_order(context: Context, lines: int) -> None:
    """Counts an order of so many lines, before anything is done. Refuses (RATE_LIMITED) as `charge_quote` does.

    Each mutation of a document was counted as a request already, and pays for its own first ten lines.
    """
    pieces = ceil(lines / LINES_PER_REQUEST)
    _count(context, pieces - 1)
    context.charged += pieces


def charge_reasons(context: Context, prices: int) -> Paid:
    """Counts the reasons of so many prices: all or none, and what a mutation's answer tells as far as there is room.

    It refuses nothing itself: who asks for reasons that are not paid for is refused, and the rest is told.
    """
    free = _free(context)
    owed = max(0, prices - free)
    if context.has_written:
        counted, refusal = context.limits.count_up_to(owed)
    else:
        try:
            _count(context, owed)
        except RateLimited as without_room:
            return Paid(0, without_room)
        counted, refusal = owed, None
    paid = prices - owed + counted
    context.charged += paid
    return Paid(paid, refusal)


def _free(context: Context) -> int:
    """The first is what the request itself was counted for."""
    return 0 if context.charged else 1


def _count(context: Context, requests: int) -> None:
    if requests > 0:
        context.limits.count(requests)
