"""Mutations of staff: inviting, changing and removing them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.loading import asked_paths, load_for_invitations
from graphql_api.mutations.accounts import PASSWORD, TOKEN
from graphql_api.permissions import Permission
from graphql_api.types.accounts import Notice, User
from graphql_api.types.staff import StaffInvitation, as_invitations, as_user
from models.user import Right
from services.accounts import inviting, people, staff
from services.accounts.granting import checked_post
from services.accounts.reading import find_user
from services.accounts.staff import StaffChange
from utils.ids import parse_id
from web.limiting import Rule


@strawberry.input(description="Whom to invite, and what the person will be.")
class InviteStaffInput:
    """An invitation to be."""

    email: str = strawberry.field(description="The address to invite; with or without an account.")
    department_ids: list[str] = strawberry.field(
        default_factory=list, description="In which departments the person will work: one at least, but for admins."
    )
    rights: list[Right] = strawberry.field(
        default_factory=list, description="What the person may do; no more than the caller may."
    )
    admin: bool = strawberry.field(default=False, description="Make an admin instead; only admins do.")


@strawberry.input(description="What is to change of a member of staff; what is left out stays as it is.")
class ChangeStaffInput:
    """A change of one person's post."""

    user_id: str = strawberry.field(description="Whose account.")
    department_ids: list[str] | None = strawberry.field(
        default=None, description="In which departments the person works from now on."
    )
    rights: list[Right] | None = strawberry.field(
        default=None, description="What the person may do from now on; the caller adds no right that they have not."
    )
    admin: bool | None = strawberry.field(
        default=None,
        description="True makes an admin, false a member of staff, for whom departments must be named; only admins do.",
    )

    def change(self) -> StaffChange:
        """The same for the business."""
        return StaffChange(
            admin=self.admin,
            departments=None if self.department_ids is None else _departments(self.department_ids),
            rights=self.rights,
        )


@strawberry.type
class StaffMutation:
    """What those do who look after staff, and what the invited do."""

    @root_field(
        Permission.USERS,
        "Invites somebody to work here, by a link in a mail that is good for seven days; it takes the place of an open "
        "invitation to the same address. Admins may offer everything; other staff their own departments and rights.",
    )
    def invite_staff(
        self, info: Info, input: Annotated[InviteStaffInput, argument(description="The invitation.")]
    ) -> StaffInvitation | None:
        """Answers with a fresh read."""
        context = info.context
        context.limits.spend(Rule.INVITATION, input.email)  # a mail to somebody who did not ask for one
        post = checked_post(admin=input.admin, departments=_departments(input.department_ids), rights=input.rights)
        with context.database.write() as session:
            invitation_id = inviting.invite_staff(session, input.email, post, actor=context.actor)
        made = inviting.find_invitation(context.fresh_session(), invitation_id)
        found = [] if made is None else [made]
        load_for_invitations(context, found, asked_paths(info._raw_info))
        return next(iter(as_invitations(found)), None)

    @root_field(Permission.USERS, "Makes an open invitation worthless; true when done. See `invitations` for which.")
    def withdraw_invitation(
        self, info: Info, invitation_id: Annotated[str, argument(description="Which invitation.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(invitation_id, "invitationId")
        with context.database.write() as session:
            inviting.withdraw_invitation(session, wanted, actor=context.actor)
        return True

    @root_field(
        Permission.ANYONE,
        "Accepts an invitation, once. For an address with an account, its password must be given, and its sessions "
        "end; otherwise an account is opened. Log in afterwards.",
    )
    def accept_invitation(
        self,
        info: Info,
        token: Annotated[str, argument(description=TOKEN)],
        name: Annotated[str, argument(description="The person's name, for a new account.")],
        password: Annotated[str, argument(description=f"That of the account, or for a new one: {PASSWORD}")],
    ) -> Notice | None:
        """Refuses every other link (LINK_INVALID)."""
        shop = info.context.shop
        info.context.limits.spend(Rule.LINK, token)
        inviting.accept_invitation(
            shop.database,
            shop.passwords,
            shop.links,
            token=token,
            name=name,
            password=password,
            cache=shop.cache,
        )
        return Notice(message=inviting.ACCEPTED)

    @root_field(
        Permission.USERS,
        "Changes what a member of staff may do, and where; the person's sessions end. Admins change everybody; other "
        "staff those whose departments are all among theirs, never themselves. The last admin stays one.",
    )
    def change_staff(
        self, info: Info, input: Annotated[ChangeStaffInput, argument(description="The person and the change.")]
    ) -> User | None:
        """Answers with a fresh read."""
        context, user_id = info.context, parse_id(input.user_id, "userId")
        with context.database.write() as session:
            staff.change_staff(session, user_id, input.change(), actor=context.actor, cache=context.cache)
        return _read_again(context, user_id)

    @root_field(
        Permission.USERS,
        "Logs somebody out on all devices: any account for admins; for other staff customers, and staff whose "
        "departments are all among theirs. True when done.",
    )
    def end_sessions_of(
        self, info: Info, user_id: Annotated[str, argument(description="Whose sessions.")]
    ) -> bool | None:
        """True, or an error."""
        context, wanted = info.context, parse_id(user_id, "userId")
        with context.database.write() as session:
            people.end_sessions_of(session, wanted, actor=context.actor, cache=context.cache)
        return True

    @root_field(
        Permission.USERS,
        "Makes a customer of a member of staff; the person's sessions end, and so do open invitations of theirs. It "
        "may be done to the same people as `changeStaff`.",
    )
    def remove_staff(self, info: Info, user_id: Annotated[str, argument(description="Whose account.")]) -> User | None:
        """Answers with a fresh read."""
        context, wanted = info.context, parse_id(user_id, "userId")
        with context.database.write() as session:
            staff.remove_staff(session, wanted, actor=context.actor, cache=context.cache)
        return _read_again(context, wanted)


def _departments(ids: Sequence[str]) -> frozenset[UUID]:
    return frozenset(parse_id(each, "departmentIds") for each in ids)


def _read_again(context: Context, user_id: UUID) -> User | None:
    return as_user(find_user(context.fresh_session(), user_id))
