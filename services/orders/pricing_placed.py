"""What an order costs: counted by the rules as they are while its products are locked, and with the uses it takes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.stock.stock import Locked
from services.orders.pricing_kept import Placed, write_order
from services.pricing.calculating.calculator import CostsTooMuch, price
from services.pricing.calculating.facts import Purchase
from services.pricing.calculating.priced import Priced, Refusal
from services.pricing.discounts.codes import CodeRefusal, FoundCodes, find_codes, ran_out, refusals
from services.pricing.discounts.customers import customer_facts_now
from services.pricing.discounts.uses import take_uses
from services.pricing.facts_now import FactsNow, facts_now
from services.pricing.gathering import Occasion, gather_locked
from services.pricing.region_facts import region_facts
from utils import money
from utils.errors import InvalidInput, Unavailable
from utils.region_codes import no_region

# How often an order reads its rules, at the most. Once more than once is rare; each time staff were in between.
MOST_READINGS = 5


def _nobody_asks(_found: FoundCodes) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is to be priced: by the shop's clocks, in which region (None: home), with which codes.

    `in_customers_region`: nobody said a region, so it is the one of the account that the order is for. `looked_up` is
    told of the codes as soon as they are looked for, whatever becomes of the order then.
    """

    time_zone: str
    region: str | None = None
    codes: Sequence[str] = ()
    in_customers_region: bool = False
    looked_up: Callable[[FoundCodes], object] = _nobody_asks


def write_priced(
    session: Session, placed: Placed, *, locked: Locked, wanted: Mapping[UUID, int], terms: Terms
) -> Sequence[str]:
    """Counts what the locked products cost, takes the uses of the discounts that count, and writes the order.

    The rules are read now, after the products were locked, and past the cache: one that staff ended before is not among
    them. Each that counts is locked, and if staff changed or ended one since it was read, everything is read and
    counted again. Whether a limited one has a use left is found when the use is taken: one that has none any more is
    counted as exhausted, and the price once more without it. Returns what the cache must be told of besides the order
    (changes.announce).

    Refuses an unknown region, products without a price in its currency and a total that no amount can hold
    (INVALID_INPUT), and the first code that does not count (DISCOUNT_*), except one that merely takes off less than
    what counts instead; and, with UNAVAILABLE, an order under whose hands the discounts changed again and again.
    """
    for _ in range(MOST_READINGS):
        found = find_codes(session, terms.codes, customer_id=placed.customer_id)
        terms.looked_up(found)
        facts = _facts(session, placed.customer_id, locked, terms)
        purchase = _purchase(facts, locked, wanted, terms, found)
        tags = _write(session, placed, purchase, found, limited=facts.active.limited)
        if tags is not None:
            return tags
    raise Unavailable("The discounts are being changed at present. Try again in a few seconds.")


def counted(purchase: Purchase) -> Priced:
    """The price. Refuses products of another currency, and a total that no amount can hold (INVALID_INPUT).

    The total is the one without discounts, taxes included: else the refusal would tell which codes take something off.
    """
    if any(line.price.currency != purchase.region.currency for line in purchase.lines):
        raise InvalidInput("All products of an order must have prices in the currency of its region.", field="items")
    try:
        priced = price(purchase)
        # Taxes are at most as much as the goods (tax_rates.py).
        if priced.list_total.amount * 2 > money.LARGEST_AMOUNT:
            price(replace(purchase, rules=(), codes={}))
        return priced
    except CostsTooMuch:
        raise InvalidInput(f"An order may cost at most {money.LARGEST_AMOUNT}.", field="items") from None


def refused_codes(priced: Priced, found: FoundCodes) -> list[CodeRefusal]:
    """The codes that do not count, in the order given; one that others are merely better than is none of them."""
    found_refusals = refusals(priced, found)
    better = Refusal.BETTER_COMBINATION.name
    return [each for each in found_refusals if each.error.details.get("condition") != better]


def _write(
    session: Session, placed: Placed, purchase: Purchase, found: FoundCodes, *, limited: Collection[UUID]
) -> Sequence[str] | None:
    """Writes the order if its rules still stand, and says what the cache must be told of; else writes nothing (None).

    It ends: each time round one rule more is exhausted, and an exhausted rule does not count.
    """
    while True:
        priced = counted(purchase)
        refused = refused_codes(priced, found)
        if refused:
            raise refused[0].error
        taken = take_uses(
            session, customer_id=placed.customer_id, applied=priced.discounts, codes=found.by_rule, limited=limited
        )
        if taken.is_stale:
            return None
        if not taken.short:
            write_order(session, placed, priced, codes=found.by_rule)
            return taken.tags
        purchase = _without(session, purchase, taken.short, found)


def _without(session: Session, purchase: Purchase, short: Collection[UUID], found: FoundCodes) -> Purchase:
    """The same without discounts of which somebody took the last use. Refuses (DISCOUNT_*) where a code named one."""
    # It may have been this customer in another order.
    customer = customer_facts_now(session, customer_id=purchase.customer.id)
    for rule in purchase.rules:
        if rule.id in short and rule.id in found.by_rule:
            raise ran_out(found.by_rule[rule.id].code, rule, customer)
    rules = tuple(replace(rule, is_exhausted=True) if rule.id in short else rule for rule in purchase.rules)
    return replace(purchase, customer=customer, rules=rules)


def _facts(session: Session, customer_id: UUID, locked: Locked, terms: Terms) -> FactsNow:
    products = [product.id for product in locked.products]
    return facts_now(session, moment=locked.moment, region=terms.region, customer_id=customer_id, products=products)


def _purchase(facts: FactsNow, locked: Locked, wanted: Mapping[UUID, int], terms: Terms, found: FoundCodes) -> Purchase:
    if facts.region is None:
        raise no_region(terms.region or "", "region")
    occasion = Occasion(
        moment=locked.moment,
        time_zone=terms.time_zone,
        region=region_facts(facts.region, locked.moment),
        customer=facts.customer,
        rules=facts.active.rules,
        codes=found.opened,
    )
    products = {product.id: product for product in locked.products}
    goods = [(products[each], count) for each, count in wanted.items()]
    return gather_locked(goods, occasion=occasion, standing=facts.standing)
