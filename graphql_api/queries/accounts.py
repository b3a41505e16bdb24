"""Queries of accounts."""

from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.accounts import User
from services.accounts.reading import find_user


@strawberry.type
class AccountsQuery:
    """What people ask about themselves."""

    @root_field(Permission.SIGNED_IN, "The caller's own account.")
    def me(self, info: Info) -> User | None:
        """Null when the account is gone although its token is still in time."""
        return cast("User | None", find_user(info.context.session, info.context.actor.id))
