"""Who calls in the table of permissions, and what comes of it."""

from graphql_api.permissions import Permission

# Nobody; a customer; staff of the marketplace without any right, with READ, PRODUCTS and ORDERS, and with USERS and
# DISCOUNTS;
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

DISCOUNTS: Expected = USERS
NULL_TO_DISCOUNTS: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, FORBIDDEN, NULL, NULL)
NO_SUCH_DISCOUNT: Expected = NO_SUCH_PERSON

Rows = tuple[Permission, list[tuple[str, Expected]]]
NO_SUCH_PRODUCT: Expected = (NOBODY, FORBIDDEN, FORBIDDEN, GONE, FORBIDDEN, GONE)
