"""The table of permissions of discounts."""

from graphql_api.permissions import Permission
from tests.graphql.permission_outcomes import (
    ADMIN,
    CONFLICT,
    DISCOUNTS,
    FORBIDDEN,
    NO_SUCH_DISCOUNT,
    NOBODY,
    NULL_TO_DISCOUNTS,
    Expected,
    Rows,
)

# It is for everybody.
NOT_NAMING: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, CONFLICT)
_LEAST = 'name: "A", kind: PERCENT, percent: 10'
_OURS = 'targets: {productIds: ["OUR_PRODUCT"]}'
_THEIRS = 'targets: {productIds: ["THEIR_PRODUCT"]}'

# See permission_table.py for the words in capitals. Una looks after discounts on goods of the marketplace.
DISCOUNT_FIELDS: dict[str, Rows] = {
    "Query.discounts": (
        Permission.DISCOUNTS,
        [("{ discounts { totalCount nodes { id usedCount codes { nodes { code } } } } }", DISCOUNTS)],
    ),
    "Query.discount": (
        Permission.DISCOUNTS,
        [
            # Whoever looks after discounts knows of those of others.
            ('{ discount(id: "THEIR_DISCOUNT") { id targets { products { id } } } }', DISCOUNTS),
            ('{ discount(id: "UNKNOWN") { id } }', NULL_TO_DISCOUNTS),
        ],
    ),
    "Mutation.createDiscount": (
        Permission.DISCOUNTS,
        [
            (f"mutation {{ createDiscount(input: {{{_LEAST}, {_OURS}}}) {{ id }} }}", DISCOUNTS),
            (f"mutation {{ createDiscount(input: {{{_LEAST}, {_THEIRS}}}) {{ id }} }}", ADMIN),
            (f"mutation {{ createDiscount(input: {{{_LEAST}}}) {{ id }} }}", ADMIN),
            (f"mutation {{ createDiscount(input: {{{_LEAST}, {_OURS}, appliesTo: ORDER}}) {{ id }} }}", ADMIN),
            (f"mutation {{ createDiscount(input: {{{_LEAST}, {_OURS}, forNamedCustomers: true}}) {{ id }} }}", ADMIN),
            (
                f'mutation {{ createDiscount(input: {{{_LEAST}, targets: {{collectionIds: ["COLLECTION"]}}}}) '
                "{ id } }",
                ADMIN,
            ),
            (f'mutation {{ createDiscount(input: {{{_LEAST}, targets: {{brandIds: ["BRAND"]}}}}) {{ id }} }}', ADMIN),
            ('mutation { createDiscount(input: {name: "A", kind: FREE_SHIPPING}) { id } }', ADMIN),
        ],
    ),
    "Mutation.updateDiscount": (
        Permission.DISCOUNTS,
        [
            ('mutation { updateDiscount(discountId: "OUR_DISCOUNT", input: {isActive: false}) { id } }', DISCOUNTS),
            ('mutation { updateDiscount(discountId: "THEIR_DISCOUNT", input: {isActive: false}) { id } }', ADMIN),
            (f'mutation {{ updateDiscount(discountId: "OUR_DISCOUNT", input: {{{_THEIRS}}}) {{ id }} }}', ADMIN),
            (f'mutation {{ updateDiscount(discountId: "THEIR_DISCOUNT", input: {{{_OURS}}}) {{ id }} }}', ADMIN),
            ('mutation { updateDiscount(discountId: "UNKNOWN", input: {isActive: false}) { id } }', NO_SUCH_DISCOUNT),
        ],
    ),
    "Mutation.deleteDiscount": (
        Permission.DISCOUNTS,
        [
            ('mutation { deleteDiscount(discountId: "UNKNOWN") }', NO_SUCH_DISCOUNT),
            ('mutation { deleteDiscount(discountId: "OUR_DISCOUNT") }', DISCOUNTS),
            ('mutation { deleteDiscount(discountId: "THEIR_DISCOUNT") }', ADMIN),
        ],
    ),
    "Mutation.addDiscountCodes": (
        Permission.DISCOUNTS,
        [
            ('mutation { addDiscountCodes(discountId: "OUR_DISCOUNT", codes: ["A"]) { code } }', DISCOUNTS),
            ('mutation { addDiscountCodes(discountId: "THEIR_DISCOUNT", generate: {count: 2}) { code } }', ADMIN),
            ('mutation { addDiscountCodes(discountId: "UNKNOWN", codes: ["B"]) { code } }', NO_SUCH_DISCOUNT),
        ],
    ),
    "Mutation.removeDiscountCode": (
        Permission.DISCOUNTS,
        [
            ('mutation { removeDiscountCode(codeId: "UNKNOWN") { id } }', NO_SUCH_DISCOUNT),
            ('mutation { removeDiscountCode(codeId: "OUR_CODE") { id } }', DISCOUNTS),
            ('mutation { removeDiscountCode(codeId: "THEIR_CODE") { id } }', ADMIN),
        ],
    ),
    "Mutation.setDiscountCustomers": (
        Permission.ADMIN,
        [
            ('mutation { setDiscountCustomers(discountId: "VIP_DISCOUNT", add: ["CUSTOMER"]) { id } }', ADMIN),
            ('mutation { setDiscountCustomers(discountId: "OUR_DISCOUNT", add: ["CUSTOMER"]) { id } }', NOT_NAMING),
        ],
    ),
}
TO_DISCOUNTS = [
    "Mutation.createDiscount",
    "Mutation.removeDiscountCode",
    "Mutation.setDiscountCustomers",
    "Mutation.updateDiscount",
    "Query.discount",
    "Query.discounts",
]
# Their codes open them, and customers must not see one another's.
DISCOUNT_WAYS: dict[str, list[str]] = {
    "Discount": TO_DISCOUNTS,
    "DiscountConnection": ["Query.discounts"],
    "DiscountEdge": ["Query.discounts"],
    "DiscountCode": sorted([*TO_DISCOUNTS, "Mutation.addDiscountCodes"]),
    "DiscountCodeConnection": TO_DISCOUNTS,
    "DiscountCodeEdge": TO_DISCOUNTS,
    "DiscountCustomerConnection": TO_DISCOUNTS,
    "DiscountCustomerEdge": TO_DISCOUNTS,
    "DiscountUse": TO_DISCOUNTS,
    "DiscountUseConnection": TO_DISCOUNTS,
    "DiscountUseEdge": TO_DISCOUNTS,
    "DiscountStep": TO_DISCOUNTS,
    "DiscountTargets": TO_DISCOUNTS,
    "MoneyInCurrency": TO_DISCOUNTS,
    # A code that does not count now says at which hours it does.
    "WeeklyWindow": [*TO_DISCOUNTS, "Query.quote"],
}
