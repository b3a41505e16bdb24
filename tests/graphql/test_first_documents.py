"""The documents of the first release run verbatim, and with variables."""

from collections.abc import Callable
from uuid import UUID

from tests.support import ALICE, GraphQLClient

CREATE_PRODUCT = """
mutation {
  createProduct(input: { price: 29.99, stockCount: 100 }) {
    productId
    price
    stockCount
    lastUpdated
  }
}
"""
CREATE_ORDER = """
mutation {
  createOrder(
    input: {
      customerId: "a94102ff-32e3-4240-b251-dd8934065961"
      items: [
        { productId: "YOUR_PRODUCT_ID", quantity: 2 }
        { productId: "ANOTHER_PRODUCT_ID", quantity: 1 }
      ]
    }
  ) {
    orderId
    customerId
    totalAmount
    status
    createdAt
    items {
      productId
      quantity
      priceAtPurchase
    }
  }
}
"""


def test_create_product_with_price_and_stock_only(graphql: GraphQLClient) -> None:
    made = graphql(CREATE_PRODUCT, as_="sam")["data"]["createProduct"]
    assert made["price"] == 29.99
    assert made["stockCount"] == 100
    assert UUID(made["productId"]).version == 7


def test_create_order(graphql: GraphQLClient, product: Callable[..., UUID]) -> None:
    first, second = product(price="19.99", stock=5), product(price="0.01", stock=1)
    document = CREATE_ORDER.replace("YOUR_PRODUCT_ID", str(first)).replace("ANOTHER_PRODUCT_ID", str(second))
    body = graphql(document, as_="alice")
    made = body["data"]["createOrder"]
    assert made["customerId"] == str(ALICE)
    assert made["totalAmount"] == 39.99
    assert made["status"] == "pending"
    assert made["items"] == [
        {"productId": str(first), "quantity": 2, "priceAtPurchase": 19.99},
        {"productId": str(second), "quantity": 1, "priceAtPurchase": 0.01},
    ]
