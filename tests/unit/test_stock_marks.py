"""Which mark a change of stock passes."""

import pytest

from models.stock_alert import StockAlertKind
from services.catalogue.stock.stock_marks import mark_passed

LOW, OUT, BACK = StockAlertKind.LOW, StockAlertKind.OUT, StockAlertKind.BACK


@pytest.mark.parametrize(
    ("before", "after", "low_stock_at", "expected"),
    [
        (10, 6, 5, None),
        (6, 5, 5, LOW),
        (6, 1, 5, LOW),
        (5, 4, 5, None),
        (4, 6, 5, None),
        (6, 0, 5, OUT),
        (1, 0, None, OUT),
        (1, 0, 0, OUT),
        (6, 1, None, None),
        (0, 1, 5, BACK),
        (0, 100, None, BACK),
        (0, 0, 5, None),
        (7, 7, 7, None),
        (8, 7, 7, LOW),
    ],
)
def test_marks(before: int, after: int, low_stock_at: int | None, expected: StockAlertKind | None) -> None:
    assert mark_passed(before, after, low_stock_at) is expected
