"""Since when the list prices of products count, and whether they began by the clock."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.database import run

# The last row of the history of the price that counts in the region: its own, that of its fall-back, or the product's.
_BEGAN = """
SELECT w.id, began.effective_from, began.reason = 'scheduled' AS by_the_clock
FROM unnest(CAST(%(ids)s AS uuid[])) AS w (id)
LEFT JOIN current_prices AS c ON c.product_id = w.id AND c.region_code = %(region)s
CROSS JOIN LATERAL (
    SELECT effective_from, reason FROM price_changes AS h
    WHERE h.product_id = w.id AND h.region_code IS NOT DISTINCT FROM CASE c.source
        WHEN 'region' THEN c.region_code
        WHEN 'fallback' THEN (SELECT fallback_code FROM regions WHERE code = c.region_code) END
    ORDER BY effective_from DESC, id DESC LIMIT 1
) AS began
"""


class Began(NamedTuple):
    """A price counts `since` this moment; `by_the_clock`: it was scheduled."""

    since: datetime
    by_the_clock: bool


def list_beginnings(session: Session, product_ids: Collection[UUID], *, region: str) -> dict[UUID, Began]:
    """When the prices of these products in the region began, by the products' ids. One statement for all."""
    rows = run(session, _BEGAN, {"ids": [str(each) for each in product_ids], "region": region})
    return {row.id: Began(row.effective_from, row.by_the_clock) for row in rows}
