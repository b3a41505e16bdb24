"""Looks at every discount once: which are refused, and what the others offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.discount import DiscountClass
from services.pricing.calculating.combining import Offers
from services.pricing.calculating.eligibility import Judged, judged, refused_here
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.lines import Lines
from services.pricing.calculating.priced import Refusal
from services.pricing.calculating.reductions import Cut, Place, offer_lines, order_cut, placed


@dataclass(frozen=True, slots=True)
class Considered:
    """All discounts by priority, each with what is to be said of it so far; and what those offer that may count."""

    judged: Sequence[tuple[Rule, Judged]]
    offers: Offers


def open_here(
    purchase: Purchase, applies_to: DiscountClass
) -> tuple[list[tuple[Rule, Place]], list[tuple[Rule, Judged]]]:
    """The discounts of a class that place, time and customer do not refuse, in their order, and those they refuse."""
    taken: list[Rule] = []
    refused: list[tuple[Rule, Judged]] = []
    if applies_to in purchase.classes:
        for rule in purchase.rules:
            if rule.applies_to is applies_to:
                refusal = refused_here(rule, purchase)
                if refusal is None:
                    taken.append(rule)
                else:
                    refused.append((rule, Judged(refusal)))
    return placed(taken), refused


def considered(purchase: Purchase, lines: Lines, shipping: int) -> Considered:
    """Every discount that may take from this purchase at all, judged. `shipping`: what bringing it costs, in coins."""
    currency = purchase.region.currency
    products: list[list[Cut]] = [[] for _ in lines.totals]
    orders: list[Cut] = []
    shippers: list[tuple[Rule, Place]] = []
    found: list[tuple[Rule, Judged]] = []
    for applies_to in DiscountClass:
        taken, refused = open_here(purchase, applies_to)
        found += refused
        for rule, place in taken:
            verdict = judged(rule, lines, currency)
            if verdict.refusal is None:
                meant = verdict.meant
                if applies_to is DiscountClass.PRODUCT:
                    offered = offer_lines(rule, place, lines=lines, meant=meant, currency=currency, offers=products)
                elif applies_to is DiscountClass.ORDER:
                    whole = order_cut(rule, place, meant=meant, currency=currency)
                    offered = whole.of(lines.portion(meant).amount) > 0
                    orders += [whole] if offered else []
                else:
                    offered = shipping > 0
                    shippers += [(rule, place)] if offered else []
                if not offered:
                    verdict = verdict._replace(refusal=Refusal.NOTHING_TO_REDUCE)
            found.append((rule, verdict))
    found.sort(key=lambda pair: (pair[0].priority, pair[0].id.int))
    return Considered(found, Offers(lines.totals, products, orders, shipping, shippers))
