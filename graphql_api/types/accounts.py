"""Accounts and sessions as the schema shows them."""

from datetime import datetime
from enum import Enum
from typing import cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import describe_enum, described
from graphql_api.loading import standing_of
from graphql_api.pagination import First
from graphql_api.types import tiers
from graphql_api.types.catalogue import Department
from graphql_api.types.regions import Region
from graphql_api.types.tiers import TierChange
from models import User as UserRow
from models.discount import Tier
from models.user import Right, Role
from services.accounts.departments import list_departments_of

describe_enum(
    Role,
    description="What kind of account it is; rights follow from it.",
    each={
        Role.CUSTOMER: "Buys.",
        Role.STAFF: "Works for the shop, in one department or more, with the rights it was given.",
        Role.ADMIN: "May do everything.",
    },
)
describe_enum(
    Right,
    description="What a member of staff may do; an admin has all rights, a customer none.",
    each={
        Right.READ: "See everybody's orders.",
        Right.PRODUCTS: "Add, change and withdraw products of the own departments.",
        Right.DISCOUNTS: "Make and end discounts of the own departments.",
        Right.ORDERS: "Place and handle orders of customers.",
        Right.REFUNDS: "Give money back.",
        Right.USERS: "Find accounts; invite and look after staff of the own departments.",
    },
)


class RefreshTokenPlace(Enum):
    """Where a client keeps the refresh token."""

    BODY = "body"
    COOKIE = "cookie"


describe_enum(
    RefreshTokenPlace,
    description="Where the refresh token goes.",
    each={
        RefreshTokenPlace.BODY: "Into the answer: for apps, which have a safe place for it.",
        RefreshTokenPlace.COOKIE: "Into a cookie that no script can read, sent to /auth only: for browsers. Refresh "
        "and log out there by POST /auth/refresh and /auth/logout, with the header X-Requested-With.",
    },
)


@strawberry.type(description="An account of a customer or of somebody who works for the shop.")
class User:
    """An account; its source is the table's row."""

    id: strawberry.ID = described("The account's id; orders carry it as customerId.")
    email: str = described("The e-mail address it logs in with.")
    email_verified: bool = described("Whether the address was proven.")
    name: str = described("The person's name.")
    phone: str | None = described("The telephone number, as +14155550123.")
    role: Role = described("What kind of account it is.")
    rights: list[Right] = described("What the account may do as staff; empty for admins, who may do everything.")
    created_at: datetime = described("When it was opened.")

    @strawberry.field(
        description="The region whose prices the person wants to see; null: the home region. `updateProfile` sets it."
    )
    def region(root: strawberry.Parent[UserRow], info: Info) -> Region | None:
        """Found among all regions, which every process remembers."""
        code = root.region_code
        return None if code is None else cast("Region | None", info.context.regions.find(code))

    @strawberry.field(description="The departments in which it works, by name; none for customers and admins.")
    def departments(root: strawberry.Parent[UserRow], info: Info) -> list[Department]:
        """A list of accounts loads them ahead (graphql_api/loading.py)."""
        known = info.context.departments
        if root.id not in known:
            known.update(list_departments_of(info.context.session, [root.id]))
        return cast("list[Department]", known[root.id])

    @strawberry.field(description=tiers.TIER)
    def tier(root: strawberry.Parent[UserRow], info: Info) -> Tier:
        """A list of accounts loads them ahead (graphql_api/loading.py)."""
        return standing_of(info.context, root.id).tier

    @strawberry.field(description=tiers.ORDERS)
    def successful_orders(root: strawberry.Parent[UserRow], info: Info) -> int:
        """Loaded with the tier."""
        return standing_of(info.context, root.id).successful_orders

    @strawberry.field(description=tiers.TO_NEXT)
    def orders_to_next_tier(root: strawberry.Parent[UserRow], info: Info) -> int | None:
        """Loaded with the tier."""
        return tiers.to_next_tier(info, standing_of(info.context, root.id))

    @strawberry.field(description=tiers.CHANGES)
    def tier_changes(root: strawberry.Parent[UserRow], info: Info, first: First = 20) -> list[TierChange]:
        """One statement for all accounts of a list."""
        return tiers.changes_of(info, root.id, first)


@strawberry.type(description="An account and the tokens that speak for it.")
class AuthPayload:
    """The answer to `login` and `refreshSession`."""

    access_token: str = described("Send it as the header `Authorization: Bearer <token>`.")
    expires_in: int = described("In how many seconds the access token expires.")
    refresh_token: str | None = described(
        "Trade it for new tokens, once, before it expires; null when it went into the cookie."
    )
    refresh_expires_at: datetime = described("When the refresh token expires.")
    user: User = described("The account.")


@strawberry.type(description="What a person is told; the same whatever we know.")
class Notice:
    """The answer to requests that end in a mail."""

    message: str = described("One or two sentences to show.")


@strawberry.type(description="A device that is signed in.")
class Session:
    """One session of the caller."""

    id: strawberry.ID = described("The session's id; `endSession` takes it.")
    created_at: datetime = described("When it began.")
    last_used_at: datetime = described("When it last fetched new tokens, or began.")
    expires_at: datetime = described("When it ends if it is not used.")
    user_agent: str | None = described("What the device's program calls itself.")
    network: str | None = described("The network address it last came from.")
    is_current: bool = described("Whether it is the one that asks.")
