"""What quotes and reasons of prices count against their caller's limit: in proportion to the work, and before it.

One request pays for a quote of up to ten lines, or for the reasons of one product's price. Each further one, and each
further ten lines begun, count like another request. docs/decisions/limits.md has what was measured.
"""

from math import ceil

from graphql_api.context import Context
from utils.errors import RateLimited

LINES_PER_REQUEST = 10


def charge_quote(context: Context, lines: int) -> None:
    """Counts a quote of so many lines. Refuses (RATE_LIMITED) what the caller's limit has no room for."""
    _charge(context, ceil(lines / LINES_PER_REQUEST))


def charge_reasons(context: Context, products: int) -> None:
    """Counts the reasons of so many products' prices. Refuses (RATE_LIMITED) what the limit has no room for."""
    _charge(context, products)


def _charge(context: Context, pieces: int) -> None:
    owed = pieces - (0 if context.charged else 1)  # the first is what the request itself was counted for
    if context.has_written:
        _take_what_is_there(context, owed)
    elif owed > 0:
        context.limits.count(owed)
    context.charged += pieces


def _take_what_is_there(context: Context, requests: int) -> None:
    """What a mutation did is told whatever it costs; who has no room left is refused the next time."""
    try:
        for _ in range(requests):
            context.limits.count()
    except RateLimited:
        pass
