"""Queries of accounts."""

from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.accounts import Session, User
from services.accounts.reading import find_account
from services.accounts.sessions import list_sessions


@strawberry.type
class AccountsQuery:
    """What people ask about themselves."""

    @root_field(Permission.SIGNED_IN, "The caller's own account.")
    def me(self, info: Info) -> User | None:
        """Null when the account is gone although its token is still in time."""
        return cast("User | None", find_account(info.context.session, info.context.actor.id))

    @root_field(Permission.SIGNED_IN, "The devices on which the caller is signed in, the one used last first.")
    def my_sessions(self, info: Info) -> list[Session]:
        """Nobody sees anybody else's."""
        actor = info.context.actor
        return [
            Session(
                id=strawberry.ID(str(stay.id)),
                created_at=stay.created_at,
                last_used_at=stay.last_used_at,
                expires_at=stay.expires_at,
                user_agent=stay.user_agent,
                network=stay.network,
                is_current=stay.id == actor.session_id,
            )
            for stay in list_sessions(info.context.session, actor.id)
        ]
