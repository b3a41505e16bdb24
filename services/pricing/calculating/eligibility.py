"""Whether a discount may count, and if not, the first condition that fails, in the order of `Refusal`."""

from typing import NamedTuple

from models.discount import DiscountKind
from services.pricing.calculating import rounding
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.lines import Lines, Portion
from services.pricing.calculating.priced import Refusal
from services.pricing.calculating.windows import in_window


class Judged(NamedTuple):
    """A verdict in the making. `meant`: the lines it is about; `missing_*`: the coins and pieces a minimum lacks."""

    refusal: Refusal | None
    meant: int = 0
    missing_amount: int | None = None
    missing_quantity: int | None = None


def refused_here(rule: Rule, purchase: Purchase) -> Refusal | None:
    """The first condition of place, time and customer that fails: all that does not depend on the goods."""
    if rule.region_codes and purchase.region.code not in rule.region_codes:
        return Refusal.WRONG_REGION
    if rule.starts_at is not None and purchase.moment < rule.starts_at:
        return Refusal.NOT_STARTED
    if rule.ends_at is not None and purchase.moment >= rule.ends_at:
        return Refusal.EXPIRED
    if rule.windows and not in_window(rule.windows, purchase.moment, purchase.time_zone):
        return Refusal.OUTSIDE_WINDOW
    if rule.needs_code and rule.id not in purchase.codes:
        return Refusal.NEEDS_CODE
    return _refused_to(rule, purchase)


def _refused_to(rule: Rule, purchase: Purchase) -> Refusal | None:
    customer = purchase.customer
    if rule.for_named_customers and rule.id not in customer.named_in:
        return Refusal.NOT_NAMED
    if rule.tiers and customer.tier not in rule.tiers:
        return Refusal.WRONG_TIER
    if rule.first_order_only and customer.has_ordered:
        return Refusal.NOT_FIRST_ORDER
    if rule.is_exhausted:
        return Refusal.EXHAUSTED
    if rule.per_customer_limit is not None and customer.uses.get(rule.id, 0) >= rule.per_customer_limit:
        return Refusal.EXHAUSTED_FOR_CUSTOMER
    return None


def has_amounts(rule: Rule, currency: str) -> bool:
    """Whether the rule has an amount in this currency wherever it speaks of amounts."""
    if rule.kind is DiscountKind.AMOUNT and currency not in rule.amounts:
        return False
    return not rule.min_amounts or currency in rule.min_amounts


def judged(rule: Rule, lines: Lines, currency: str) -> Judged:
    """What the goods say to a rule that nothing else refuses: by list prices, so that no discount changes it."""
    if not has_amounts(rule, currency):
        return Judged(Refusal.NO_AMOUNT_IN_CURRENCY)
    meant = lines.meant(rule.targets)
    if not meant or (rule.bought is not None and not lines.meant(rule.bought)):
        return Judged(Refusal.NO_GOODS)
    if rule.min_amounts or rule.min_quantity is not None:
        refusal, amount, quantity = lacking(rule, lines.portion(meant), currency)
        return Judged(refusal, meant, amount, quantity)
    return Judged(None, meant)


def lacking(rule: Rule, portion: Portion, currency: str) -> tuple[Refusal | None, int | None, int | None]:
    """Which minimum these lines miss, with the coins and the pieces that are missing."""
    amount = quantity = 0
    if rule.min_amounts:
        amount = rounding.coins_of(rule.min_amounts[currency], currency) - portion.amount
    if rule.min_quantity is not None:
        quantity = rule.min_quantity - portion.quantity
    if amount > 0:
        return Refusal.MINIMUM_AMOUNT, amount, quantity if quantity > 0 else None
    if quantity > 0:
        return Refusal.MINIMUM_QUANTITY, None, quantity
    return None, None, None
