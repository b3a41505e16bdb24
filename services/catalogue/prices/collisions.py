"""Prices to come that would meet one another: of one product, in one region."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from models import ScheduledPrice
from utils.errors import Conflict

MOST_PENDING = 50


class Beginning(NamedTuple):
    """A price and the moment at which it begins."""

    price: Decimal
    moment: datetime


def refuse_collisions(
    session: Session, product_id: UUID, *, region: str | None, beginnings: Sequence[Beginning]
) -> None:
    """Refuses (CONFLICT) what another price to come of the product would meet there, and more than 50 to come.

    `region` is its code; None for the product's own price.
    """
    pending = _pending(session, product_id, region)
    begin, end = beginnings[0].moment, beginnings[-1].moment
    for moment, since in pending:
        if begin <= moment <= end:
            raise Conflict(
                f"Another price of this product begins at {moment.isoformat()}. Call it off, or choose other moments.",
                field="from",
            )
        if since is not None and any(since <= each.moment < moment for each in beginnings):
            raise Conflict(
                f"From {since.isoformat()} until {moment.isoformat()} this product has a price for a while. Call its "
                "end off, or choose other moments.",
                field="from",
            )
    if len(pending) + len(beginnings) > MOST_PENDING:
        raise Conflict(f"A product has at most {MOST_PENDING} prices to come.")


def _pending(session: Session, product_id: UUID, region: str | None) -> Sequence[tuple[datetime, datetime | None]]:
    """When the product's prices to come begin; of one that ends another also since when that one counts, or will."""
    ended = aliased(ScheduledPrice)
    chosen = (
        select(ScheduledPrice.starts_at, ended.starts_at)
        # Of one that was called off there is no end: what should have been it is a price like any other.
        .outerjoin(ended, and_(ended.id == ScheduledPrice.ends_id, ended.cancelled_at.is_(None)))
        .where(
            ScheduledPrice.product_id == product_id,
            ScheduledPrice.region_code.is_not_distinct_from(region),
            ScheduledPrice.applied_at.is_(None),
            ScheduledPrice.cancelled_at.is_(None),
        )
    )
    return [(row[0], row[1]) for row in session.execute(chosen.order_by(ScheduledPrice.starts_at))]
