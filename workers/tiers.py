"""Tiers of customers: counted when an order changes its status, and everybody's once a day."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.tiers.recounting import Reason, Repair, recount
from services.pricing.tiers.repairing import repair_tiers
from services.pricing.tiers.tiers import thresholds_of
from wiring import Shop


def listen_for_order_status(shop: Shop, session: Session, _event_id: UUID, payload: Mapping[str, Any]) -> None:
    """Counts the customer's successful orders; hearing of an order twice changes nothing twice."""
    recount(
        session,
        shop.cache,
        customer_id=UUID(payload["customerId"]),
        reason=Reason.ORDER,
        thresholds=thresholds_of(shop.settings),
    )


def categorize_customers(shop: Shop, *, only_if_due: bool = False) -> Repair | None:
    """Counts everybody's and corrects what is otherwise (requirements/pinchi-grocery.md).

    None if that was not done: another one is at work, or, with `only_if_due`, the last one is less than a day old.
    """
    thresholds = thresholds_of(shop.settings)
    return repair_tiers(shop.database, shop.cache, thresholds=thresholds, only_if_due=only_if_due)
