"""Who may call the fields of prices by region; see permission_table.py."""

from graphql_api.permissions import Permission
from tests.graphql.permission_outcomes import ADMIN, NO_SUCH_PRODUCT, PRODUCTS, Rows

REGION_PRICES: dict[str, Rows] = {
    "Query.productRegionPrices": (
        Permission.PRODUCTS,
        [
            ('{ productRegionPrices(productId: "OUR_PRODUCT") { id product { id } } }', PRODUCTS),
            ('{ productRegionPrices(productId: "THEIR_PRODUCT") { id } }', ADMIN),
            ('{ productRegionPrices(productId: "UNKNOWN") { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Mutation.setRegionPrice": (
        Permission.PRODUCTS,
        [
            ('mutation { setRegionPrice(productId: "OUR_PRODUCT", region: "DE", price: 1) { id } }', PRODUCTS),
            ('mutation { setRegionPrice(productId: "THEIR_PRODUCT", region: "DE", price: 1) { id } }', ADMIN),
            ('mutation { setRegionPrice(productId: "UNKNOWN", region: "DE", price: 1) { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Mutation.removeRegionPrice": (
        Permission.PRODUCTS,
        [
            ('mutation { removeRegionPrice(productId: "OUR_PRICED", region: "DE") { id } }', PRODUCTS),
            ('mutation { removeRegionPrice(productId: "THEIR_PRICED", region: "DE") { id } }', ADMIN),
            ('mutation { removeRegionPrice(productId: "UNKNOWN", region: "DE") { id } }', NO_SUCH_PRODUCT),
        ],
    ),
}
