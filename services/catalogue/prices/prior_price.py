"""The prior price that an announced reduction must name: the lowest of the 30 days before it.

The rule is that of Directive 98/6/EC, Article 6a(1) and (2), as Directive (EU) 2019/2161 added it; the Court of Justice
of the EU reads it strictly (C-330/23): what is announced as a reduction is counted from this price and no other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.database import run

LOOKS_BACK = timedelta(days=30)

# Of each product its last price, those that began in the 30 days before that, and the one that reached into them.
# Prices of regions are not its own.
_RECENT = """
SELECT recent.product_id, recent.price, recent.currency, recent.effective_from
FROM unnest(CAST(%(ids)s AS uuid[])) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT effective_from - %(looks_back)s AS moment FROM price_changes
    WHERE product_id = wanted.id AND region_code IS NULL ORDER BY effective_from DESC, id DESC LIMIT 1
) AS begin
CROSS JOIN LATERAL (
    (SELECT * FROM price_changes
     WHERE product_id = wanted.id AND region_code IS NULL AND effective_from > begin.moment)
    UNION ALL
    (SELECT * FROM price_changes
     WHERE product_id = wanted.id AND region_code IS NULL AND effective_from <= begin.moment
     ORDER BY effective_from DESC, id DESC LIMIT 1)
) AS recent
ORDER BY recent.product_id, recent.effective_from, recent.id
"""
# The same of a region, in three layers: its own prices (0), those of the region it falls back to (1), and the product's
# (2). `source` is the layer that counts now; when the last price began, it and those above it say: in them a price that
# was taken away stands with what came in its place, or with none (not sold).
_RECENT_IN_REGION = """
WITH wanted AS (
    SELECT c.product_id, CASE c.source WHEN 'region' THEN 0 WHEN 'fallback' THEN 1 ELSE 2 END AS source, layer.*,
     EXISTS (SELECT FROM region_prices WHERE product_id = c.product_id AND region_code = layer.code) AS is_in_effect
    FROM current_prices AS c JOIN regions AS r ON r.code = c.region_code
    CROSS JOIN LATERAL (VALUES (0, r.code), (1, r.fallback_code), (2, NULL)) AS layer (number, code)
    WHERE c.product_id = ANY (CAST(%(ids)s AS uuid[])) AND c.region_code = %(region)s
     AND (layer.number <> 1 OR r.fallback_code IS NOT NULL)
), begin AS (
    SELECT wanted.product_id, max(last.effective_from) - %(looks_back)s AS moment
    FROM wanted CROSS JOIN LATERAL (
        SELECT effective_from FROM price_changes
        WHERE product_id = wanted.product_id AND region_code IS NOT DISTINCT FROM wanted.code AND price IS NOT NULL
        ORDER BY effective_from DESC, id DESC LIMIT 1
    ) AS last
    WHERE wanted.number <= wanted.source GROUP BY wanted.product_id
)
SELECT recent.product_id, wanted.number, wanted.is_in_effect, recent.price, recent.currency, recent.effective_from
FROM begin JOIN wanted USING (product_id) CROSS JOIN LATERAL (
    (SELECT * FROM price_changes
     WHERE product_id = begin.product_id AND region_code IS NOT DISTINCT FROM wanted.code AND price IS NOT NULL
      AND effective_from > begin.moment)
    UNION ALL
    (SELECT * FROM price_changes
     WHERE product_id = begin.product_id AND region_code IS NOT DISTINCT FROM wanted.code AND price IS NOT NULL
      AND effective_from <= begin.moment
     ORDER BY effective_from DESC, id DESC LIMIT 1)
) AS recent
ORDER BY recent.product_id, wanted.number, recent.effective_from, recent.id
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


def list_prior_prices(
    session: Session, prices: Mapping[UUID, Decimal], *, region: str | None = None
) -> dict[UUID, Decimal | None]:
    """The prior price of each of these products, given with the price that is shown, in one statement.

    In a `region` it is that of what the product cost there: by its own price, or by what it fell back to before it had
    one or after it was taken away. None where the history has got past the price shown: it changed in between.
    """
    found: dict[UUID, Decimal | None] = dict.fromkeys(prices)
    values = {"ids": [str(each) for each in prices], "looks_back": LOOKS_BACK, "region": region}
    rows = run(session, _RECENT if region is None else _RECENT_IN_REGION, values)
    for product_id, of_one in groupby(rows, key=attrgetter("product_id")):
        written = list(of_one)
        history = [_point(row) for row in written] if region is None else _in_region(written)
        if history and history[-1].price == prices[product_id]:
            found[product_id] = prior_price(history)
    return found


def _point(row: Any) -> PricePoint:
    return PricePoint(row.price, row.currency, row.effective_from)


def _in_region(rows: Sequence[Any]) -> Sequence[PricePoint]:
    """One history of a product's three layers in a region, those that fall back to nothing last."""
    history: Sequence[PricePoint] = []
    for number in (2, 1, 0):
        layer = [row for row in rows if row.number == number]
        is_in_effect = any(row.is_in_effect for row in layer)
        history = laid_over([_point(row) for row in layer], history, is_in_effect=is_in_effect)
    return history


def laid_over(layer: Sequence[PricePoint], below: Sequence[PricePoint], *, is_in_effect: bool) -> Sequence[PricePoint]:
    """The history of prices that hide others from their first one on; until their last one, if none `is_in_effect` now.

    Which of those below counted between two of them, the history does not know.
    """
    if not layer:
        return below
    before = [each for each in below if each.since < layer[0].since]
    after = [] if is_in_effect else [each for each in below if each.since > layer[-1].since]
    return [*before, *layer, *after]


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
