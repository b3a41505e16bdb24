"""Staff, invitations and lists of accounts as the schema shows them."""

from datetime import datetime
from typing import Any, cast

import strawberry

from graphql_api.context import Info
from graphql_api.fields import described
from graphql_api.pagination import PageInfo, page_info_of
from graphql_api.types.accounts import User
from graphql_api.types.catalogue import Department
from models import StaffInvitation as InvitationRow
from models.user import Right, Role
from services.accounts.people import PeoplePage, PeopleQuery, count_people


@strawberry.type(description="An account at its place in a list.")
class UserEdge:
    """A Relay edge."""

    cursor: str = described("The account's place: pass it as `after`.")
    node: User = described("The account.")


@strawberry.type(description="A page of accounts (Relay Cursor Connections).")
class UserConnection:
    """A Relay connection; accounts are counted only when asked."""

    page: strawberry.Private[PeoplePage]
    query: strawberry.Private[PeopleQuery]

    @strawberry.field(description="The accounts of this page.")
    def nodes(self) -> list[User]:
        """Rows as sources of the type."""
        return as_users(self.page.users)

    @strawberry.field(description="The accounts of this page with their cursors.")
    def edges(self) -> list[UserEdge]:
        """One for each account."""
        return [UserEdge(cursor=self.query.cursor(row), node=as_user(row)) for row in self.page.users]

    @strawberry.field(description="Where the page begins and ends.")
    def page_info(self) -> PageInfo:
        """The cursors of the first and the last account."""
        page, query = self.page, self.query
        return page_info_of(page.users, query.cursor, has_next=page.has_next, after=query.after)

    @strawberry.field(description="How many accounts there are on all pages; counted only when asked.")
    def total_count(self, info: Info) -> int:
        """Counts in PostgreSQL."""
        return count_people(info.context.session, self.query)


@strawberry.type(description="An invitation to work here, sent by mail.")
class StaffInvitation:
    """An invitation; its source is the table's row."""

    id: strawberry.ID = described("The invitation's id; `withdrawInvitation` takes it.")
    email: str = described("The address it was sent to.")
    role: Role = described("What the invited person will be: staff, or an admin.")
    rights: list[Right] = described("What the invited person may do as staff.")
    invited_by: strawberry.ID | None = described("The id of the account that invited.")
    created_at: datetime = described("When it was sent.")
    expires_at: datetime = described("Until when it can be accepted.")
    accepted_at: datetime | None = described("When it was accepted.")
    withdrawn_at: datetime | None = described("When it was withdrawn.")

    @strawberry.field(description="The departments in which the invited person will work.")
    def departments(root: strawberry.Parent[InvitationRow], info: Info) -> list[Department]:
        """Loaded ahead by the field that gave the invitation (graphql_api/loading.py)."""
        return as_departments(info.context.departments[root.id])


def as_user(row: Any) -> User:
    """The row as a source of the type: fields read its attributes, nothing is copied."""
    return cast("User", row)


def as_users(rows: Any) -> list[User]:
    """The rows as sources of the type."""
    return cast("list[User]", rows)


def as_invitations(rows: Any) -> list[StaffInvitation]:
    """The rows as sources of the type."""
    return cast("list[StaffInvitation]", rows)


def as_departments(rows: Any) -> list[Department]:
    """The rows as sources of the type."""
    return cast("list[Department]", rows)
