"""A price in JSON and back: what it was counted from, and how it came about.

Keys are the names of the fields of facts.py and priced.py. Amounts are decimal strings; times are in ISO 8601.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.discount import DiscountClass, Tier
from services.pricing.calculating.differing import different
from services.pricing.calculating.facts import Customer, Line, Purchase, RegionFacts, Rule, TaxRate
from services.pricing.calculating.priced import (
    AppliedDiscount,
    NearMiss,
    Priced,
    PricedLine,
    StepTaken,
    TaxPart,
    Verdict,
)
from services.pricing.calculating.written_rules import rules_of, rules_text
from utils.money import Money, parse_amount

__all__ = ["differences", "explanation_of", "inputs_of", "purchase_of", "rules_of", "rules_text"]

_Json = dict[str, Any]


def inputs_of(purchase: Purchase) -> _Json:
    """What a purchase was counted from but its rules, as JSON holds it; `purchase_of` reads it again.

    Of the customer no more than these rules ask: which of them name them, and how often they used those that each may
    use so many times only. What else names or was used by somebody is no part of the price, and is not kept with it.
    """
    region, customer = purchase.region, purchase.customer
    naming = {rule.id for rule in purchase.rules if rule.for_named_customers}
    limited = {rule.id for rule in purchase.rules if rule.per_customer_limit is not None}
    return {
        "moment": purchase.moment.isoformat(),
        "time_zone": purchase.time_zone,
        "region": {
            "code": region.code,
            "version": region.version,
            "currency": region.currency,
            "prices_include_tax": region.prices_include_tax,
            "rates": [_rate(rate) for rate in region.rates],
            "shipping_price": _money(region.shipping_price),
            "shipping_tax_class": region.shipping_tax_class,
        },
        "customer": {
            "id": _text(customer.id),
            "tier": customer.tier.value,
            "has_ordered": customer.has_ordered,
            "named_in": _sorted(customer.named_in & naming),
            "uses": {str(rule): count for rule, count in sorted(customer.uses.items()) if rule in limited},
        },
        "lines": [_line(line) for line in purchase.lines],
        "codes": {str(rule): code for rule, code in sorted(purchase.codes.items())},
        "classes": sorted(each.value for each in purchase.classes),
        "ships": purchase.ships,
    }


def purchase_of(inputs: Mapping[str, Any], rules: Sequence[Rule]) -> Purchase:
    """A purchase of the same price as the one that `inputs_of` wrote, with its rules.

    Refuses (KeyError, ValueError) what it did not write.
    """
    region, customer = inputs["region"], inputs["customer"]
    return Purchase(
        moment=datetime.fromisoformat(inputs["moment"]),
        time_zone=inputs["time_zone"],
        region=RegionFacts(
            code=region["code"],
            version=region["version"],
            currency=region["currency"],
            prices_include_tax=region["prices_include_tax"],
            rates=tuple(_read_rate(each) for each in region["rates"]),
            shipping_price=_read_money(region["shipping_price"]),
            shipping_tax_class=region["shipping_tax_class"],
        ),
        customer=Customer(
            id=None if customer["id"] is None else UUID(customer["id"]),
            tier=Tier(customer["tier"]),
            has_ordered=customer["has_ordered"],
            named_in=_ids(customer["named_in"]),
            uses={UUID(rule): count for rule, count in customer["uses"].items()},
        ),
        lines=tuple(_read_line(each) for each in inputs["lines"]),
        rules=tuple(rules),
        codes={UUID(rule): code for rule, code in inputs["codes"].items()},
        classes=frozenset(map(DiscountClass, inputs["classes"])),
        ships=inputs["ships"],
    )


def explanation_of(priced: Priced) -> _Json:
    """The whole answer as JSON holds it, without the facts: every amount, step, verdict and near miss.

    Discounts and rates are named by id and name; `inputs` are the versions of the region and of the products, with the
    list prices of the latter; those of the discounts stand in the verdicts.
    """
    purchase, region = priced.purchase, priced.purchase.region
    totals = ("list_total", "discount_total", "net_goods", "net_shipping", "tax_total", "total")
    return {
        "moment": purchase.moment.isoformat(),
        "time_zone": purchase.time_zone,
        "region": region.code,
        "currency": region.currency,
        "prices_include_tax": region.prices_include_tax,
        "lines": [_part(each) for each in priced.lines],
        "shipping": _part(priced.shipping),
        "discounts": _discounts(priced.discounts),
        "taxes": _taxes(priced.taxes),
        **{name: str(getattr(priced, name).amount) for name in totals},
        "tier": None if purchase.customer.id is None else purchase.customer.tier.value,
        "steps": [_step(each) for each in priced.steps],
        "verdicts": [_verdict(each, purchase) for each in priced.verdicts],
        "near_misses": [_near_miss(each, purchase) for each in priced.near_misses],
        "inputs": [
            {"kind": "region", "id": region.code, "version": region.version},
            *(_product(each) for each in purchase.lines),
        ],
    }


def differences(stored_explanation: Mapping[str, Any], priced: Priced) -> list[str]:
    """Where a stored explanation is not the one that today's code gives, one sentence for each place; none if it is.

    Near misses that 0.4.0 and 0.4.1 kept do not tell of what sort they are, nor of which lines: of those only what both
    tell is compared.
    """
    return list(different(stored_explanation, explanation_of(priced)))


def _step(step: StepTaken) -> _Json:
    return {
        "stage": step.stage.value,
        "amount": str(step.amount.amount),
        "line": step.line,
        "rule": _text(step.rule),
        "tax_rate": _text(step.tax_rate),
        "exact": step.exact,
        "included": _amount(step.included),
    }


def _verdict(verdict: Verdict, purchase: Purchase) -> _Json:
    """`is_secret`: the customer neither has a code for it nor is named by it, though one of the two is needed."""
    rule, refusal = verdict.rule, verdict.refusal
    closed = rule.needs_code and rule.id not in purchase.codes
    is_secret = closed or (rule.for_named_customers and rule.id not in purchase.customer.named_in)
    said = {
        "version": rule.version,
        "refusal": None if refusal is None else refusal.value,
        "is_secret": is_secret,
    }
    return {"rule": str(rule.id), "name": rule.name, **said, **_missing(verdict)}


def _near_miss(miss: NearMiss, purchase: Purchase) -> _Json:
    # Of a product by itself (facts.Purchase) there are no lines to tell apart.
    is_alone = DiscountClass.ORDER not in purchase.classes
    return {
        "rule": str(miss.rule.id),
        "name": miss.rule.name,
        "kind": miss.rule.kind.value,
        "applies_to": miss.rule.applies_to.value,
        "lines": None if is_alone or miss.lines is None else list(miss.lines),
        **_missing(miss),
    }


def _missing(found: Verdict | NearMiss) -> _Json:
    return {"missing_amount": _amount(found.missing_amount), "missing_quantity": found.missing_quantity}


def _product(line: Line) -> _Json:
    return {
        "kind": "product",
        "id": str(line.product_id),
        "version": line.version,
        "price": str(line.price.amount),
        "source": line.source,
        "since": None if line.since is None else line.since.isoformat(),
        "scheduled": line.scheduled,
    }


def _part(part: PricedLine) -> _Json:
    return {
        "list_total": str(part.list_total.amount),
        "total": str(part.total.amount),
        "net": str(part.net.amount),
        "tax": str(part.tax.amount),
        "discounts": _discounts(part.discounts),
        "taxes": _taxes(part.taxes),
    }


def _discounts(discounts: Iterable[AppliedDiscount]) -> list[_Json]:
    return [
        {"rule": str(each.rule.id), "name": each.rule.name, "amount": str(each.amount.amount)} for each in discounts
    ]


def _taxes(taxes: Iterable[TaxPart]) -> list[_Json]:
    return [
        {
            "rate": str(each.rate_id),
            "name": each.name,
            "percent": str(each.percent),
            "net": str(each.net.amount),
            "amount": str(each.amount.amount),
        }
        for each in taxes
    ]


def _rate(rate: TaxRate) -> _Json:
    return {"id": str(rate.id), "tax_class": rate.tax_class, "name": rate.name, "percent": str(rate.percent)}


def _read_rate(written: Mapping[str, Any]) -> TaxRate:
    percent = parse_amount(written["percent"])
    return TaxRate(UUID(written["id"]), written["tax_class"], written["name"], percent)


def _line(line: Line) -> _Json:
    return {
        "product_id": str(line.product_id),
        "name": line.name,
        "quantity": line.quantity,
        "price": _money(line.price),
        "tax_class": line.tax_class,
        "version": line.version,
        "source": line.source,
        "since": None if line.since is None else line.since.isoformat(),
        "scheduled": line.scheduled,
        "categories": _sorted(line.categories),
        "collections": _sorted(line.collections),
        "brand_id": _text(line.brand_id),
    }


def _read_line(written: Mapping[str, Any]) -> Line:
    return Line(
        product_id=UUID(written["product_id"]),
        name=written["name"],
        quantity=written["quantity"],
        price=_read_money(written["price"]),
        tax_class=written["tax_class"],
        version=written["version"],
        source=written["source"],
        since=None if written["since"] is None else datetime.fromisoformat(written["since"]),
        scheduled=written["scheduled"],
        categories=_ids(written["categories"]),
        collections=_ids(written["collections"]),
        brand_id=None if written["brand_id"] is None else UUID(written["brand_id"]),
    )


def _money(amount: Money) -> _Json:
    return {"amount": str(amount.amount), "currency": amount.currency}


def _read_money(written: Mapping[str, Any]) -> Money:
    return Money(parse_amount(written["amount"]), written["currency"])


def _amount(amount: Money | None) -> str | None:
    return None if amount is None else str(amount.amount)


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _sorted(ids: Iterable[UUID]) -> list[str]:
    return sorted(map(str, ids))


def _ids(written: Iterable[str]) -> frozenset[UUID]:
    return frozenset(map(UUID, written))
