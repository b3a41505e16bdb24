"""Marks that a product's stock passes: it ran low, it ran out, it came back."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.stock_alert import StockAlertKind
from services import events

STOCK_LOW = "stock.low"
STOCK_OUT = "stock.out"
STOCK_BACK = "stock.back"

NAMES = {StockAlertKind.LOW: STOCK_LOW, StockAlertKind.OUT: STOCK_OUT, StockAlertKind.BACK: STOCK_BACK}


def mark_passed(before: int, after: int, low_stock_at: int | None) -> StockAlertKind | None:
    """What a change of the stock from `before` to `after` pieces means; None for what nobody wants to know.

    One piece of news at the most: what has run out is not low as well, and what came back is not, however few came.
    """
    if before > 0 >= after:
        return StockAlertKind.OUT
    if before <= 0 < after:
        return StockAlertKind.BACK
    if low_stock_at is not None and before > low_stock_at >= after:
        return StockAlertKind.LOW
    return None


def tell(session: Session, product_id: UUID, *, before: int, after: int, low_stock_at: int | None) -> bool:
    """Records the event of a mark that this transaction's change passes; nothing for another change.

    Says whether the product came into stock or went out of it, so that the caller announces the lists of what is in
    stock (`announce(..., stocked=...)`).
    """
    kind = mark_passed(before, after, low_stock_at)
    if kind is None:
        return False
    events.record(session, NAMES[kind], {"product": str(product_id), "stockCount": after})
    return kind is not StockAlertKind.LOW


def tell_each(session: Session, locked: Iterable[Any], changes: Mapping[UUID, int]) -> set[UUID]:
    """Does so for products whose stock an order changes, by the id of each: so many pieces more, or less.

    `locked` are they as they were before: rows with id, category_id, stock_count and low_stock_at. Returns the
    categories in which one came into stock or went out of it.
    """
    return {
        product.category_id
        for product in locked
        if tell(
            session,
            product.id,
            before=product.stock_count,
            after=product.stock_count + changes[product.id],
            low_stock_at=product.low_stock_at,
        )
    }
