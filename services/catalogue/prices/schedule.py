"""Prices that begin later: set for a moment by staff, and called off before it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import ScheduledPrice
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.prices.settling import settle_locked
from services.catalogue.products.held import HeldProduct, hold_product
from services.catalogue.products.product_news import record_product_changed
from services.catalogue.products.product_values import checked_price
from utils import clock
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

MOST_PENDING = 50
# Whole years, so that nobody has to count days.
MOST_YEARS = 2


class _Beginning(NamedTuple):
    """A price and the moment at which it begins."""

    price: Decimal
    moment: datetime


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
) -> list[UUID]:
    """Lets the product cost `price` from `starts_at` on (now when None); returns the ids of what was scheduled.

    With `ends_at` a second price is scheduled for that moment: `price_after`, or what the product costs at present.
    It is a price like any other from then on: it does not change when the present one does.

    Refuses an unknown product (NOT_FOUND), staff of another department (FORBIDDEN), bad prices, moments that have
    passed, lie more than two years ahead, or are turned around (INVALID_INPUT); a second price for one moment, another
    one between `starts_at` and `ends_at`, and more than 50 to come (CONFLICT).
    """
    starts_at, ends_at = clock.in_utc(starts_at, "from"), clock.in_utc(ends_at, "until")
    product = hold_product(session, product_id, actor=actor)
    moment = clock.now()
    if settle_locked(session, cache, [product_id], moment=moment):
        product = hold_product(session, product_id, actor=actor)
    beginnings = _checked(product, price, starts_at, ends_at, price_after, moment)
    _refuse_collisions(session, product_id, beginnings)
    ids = _insert(session, product_id, beginnings, actor)
    settle_locked(session, cache, [product_id], moment=moment)
    said = [{"price": _exact(each.price), "from": each.moment.isoformat()} for each in beginnings]
    audit.note(session, AuditAction.PRICE_SCHEDULED, product_id, actor_id=actor.id, after={"scheduled_prices": said})
    _tell(session, cache, product)
    return ids


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
    before = {"scheduled_prices": [{"price": _exact(found.price), "from": found.starts_at.isoformat()}]}
    audit.note(session, AuditAction.SCHEDULED_PRICE_CANCELLED, product.id, actor_id=actor.id, before=before)
    _tell(session, cache, product)


def _checked(
    product: HeldProduct,
    price: Decimal,
    starts_at: datetime | None,
    ends_at: datetime | None,
    price_after: Decimal | None,
    moment: datetime,
) -> list[_Beginning]:
    begin = moment if starts_at is None else starts_at
    found = [_Beginning(checked_price(price, product.currency), begin)]
    if begin < moment:
        raise InvalidInput("from must not have passed.", field="from")
    if ends_at is not None:
        if ends_at <= begin:
            raise InvalidInput("until must be after from.", field="until")
        after = product.price if price_after is None else checked_price(price_after, product.currency, "priceAfter")
        found.append(_Beginning(after, ends_at))
    elif price_after is not None:
        raise InvalidInput("priceAfter needs until: the moment at which it begins.", field="priceAfter")
    if found[-1].moment > _latest(moment):
        raise InvalidInput(
            f"A price begins at most {MOST_YEARS} years ahead.", field="from" if ends_at is None else "until"
        )
    return found


def _refuse_collisions(session: Session, product_id: UUID, beginnings: Sequence[_Beginning]) -> None:
    pending = select(ScheduledPrice.starts_at).where(
        ScheduledPrice.product_id == product_id,
        ScheduledPrice.applied_at.is_(None),
        ScheduledPrice.cancelled_at.is_(None),
    )
    moments = session.scalars(pending.order_by(ScheduledPrice.starts_at)).all()
    begin, end = beginnings[0].moment, beginnings[-1].moment
    between = [each for each in moments if begin <= each <= end]
    if between:
        raise Conflict(
            f"Another price of this product begins at {between[0].isoformat()}. Call it off, or choose other moments.",
            field="from",
        )
    if len(moments) + len(beginnings) > MOST_PENDING:
        raise Conflict(f"A product has at most {MOST_PENDING} prices to come.")


def _insert(session: Session, product_id: UUID, beginnings: Sequence[_Beginning], actor: Actor) -> list[UUID]:
    rows = [
        ScheduledPrice(id=new_id(), product_id=product_id, price=each.price, starts_at=each.moment, created_by=actor.id)
        for each in beginnings
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _tell(session: Session, cache: Cache, product: HeldProduct) -> None:
    # Nothing is shown differently yet. But what is cached now ends when the next price that was known begins.
    announce(session, cache, products=[product.id], categories=[product.category_id])
    record_product_changed(session, product.id)


def _latest(moment: datetime) -> datetime:
    # The 29th of February has no second anniversary; a day more harms nobody.
    return moment + timedelta(days=366 * MOST_YEARS)


def _exact(price: Decimal) -> str:
    return f"{price.normalize():f}"
