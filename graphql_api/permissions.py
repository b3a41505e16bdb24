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
    USERS = "staff with the right USERS"
    ADMIN = "admins"

    def check(self, context: "Context") -> None:
        """Refuses a caller without a valid token (UNAUTHENTICATED), or without the right (FORBIDDEN)."""
        if self is Permission.ANYONE:
            return
        actor = context.actor
        if self is Permission.ADMIN and not actor.is_admin:
            raise Forbidden("This needs an admin.")
        if self in _RIGHTS:
            actor.require(_RIGHTS[self])


_RIGHTS = {Permission.PRODUCTS: Right.PRODUCTS, Permission.USERS: Right.USERS}
