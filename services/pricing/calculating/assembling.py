"""Puts the answer together: steps in the order of work, lines, taxes and totals, from what was counted in coins."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.pricing.calculating.combining import Combination
from services.pricing.calculating.facts import Purchase, Rule
from services.pricing.calculating.lines import Lines
from services.pricing.calculating.order_chains import shares
from services.pricing.calculating.priced import AppliedDiscount, PricedLine, TaxPart
from services.pricing.calculating.reductions import Cut
from services.pricing.calculating.rounding import exact, in_money
from services.pricing.calculating.taxing import TaxClass, Taxed
from utils import money


class Taken(NamedTuple):
    """What one discount takes from one thing, in coins, and what that was before rounding."""

    rule: Rule
    amount: int
    exact: str | None


class Counted(NamedTuple):
    """A line or shipping, in coins. `by_product`, `by_order`: what discounts of these classes take, in their order."""

    list_total: int
    total: int
    by_product: Sequence[Taken]
    by_order: Sequence[Taken]
    tax_class: TaxClass
    taxed: Taxed


class Assembly:
    """Makes amounts of coins, all in one currency."""

    def __init__(self, purchase: Purchase) -> None:
        self.purchase = purchase
        self.currency = purchase.region.currency
        self._exponent = money.exponent(self.currency)
        self._tax_classes: dict[str, TaxClass] = {}

    def counted_lines(self, lines: Lines, combination: Combination) -> list[Counted]:
        """The lines after all discounts of products and orders, with their taxes."""
        by_product = []
        costs = []
        for list_total, chain in zip(lines.totals, combination.goods.lines, strict=True):
            taken, cost = [], list_total
            for cut, amount in chain.taken:
                taken.append(Taken(cut.rule, amount, self._before_rounding(cut, cost)))
                cost -= amount
            by_product.append(taken)
            costs.append(cost)
        by_order: list[list[Taken]] = [[] for _ in costs]
        for cut, amount in combination.goods.taken:
            borne = shares(cut, amount, costs)
            whole = sum(costs[place] for place in borne)
            for place, share in borne.items():
                if costs[place]:
                    before = self._before_rounding(cut, costs[place], amount, whole)
                    by_order[place].append(Taken(cut.rule, share, before))
                costs[place] -= share
        return [
            self._counted(lines.totals[place], cost, by_product[place], by_order[place], line.tax_class)
            for place, (line, cost) in enumerate(zip(self.purchase.lines, costs, strict=True))
        ]

    def counted_shipping(self, shipping: int, shipper: Rule | None) -> Counted:
        """Shipping after its discount, with its taxes; discounts of shipping stand in `by_order`."""
        taken = [] if shipper is None else [Taken(shipper, shipping, None)]
        total = shipping if shipper is None else 0
        return self._counted(shipping, total, (), taken, self.purchase.region.shipping_tax_class)

    def _counted(
        self, list_total: int, total: int, by_product: Sequence[Taken], by_order: Sequence[Taken], tax_class: str
    ) -> Counted:
        rates = self._tax_classes.get(tax_class)
        if rates is None:
            rates = self._tax_classes[tax_class] = TaxClass(self.purchase.region, tax_class)
        return Counted(list_total, total, by_product, by_order, rates, rates.of(total))

    def _before_rounding(self, cut: Cut, cost: int, amount: int = 0, whole: int = 1) -> str | None:
        """Minus what the cut takes of `cost`; of a fixed amount that is spread, its share of `whole`."""
        if cut.fixed is None:
            return exact(-cost * cut.numerator, cut.denominator, self._exponent)
        return exact(-amount * cost, whole, self._exponent)

    def priced_line(self, counted: Counted) -> PricedLine:
        """A line, or shipping, as it is told."""
        return PricedLine(
            list_total=in_money(counted.list_total, self.currency),
            total=in_money(counted.total, self.currency),
            discounts=self._applied([*counted.by_product, *counted.by_order]),
            net=in_money(counted.taxed.net, self.currency),
            tax=in_money(counted.taxed.tax, self.currency),
            taxes=self._tax_parts(counted),
        )

    def _applied(self, taken: Iterable[Taken]) -> tuple[AppliedDiscount, ...]:
        return tuple(AppliedDiscount(each.rule, in_money(each.amount, self.currency)) for each in taken if each.amount)

    def _tax_parts(self, counted: Counted) -> tuple[TaxPart, ...]:
        net = in_money(counted.taxed.net, self.currency)
        pairs = zip(counted.tax_class.rates, counted.taxed.parts, strict=True)
        return tuple(
            TaxPart(rate.id, rate.name, rate.percent, net, in_money(part, self.currency)) for rate, part in pairs
        )

    def all_taxes(self, all_counted: Iterable[Counted]) -> tuple[TaxPart, ...]:
        """What each tax comes to altogether: the sums of what it comes to on lines and on shipping."""
        by_class: dict[int, list[Counted]] = {}
        for counted in all_counted:
            by_class.setdefault(id(counted.tax_class), []).append(counted)
        found = []
        for members in by_class.values():
            net = in_money(sum(each.taxed.net for each in members), self.currency)
            for number, rate in enumerate(members[0].tax_class.rates):
                amount = in_money(sum(each.taxed.parts[number] for each in members), self.currency)
                found.append(TaxPart(rate.id, rate.name, rate.percent, net, amount))
        return tuple(found)

    def all_discounts(self, all_counted: Sequence[Counted], combination: Combination) -> tuple[AppliedDiscount, ...]:
        """What each discount takes altogether, in the order of application."""
        # By the object: an id is slow to hash, and all rules are of one purchase.
        sums: dict[int, int] = {}
        for counted in all_counted:
            for each in (*counted.by_product, *counted.by_order):
                sums[id(each.rule)] = sums.get(id(each.rule), 0) + each.amount
        cuts = {id(cut.rule): cut for chain in combination.goods.lines for cut, _ in chain.taken}.values()
        of_products = sorted(cuts, key=lambda cut: (cut.place.slot, cut.rule.priority, cut.rule.id.int))
        rules = {id(cut.rule): cut.rule for cut in of_products}
        rules.update({id(rule): rule for rule in combination.rules})
        return tuple(AppliedDiscount(rule, in_money(sums[key], self.currency)) for key, rule in rules.items())
