"""A discount's row: locked, read as a draft, written from one, and as the audit log has it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import Discount, DiscountUse
from models.discount import DiscountClass, DiscountKind, Tier
from services.pricing.calculating.facts import Step, Window
from services.pricing.discounts.checked_parts import hours_of, window_of
from services.pricing.discounts.drafts import Amount, DiscountDraft, Hours
from services.pricing.discounts.targets import read_targets, said_targets, targets_of
from utils import clock
from utils.errors import NotFound

# Kept as the draft has it.
_PLAIN = (
    "name",
    "kind",
    "applies_to",
    "is_active",
    "percent",
    "buy_quantity",
    "get_quantity",
    "for_named_customers",
    "first_order_only",
    "min_quantity",
    "starts_at",
    "ends_at",
    "needs_code",
    "total_limit",
    "per_customer_limit",
    "priority",
    "exclusive_group",
)


def lock_discount(session: Session, discount_id: UUID) -> Discount:
    """The discount, locked against changes and against uses that begin. Refuses an unknown one (NOT_FOUND).

    Whoever is using it holds its row by a foreign key, which this waits for.
    """
    chosen = select(Discount).where(Discount.id == discount_id).with_for_update()
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("There is no such discount.", field="discountId")
    return found


def rise(discount: Discount) -> None:
    """Another version of the discount."""
    discount.version += 1
    discount.updated_at = clock.now()


def was_used(session: Session, discount_id: UUID) -> bool:
    """Whether it ever made an order cheaper that stands."""
    return session.scalars(select(exists().where(DiscountUse.discount_id == discount_id))).one()


def write(discount: Discount, draft: DiscountDraft) -> None:
    """Puts a checked draft into the row; its targets are rows of their own."""
    for name in _PLAIN:
        setattr(discount, name, getattr(draft, name))
    discount.amounts = _by_currency(draft.amounts)
    discount.min_amounts = _by_currency(draft.min_amounts)
    discount.steps = [[each.quantity, str(each.percent)] for each in draft.steps]
    windows = [window_of(each) for each in draft.windows]
    discount.windows = [[each.day, each.begins, each.ends] for each in windows]
    discount.all_goods = draft.targets is None
    discount.bought_apart = draft.bought is not None
    discount.tiers = [each.value for each in draft.tiers]
    discount.region_codes = list(draft.region_codes)
    discount.combines_with = [each.value for each in draft.combines_with]


def draft_of(session: Session, discount: Discount) -> DiscountDraft:
    """The discount as somebody would say it anew."""
    targets, bought = targets_of(discount, read_targets(session, [discount.id])[discount.id])
    plain: dict[str, Any] = {name: getattr(discount, name) for name in _PLAIN}
    return DiscountDraft(
        **plain
        | {
            "kind": DiscountKind(discount.kind),
            "applies_to": DiscountClass(discount.applies_to),
            "amounts": amounts_of(discount.amounts),
            "min_amounts": amounts_of(discount.min_amounts),
            "steps": steps_of(discount),
            "windows": windows_of(discount),
            "targets": targets,
            "bought": bought,
            "tiers": tuple(Tier(each) for each in discount.tiers),
            "region_codes": tuple(discount.region_codes),
            "combines_with": tuple(DiscountClass(each) for each in discount.combines_with),
        }
    )


def amounts_of(kept: dict[str, str]) -> tuple[Amount, ...]:
    """The amounts that a row keeps, by the names of the currencies."""
    return tuple(Amount(Decimal(amount), currency) for currency, amount in sorted(kept.items()))


def steps_of(discount: Discount) -> tuple[Step, ...]:
    """The steps that a row keeps."""
    return tuple(Step(quantity, Decimal(percent)) for quantity, percent in discount.steps)


def windows_of(discount: Discount) -> tuple[Hours, ...]:
    """The windows that a row keeps, from Monday on."""
    return tuple(hours_of(Window(*each)) for each in discount.windows)


def audited(draft: DiscountDraft) -> dict[str, Any]:
    """The discount as the audit log has it."""
    plain = {name: _said(getattr(draft, name)) for name in _PLAIN}
    return plain | {
        "amounts": _by_currency(draft.amounts),
        "min_amounts": _by_currency(draft.min_amounts),
        "steps": [[each.quantity, str(each.percent)] for each in draft.steps],
        "windows": [[each.day.name, each.begins, each.ends] for each in draft.windows],
        "targets": said_targets(draft.targets),
        "bought_targets": said_targets(draft.bought),
        "tiers": [each.value for each in draft.tiers],
        "region_codes": list(draft.region_codes),
        "combines_with": [each.value for each in draft.combines_with],
    }


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _by_currency(amounts: tuple[Amount, ...] | Any) -> dict[str, str]:
    return {currency: str(amount) for amount, currency in amounts}
