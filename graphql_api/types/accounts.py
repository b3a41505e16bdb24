"""Accounts as the schema shows them."""

from datetime import datetime

import strawberry

from graphql_api.fields import describe_enum, described
from models.user import Role

describe_enum(
    Role,
    description="What kind of account it is; rights follow from it.",
    each={
        Role.CUSTOMER: "Buys.",
        Role.STAFF: "Works for the shop, in one department or more.",
        Role.ADMIN: "May do everything.",
    },
)


@strawberry.type(description="An account of a customer or of somebody who works for the shop.")
class User:
    """An account; its source is the table's row."""

    id: strawberry.ID = described("The account's id; orders carry it as customerId.")
    email: str = described("The e-mail address it logs in with.")
    name: str = described("The person's name.")
    role: Role = described("What kind of account it is.")
    created_at: datetime = described("When it was opened.")


@strawberry.type(description="An account and the token that speaks for it.")
class AuthPayload:
    """The answer to `register` and `login`."""

    access_token: str = described("Send it as the header `Authorization: Bearer <token>`.")
    user: User = described("The account.")
