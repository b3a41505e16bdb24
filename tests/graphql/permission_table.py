"""Who may call which field: one row or more for every field of Query and Mutation, with every kind of caller."""

from graphql_api.permissions import Permission
from tests.graphql.permission_discounts import DISCOUNT_FIELDS
from tests.graphql.permission_outcomes import (
    ADMIN,
    ADMIN_NOT_UNA,
    ANYONE,
    CONFLICT,
    FORBIDDEN,
    NO_SUCH,
    NO_SUCH_PERSON,
    NO_SUCH_PRODUCT,
    NOBODY,
    NULL,
    ORDERS,
    PRODUCTS,
    SIGNED_IN,
    USERS,
    WRONG,
    YES,
    Rows,
)
from tests.graphql.permission_region_prices import REGION_PRICES
from tests.graphql.permission_regions import REGIONS
from tests.graphql.permission_shelves import SHELVES

# The words in capitals are made for each test, see test_authorization.py: OUR_PRODUCT is of the marketplace and
# THEIR_PRODUCT of fresh food; LEE works in the marketplace and FAY in groceries; BARE is a department of nobody.
CATALOGUE: dict[str, Rows] = {
    "Query.getProducts": (Permission.ANYONE, [("{ getProducts { id } }", ANYONE)]),
    "Query.getProductsById": (Permission.ANYONE, [('{ getProductsById(id: "OUR_PRODUCT") { id } }', ANYONE)]),
    "Query.product": (Permission.ANYONE, [('{ product(by: {id: "OUR_PRODUCT"}) { id } }', ANYONE)]),
    "Query.products": (
        Permission.ANYONE,
        [("{ products { totalCount nodes { id category { department { id } } } } }", ANYONE)],
    ),
    "Query.suggestions": (
        Permission.ANYONE,
        [('{ suggestions(term: "our") { kind text product { id } brand { id } category { id } } }', ANYONE)],
    ),
    "Query.staffProducts": (
        Permission.PRODUCTS,
        [
            ("{ staffProducts { nodes { id } } }", PRODUCTS),
            ("{ staffProducts(statuses: [DRAFT]) { nodes { id } } }", PRODUCTS),
        ],
    ),
    "Query.staffProduct": (
        Permission.PRODUCTS,
        [
            ('{ staffProduct(by: {id: "OUR_PRODUCT"}) { id } }', PRODUCTS),
            ('{ staffProduct(by: {id: "THEIR_PRODUCT"}) { id } }', PRODUCTS),
        ],
    ),
    "Query.categories": (Permission.ANYONE, [("{ categories { id department { id } } }", ANYONE)]),
    "Query.departments": (Permission.ANYONE, [("{ departments { id slug name } }", ANYONE)]),
    "Mutation.createProduct": (
        Permission.PRODUCTS,
        [
            ("mutation { createProduct(input: {price: 1, stockCount: 1}) { id } }", PRODUCTS),
            ('mutation { createProduct(input: {price: 1, stockCount: 1, categoryId: "FRUIT"}) { id } }', ADMIN),
        ],
    ),
    "Mutation.updateProduct": (
        Permission.PRODUCTS,
        [
            ('mutation { updateProduct(input: {productId: "OUR_PRODUCT", stockCount: 7}) { id } }', PRODUCTS),
            ('mutation { updateProduct(input: {productId: "THEIR_PRODUCT", stockCount: 7}) { id } }', ADMIN),
            ('mutation { updateProduct(input: {productId: "OUR_PRODUCT", categoryId: "FRUIT"}) { id } }', ADMIN),
            ('mutation { updateProduct(input: {productId: "THEIR_PRODUCT", categoryId: "SHELF"}) { id } }', ADMIN),
        ],
    ),
    "Mutation.deleteProduct": (
        Permission.PRODUCTS,
        [
            ('mutation { deleteProduct(productId: "OUR_PRODUCT") }', PRODUCTS),
            ('mutation { deleteProduct(productId: "THEIR_PRODUCT") }', ADMIN),
        ],
    ),
}
IMAGES: dict[str, Rows] = {
    "Mutation.uploadImage": (
        Permission.PRODUCTS,
        [("mutation($file: Upload!) { uploadImage(file: $file) { id } }", PRODUCTS)],
    ),
    "Mutation.setProductImages": (
        Permission.PRODUCTS,
        [
            (
                'mutation { setProductImages(productId: "OUR_PRODUCT", images: [{imageId: "IMAGE"}]) { id } }',
                PRODUCTS,
            ),
            ('mutation { setProductImages(productId: "THEIR_PRODUCT", images: []) { id } }', ADMIN),
        ],
    ),
    "Mutation.setCategoryImage": (
        Permission.PRODUCTS,
        [
            ('mutation { setCategoryImage(categoryId: "SHELF", imageId: "IMAGE") { id } }', PRODUCTS),
            ('mutation { setCategoryImage(categoryId: "FRUIT", imageId: null) { id } }', ADMIN),
        ],
    ),
}
IMPORTS: dict[str, Rows] = {
    "Mutation.importProducts": (
        Permission.PRODUCTS,
        [("mutation($file: Upload!) { importProducts(file: $file, format: CSV) { id } }", PRODUCTS)],
    ),
    "Query.importJob": (
        Permission.PRODUCTS,
        [('{ importJob(id: "UNKNOWN") { id } }', (NOBODY, FORBIDDEN, FORBIDDEN, NULL, FORBIDDEN, NULL))],
    ),
    "Query.importJobs": (Permission.PRODUCTS, [("{ importJobs { id errors(first: 10) { line } } }", PRODUCTS)]),
}
_FOR_BOB = (
    'mutation { createOrder(input: {customerId: "b0b00000-0000-4000-8000-000000000002", '
    'items: [{productId: "THEIR_PRODUCT", quantity: 1}]}) { id } }'
)
_OWN = 'mutation { createOrder(input: {items: [{productId: "OUR_PRODUCT", quantity: 1}]}) { id } }'
ORDERS_FIELDS: dict[str, Rows] = {
    "Query.getOrders": (Permission.SIGNED_IN, [("{ getOrders { id } }", SIGNED_IN)]),
    "Query.getOrderById": (
        Permission.SIGNED_IN,
        [
            # Alice's own.
            ('{ getOrderById(orderId: "ORDER") { id } }', (NOBODY, YES, NULL, YES, NULL, YES)),
            ('{ getOrderById(orderId: "UNKNOWN") { id } }', (NOBODY, NULL, NULL, NULL, NULL, NULL)),
        ],
    ),
    "Mutation.createOrder": (Permission.SIGNED_IN, [(_OWN, SIGNED_IN), (_FOR_BOB, ORDERS)]),
    "Query.quote": (
        Permission.ANYONE,
        [
            (
                '{ quote(input: {items: [{productId: "OUR_PRODUCT", quantity: 1}]}) '
                "{ totalAmount problems { code } priceTrace { considered { name } } } }",
                ANYONE,
            )
        ],
    ),
    "Mutation.recordOrderStatus": (
        Permission.ORDER_STATUS,
        [
            ('mutation { recordOrderStatus(orderId: "ORDER", status: PAID) { id } }', ORDERS),
            ('mutation { recordOrderStatus(orderId: "PAID_ORDER", status: REFUNDED) { id } }', ADMIN),
            ('mutation { recordOrderStatus(orderId: "UNKNOWN", status: PAID) { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Query.customerTier": (
        Permission.READ,
        [
            ('{ customerTier(customerId: "CUSTOMER") { tier tierChanges { after } } }', ORDERS),
            (
                '{ customerTier(customerId: "UNKNOWN") { tier } }',
                (NOBODY, FORBIDDEN, FORBIDDEN, NULL, FORBIDDEN, NULL),
            ),
        ],
    ),
}
ACCOUNTS: dict[str, Rows] = {
    "Query.me": (Permission.SIGNED_IN, [("{ me { id departments { id } } }", SIGNED_IN)]),
    "Query.mySessions": (Permission.SIGNED_IN, [("{ mySessions { id } }", SIGNED_IN)]),
    "Query.myAddresses": (Permission.SIGNED_IN, [("{ myAddresses { id } }", SIGNED_IN)]),
    "Mutation.register": (
        Permission.ANYONE,
        [('mutation { register(name: "E", email: "e@example.com", password: "correct horse") { message } }', ANYONE)],
    ),
    "Mutation.requestVerification": (
        Permission.ANYONE,
        [('mutation { requestVerification(email: "bob@example.com") { message } }', ANYONE)],
    ),
    "Mutation.verifyEmail": (
        Permission.ANYONE,
        [('mutation { verifyEmail(token: "VERIFICATION_TOKEN") { message } }', ANYONE)],
    ),
    "Mutation.requestEmailChange": (
        Permission.SIGNED_IN,
        [
            (
                'mutation { requestEmailChange(newEmail: "e@example.com", password: "Market-Demo-1") { message } }',
                SIGNED_IN,
            )
        ],
    ),
    "Mutation.confirmEmailChange": (
        Permission.ANYONE,
        [('mutation { confirmEmailChange(token: "EMAIL_CHANGE_TOKEN") { message } }', ANYONE)],
    ),
    "Mutation.login": (
        Permission.ANYONE,
        [('mutation { login(email: "alice@example.com", password: "Market-Demo-1") { user { id } } }', ANYONE)],
    ),
    "Mutation.refreshSession": (
        Permission.ANYONE,
        [('mutation { refreshSession(refreshToken: "REFRESH_TOKEN") { user { id } } }', ANYONE)],
    ),
    "Mutation.logout": (Permission.SIGNED_IN, [("mutation { logout }", SIGNED_IN)]),
    "Mutation.logoutEverywhere": (Permission.SIGNED_IN, [("mutation { logoutEverywhere }", SIGNED_IN)]),
    "Mutation.endSession": (
        Permission.SIGNED_IN,
        [
            ('mutation { endSession(sessionId: "THEIR_SESSION") }', NO_SUCH),
            ('mutation { endSession(sessionId: "OWN_SESSION") }', SIGNED_IN),
        ],
    ),
    "Mutation.changePassword": (
        Permission.SIGNED_IN,
        [('mutation { changePassword(currentPassword: "Market-Demo-1", newPassword: "correct horse") }', SIGNED_IN)],
    ),
    "Mutation.requestPasswordReset": (
        Permission.ANYONE,
        [('mutation { requestPasswordReset(email: "bob@example.com") { message } }', ANYONE)],
    ),
    "Mutation.resetPassword": (
        Permission.ANYONE,
        [
            (
                'mutation { resetPassword(token: "PASSWORD_RESET_TOKEN", newPassword: "correct horse") { message } }',
                ANYONE,
            )
        ],
    ),
    "Mutation.updateProfile": (
        Permission.SIGNED_IN,
        [('mutation { updateProfile(input: {phone: "+14155550123"}) { id } }', SIGNED_IN)],
    ),
    "Mutation.addAddress": (
        Permission.SIGNED_IN,
        [
            (
                'mutation { addAddress(input: {recipient: "A", line1: "1 Long Street", city: "Leeds", country: "GB"}) '
                "{ id } }",
                SIGNED_IN,
            )
        ],
    ),
    "Mutation.updateAddress": (
        Permission.SIGNED_IN,
        [
            ('mutation { updateAddress(addressId: "THEIR_ADDRESS", input: {city: "York"}) { id } }', NO_SUCH),
            ('mutation { updateAddress(addressId: "OWN_ADDRESS", input: {city: "York"}) { id } }', SIGNED_IN),
        ],
    ),
    "Mutation.removeAddress": (
        Permission.SIGNED_IN,
        [
            ('mutation { removeAddress(addressId: "THEIR_ADDRESS") }', NO_SUCH),
            ('mutation { removeAddress(addressId: "OWN_ADDRESS") }', SIGNED_IN),
        ],
    ),
    "Mutation.exportMyData": (Permission.SIGNED_IN, [("mutation { exportMyData }", SIGNED_IN)]),
    "Mutation.deleteMyAccount": (
        Permission.SIGNED_IN,
        [
            ('mutation { deleteMyAccount(password: "wrong") }', (NOBODY, WRONG, WRONG, WRONG, WRONG, WRONG)),
            # Dana is the last admin.
            ('mutation { deleteMyAccount(password: "Market-Demo-1") }', (NOBODY, YES, YES, YES, YES, CONFLICT)),
        ],
    ),
}
STAFF: dict[str, Rows] = {
    "Query.users": (Permission.USERS, [("{ users { totalCount nodes { id departments { id } } } }", USERS)]),
    "Query.user": (
        Permission.USERS,
        [
            ('{ user(userId: "LEE") { id } }', USERS),
            ('{ user(userId: "FAY") { id } }', (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, NULL, YES)),
            ('{ user(userId: "UNKNOWN") { id } }', (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, NULL, NULL)),
        ],
    ),
    "Query.invitations": (Permission.USERS, [("{ invitations { id departments { id } } }", USERS)]),
    "Query.auditLog": (Permission.ADMIN, [("{ auditLog { nodes { id action before after } } }", ADMIN)]),
    "Mutation.inviteStaff": (
        Permission.USERS,
        [
            ('mutation { inviteStaff(input: {email: "n@example.com", departmentIds: ["MARKETPLACE"]}) { id } }', USERS),
            (
                'mutation { inviteStaff(input: {email: "n@example.com", departmentIds: ["BARE"]}) { id } }',
                ADMIN_NOT_UNA,
            ),
            (
                'mutation { inviteStaff(input: {email: "n@example.com", departmentIds: ["UNKNOWN"]}) { id } }',
                NO_SUCH_PERSON,
            ),
            (
                'mutation { inviteStaff(input: {email: "n@example.com", departmentIds: ["MARKETPLACE"], '
                "rights: [REFUNDS]}) { id } }",
                ADMIN,
            ),
            ('mutation { inviteStaff(input: {email: "n@example.com", admin: true}) { id } }', ADMIN),
        ],
    ),
    "Mutation.withdrawInvitation": (
        Permission.USERS,
        [
            ('mutation { withdrawInvitation(invitationId: "UNKNOWN") }', NO_SUCH_PERSON),
            ('mutation { withdrawInvitation(invitationId: "OUR_INVITATION") }', USERS),
            ('mutation { withdrawInvitation(invitationId: "THEIR_INVITATION") }', ADMIN_NOT_UNA),
        ],
    ),
    "Mutation.acceptInvitation": (
        Permission.ANYONE,
        [
            (
                'mutation { acceptInvitation(token: "INVITATION_TOKEN", name: "E", password: "correct horse") '
                "{ message } }",
                ANYONE,
            )
        ],
    ),
    "Mutation.changeStaff": (
        Permission.USERS,
        [
            ('mutation { changeStaff(input: {userId: "UNKNOWN", rights: [USERS]}) { id } }', NO_SUCH_PERSON),
            ('mutation { changeStaff(input: {userId: "CUSTOMER", rights: [USERS]}) { id } }', NO_SUCH_PERSON),
            ('mutation { changeStaff(input: {userId: "LEE", rights: [USERS]}) { id departments { id } } }', USERS),
            ('mutation { changeStaff(input: {userId: "FAY", rights: [USERS]}) { id } }', ADMIN_NOT_UNA),
            ('mutation { changeStaff(input: {userId: "LEE", rights: [REFUNDS]}) { id } }', ADMIN),
            ('mutation { changeStaff(input: {userId: "LEE", departmentIds: ["BARE"]}) { id } }', ADMIN_NOT_UNA),
            ('mutation { changeStaff(input: {userId: "LEE", admin: true}) { id } }', ADMIN),
        ],
    ),
    "Mutation.endSessionsOf": (
        Permission.USERS,
        [
            ('mutation { endSessionsOf(userId: "UNKNOWN") }', NO_SUCH_PERSON),
            ('mutation { endSessionsOf(userId: "CUSTOMER") }', USERS),
            ('mutation { endSessionsOf(userId: "LEE") }', USERS),
            ('mutation { endSessionsOf(userId: "FAY") }', ADMIN_NOT_UNA),
        ],
    ),
    "Mutation.removeStaff": (
        Permission.USERS,
        [
            ('mutation { removeStaff(userId: "UNKNOWN") { id } }', NO_SUCH_PERSON),
            ('mutation { removeStaff(userId: "CUSTOMER") { id } }', NO_SUCH_PERSON),
            ('mutation { removeStaff(userId: "LEE") { id } }', USERS),
            ('mutation { removeStaff(userId: "FAY") { id } }', ADMIN_NOT_UNA),
        ],
    ),
    "Mutation.createDepartment": (Permission.ADMIN, [('mutation { createDepartment(name: "Bistro") { id } }', ADMIN)]),
    "Mutation.renameDepartment": (
        Permission.ADMIN,
        [('mutation { renameDepartment(departmentId: "MARKETPLACE", name: "Bistro") { id } }', ADMIN)],
    ),
    "Mutation.removeDepartment": (Permission.ADMIN, [('mutation { removeDepartment(departmentId: "BARE") }', ADMIN)]),
}
_MINE = 'productId: "OUR_PRODUCT"'
_ELSEWHERE = 'productId: "THEIR_PRODUCT"'
PRICES_AND_STOCK: dict[str, Rows] = {
    "Query.priceHistory": (
        Permission.PRODUCTS,
        [
            (f"{{ priceHistory({_MINE}) {{ nodes {{ id actorId }} }} }}", PRODUCTS),
            (f"{{ priceHistory({_ELSEWHERE}) {{ nodes {{ id }} }} }}", ADMIN),
            ('{ priceHistory(productId: "UNKNOWN") { nodes { id } } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Query.scheduledPrices": (
        Permission.PRODUCTS,
        [
            ("{ scheduledPrices { nodes { id product { id } } } }", PRODUCTS),
            (f"{{ scheduledPrices({_MINE}) {{ nodes {{ id }} }} }}", PRODUCTS),
            (f"{{ scheduledPrices({_ELSEWHERE}) {{ nodes {{ id }} }} }}", ADMIN),
        ],
    ),
    "Query.stockMovements": (
        Permission.PRODUCTS,
        [
            (f"{{ stockMovements({_MINE}) {{ nodes {{ id note }} }} }}", PRODUCTS),
            (f"{{ stockMovements({_ELSEWHERE}) {{ nodes {{ id }} }} }}", ADMIN),
            ('{ stockMovements(productId: "UNKNOWN") { nodes { id } } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Query.stockAlerts": (
        Permission.PRODUCTS,
        [("{ stockAlerts { nodes { id product { id } } } }", PRODUCTS)],
    ),
    "Mutation.adjustStock": (
        Permission.PRODUCTS,
        [
            (f"mutation {{ adjustStock({_MINE}, quantity: 1, reason: COUNTED) {{ id }} }}", PRODUCTS),
            (f"mutation {{ adjustStock({_ELSEWHERE}, quantity: 1, reason: COUNTED) {{ id }} }}", ADMIN),
            (
                'mutation { adjustStock(productId: "UNKNOWN", quantity: 1, reason: COUNTED) { id } }',
                NO_SUCH_PRODUCT,
            ),
        ],
    ),
    "Mutation.schedulePrice": (
        Permission.PRODUCTS,
        [
            (f"mutation {{ schedulePrice({_MINE}, price: 1) {{ id }} }}", PRODUCTS),
            (f"mutation {{ schedulePrice({_ELSEWHERE}, price: 1) {{ id }} }}", ADMIN),
            ('mutation { schedulePrice(productId: "UNKNOWN", price: 1) { id } }', NO_SUCH_PRODUCT),
        ],
    ),
    "Mutation.cancelScheduledPrice": (
        Permission.PRODUCTS,
        [
            ('mutation { cancelScheduledPrice(scheduledPriceId: "OUR_SCHEDULED") { id } }', PRODUCTS),
            ('mutation { cancelScheduledPrice(scheduledPriceId: "THEIR_SCHEDULED") { id } }', ADMIN),
            ('mutation { cancelScheduledPrice(scheduledPriceId: "UNKNOWN") { id } }', NO_SUCH_PRODUCT),
        ],
    ),
}
TABLE = CATALOGUE | SHELVES | IMPORTS | IMAGES | PRICES_AND_STOCK | ORDERS_FIELDS | ACCOUNTS | STAFF | REGIONS
TABLE |= DISCOUNT_FIELDS | REGION_PRICES
