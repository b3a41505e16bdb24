"""The documents that the playground opens with, as tabs."""

from __future__ import annotations

DEMO_PASSWORD = "Market-Demo-1"  # noqa: S105 - of the demo data, which production never has
DEMO_ACCOUNTS = (
    ("Alice", "alice@example.com", "customer"),
    ("Bob", "bob@example.com", "customer"),
    ("Charlie", "charlie@example.com", "customer"),
    ("Sam", "sam@example.com", "staff"),
    ("Dana", "dana@example.com", "admin"),
)
ALICE = "a94102ff-32e3-4240-b251-dd8934065961"

_WELCOME = """\
# The shop's goods: press the button, or
# Ctrl-Enter. Ctrl-Space shows what can stand at
# the cursor, the book at the left explains it.
#
# The catalogue is open to all; orders and
# changes need a token. Run the LogIn tab: from
# then on this page sends the token along. By
# hand, put it under Headers:
# {"Authorization": "Bearer ..."}

"""

_PRODUCTS = """\
query Products {
  getProducts {
    productId
    price
    stockCount
    lastUpdated
  }
}
"""

_PRODUCT = """\
# Copy a productId of the first tab into
# Variables.
query ProductById($id: String!) {
  getProductsById(id: $id) {
    productId
    price
    stockCount
  }
}
"""

_FIND = """\
# Misspelled, and found all the same. For the
# next page put endCursor into Variables: after.
query Find($term: String!, $after: String) {
  products(
    first: 5
    after: $after
    sort: RELEVANCE
    filter: { term: $term, inStock: true }
  ) {
    correctedTerm
    totalCount
    nodes {
      name
      price
      brand {
        name
      }
    }
    facets {
      categories {
        category {
          name
        }
        count
      }
      prices {
        from
        to
        count
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
"""

LOG_IN = """\
mutation LogIn($email: String!, $password: String!) {
  login(email: $email, password: $password) {
    accessToken
    user {
      email
      role
    }
  }
}
"""

_CREATE_PRODUCT = """\
# For staff.
mutation CreateProduct {
  createProduct(input: { price: 29.99, stockCount: 100 }) {
    productId
    price
    stockCount
    lastUpdated
  }
}
"""

_UPDATE_PRODUCT = """\
# For staff.
mutation UpdateProduct($productId: String!) {
  updateProduct(
    input: { productId: $productId, price: 39.99, stockCount: 50 }
  ) {
    productId
    price
    stockCount
  }
}
"""

_CREATE_ORDER = """\
# The order is for whoever is signed in:
# customerId may be left out, and names
# another only if staff asks.
mutation CreateOrder($customerId: String, $items: [OrderItemInput!]!) {
  createOrder(input: { customerId: $customerId, items: $items }) {
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

_ORDERS = """\
# Your own orders; all orders for staff.
query Orders {
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

_ORDER = """\
query OrderById($orderId: String!) {
  getOrderById(orderId: $orderId) {
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

_QUOTE = """\
# What goods would cost the caller, and why. It
# changes and reserves nothing.
query Quote($input: QuoteInput!) {
  quote(input: $input) {
    totalAmount
    currency
    discounts {
      name
      amount
    }
    taxes {
      name
      percent
      amount
    }
    nearMisses {
      name
      missingAmount
      missingQuantity
    }
    codes {
      discountCode
      isApplied
    }
    priceTrace {
      steps {
        stage
        amount
        exact
      }
      considered {
        name
        isApplied
        refusal
      }
    }
  }
}
"""


def example_tabs(*, development: bool) -> list[dict[str, str]]:
    """The tabs' documents and variables; the demo's log-in is filled in only when `development` is true."""
    email, password = ("sam@example.com", DEMO_PASSWORD) if development else ("", "")
    customer = f'"{ALICE}"' if development else "null"
    return [
        {"query": _WELCOME + _PRODUCTS},
        {"query": _PRODUCT, "variables": '{\n  "id": "YOUR_PRODUCT_ID"\n}'},
        {"query": _FIND, "variables": '{\n  "term": "turntible",\n  "after": null\n}'},
        {"query": LOG_IN, "variables": f'{{\n  "email": "{email}",\n  "password": "{password}"\n}}'},
        {"query": _CREATE_PRODUCT},
        {"query": _UPDATE_PRODUCT, "variables": '{\n  "productId": "YOUR_PRODUCT_ID"\n}'},
        {
            "query": _CREATE_ORDER,
            "variables": f'{{\n  "customerId": {customer},\n  "items": [\n'
            '    { "productId": "YOUR_PRODUCT_ID", "quantity": 2 },\n'
            '    { "productId": "ANOTHER_PRODUCT_ID", "quantity": 1 }\n  ]\n}',
        },
        {"query": _ORDERS},
        {"query": _ORDER, "variables": '{\n  "orderId": "YOUR_ORDER_ID"\n}'},
        {
            "query": _QUOTE,
            "variables": '{\n  "input": {\n    "region": "DE",\n    "discountCodes": ["HELLO10"],\n    "items": [\n'
            '      { "productId": "YOUR_PRODUCT_ID", "quantity": 2 }\n    ]\n  }\n}',
        },
    ]
