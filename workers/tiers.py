"""Tiers of customers: counted when an order changes its status, and everybody's once a day."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.tiers.recounting import Reason, Repair, recount, recount_all
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


def categorize_customers(shop: Shop) -> Repair:
    """Counts everybody's and corrects what is otherwise (requirements/pinchi-grocery.md)."""
    return recount_all(shop.database, shop.cache, thresholds=thresholds_of(shop.settings))
