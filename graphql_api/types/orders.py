"""Orders as the schema shows them."""

from datetime import datetime
from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import described, reading
from graphql_api.order_prices import order_trace_of
from graphql_api.scalars import CurrencyCode, Money
from graphql_api.types.catalogue import Product, as_product
from graphql_api.types.pricing import AppliedDiscount, PriceTrace, TaxPart, as_discounts, as_taxes, as_trace
from models import Order as OrderRow
from models import OrderItem as OrderItemRow
from services.orders.placing import LARGEST_QUANTITY
from services.orders.pricing_shown import KeptPrices
from services.pricing.explanations import ExplainedLine


@strawberry.input(description="One line of an order to be.")
class OrderItemInput:
    """A product and how many of it."""

    product_id: str = strawberry.field(description="Which product.")
    quantity: int = strawberry.field(description=f"How many pieces, from 1 to {LARGEST_QUANTITY}.")


@strawberry.type(
    name="Orderitem", description="One product of an order: how many, and its name and price as they were bought."
)
class OrderItem:
    """A line; its source is the table's row. Why it costs what it does is loaded ahead (graphql_api/loading.py)."""

    id: strawberry.ID = described("The line's id.")
    product_id: str = described("The product's id.")
    product_name: str = described("The product's name when it was bought.")
    quantity: int = described("How many pieces.")
    price_at_purchase: Money = described(
        "The list price of one piece when it was bought, in the order's currency: before discounts."
    )
    line_total: Money = described(
        "What the line costs after all discounts, in the order's currency; with its taxes where prices are shown so."
    )
    discount_total: Money = described("What discounts took off the line, its share of those on the order included.")
    net_total: Money = described("What the line costs without taxes.")
    tax_total: Money = described("The taxes on the line.")

    @strawberry.field(description="The discounts that made the line cheaper.")
    def discounts(root: strawberry.Parent[OrderItemRow], info: Info) -> list[AppliedDiscount]:
        """None for orders of before prices were explained."""
        line = _line(root, info)
        return as_discounts(() if line is None else line.discounts)

    @strawberry.field(description="The taxes on the line, by rate.")
    def taxes(root: strawberry.Parent[OrderItemRow], info: Info) -> list[TaxPart]:
        """None for orders of before prices were explained."""
        line = _line(root, info)
        return as_taxes(() if line is None else line.taxes)

    @strawberry.field(description="The product as it is today, which may cost more or be withdrawn.")
    def product(root: strawberry.Parent[OrderItemRow], info: Info) -> Product:
        """Loaded ahead by the field that gave the order (graphql_api/loading.py)."""
        return as_product(info.context.products[root.product_id])


@strawberry.type(description="A step of an order's history.")
class OrderStep:
    """A step; its source is the table's row."""

    status: str = described('The status the order entered, such as "pending".')
    created_at: datetime = described("When it did.")


@strawberry.type(description="What a customer bought, with every price as it was at that moment.")
class Order:
    """An order; its source is the table's row. Why it costs what it does is loaded ahead (graphql_api/loading.py)."""

    id: strawberry.ID = described("The order's id.")
    order_id: str = reading("id", str, "The order's id, under the name earlier clients know.")
    number: int = described("The order's number, for people: rising, with gaps.")
    customer_id: str = described("The id of the customer's account.")
    region: str | None = reading(
        "region_code", str | None, "The code of the region it was bought in; null for orders of before there were any."
    )
    currency: CurrencyCode = described("The currency of every amount of this order.")
    total_amount: Money = described("What the order costs: net goods, net shipping and taxes.")
    net_goods: Money = described("What its goods cost after all discounts, without taxes.")
    net_shipping: Money = described("What bringing it costs after all discounts, without taxes.")
    tax_total: Money = described("All taxes.")
    discount_total: Money = described("What discounts took off goods and shipping, as the region shows prices.")
    status: str = described('Where the order stands, in lower case; a new order is "pending".')
    created_at: datetime = described("When it was placed.")
    last_updated: datetime = reading("updated_at", datetime, "When it changed last.")
    items: list[OrderItem] = described("Its lines, in the order in which they were asked for.")
    history: list[OrderStep] = described("Every step it took, the first one first.")

    @strawberry.field(
        description="What its goods cost by their list prices, before discounts, as the region shows prices."
    )
    def subtotal(root: strawberry.Parent[OrderRow], info: Info) -> Money:
        """Orders of before prices were explained had no discounts."""
        found = _priced(root, info)
        return Money(root.total_amount if found is None else found.subtotal)

    @strawberry.field(description="What bringing it costs after all discounts, as the region shows prices.")
    def shipping_total(root: strawberry.Parent[OrderRow], info: Info) -> Money:
        """Orders of before prices were explained had no shipping."""
        found = _priced(root, info)
        return Money(root.net_shipping if found is None else found.shipping_total)

    @strawberry.field(description="The discounts that made it cheaper, each with all it took off.")
    def discounts(root: strawberry.Parent[OrderRow], info: Info) -> list[AppliedDiscount]:
        """None for orders of before prices were explained."""
        found = _priced(root, info)
        return as_discounts(() if found is None else found.discounts)

    @strawberry.field(description="All taxes, by rate.")
    def taxes(root: strawberry.Parent[OrderRow], info: Info) -> list[TaxPart]:
        """None for orders of before prices were explained."""
        found = _priced(root, info)
        return as_taxes(() if found is None else found.taxes)

    @strawberry.field(
        description="Why it cost what it did, as it was told then; null for orders of before prices were explained. "
        "Counts like one request for each order; where the limit has no room for all of a list, all are null, and "
        "RATE_LIMITED is said once (at a mutation, for those without room)."
    )
    def price_trace(root: strawberry.Parent[OrderRow], info: Info) -> PriceTrace | None:
        """As it was kept with the order."""
        found = order_trace_of(info.context, root.id)
        return None if found is None else as_trace(found)


def as_order(row: OrderRow) -> Order:
    """The row as a source of the type: fields read its attributes, nothing is copied."""
    return cast("Order", row)


def _priced(row: OrderRow, info: Info) -> KeptPrices | None:
    return info.context.order_prices[row.id]


def _line(row: OrderItemRow, info: Info) -> ExplainedLine | None:
    found = info.context.order_prices[row.order_id]
    return None if found is None or found.lines is None else found.lines[row.position]
