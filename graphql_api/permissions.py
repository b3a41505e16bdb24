"""Who may call a field: declared on the field, shown in its description, checked in one place."""

from enum import Enum
from typing import TYPE_CHECKING

from utils.errors import Forbidden

if TYPE_CHECKING:
    from graphql_api.context import Context


class Permission(Enum):
    """What a caller must be; the value is what the field's description says."""

    ANYONE = "anyone, without a token"
    SIGNED_IN = "anyone who is signed in"
    STAFF = "staff"

    def check(self, context: "Context") -> None:
        """Refuses a caller without a valid token (UNAUTHENTICATED), or without the right (FORBIDDEN)."""
        if self is Permission.ANYONE:
            return
        actor = context.actor
        if self is Permission.STAFF and not actor.is_staff:
            raise Forbidden("This needs an account of the shop's staff.")
