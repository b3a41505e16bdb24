"""Prices that begin later: set for a moment by staff, and called off before it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Product, ScheduledPrice
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.prices.collisions import Beginning, refuse_collisions
from services.catalogue.prices.price_history import exact
from services.catalogue.prices.regions import hold_region
from services.catalogue.prices.settling import settle_locked
from services.catalogue.products.held import HeldProduct, hold_product
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_values import checked_price
from utils import clock
from utils.cache import Cache
from utils.database import run
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

# Whole years, so that nobody has to count days.
MOST_YEARS = 2
_CURRENT = "SELECT price FROM current_prices WHERE product_id = %(product_id)s AND region_code = %(region)s"


class _Present(NamedTuple):
    """What the product costs now where a price is scheduled; no `price`: it is not sold there."""

    price: Decimal | None
    currency: str


def schedule_price(
    session: Session,
    product_id: UUID,
    *,
    price: Decimal,
    starts_at: datetime | None,
    ends_at: datetime | None,
    price_after: Decimal | None,
    actor: Actor,
    cache: Cache,
    region: str | None = None,
) -> list[UUID]:
    """Lets the product cost `price` from `starts_at` on (now when None); returns the ids of what was scheduled.

    With `ends_at` a second price is scheduled for that moment: `price_after`, or what the product costs at present.
    It does not change when the present one does, and is called off by its own id. In a `region` these are prices of its
    own, in its currency, also where there was none before; None stands for everywhere that has no price of its own.

    Refuses an unknown product (NOT_FOUND), staff of another department (FORBIDDEN), an unknown region, the home region,
    bad prices, no `price_after` where the product is not sold at present, moments that have passed, lie more than two
    years ahead, or are turned around (INVALID_INPUT); for the same product and region a second price for one moment,
    another one between `starts_at` and `ends_at`, whichever of them was scheduled first, and more than 50 to come
    (CONFLICT).
    """
    starts_at, ends_at = clock.in_utc(starts_at, "from"), clock.in_utc(ends_at, "until")
    product = hold_product(session, product_id, actor=actor)
    moment = clock.now()
    if settle_locked(session, cache, [product_id], moment=moment):
        product = hold_product(session, product_id, actor=actor)
    beginnings = _checked(_present(session, product, region), price, starts_at, ends_at, price_after, moment)
    refuse_collisions(session, product_id, region=region, beginnings=beginnings)
    ids = _insert(session, product_id, region, beginnings, actor)
    settle_locked(session, cache, [product_id], moment=moment)
    said = [_said(each.price, each.moment, region) for each in beginnings]
    audit.note(session, AuditAction.PRICE_SCHEDULED, product_id, actor_id=actor.id, after={"scheduled_prices": said})
    _tell(session, cache, product)
    return ids


def announce_again(session: Session, scheduled_id: UUID, *, cache: Cache) -> None:
    """Announces a price that was scheduled before, for the repetition of the request (see `idempotency.begin`)."""
    chosen = select(Product.id, Product.category_id).join(ScheduledPrice, ScheduledPrice.product_id == Product.id)
    product = session.execute(chosen.where(ScheduledPrice.id == scheduled_id)).one()
    announce(session, cache, products=[product.id], categories=[product.category_id])


def cancel_scheduled_price(session: Session, scheduled_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Calls off a price that has not begun; a second one that was scheduled with it stays.

    Refuses an unknown one (NOT_FOUND), staff of another department (FORBIDDEN), and one that has begun or was
    called off before (CONFLICT).
    """
    found = session.get(ScheduledPrice, scheduled_id)
    if found is None:
        raise NotFound("There is no such scheduled price.", field="scheduledPriceId")
    product, moment = hold_product(session, found.product_id, actor=actor), clock.now()
    cancelled = (
        update(ScheduledPrice)
        .where(
            ScheduledPrice.id == scheduled_id,
            ScheduledPrice.applied_at.is_(None),
            ScheduledPrice.cancelled_at.is_(None),
            ScheduledPrice.starts_at > moment,
        )
        .values(cancelled_at=moment)
    )
    if session.execute(cancelled.returning(ScheduledPrice.id)).first() is None:
        raise Conflict("This price has begun already, or was called off before.", field="scheduledPriceId")
    before = {"scheduled_prices": [_said(found.price, found.starts_at, found.region_code)]}
    audit.note(session, AuditAction.SCHEDULED_PRICE_CANCELLED, product.id, actor_id=actor.id, before=before)
    _tell(session, cache, product)


def _present(session: Session, product: HeldProduct, region: str | None) -> _Present:
    if region is None:
        return _Present(product.price, product.currency)
    place = hold_region(session, region, at_home="leave region out")
    price = run(session, _CURRENT, {"product_id": product.id, "region": place.code}).scalar_one_or_none()
    return _Present(price, place.currency)


def _checked(
    present: _Present,
    price: Decimal,
    starts_at: datetime | None,
    ends_at: datetime | None,
    price_after: Decimal | None,
    moment: datetime,
) -> list[Beginning]:
    begin = moment if starts_at is None else starts_at
    found = [Beginning(checked_price(price, present.currency), begin)]
    if begin < moment:
        raise InvalidInput("from must not have passed.", field="from")
    if ends_at is not None:
        if ends_at <= begin:
            raise InvalidInput("until must be after from.", field="until")
        after = present.price
        if price_after is not None:
            after = checked_price(price_after, present.currency, "priceAfter")
        if after is None:
            raise InvalidInput("The product is not sold there now: priceAfter is needed.", field="priceAfter")
        found.append(Beginning(after, ends_at))
    elif price_after is not None:
        raise InvalidInput("priceAfter needs until: the moment at which it begins.", field="priceAfter")
    if found[-1].moment > _latest(moment):
        raise InvalidInput(
            f"A price begins at most {MOST_YEARS} years ahead.", field="from" if ends_at is None else "until"
        )
    return found


def _insert(
    session: Session, product_id: UUID, region: str | None, beginnings: Sequence[Beginning], actor: Actor
) -> list[UUID]:
    ids = [new_id() for _ in beginnings]
    rows = [
        ScheduledPrice(
            id=scheduled_id,
            product_id=product_id,
            region_code=region,
            price=each.price,
            starts_at=each.moment,
            created_by=actor.id,
            ends_id=None if scheduled_id == ids[0] else ids[0],
        )
        for scheduled_id, each in zip(ids, beginnings, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    return ids


def _tell(session: Session, cache: Cache, product: HeldProduct) -> None:
    # Nothing is shown differently yet. But what is cached now ends when the next price that was known begins.
    announce(session, cache, products=[product.id], categories=[product.category_id])
    record_product_changed(session, product.id)


def _latest(moment: datetime) -> datetime:
    # The 29th of February has no second anniversary; a day more harms nobody.
    return moment + timedelta(days=366 * MOST_YEARS)


def _said(price: Decimal, moment: datetime, region: str | None) -> dict[str, str]:
    said = {"price": exact(price), "from": moment.isoformat()}
    return said if region is None else {**said, "region": region}
