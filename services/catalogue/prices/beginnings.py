"""Since when the list prices of products count, and whether they began by the clock."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.database import run

# Of a product `p`, whose price in a region is the row `c` of current_prices (none: it is its own), the last row of the
# history of the price that counts: the region's, that of its fall-back, or the product's.
LAST_CHANGE = """
    SELECT effective_from, reason FROM price_changes AS h
    WHERE h.product_id = p.id AND h.region_code IS NOT DISTINCT FROM CASE c.source
        WHEN 'region' THEN c.region_code
        WHEN 'fallback' THEN (SELECT fallback_code FROM regions WHERE code = c.region_code) END
    ORDER BY effective_from DESC, id DESC LIMIT 1
"""
_BEGAN = f"""
SELECT p.id, began.effective_from, began.reason = 'scheduled' AS by_the_clock
FROM unnest(CAST(%(ids)s AS uuid[])) AS p (id)
LEFT JOIN current_prices AS c ON c.product_id = p.id AND c.region_code = %(region)s
CROSS JOIN LATERAL ({LAST_CHANGE}) AS began
"""  # noqa: S608 - of fixed parts


class Began(NamedTuple):
    """A price counts `since` this moment; `by_the_clock`: it was scheduled."""

    since: datetime
    by_the_clock: bool


def list_beginnings(session: Session, product_ids: Collection[UUID], *, region: str) -> dict[UUID, Began]:
    """When the prices of these products in the region began, by the products' ids. One statement for all."""
    rows = run(session, _BEGAN, {"ids": [str(each) for each in product_ids], "region": region})
    return {row.id: Began(row.effective_from, row.by_the_clock) for row in rows}
