"""Mutations of accounts: coming in."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.accounts import AuthPayload, User
from services.accounts import signing_in
from services.accounts.registering import LONGEST_PASSWORD, SHORTEST_PASSWORD
from services.accounts.signing_in import SignedIn

_PASSWORD = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."


@strawberry.type
class AccountsMutation:
    """How people open accounts and log in."""

    @root_field(Permission.ANYONE, "Opens a customer's account and logs it in.")
    def register(
        self,
        info: Info,
        name: Annotated[str, argument(description="The person's name.")],
        email: Annotated[str, argument(description="The e-mail address to log in with.")],
        password: Annotated[str, argument(description=_PASSWORD)],
    ) -> AuthPayload | None:
        """Refuses a taken address (EMAIL_TAKEN)."""
        shop = info.context.shop
        return _payload(
            signing_in.register_and_log_in(
                shop.database, shop.passwords, shop.tokens, name=name, email=email, password=password
            )
        )

    @root_field(Permission.ANYONE, "Logs an account in.")
    def login(
        self,
        info: Info,
        email: Annotated[str, argument(description="The account's e-mail address.")],
        password: Annotated[str, argument(description="Its password.")],
    ) -> AuthPayload | None:
        """Refuses with WRONG_CREDENTIALS, whether the account exists or not."""
        shop = info.context.shop
        return _payload(signing_in.log_in(shop.database, shop.passwords, shop.tokens, email=email, password=password))


def _payload(signed_in: SignedIn) -> AuthPayload:
    return AuthPayload(access_token=signed_in.access_token, user=cast("User", signed_in.user))
