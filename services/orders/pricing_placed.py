"""What an order costs: counted by the rules as they are while its products are locked, and with the uses it takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.stock.stock import Locked
from services.orders.pricing_kept import Placed, write_order
from services.pricing.calculating.calculator import price
from services.pricing.calculating.facts import Purchase
from services.pricing.calculating.priced import Priced, Refusal
from services.pricing.discounts.active import active_rules_now
from services.pricing.discounts.codes import CodeRefusal, FoundCodes, find_codes, ran_out, refusals
from services.pricing.discounts.customers import customer_facts_now
from services.pricing.discounts.uses import take_uses
from services.pricing.gathering import Occasion, gather_locked
from services.pricing.region_facts import KnownRegion, region_facts, region_now
from utils import money
from utils.cache import Cache
from utils.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Terms:
    """How an order is to be priced: by the shop's clocks, in which region (None: home), with which codes."""

    time_zone: str
    region: str | None = None
    codes: Sequence[str] = ()


def write_priced(
    session: Session, placed: Placed, *, locked: Locked, wanted: Mapping[UUID, int], terms: Terms, cache: Cache
) -> None:
    """Counts what the locked products cost, writes the order, and takes the uses of the discounts that count.

    The rules are read now, after the products were locked, and past the cache: one that staff ended before is not among
    them. Whether a limited one has a use left is found when the use is taken: one that has none any more is counted as
    exhausted, and the price once more without it.

    Refuses an unknown region, products without a price in its currency and a total that no amount can hold
    (INVALID_INPUT), and the first code that does not count (DISCOUNT_*), except one that merely takes off less than
    what counts instead.
    """
    found = find_codes(session, terms.codes, customer_id=placed.customer_id)
    purchase = _purchase(session, placed.customer_id, locked, wanted, terms, found)
    while True:
        priced = counted(purchase)
        refused = refused_codes(priced, found)
        if refused:
            raise refused[0].error
        short = _write(session, placed, priced, found, cache=cache)
        if not short:
            return
        # Somebody was quicker; it may have been this customer in another order.
        customer = customer_facts_now(session, customer_id=placed.customer_id)
        for rule in purchase.rules:
            if rule.id in short and rule.id in found.by_rule:
                raise ran_out(found.by_rule[rule.id].code, rule, customer)
        rules = tuple(replace(rule, is_exhausted=True) if rule.id in short else rule for rule in purchase.rules)
        purchase = replace(purchase, customer=customer, rules=rules)


def counted(purchase: Purchase) -> Priced:
    """The price. Refuses products of another currency, and a total that no amount can hold (INVALID_INPUT)."""
    if any(line.price.currency != purchase.region.currency for line in purchase.lines):
        raise InvalidInput("All products of an order must have prices in the currency of its region.", field="items")
    try:
        return price(purchase)
    except ValueError:
        raise InvalidInput(f"An order may cost at most {money.LARGEST_AMOUNT}.", field="items") from None


def refused_codes(priced: Priced, found: FoundCodes) -> list[CodeRefusal]:
    """The codes that do not count, in the order given; one that others are merely better than is none of them."""
    found_refusals = refusals(priced, found)
    better = Refusal.BETTER_COMBINATION.name
    return [each for each in found_refusals if each.error.details.get("condition") != better]


def _write(session: Session, placed: Placed, priced: Priced, found: FoundCodes, *, cache: Cache) -> set[UUID]:
    """Writes the order and takes the uses; if some have run out, writes nothing and returns their discounts."""
    if not priced.discounts:
        write_order(session, placed, priced)
        return set()
    try:
        with session.begin_nested():
            write_order(session, placed, priced)
            short = take_uses(
                session,
                cache,
                order_id=placed.id,
                customer_id=placed.customer_id,
                applied=priced.discounts,
                codes=found.by_rule,
            )
            if short:
                raise _RanOutError(short)
    except _RanOutError as ran_out_of:
        return ran_out_of.rules
    return set()


class _RanOutError(Exception):
    """Ends the savepoint in which uses were taken that are not there."""

    def __init__(self, rules: Iterable[UUID]) -> None:
        self.rules = set(rules)


def _purchase(
    session: Session,
    customer_id: UUID,
    locked: Locked,
    wanted: Mapping[UUID, int],
    terms: Terms,
    found: FoundCodes,
) -> Purchase:
    rules = active_rules_now(session, moment=locked.moment)
    occasion = Occasion(
        moment=locked.moment,
        time_zone=terms.time_zone,
        region=region_facts(_region(session, terms.region), locked.moment),
        customer=customer_facts_now(session, customer_id=customer_id),
        rules=rules,
        codes=found.opened,
    )
    products = {product.id: product for product in locked.products}
    return gather_locked(session, [(products[each], count) for each, count in wanted.items()], occasion=occasion)


def _region(session: Session, code: str | None) -> KnownRegion:
    known = region_now(session, code)
    if known is None:
        raise InvalidInput("There is no such region.", field="region")
    return known
