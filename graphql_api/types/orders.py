"""Orders as the schema shows them."""

from datetime import datetime
from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import described, reading
from graphql_api.scalars import CurrencyCode, Money
from graphql_api.types.catalogue import Product, as_product
from models import Order as OrderRow
from models import OrderItem as OrderItemRow


@strawberry.type(
    name="Orderitem", description="One product of an order: how many, and its name and price as they were bought."
)
class OrderItem:
    """A line; its source is the table's row."""

    id: strawberry.ID = described("The line's id.")
    product_id: str = described("The product's id.")
    product_name: str = described("The product's name when it was bought.")
    quantity: int = described("How many pieces.")
    price_at_purchase: Money = described("The price of one piece when it was bought, in the order's currency.")
    line_total: Money = described("What the line costs, in the order's currency.")

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
    """An order; its source is the table's row."""

    id: strawberry.ID = described("The order's id.")
    order_id: str = reading("id", str, "The order's id, under the name earlier clients know.")
    number: int = described("The order's number, for people: rising, with gaps.")
    customer_id: str = described("The id of the customer's account.")
    currency: CurrencyCode = described("The currency of every amount of this order.")
    total_amount: Money = described("What the order costs: the sum of its lines.")
    status: str = described('Where the order stands, in lower case; a new order is "pending".')
    created_at: datetime = described("When it was placed.")
    last_updated: datetime = reading("updated_at", datetime, "When it changed last.")
    items: list[OrderItem] = described("Its lines, in the order in which they were asked for.")
    history: list[OrderStep] = described("Every step it took, the first one first.")


def as_order(row: OrderRow) -> Order:
    """The row as a source of the type: fields read its attributes, nothing is copied."""
    return cast("Order", row)
