"""The requests the bench sends: the same ones over HTTP and, for counting statements, in this process."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

from bench import goods

_PAGE = """
query Page {
  products(first: 20) { nodes { id name price currency stockCount unit } pageInfo { hasNextPage endCursor } }
}
"""
_PAGE_OF_CALLER = """
query Page {
  products(first: 20) {
    nodes { id name price currency stockCount unit yourPrice discounts { name amount } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
_ME = "query Me { me { id name email role } }"
_LOGIN = """
mutation Login($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken } }
"""
_PRODUCT = "query Product($id: ID!) { product(by: {id: $id}) { id name price currency stockCount unit } }"
_PAGE_OF_GOODS = """
query Goods($first: Int!, $after: String, $shelf: UUID) {
  products(first: $first, after: $after, filter: {categoryId: $shelf}, sort: PRICE_ASC) {
    nodes { id name price currency stockCount unit } pageInfo { endCursor }
  }
}
"""
_REPRICE = """
mutation Reprice($id: String!, $price: Money!) { updateProduct(input: {productId: $id, price: $price}) { price } }
"""
_CREATE_ORDER = """
mutation CreateOrder($input: CreateOrderInput!) {
  createOrder(input: $input) {
    orderId customerId totalAmount status createdAt items { productId quantity priceAtPurchase }
  }
}
"""
_GET_ORDERS = """
query Orders {
  getOrders(first: 20) {
    orderId totalAmount status createdAt items { productId quantity priceAtPurchase product { name } }
  }
}
"""
HELLO = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Operation:
    """A document with its variables, and the headers it is sent with."""

    document: str
    variables: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The body of the POST."""
        return json.dumps({"query": self.document, "variables": self.variables}).encode()

    def as_http(self) -> bytes:
        """The whole request, on a connection that is kept."""
        body = self.body
        lines = [
            "POST /graphql HTTP/1.1",
            "Host: 127.0.0.1",
            "Accept: application/json",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def page() -> Operation:
    """A page of 20 products by 6 fields."""
    return Operation(_PAGE)


def page_of_caller(token: str) -> Operation:
    """The same page with what each product costs the caller, and why it is less."""
    return Operation(_PAGE_OF_CALLER, headers=_bearer(token))


def pages_of_callers(tokens: Sequence[str], dice: Random) -> Iterator[bytes]:
    """That page without end, each time for somebody."""
    ready = [page_of_caller(token).as_http() for token in tokens]
    while True:
        yield dice.choice(ready)


def product() -> Operation:
    """One product by its id."""
    return product_named(goods.product_id(goods.FIRST))


def product_named(product_id: str) -> Operation:
    """A product by its id."""
    return Operation(_PRODUCT, {"id": product_id})


def categories() -> Operation:
    """All categories."""
    return Operation("{ categories { id slug } }")


def page_of_goods(category_id: str, first: int, after: str | None) -> Operation:
    """A page of the category in which the bench's goods stand, the cheapest first."""
    return Operation(_PAGE_OF_GOODS, {"shelf": category_id, "first": first, "after": after})


def reprice(token: str, product_id: str, price: float) -> Operation:
    """A change of a price by staff."""
    return Operation(_REPRICE, {"id": product_id, "price": price}, _bearer(token))


def me(token: str) -> Operation:
    """The caller's account."""
    return Operation(_ME, headers=_bearer(token))


def logins(begin: int) -> Iterator[bytes]:
    """Logins without end, from this one on: another person from another network each time."""
    for number in count(begin):
        person, network = number % goods.PEOPLE + 1, f"198.18.{number // 250 % 250}.{number % 250 + 1}"
        variables = {"email": f"person{person}@example.com", "password": goods.PASSWORD}
        yield Operation(_LOGIN, variables, {"X-Forwarded-For": network}).as_http()


def get_orders(token: str) -> Operation:
    """The caller's newest 20 orders with their lines and the lines' products."""
    return Operation(_GET_ORDERS, headers=_bearer(token))


def create_order(token: str, numbers: Sequence[int]) -> Operation:
    """An order of these goods, 1, 2, 3 ... pieces, under a fresh idempotency key."""
    items = [{"productId": goods.product_id(number), "quantity": place} for place, number in enumerate(numbers, 1)]
    return Operation(_CREATE_ORDER, {"input": {"items": items}}, {**_bearer(token), "Idempotency-Key": str(uuid4())})


def random_orders(tokens: Sequence[str], random: Random) -> Iterator[bytes]:
    """Orders without end: three of the goods at random, the customers in turn."""
    while True:
        for token in tokens:
            yield create_order(token, [random.choice(third) for third in goods.THIRDS]).as_http()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
