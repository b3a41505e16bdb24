"""The explanation of a price in one shape, be it of a moment ago or of an order of last year.

Both are read from the JSON of calculating/written.py, which is what an order keeps.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from models.discount import DiscountClass, DiscountKind, Tier
from services.catalogue.prices.region_prices import PriceSource
from services.pricing.calculating import priced as counted
from services.pricing.calculating.priced import Priced, Refusal, Stage
from services.pricing.calculating.written import explanation_of
from utils.money import exponent


class Sort(NamedTuple):
    """Of what sort a rule is, as it is kept: the words of its DiscountKind and of its DiscountClass."""

    kind: str
    applies_to: str


NO_SORTS: Mapping[str, Sort] = MappingProxyType({})


class PriceStep(NamedTuple):
    """One amount of the sum; `line` is a position from 0 on, None for what belongs to no line."""

    stage: Stage
    amount: Decimal
    line: int | None
    discount_id: UUID | None
    tax_rate_id: UUID | None
    exact: str | None
    included: Decimal | None


class ConsideredDiscount(NamedTuple):
    """A discount that was looked at: applied, or refused."""

    discount_id: UUID
    name: str
    version: int
    is_applied: bool
    refusal: Refusal | None
    missing_amount: Decimal | None
    missing_quantity: int | None


class AppliedDiscount(NamedTuple):
    """What one discount takes off."""

    discount_id: UUID
    name: str
    amount: Decimal
    currency: str


class TaxPart(NamedTuple):
    """What one tax comes to, and from which amount."""

    rate_id: UUID
    name: str
    percent: Decimal
    net: Decimal
    amount: Decimal
    currency: str


class NearMiss(NamedTuple):
    """A discount that lacks nothing but so much more of its goods; whether it is the best one then is not said.

    `lines`: the positions of those of whose goods it is more; None where it may be any goods, of a product by itself,
    and of orders of before that was kept.
    """

    discount_id: UUID
    name: str
    kind: DiscountKind
    applies_to: DiscountClass
    lines: Sequence[int] | None
    missing_amount: Decimal | None
    missing_quantity: int | None
    currency: str


class PriceInput(NamedTuple):
    """A thing that the price was counted from, as it was in this version."""

    kind: str
    key: str
    version: int
    # Of a product: the list price of a piece, where it comes from, since when it counts, and whether it began by the
    # clock.
    price: Decimal | None = None
    price_source: PriceSource | None = None
    since: datetime | None = None
    is_scheduled: bool | None = None


class ExplainedLine(NamedTuple):
    """A line's amounts, or those of bringing the goods."""

    list_total: Decimal
    total: Decimal
    net: Decimal
    tax: Decimal
    discounts: Sequence[AppliedDiscount]
    taxes: Sequence[TaxPart]


class Explanation(NamedTuple):
    """A price with its reasons."""

    moment: datetime
    time_zone: str
    region: str
    currency: str
    prices_include_tax: bool
    # None for a guest.
    tier: Tier | None
    lines: Sequence[ExplainedLine]
    shipping: ExplainedLine
    discounts: Sequence[AppliedDiscount]
    taxes: Sequence[TaxPart]
    list_total: Decimal
    discount_total: Decimal
    net_goods: Decimal
    net_shipping: Decimal
    tax_total: Decimal
    total: Decimal
    steps: Sequence[PriceStep]
    considered: Sequence[ConsideredDiscount]
    near_misses: Sequence[NearMiss]
    inputs: Sequence[PriceInput]

    @property
    def subtotal(self) -> Decimal:
        """What the goods cost by their list prices."""
        return sum((line.list_total for line in self.lines), start=Decimal(0))

    @property
    def decimals(self) -> int:
        """How many decimals its amounts have."""
        return exponent(self.currency)


def explain(priced: Priced, *, in_full: bool = False) -> Explanation:
    """The explanation of a price that was just counted; `in_full` as `read_explanation` has it."""
    return read_explanation(explanation_of(priced), in_full=in_full)


def read_explanation(
    kept: Mapping[str, Any], *, in_full: bool = False, sorts: Mapping[str, Sort] = NO_SORTS
) -> Explanation:
    """The explanation that `written.explanation_of` wrote.

    Without `in_full` it leaves out discounts that need a code which was not given, and those that name other customers:
    what a customer may be told. All of it is for staff. `sorts`: of the rules it was counted by, by their ids as it has
    them; needed for `unsorted` only.
    """
    currency = kept["currency"]
    # That a secret discount exists is nobody's business but of those who have its code, or are named by it.
    told = [_considered(each) for each in kept["verdicts"] if in_full or not each["is_secret"]]
    return Explanation(
        moment=datetime.fromisoformat(kept["moment"]),
        time_zone=kept["time_zone"],
        region=kept["region"],
        currency=currency,
        prices_include_tax=kept["prices_include_tax"],
        tier=None if kept["tier"] is None else Tier(kept["tier"]),
        lines=[_part(each, currency) for each in kept["lines"]],
        shipping=_part(kept["shipping"], currency),
        discounts=_discounts(kept["discounts"], currency),
        taxes=_taxes(kept["taxes"], currency),
        list_total=Decimal(kept["list_total"]),
        discount_total=Decimal(kept["discount_total"]),
        net_goods=Decimal(kept["net_goods"]),
        net_shipping=Decimal(kept["net_shipping"]),
        tax_total=Decimal(kept["tax_total"]),
        total=Decimal(kept["total"]),
        steps=[_step(each) for each in kept["steps"]],
        considered=told,
        near_misses=[_near_miss(each, sorts, currency) for each in kept["near_misses"]],
        inputs=[_input(each) for each in kept["inputs"]],
    )


def unsorted(kept: Mapping[str, Any]) -> list[str]:
    """The ids of rules of which the explanation tells near misses, and not of what sort they are (0.4.0, 0.4.1)."""
    return [each["rule"] for each in kept["near_misses"] if "kind" not in each]


def applied(discounts: Iterable[counted.AppliedDiscount]) -> list[AppliedDiscount]:
    """Discounts as they were counted, in the shape of an explanation, for who needs no more of it."""
    return [
        AppliedDiscount(each.rule.id, each.rule.name, each.amount.amount, each.amount.currency) for each in discounts
    ]


def _considered(kept: Mapping[str, Any]) -> ConsideredDiscount:
    refusal = None if kept["refusal"] is None else Refusal(kept["refusal"])
    return ConsideredDiscount(
        UUID(kept["rule"]), kept["name"], kept["version"], refusal is None, refusal, *_missing(kept)
    )


def _near_miss(kept: Mapping[str, Any], sorts: Mapping[str, Sort], currency: str) -> NearMiss:
    rule = kept["rule"]
    kind, applies_to = Sort(kept["kind"], kept["applies_to"]) if "kind" in kept else sorts[rule]
    return NearMiss(
        UUID(rule),
        kept["name"],
        DiscountKind(kind),
        DiscountClass(applies_to),
        kept.get("lines"),
        *_missing(kept),
        currency,
    )


def _missing(kept: Mapping[str, Any]) -> tuple[Decimal | None, int | None]:
    return _amount(kept["missing_amount"]), kept["missing_quantity"]


def _step(kept: Mapping[str, Any]) -> PriceStep:
    return PriceStep(
        Stage(kept["stage"]),
        Decimal(kept["amount"]),
        kept["line"],
        _id(kept["rule"]),
        _id(kept["tax_rate"]),
        kept["exact"],
        _amount(kept["included"]),
    )


def _part(kept: Mapping[str, Any], currency: str) -> ExplainedLine:
    return ExplainedLine(
        Decimal(kept["list_total"]),
        Decimal(kept["total"]),
        Decimal(kept["net"]),
        Decimal(kept["tax"]),
        _discounts(kept["discounts"], currency),
        _taxes(kept["taxes"], currency),
    )


def _discounts(kept: Iterable[Mapping[str, Any]], currency: str) -> list[AppliedDiscount]:
    return [AppliedDiscount(UUID(each["rule"]), each["name"], Decimal(each["amount"]), currency) for each in kept]


def _taxes(kept: Iterable[Mapping[str, Any]], currency: str) -> list[TaxPart]:
    return [
        TaxPart(
            UUID(each["rate"]),
            each["name"],
            Decimal(each["percent"]),
            Decimal(each["net"]),
            Decimal(each["amount"]),
            currency,
        )
        for each in kept
    ]


def _input(kept: Mapping[str, Any]) -> PriceInput:
    named = PriceInput(kept["kind"], kept["id"], kept["version"])
    if named.kind == "region":
        return named
    return named._replace(
        price=Decimal(kept["price"]),
        price_source=PriceSource(kept["source"]),
        since=None if kept["since"] is None else datetime.fromisoformat(kept["since"]),
        is_scheduled=kept["scheduled"],
    )


def _amount(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)


def _id(kept: str | None) -> UUID | None:
    return None if kept is None else UUID(kept)
