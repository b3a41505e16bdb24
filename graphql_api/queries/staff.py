"""Queries of departments, of people, and of invitations."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_invitations, load_for_users
from graphql_api.pagination import After, First
from graphql_api.permissions import Permission
from graphql_api.types.accounts import User
from graphql_api.types.catalogue import Department
from graphql_api.types.staff import StaffInvitation, UserConnection, as_invitations
from models.user import Role
from services.accounts import departments, inviting, people
from services.accounts.inviting import MOST_INVITATIONS
from services.accounts.people import PeopleQuery
from utils.ids import find_id


@strawberry.type
class StaffQuery:
    """What those ask who look after people; departments are no secret, the catalogue shows them."""

    @root_field(Permission.ANYONE, "The departments of the shop, by name.")
    def departments(self, info: Info) -> list[Department]:
        """All of them."""
        return cast("list[Department]", departments.list_departments(info.context.session))

    @root_field(
        Permission.USERS,
        "Accounts, the newest first, page by page. Admins see all; other staff see customers, and staff with whom they "
        "share a department.",
    )
    def users(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        role: Annotated[Role | None, argument(description="Only accounts of this kind.")] = None,
        email: Annotated[
            str | None, argument(description="Only accounts whose address is this one, or begins with it.")
        ] = None,
    ) -> UserConnection:
        """Relay's list."""
        context = info.context
        query = PeopleQuery(actor=context.actor, first=first, after=after, role=role, email=email)
        page = people.list_people(context.session, query)
        for prefix in ("edges.node.", "nodes."):
            load_for_users(context, page.users, asked_paths(info._raw_info), prefix)
        return UserConnection(page=page, query=query)

    @root_field(Permission.USERS, "The account with this id, or null; one that `users` would not show is null, too.")
    def user(self, info: Info, user_id: Annotated[str, argument(description="The account's id.")]) -> User | None:
        """What is no id finds nothing."""
        context, wanted = info.context, find_id(user_id)
        return cast(
            "User | None",
            None if wanted is None else people.find_person(context.session, wanted, actor=context.actor),
        )

    @root_field(
        Permission.USERS,
        f"The newest open invitations, at most {MOST_INVITATIONS}: all for admins; for other staff those into their "
        "own departments.",
    )
    def invitations(self, info: Info) -> list[StaffInvitation]:
        """Those that the caller may withdraw."""
        context = info.context
        found = inviting.list_invitations(context.session, actor=context.actor)
        load_for_invitations(context, found, asked_paths(info._raw_info))
        return as_invitations(found)
