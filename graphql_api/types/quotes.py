"""Quotes as the schema shows them: what a purchase would cost, and what would be in its way."""

from datetime import datetime
from typing import Any

import strawberry

from graphql_api.fields import described
from graphql_api.scalars import CurrencyCode, Money
from graphql_api.types.catalogue import Product, as_product
from graphql_api.types.discount_kinds import Weekday
from graphql_api.types.discount_parts import WeeklyWindow
from graphql_api.types.orders import OrderItemInput
from graphql_api.types.pricing import (
    AppliedDiscount,
    NearMiss,
    PriceTrace,
    TaxPart,
    as_discounts,
    as_near_misses,
    as_taxes,
    as_trace,
)
from graphql_api.types.refusals import ErrorCode
from services.orders.placing import MOST_LINES
from services.orders.quoting import Quote as Source
from services.orders.quoting import QuotedCode as CodeSource
from services.orders.quoting import QuotedLine
from services.pricing.calculating.priced import Refusal
from services.pricing.discounts.codes import MOST_CODES
from utils.errors import DomainError


@strawberry.input(description="What somebody thinks of buying.")
class QuoteInput:
    """Goods, codes and where."""

    items: list[OrderItemInput] = strawberry.field(
        description=f"The goods: 1 to {MOST_LINES} lines; lines of one product are added up."
    )
    discount_codes: list[str] | None = strawberry.field(
        default=None,
        description=f"Codes for discounts, at most {MOST_CODES}; capitals and small letters are one. An unknown one "
        "counts like twenty requests against the caller's limit.",
    )
    region: str | None = strawberry.field(
        default=None,
        description="The code of the region to buy in; by default that of the request (see the header X-Region).",
    )


@strawberry.type(description="So many pieces of a product in a quote, and what they would cost.")
class QuoteItem:
    """A line."""

    product: Product = described("The product, with its list price in the quote's region.")
    quantity: int = described("How many pieces.")
    list_price: Money = described("The list price of one piece.")
    list_total: Money = described("What the line costs by the list price.")
    discount_total: Money = described("What discounts take off it, its share of those on the order included.")
    line_total: Money = described("What the line costs after all discounts; with its taxes where prices are shown so.")
    net_total: Money = described("What the line costs without taxes.")
    tax_total: Money = described("The taxes on the line.")
    discounts: list[AppliedDiscount] = described("The discounts that make the line cheaper.")
    taxes: list[TaxPart] = described("The taxes on the line, by rate.")


@strawberry.type(description="Something an order of this would be refused for.")
class QuoteProblem:
    """A refusal that was not raised."""

    code: ErrorCode = described("What `createOrder` would be refused with.")
    message: str = described("One sentence for people.")
    product_id: strawberry.ID | None = described("The product that is not sold, or short.")
    requested: int | None = described("How many pieces were asked for, of a product that is short.")
    available: int | None = described("How many there are.")
    discount_code: str | None = described("The code that does not count, in capitals.")
    condition: Refusal | None = described("Which condition of the code's discount failed.")
    missing_amount: Money | None = described("For how much more its goods would have to be bought.")
    missing_quantity: int | None = described("How many more pieces of its goods would have to be bought.")
    starts_at: datetime | None = described("When the code's discount begins; of DISCOUNT_NOT_STARTED.")


@strawberry.type(description="A code that was given, and whether it counts.")
class QuotedCode:
    """A code and what came of it."""

    discount_code: str = described("The code, in capitals.")
    is_applied: bool = described("Whether its discount counts.")
    problem: QuoteProblem | None = described(
        "Why it does not; null if it does. Where others are merely better (BETTER_COMBINATION) an order is not refused "
        "for it, and is placed without it; all else stands in the quote's `problems` too."
    )
    windows: list[WeeklyWindow] = described(
        "The hours of the week at which it counts, by the clocks of `priceTrace { timeZone }`, where it does not at "
        "this one (OUTSIDE_WINDOW); else empty."
    )


@strawberry.type(
    description="What a purchase would cost. Goods that are not sold are left out; those that are short are priced "
    "with the rest."
)
class Quote:
    """An order that is none."""

    region: str = described("The code of the region it is for.")
    currency: CurrencyCode = described("The currency of every amount.")
    decimals: int = described("How many decimals amounts of `currency` have here; format with it.")
    items: list[QuoteItem] = described("Its lines, in the order in which they were asked for.")
    subtotal: Money = described("What the goods cost by their list prices, before discounts.")
    shipping_total: Money = described("What bringing them costs after all discounts, as the region shows prices.")
    discount_total: Money = described("What discounts take off goods and shipping.")
    net_goods: Money = described("What the goods cost after all discounts, without taxes.")
    net_shipping: Money = described("What bringing them costs after all discounts, without taxes.")
    tax_total: Money = described("All taxes.")
    total_amount: Money = described("What is to be paid: net goods, net shipping and taxes.")
    discounts: list[AppliedDiscount] = described("The discounts that count, each with all it takes off.")
    taxes: list[TaxPart] = described("All taxes, by rate.")
    near_misses: list[NearMiss] = described("Discounts that lack nothing but a little more of their goods.")
    problems: list[QuoteProblem] = described("What an order of this would be refused for; empty if it would not be.")
    codes: list[QuotedCode] = described("Each code that was given, once, in their order, and what came of it.")
    price_trace: PriceTrace = described("Why it costs what it does.")


def as_quote(source: Source) -> Quote:
    """The quote of the service."""
    found = source.explanation
    return Quote(
        region=found.region,
        currency=CurrencyCode(found.currency),
        decimals=found.decimals,
        items=[_item(line) for line in source.lines],
        subtotal=Money(found.subtotal),
        shipping_total=Money(found.shipping.total),
        discount_total=Money(found.discount_total),
        net_goods=Money(found.net_goods),
        net_shipping=Money(found.net_shipping),
        tax_total=Money(found.tax_total),
        total_amount=Money(found.total),
        discounts=as_discounts(found.discounts),
        taxes=as_taxes(found.taxes),
        near_misses=as_near_misses(found.near_misses),
        problems=[_problem(each) for each in source.problems],
        codes=[_code(each) for each in source.codes],
        price_trace=as_trace(found),
    )


def _item(line: QuotedLine) -> QuoteItem:
    amounts = line.amounts
    return QuoteItem(
        product=as_product(line.product),
        quantity=line.quantity,
        list_price=Money(line.product.price),
        list_total=Money(amounts.list_total),
        discount_total=Money(amounts.list_total - amounts.total),
        line_total=Money(amounts.total),
        net_total=Money(amounts.net),
        tax_total=Money(amounts.tax),
        discounts=as_discounts(amounts.discounts),
        taxes=as_taxes(amounts.taxes),
    )


def _code(source: CodeSource) -> QuotedCode:
    refusal = source.refusal
    windows = [] if refusal is None else refusal.details.get("windows", [])
    return QuotedCode(
        discount_code=source.code,
        is_applied=refusal is None,
        problem=None if refusal is None else _problem(refusal),
        windows=[WeeklyWindow(day=Weekday[each["day"]], begins=each["from"], ends=each["until"]) for each in windows],
    )


def _problem(error: DomainError) -> QuoteProblem:
    details: dict[str, Any] = error.details
    condition, starts_at = details.get("condition"), details.get("startsAt")
    return QuoteProblem(
        code=error.code,
        message=error.message,
        product_id=details.get("productId"),
        requested=details.get("requested"),
        available=details.get("available"),
        discount_code=details.get("discountCode"),
        condition=None if condition is None else Refusal[condition],
        missing_amount=details.get("missingAmount"),
        missing_quantity=details.get("missingQuantity"),
        starts_at=None if starts_at is None else datetime.fromisoformat(starts_at),
    )
