"""What pricing holds about one person, for that person's copy of all data; the orders tell the rest."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import CustomerTier, Discount, DiscountCustomer, DiscountCustomerUse, TierChange
from services.accounts.exporting import section_of

_Rows = Select[*tuple[Any, ...]]


def export_pricing(session: Session, *, customer_id: UUID) -> dict[str, Any]:
    """The sections tier, tierChanges, discountsForYou and discountUses; one statement for each, the oldest first.

    `discountsForYou` are those that name the person, `discountUses` how often the person used those that each may use
    so many times only. All of it stands in memory at once; none of it grows faster than the orders.
    """
    chosen = {
        "tier": _tier(customer_id),
        "tierChanges": _changes(customer_id),
        "discountsForYou": _named_in(customer_id),
        "discountUses": _uses(customer_id),
    }
    return {name: section_of(session, rows) for name, rows in chosen.items()}


def _tier(customer_id: UUID) -> _Rows:
    return select(CustomerTier.tier, CustomerTier.successful_orders).where(CustomerTier.customer_id == customer_id)


def _changes(customer_id: UUID) -> _Rows:
    return (
        select(
            TierChange.before,
            TierChange.after,
            TierChange.successful_orders,
            TierChange.reason,
            TierChange.created_at,
        )
        .where(TierChange.customer_id == customer_id)
        .order_by(TierChange.id)
    )


def _named_in(customer_id: UUID) -> _Rows:
    return (
        select(DiscountCustomer.discount_id, Discount.name)
        .join(Discount, Discount.id == DiscountCustomer.discount_id)
        .where(DiscountCustomer.customer_id == customer_id)
        .order_by(DiscountCustomer.discount_id)
    )


def _uses(customer_id: UUID) -> _Rows:
    return (
        select(DiscountCustomerUse.discount_id, Discount.name, DiscountCustomerUse.used_count)
        .join(Discount, Discount.id == DiscountCustomerUse.discount_id)
        .where(DiscountCustomerUse.customer_id == customer_id)
        .order_by(DiscountCustomerUse.discount_id)
    )
