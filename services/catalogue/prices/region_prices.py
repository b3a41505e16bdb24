"""Prices that staff set for one region, beside the product's own."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from models.audit_entry import AuditAction
from models.price import PriceReason
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.prices.price_history import exact, write_price
from services.catalogue.prices.regions import PricedRegion, hold_region
from services.catalogue.prices.settling import settle_locked
from services.catalogue.products.held import HeldProduct, hold_product
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_values import checked_price
from utils import clock
from utils.cache import Cache
from utils.database import run
from utils.errors import NotFound

_OWN = "SELECT price FROM region_prices WHERE product_id = %(product_id)s AND region_code = %(region)s"
_SET = """
INSERT INTO region_prices (product_id, region_code, price, created_at, updated_at)
VALUES (%(product_id)s, %(region)s, %(price)s, %(moment)s, %(moment)s)
ON CONFLICT (product_id, region_code) DO UPDATE SET price = EXCLUDED.price, updated_at = EXCLUDED.updated_at
"""
_REMOVE = """
DELETE FROM region_prices WHERE product_id = %(product_id)s AND region_code = %(region)s RETURNING price
"""
_CURRENT = "SELECT price FROM current_prices WHERE product_id = %(product_id)s AND region_code = %(region)s"
_RISE = "UPDATE products SET version = version + 1, updated_at = %(moment)s WHERE id = %(product_id)s"
_ALL = """
SELECT c.product_id, c.region_code, c.price, c.currency, c.source, own.updated_at
FROM current_prices AS c LEFT JOIN region_prices AS own USING (product_id, region_code)
WHERE c.product_id = %(product_id)s ORDER BY c.region_code
"""


class PriceSource(StrEnum):
    """Where a product's price in a region comes from."""

    REGION = "region"
    FALLBACK = "fallback"
    PRODUCT = "product"


class PriceInRegion(NamedTuple):
    """What a product costs in a region at present; `set_at` is when staff set a price for just this region, if so."""

    product_id: UUID
    region_code: str
    price: Decimal
    currency: str
    source: PriceSource
    set_at: datetime | None

    @property
    def id(self) -> str:
        """One name for this product in this region."""
        return f"{self.product_id}.{self.region_code}"


def set_region_price(
    session: Session, product_id: UUID, *, region: str, price: Decimal, actor: Actor, cache: Cache
) -> None:
    """Lets the product cost `price` in the region from now on, in the region's currency; the hand has the last word.

    Regions that fall back to this one have it too, unless they have their own. To set what is set already changes
    nothing. Refuses an unknown product (NOT_FOUND), staff of another department (FORBIDDEN), an unknown region, the
    home region, and amounts that are negative or no whole coins of the region's currency (INVALID_INPUT).
    """
    product, place, moment = _hold(session, product_id, region, actor, cache)
    amount = checked_price(price, place.currency)
    names = {"product_id": product_id, "region": place.code}
    before = run(session, _OWN, names).scalar_one_or_none()
    if before != amount:
        run(session, _SET, {**names, "price": amount, "moment": moment})
        _rise(session, product_id, moment)
        write_price(
            session,
            product_id=product_id,
            region=place.code,
            price=amount,
            currency=place.currency,
            effective_from=moment,
            reason=PriceReason.CHANGED,
            actor_id=actor.id,
            begins_anew=before is None,
        )
        audit.note(
            session,
            AuditAction.REGION_PRICE_SET,
            product_id,
            actor_id=actor.id,
            before=None if before is None else {"region": place.code, "price": exact(before)},
            after={"region": place.code, "price": exact(amount)},
        )
        record_product_changed(session, product_id)
    announce(session, cache, products=[product_id], categories=[product.category_id])


def remove_region_price(session: Session, product_id: UUID, *, region: str, actor: Actor, cache: Cache) -> None:
    """Takes the region's own price away: the product costs there what it falls back to, or is not sold there any more.

    The history says so (REMOVED). Prices to come stay. Refuses as `set_region_price` does, and where there is no such
    price (NOT_FOUND).
    """
    product, place, moment = _hold(session, product_id, region, actor, cache)
    names = {"product_id": product_id, "region": place.code}
    before = run(session, _REMOVE, names).scalar_one_or_none()
    if before is None:
        raise NotFound("The product has no price of its own in this region.", field="region")
    fallen = run(session, _CURRENT, names).scalar_one_or_none()
    _rise(session, product_id, moment)
    write_price(
        session,
        product_id=product_id,
        region=place.code,
        price=fallen,
        currency=place.currency,
        effective_from=moment,
        reason=PriceReason.REMOVED,
        actor_id=actor.id,
        begins_anew=True,
    )
    said = {"region": place.code, "price": exact(before)}
    audit.note(session, AuditAction.REGION_PRICE_REMOVED, product_id, actor_id=actor.id, before=said)
    record_product_changed(session, product_id)
    announce(session, cache, products=[product_id], categories=[product.category_id])


def list_region_prices(session: Session, product_id: UUID) -> Sequence[PriceInRegion]:
    """What the product costs in each region but the home region, by code; where it is not sold, it is left out."""
    rows = run(session, _ALL, {"product_id": product_id})
    return [
        PriceInRegion(row.product_id, row.region_code, row.price, row.currency, PriceSource(row.source), row.updated_at)
        for row in rows
    ]


def _hold(
    session: Session, product_id: UUID, region: str, actor: Actor, cache: Cache
) -> tuple[HeldProduct, PricedRegion, datetime]:
    product, moment = hold_product(session, product_id, actor=actor), clock.now()
    settle_locked(session, cache, [product_id], moment=moment)
    place = hold_region(session, region, at_home="`updateProduct` sets it")
    return product, place, moment


def _rise(session: Session, product_id: UUID, moment: datetime) -> None:
    # Who waits for the product while it is ordered must see that it changed (stock.lock_products).
    run(session, _RISE, {"product_id": product_id, "moment": moment})
