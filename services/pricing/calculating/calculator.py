"""Prices a purchase: the one place where amounts are counted (docs/pricing.md has the order of work)."""

from collections.abc import Sequence
from dataclasses import replace

from models.discount import DiscountClass
from services.pricing.calculating.assembling import Assembly, Counted
from services.pricing.calculating.chains import cheapest
from services.pricing.calculating.combining import Combination, best_combination
from services.pricing.calculating.considering import Considered, considered, open_here
from services.pricing.calculating.eligibility import Judged, has_amounts, lacking
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.lines import Lines, Portion
from services.pricing.calculating.near_misses import missing_pieces, near_misses
from services.pricing.calculating.order_chains import Ordered
from services.pricing.calculating.priced import Priced, PricedLine, Refusal, Verdict
from services.pricing.calculating.reductions import Cut, line_cut
from services.pricing.calculating.rounding import in_money
from services.pricing.calculating.steps import steps_of
from utils import money

_PRODUCT = DiscountClass.PRODUCT


class CostsTooMuch(ValueError):
    """A total, or one before discounts, is more than an amount can hold."""


def price(purchase: Purchase) -> Priced:
    """What the purchase costs, with every step and every discount that was considered.

    `list_total` is goods and shipping before all discounts, `discount_total` what those take off both; without lines
    there is nothing to bring. Discounts of other classes than the purchase's are not considered.

    Refuses amounts of two currencies (TypeError), and a total, or one before discounts, that is more than an amount
    can hold (CostsTooMuch, a ValueError).
    """
    currency = purchase.region.currency
    lines = Lines(purchase.lines, currency)
    shipping_price = purchase.region.shipping_price.coins(currency)
    shipping = shipping_price if purchase.ships and purchase.lines else 0
    found = considered(purchase, lines, shipping)
    combination = best_combination(found.offers)
    assembly = Assembly(purchase)
    counted = assembly.counted_lines(lines, combination)
    counted_shipping = assembly.counted_shipping(shipping, combination.shipper)
    return _answer(assembly, lines, found=found, combination=combination, counted=counted, shipping=counted_shipping)


def _answer(
    assembly: Assembly,
    lines: Lines,
    *,
    found: Considered,
    combination: Combination,
    counted: Sequence[Counted],
    shipping: Counted,
) -> Priced:
    purchase, currency = assembly.purchase, assembly.currency
    everything = [*counted, shipping]
    list_total = sum(each.list_total for each in everything)
    net_goods = sum(each.taxed.net for each in counted)
    tax_total = sum(each.taxed.tax for each in everything)
    total = net_goods + shipping.taxed.net + tax_total
    if max(total, list_total) > money.LARGEST_AMOUNT * 10 ** money.exponent(currency):
        raise CostsTooMuch(f"a purchase costs at most {money.LARGEST_AMOUNT}")
    return Priced(
        purchase=purchase,
        lines=tuple(map(assembly.priced_line, counted)),
        shipping=assembly.priced_line(shipping),
        discounts=assembly.all_discounts(everything, combination),
        taxes=assembly.all_taxes(everything if shipping.list_total else counted),
        list_total=in_money(list_total, currency),
        discount_total=in_money(list_total - sum(each.total for each in everything), currency),
        net_goods=in_money(net_goods, currency),
        net_shipping=in_money(shipping.taxed.net, currency),
        tax_total=in_money(tax_total, currency),
        total=in_money(total, currency),
        steps=tuple(steps_of(purchase, counted, shipping, [cut.rule for cut, _ in combination.goods.taken])),
        verdicts=_verdicts(found.judged, lines, combination, currency),
        near_misses=tuple(near_misses(found.judged, lines=lines, shipping=shipping.total, currency=currency)),
    )


def _verdicts(
    judged: Sequence[tuple[Rule, Judged]], lines: Lines, combination: Combination, currency: str
) -> tuple[Verdict, ...]:
    applied = {rule.id for rule in combination.rules}
    verdicts = []
    for rule, found in judged:
        refusal, quantity = found.refusal, found.missing_quantity
        if refusal is None and rule.id not in applied:
            refusal = Refusal.BETTER_COMBINATION
        elif refusal is Refusal.NOTHING_TO_REDUCE:
            quantity = missing_pieces(rule, found.meant, lines)
        amount = None if found.missing_amount is None else in_money(found.missing_amount, currency)
        verdicts.append(Verdict(rule, refusal, amount, quantity))
    return tuple(verdicts)


def price_each(purchase: Purchase) -> Sequence[PricedLine]:
    """What each line costs as if it were bought alone: by discounts of products only, and without shipping.

    `total` is as the region shows prices, with taxes or without; the taxes are told beside it. The same as
    `explain_each` says, in much less time. Refuses amounts of two currencies (TypeError).
    """
    currency = purchase.region.currency
    lines = Lines(purchase.lines, currency)
    cuts: list[list[Cut]] = [[] for _ in purchase.lines]
    # A line alone is never both what is bought and what is given.
    rules = [pair for pair in open_here(purchase, _PRODUCT)[0] if pair[0].bought is None]
    for rule, place in rules:
        if not has_amounts(rule, currency):
            continue
        for position in lines.portion(lines.meant(rule.targets)).positions:
            quantity, total = lines.quantities[position], lines.totals[position]
            if lacking(rule, Portion((position,), total, quantity), currency)[0] is None:
                cut = line_cut(rule, place, quantity=quantity, currency=currency)
                if cut is not None:
                    cuts[position].append(cut)
    chains = [cheapest(total, each) for total, each in zip(lines.totals, cuts, strict=True)]
    goods = Ordered(sum(chain.left for chain in chains), chains, ())
    assembly = Assembly(purchase)
    counted = assembly.counted_lines(lines, Combination(goods.total, goods, None))
    return tuple(map(assembly.priced_line, counted))


def explain_each(purchase: Purchase) -> Sequence[Priced | None]:
    """The whole answer for each line, as if it were bought alone: by discounts of products only, without shipping.

    None for a line that, its taxes added, costs more than an amount can hold. Refuses amounts of two currencies
    (TypeError).
    """
    alone = replace(purchase, classes=purchase.classes & {_PRODUCT}, ships=False)
    return tuple(_priced_if_it_can_be(replace(alone, lines=(line,))) for line in purchase.lines)


def _priced_if_it_can_be(purchase: Purchase) -> Priced | None:
    try:
        return price(purchase)
    except CostsTooMuch:
        return None
