"""Who may call a field: declared on the field, shown in its description, checked in one place."""

from enum import Enum
from typing import TYPE_CHECKING

from models.user import Right
from utils.errors import Forbidden

if TYPE_CHECKING:
    from graphql_api.context import Context


class Permission(Enum):
    """What a caller must be; the value is what the field's description says."""

    ANYONE = "anyone, without a token"
    SIGNED_IN = "anyone who is signed in"
    PRODUCTS = "staff with the right PRODUCTS"
    DISCOUNTS = "staff with the right DISCOUNTS"
    USERS = "staff with the right USERS"
    READ = "staff with the right READ"
    ORDER_STATUS = "staff with the right ORDERS, or REFUNDS"
    ADMIN = "admins"

    def check(self, context: "Context") -> None:
        """Refuses a caller without a valid token (UNAUTHENTICATED), or without the right (FORBIDDEN)."""
        if self is Permission.ANYONE:
            return
        actor = context.actor
        if self is Permission.ADMIN and not actor.is_admin:
            raise Forbidden("This needs an admin.")
        if self is Permission.ORDER_STATUS and not (actor.may(Right.ORDERS) or actor.may(Right.REFUNDS)):
            raise Forbidden("This needs a member of staff with the right ORDERS or REFUNDS.")
        if self in _RIGHTS:
            actor.require(_RIGHTS[self])


_RIGHTS = {
    Permission.PRODUCTS: Right.PRODUCTS,
    Permission.USERS: Right.USERS,
    Permission.READ: Right.READ,
    Permission.DISCOUNTS: Right.DISCOUNTS,
}
