"""The prior price that an announced reduction must name: the lowest of the 30 days before it.

The rule is that of Directive 98/6/EC, Article 6a(1) and (2), as Directive (EU) 2019/2161 added it; the Court of Justice
of the EU reads it strictly (C-330/23): what is announced as a reduction is counted from this price and no other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.database import run

LOOKS_BACK = timedelta(days=30)

# Of each product its last price, those that began in the 30 days before that, and the one that reached into them.
_RECENT = """
SELECT recent.product_id, recent.price, recent.currency, recent.effective_from
FROM unnest(CAST(%(ids)s AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT effective_from - %(looks_back)s AS moment FROM price_changes
    WHERE product_id = wanted.id ORDER BY effective_from DESC, id DESC LIMIT 1
) AS begin
CROSS JOIN LATERAL (
    (SELECT * FROM price_changes WHERE product_id = wanted.id AND effective_from > begin.moment)
    UNION ALL
    (SELECT * FROM price_changes WHERE product_id = wanted.id AND effective_from <= begin.moment
     ORDER BY effective_from DESC, id DESC LIMIT 1)
) AS recent
ORDER BY recent.product_id, recent.effective_from, recent.id
"""


class PricePoint(NamedTuple):
    """From `since` on it cost so much."""

    price: Decimal
    currency: str
    since: datetime


def prior_price(history: Sequence[PricePoint]) -> Decimal | None:
    """The lowest price in effect at any time in the 30 days before the last change, if that was a reduction.

    `history` is in the order in which prices began; equal moments in the order in which they were written, of which
    the last one counts. A price that began earlier and reached into the 30 days counts; one that ended with their first
    moment does not, nor does the reduced price itself. It may be lower than the reduced price: then there is nothing to
    announce. None also without a price before, or when the price before was in another currency.
    """
    points = _changes(history)
    if len(points) < 2 or points[-1].price >= points[-2].price:
        return None
    begin = points[-1].since - LOOKS_BACK
    return min(point.price for point, after in pairwise(points) if after.since > begin)


def list_prior_prices(session: Session, prices: Mapping[UUID, Decimal]) -> dict[UUID, Decimal | None]:
    """The prior price of each of these products, given with the price that is shown, in one statement.

    None where the history has got past the price shown: it changed in between.
    """
    found: dict[UUID, Decimal | None] = dict.fromkeys(prices)
    rows = run(session, _RECENT, {"ids": [str(each) for each in prices], "looks_back": LOOKS_BACK})
    for product_id, of_one in groupby(rows, key=attrgetter("product_id")):
        history = [PricePoint(row.price, row.currency, row.effective_from) for row in of_one]
        if history[-1].price == prices[product_id]:
            found[product_id] = prior_price(history)
    return found


def _changes(history: Sequence[PricePoint]) -> list[PricePoint]:
    """The history without prices that were never in effect, without repetitions, and in its last currency only."""
    found: list[PricePoint] = []
    for place, point in enumerate(history):
        if place + 1 < len(history) and history[place + 1].since <= point.since:
            continue
        if found and point.currency != found[-1].currency:
            found.clear()
        if not found or point.price != found[-1].price:
            found.append(point)
    return found
