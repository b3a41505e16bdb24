"""What is shown of orders' kept prices without their reasons: amounts, discounts and taxes."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.pricing.explanations import AppliedDiscount, ExplainedLine, Explanation, TaxPart, read_explanation
from utils.database import run

# Beside 200 discounts what is left out is nine tenths of what is kept, and the lines most of the rest. It is taken off
# in one go: each reading of a part by its path would unpack all of it once more.
_KEPT = """
SELECT order_id, CAST(explanation - CAST(%(without)s AS text[]) AS text) AS explanation
FROM order_pricing WHERE order_id = ANY(CAST(%(ids)s AS uuid[]))
"""
_REASONS = ("verdicts", "steps", "near_misses", "inputs")
_WITHOUT: dict[str, list[object]] = {each: [] for each in (*_REASONS, "lines")}


class KeptPrices(NamedTuple):
    """What an order came to, as its region shows prices. `lines`: by their positions; None if they were not read."""

    subtotal: Decimal
    shipping_total: Decimal
    discounts: Sequence[AppliedDiscount]
    taxes: Sequence[TaxPart]
    lines: Sequence[ExplainedLine] | None


def list_kept_prices(session: Session, order_ids: Collection[UUID], *, with_lines: bool) -> dict[UUID, KeptPrices]:
    """What these orders came to, by their ids; nothing for orders of before prices were explained. One statement."""
    without = [*_REASONS] if with_lines else [*_REASONS, "lines"]
    rows = run(session, _KEPT, {"ids": [str(each) for each in order_ids], "without": without})
    return {row.order_id: _read(row.explanation, with_lines=with_lines) for row in rows}


def shown_of(explanation: Explanation) -> KeptPrices:
    """The same of an explanation that was read whole."""
    return KeptPrices(
        # Before discounts there are goods and shipping.
        subtotal=explanation.list_total - explanation.shipping.list_total,
        shipping_total=explanation.shipping.total,
        discounts=explanation.discounts,
        taxes=explanation.taxes,
        lines=explanation.lines,
    )


def _read(kept: str, *, with_lines: bool) -> KeptPrices:
    found = shown_of(read_explanation({**_WITHOUT, **orjson.loads(kept)}))
    return found if with_lines else found._replace(lines=None)
