"""Adjusting stock by hand: so many pieces came or went, and why."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Product
from models.audit_entry import AuditAction
from models.stock_movement import MovementReason
from services import idempotency
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.products.held import HeldProduct, hold_product
from services.catalogue.products.product_values import LARGEST_STOCK
from services.catalogue.products.versions import require_version
from services.catalogue.stock.stock import write_change
from utils import clock, text
from utils.cache import Cache
from utils.database import run
from utils.errors import InvalidInput, OutOfStock

LONGEST_NOTE = 200

_ADJUST = """
UPDATE products SET stock_count = %(after)s, version = version + 1, updated_at = %(moment)s WHERE id = %(id)s
"""


class StockReason(StrEnum):
    """Why somebody adjusts stock; each is a reason of the ledger."""

    RECEIVED = MovementReason.RECEIVED.value
    RETURNED = MovementReason.RETURNED.value
    COUNTED = MovementReason.COUNTED.value
    DAMAGED = MovementReason.DAMAGED.value
    LOST = MovementReason.LOST.value
    ADJUSTMENT = MovementReason.ADJUSTMENT.value


_ONLY_COME = frozenset({StockReason.RECEIVED, StockReason.RETURNED})
_ONLY_GO = frozenset({StockReason.DAMAGED, StockReason.LOST})


def adjust_stock(
    session: Session,
    product_id: UUID,
    quantity: int,
    *,
    reason: StockReason,
    note: str | None,
    version: int | None,
    actor: Actor,
    cache: Cache,
    request: idempotency.Request | None,
) -> UUID:
    """Adds `quantity` pieces to the stock, or takes them from it when it is negative; returns the product's id.

    The repetition of a `request` changes nothing. The ledger keeps the reason, the note (a line of at most 200
    characters) and who did it.

    Refuses a quantity of 0, one whose sign does not fit its reason (what was received or returned comes, what was
    damaged or lost goes), a bad note, and a stock over 1,000,000,000 (INVALID_INPUT); an unknown product (NOT_FOUND);
    staff of another department (FORBIDDEN); a `version` that the product has not any more, and a re-used key
    (CONFLICT); a stock below zero (OUT_OF_STOCK).
    """
    if request is not None and idempotency.begin(session, request, makes=product_id) is not None:
        return _announced_again(session, product_id, cache)
    said = None if note is None else text.line(note, "note", longest=LONGEST_NOTE)
    _check_sign(quantity, reason)
    product = hold_product(session, product_id, actor=actor)
    require_version(product.version, version)
    after = _new_count(product, quantity)
    run(session, _ADJUST, {"id": product_id, "after": after, "moment": clock.now()})
    came_or_went = write_change(
        session,
        product_id=product_id,
        before=product.stock_count,
        after=after,
        low_stock_at=product.low_stock_at,
        reason=MovementReason(reason.value),
        actor_id=actor.id,
        note=said,
    )
    audit.note(
        session,
        AuditAction.STOCK_ADJUSTED,
        product_id,
        actor_id=actor.id,
        before={"stock_count": product.stock_count},
        after={"stock_count": after, "reason": reason.value},
    )
    announce(session, cache, products=[product_id], stocked=[product.category_id] if came_or_went else ())
    return product_id


def _announced_again(session: Session, product_id: UUID, cache: Cache) -> UUID:
    """The product of a repetition, with what adjusting it announced (see `idempotency.begin`)."""
    # Whether it came into stock or went out of it, only the first one knew.
    stands_in = session.scalars(select(Product.category_id).where(Product.id == product_id)).all()
    announce(session, cache, products=[product_id], stocked=stands_in)
    return product_id


def _check_sign(quantity: int, reason: StockReason) -> None:
    if quantity == 0:
        raise InvalidInput("quantity must not be 0.", field="quantity")
    if (quantity < 0 and reason in _ONLY_COME) or (quantity > 0 and reason in _ONLY_GO):
        sign = "positive" if quantity < 0 else "negative"
        raise InvalidInput(f"quantity must be {sign} for what was {reason.value}.", field="quantity")


def _new_count(product: HeldProduct, quantity: int) -> int:
    after = product.stock_count + quantity
    if after < 0:
        short = {"productId": str(product.id), "requested": -quantity, "available": product.stock_count}
        raise OutOfStock("There are not so many pieces.", lines=[short])
    if after > LARGEST_STOCK:
        raise InvalidInput(f"The stock must be at most {LARGEST_STOCK}.", field="quantity")
    return after
