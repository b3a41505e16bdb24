"""The documents of the first release run verbatim, and with variables."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.services.evidence import product_row, stock_of
from tests.support import ALICE, GraphQLClient
from wiring import Shop

Make = Callable[..., UUID]

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
GET_PRODUCTS = """
query {
  getProducts {
    productId
    price
    stockCount
    lastUpdated
  }
}
"""
GET_PRODUCT_BY_ID = """
query {
  getProductsById(id: "YOUR_PRODUCT_ID") {
    productId
    price
    stockCount
  }
}
"""
UPDATE_PRODUCT = """
mutation {
  updateProduct(
    input: { productId: "YOUR_PRODUCT_ID", price: 39.99, stockCount: 50 }
  ) {
    productId
    price
    stockCount
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
GET_ORDERS = """
query {
  getOrders {
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
GET_ORDER_BY_ID = """
query {
  getOrderById(orderId: "YOUR_ORDER_ID") {
    orderId
    totalAmount
    status
    items {
      productId
      quantity
    }
  }
}
"""
# Not among the seven printed ones, but part of the same API.
DELETE_PRODUCT = 'mutation { deleteProduct(productId: "YOUR_PRODUCT_ID") }'


def written(shop: Shop, product: UUID) -> str:
    """When the product's row changed last, as GraphQL writes it."""
    row = product_row(shop.database, product)
    assert row is not None
    return row.updated_at.isoformat()


def test_create_product_with_price_and_stock_only(graphql: GraphQLClient, shop: Shop) -> None:
    body = graphql(CREATE_PRODUCT, as_="sam")
    made = UUID(body["data"]["createProduct"]["productId"])
    assert made.version == 7
    assert body == {
        "data": {
            "createProduct": {
                "productId": str(made),
                "price": 29.99,
                "stockCount": 100,
                "lastUpdated": written(shop, made),
            }
        }
    }


def test_get_products_newest_first(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    older, newer = product(price="29.99", stock=100), product(price="5", stock=0)
    expected = [
        {"productId": str(newer), "price": 5, "stockCount": 0, "lastUpdated": written(shop, newer)},
        {"productId": str(older), "price": 29.99, "stockCount": 100, "lastUpdated": written(shop, older)},
    ]
    for _ in ("from PostgreSQL", "from Redis"):
        assert graphql(GET_PRODUCTS) == {"data": {"getProducts": expected}}


def test_get_product_by_id(graphql: GraphQLClient, product: Make) -> None:
    tea = product(price="29.99", stock=100)
    expected = {"productId": str(tea), "price": 29.99, "stockCount": 100}
    for _ in ("from PostgreSQL", "from Redis"):
        body = graphql(GET_PRODUCT_BY_ID.replace("YOUR_PRODUCT_ID", str(tea)))
        assert body == {"data": {"getProductsById": expected}}


def test_get_product_by_id_finds_nothing_for_the_placeholder(graphql: GraphQLClient) -> None:
    assert graphql(GET_PRODUCT_BY_ID) == {"data": {"getProductsById": None}}


def test_update_product(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product(price="29.99", stock=100)
    body = graphql(UPDATE_PRODUCT.replace("YOUR_PRODUCT_ID", str(tea)), as_="sam")
    assert body == {"data": {"updateProduct": {"productId": str(tea), "price": 39.99, "stockCount": 50}}}
    assert stock_of(shop.database, tea) == [50]


def test_create_order_then_get_it_and_list_it(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    # given
    first, second = product(price="19.99", stock=5), product(price="0.01", stock=1)
    document = CREATE_ORDER.replace("YOUR_PRODUCT_ID", str(first)).replace("ANOTHER_PRODUCT_ID", str(second))
    # when
    made = graphql(document, as_="alice")["data"]["createOrder"]
    # then
    assert UUID(made["orderId"]).version == 7
    expected: dict[str, Any] = {
        "orderId": made["orderId"],
        "customerId": str(ALICE),
        "totalAmount": 39.99,
        "status": "pending",
        "createdAt": made["createdAt"],
        "items": [
            {"productId": str(first), "quantity": 2, "priceAtPurchase": 19.99},
            {"productId": str(second), "quantity": 1, "priceAtPurchase": 0.01},
        ],
    }
    assert made == expected
    assert stock_of(shop.database, first, second) == [3, 0]
    assert graphql(GET_ORDERS, as_="alice") == {"data": {"getOrders": [expected]}}
    body = graphql(GET_ORDER_BY_ID.replace("YOUR_ORDER_ID", made["orderId"]), as_="alice")
    assert body["data"]["getOrderById"] == {
        "orderId": made["orderId"],
        "totalAmount": 39.99,
        "status": "pending",
        "items": [{"productId": str(first), "quantity": 2}, {"productId": str(second), "quantity": 1}],
    }


def test_get_order_by_id_finds_nothing_for_the_placeholder(graphql: GraphQLClient) -> None:
    assert graphql(GET_ORDER_BY_ID, as_="alice") == {"data": {"getOrderById": None}}


def test_delete_product(graphql: GraphQLClient, shop: Shop, product: Make) -> None:
    tea = product()
    body = graphql(DELETE_PRODUCT.replace("YOUR_PRODUCT_ID", str(tea)), as_="sam")
    assert body == {"data": {"deleteProduct": True}}
    assert product_row(shop.database, tea) is None


def test_the_same_with_variables(graphql: GraphQLClient, product: Make) -> None:
    """The variables have the types that the first release gave them, which clients name in their documents."""
    # products
    create = "mutation($input: ProductInput!) { createProduct(input: $input) { productId price stockCount } }"
    body = graphql(create, {"input": {"price": 29.99, "stockCount": 100}}, as_="sam")
    tea = body["data"]["createProduct"]["productId"]
    expected = {"productId": tea, "price": 29.99, "stockCount": 100}
    assert body == {"data": {"createProduct": expected}}
    get = "query($id: String!) { getProductsById(id: $id) { productId price stockCount } }"
    assert graphql(get, {"id": tea}) == {"data": {"getProductsById": expected}}
    update = "mutation($input: ProductUpdateInput!) { updateProduct(input: $input) { productId price stockCount } }"
    changed = {"productId": tea, "price": "39.99", "stockCount": 50}
    body = graphql(update, {"input": changed}, as_="sam")
    assert body == {"data": {"updateProduct": {**changed, "price": 39.99}}}
    # orders
    order = (
        "mutation($input: CreateOrderInput!) { createOrder(input: $input) "
        "{ orderId customerId totalAmount status items { productId quantity product { stockCount } } } }"
    )
    wanted = {"customerId": str(ALICE), "items": [{"productId": tea, "quantity": 2}]}
    made = graphql(order, {"input": wanted}, as_="alice")["data"]["createOrder"]
    assert made == {
        "orderId": made["orderId"],
        "customerId": str(ALICE),
        "totalAmount": 79.98,
        "status": "pending",
        "items": [{"productId": tea, "quantity": 2, "product": {"stockCount": 48}}],
    }
    get_order = "query($orderId: String!) { getOrderById(orderId: $orderId) { orderId totalAmount } }"
    assert graphql(get_order, {"orderId": made["orderId"]}, as_="alice") == {
        "data": {"getOrderById": {"orderId": made["orderId"], "totalAmount": 79.98}}
    }
    # and away with it: it was ordered, so it is withdrawn
    delete = "mutation($productId: String!) { deleteProduct(productId: $productId) }"
    assert graphql(delete, {"productId": tea}, as_="sam") == {"data": {"deleteProduct": True}}
    assert graphql(get, {"id": tea}) == {"data": {"getProductsById": None}}
