"""Who may call which field: one row or more for every field of Query and Mutation, with every kind of caller."""

from graphql_api.permissions import Permission

# Nobody; a customer; staff of the marketplace without any right, with READ, PRODUCTS and ORDERS, and with USERS only;
# and an admin.
CALLERS = (None, "alice", "kim", "sam", "una", "dana")

Outcome = list[str]
Expected = tuple[Outcome, Outcome, Outcome, Outcome, Outcome, Outcome]

# Done, or the codes of the refusal. NULL is an answer without an error that shows nothing.
YES: Outcome = []
NULL: Outcome = ["null"]
NOBODY: Outcome = ["UNAUTHENTICATED"]
FORBIDDEN: Outcome = ["FORBIDDEN"]
GONE: Outcome = ["NOT_FOUND"]
WRONG: Outcome = ["WRONG_CREDENTIALS"]
CONFLICT: Outcome = ["CONFLICT"]

ANYONE: Expected = (YES, YES, YES, YES, YES, YES)
SIGNED_IN: Expected = (NOBODY, YES, YES, YES, YES, YES)
PRODUCTS: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, YES, FORBIDDEN, YES)
ORDERS: Expected = PRODUCTS
USERS: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, YES, YES)
ADMIN: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, YES)
# Una looks after the marketplace only: what is elsewhere is for her as if it did not exist.
ADMIN_NOT_UNA: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, YES)
NO_SUCH: Expected = (NOBODY, GONE, GONE, GONE, GONE, GONE)
NO_SUCH_PERSON: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, GONE, GONE)

Rows = tuple[Permission, list[tuple[str, Expected]]]

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
    "Query.categories": (Permission.ANYONE, [("{ categories { id department { id } } }", ANYONE)]),
    "Query.departments": (Permission.ANYONE, [("{ departments { id slug name } }", ANYONE)]),
    "Query.regions": (Permission.ANYONE, [("{ regions { code } }", ANYONE)]),
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
TABLE = CATALOGUE | ORDERS_FIELDS | ACCOUNTS | STAFF

# By type of the schema, the fields of Query and Mutation that lead to it, where what it shows is not for everybody. A
# new way to one of these types must be written down here, and somebody has to think about who comes by it.
_TO_USERS = [
    "Mutation.changeStaff",
    "Mutation.login",
    "Mutation.refreshSession",
    "Mutation.removeStaff",
    "Mutation.updateProfile",
    "Query.me",
    "Query.user",
    "Query.users",
]
WAYS: dict[str, list[str]] = {
    "Address": ["Mutation.addAddress", "Mutation.updateAddress", "Query.myAddresses"],
    "AuditConnection": ["Query.auditLog"],
    "AuditEdge": ["Query.auditLog"],
    "AuditEntry": ["Query.auditLog"],
    "AuthPayload": ["Mutation.login", "Mutation.refreshSession"],
    "Order": ["Mutation.createOrder", "Query.getOrderById", "Query.getOrders"],
    "OrderStep": ["Mutation.createOrder", "Query.getOrderById", "Query.getOrders"],
    "Orderitem": ["Mutation.createOrder", "Query.getOrderById", "Query.getOrders"],
    "Session": ["Query.mySessions"],
    "StaffInvitation": ["Mutation.inviteStaff", "Query.invitations"],
    "User": _TO_USERS,
    "UserConnection": ["Query.users"],
    "UserEdge": ["Query.users"],
}
# What everybody may see, wherever it stands.
PUBLIC = {"Category", "Department", "Notice", "PageInfo", "Product", "ProductConnection", "ProductEdge", "Region"}
