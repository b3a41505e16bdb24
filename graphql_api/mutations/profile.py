"""Mutations of one's own account: what it says, taking its data along, and going for good."""

from typing import Annotated, cast

import orjson
import strawberry
from strawberry import argument
from strawberry.scalars import JSON

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.mutations.product_inputs import left_out
from graphql_api.permissions import Permission
from graphql_api.types.accounts import User
from services.accounts import erasing, exporting, profile
from services.accounts.checking import LONGEST_NAME
from services.accounts.profile import ProfileChange
from services.accounts.reading import find_user
from services.orders.exporting import export_orders
from services.pricing.exporting import export_pricing
from web.limiting import Rule


@strawberry.input(description="What is to change in the caller's profile; what is left out stays.")
class ProfileInput:
    """A change of the caller's own account."""

    name: str | None = strawberry.field(
        default=None, description=f"The person's name, at most {LONGEST_NAME} characters. Left out or null: stays."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="A number with its country code. Left out: stays; null or empty: removed.",
    )

    region: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The code of the region whose prices the person wants to see. Access tokens name it from the next "
        "one on (`refreshSession`). Left out: stays; null: the home region.",
    )

    def change(self) -> ProfileChange:
        """The same for the account, which knows an empty number for one that is removed, and None for what stays."""
        phone = None if self.phone is strawberry.UNSET else self.phone or ""
        return ProfileChange(name=self.name, phone=phone, region=left_out(self.region))


@strawberry.type
class ProfileMutation:
    """What people do with their own accounts."""

    @root_field(Permission.SIGNED_IN, "Changes the caller's name, telephone number and region.")
    def update_profile(
        self, info: Info, input: Annotated[ProfileInput, argument(description="The change.")]
    ) -> User | None:
        """Refuses a name, a number or a region we do not take (INVALID_INPUT); answers with a fresh read."""
        context = info.context
        with context.database.write() as session:
            profile.update_profile(session, input.change(), actor=context.actor)
        return cast("User | None", find_user(context.fresh_session(), context.actor.id))

    @root_field(
        Permission.SIGNED_IN,
        "All that the shop holds about the caller, by section: account, addresses, sessions, departments, invitations, "
        "invitationsSent, links, idempotencyKeys, auditLog, tier, tierChanges, discountsForYou, discountUses, orders. "
        "Amounts and ids are strings, times ISO 8601. Of sessions, "
        f"invitationsSent, links, idempotencyKeys and auditLog it holds the newest {exporting.MOST_ROWS:,} "
        "each, and the section totals says how many there are. The audit log notes that it was asked for. Once a "
        "minute, five times an hour.",
    )
    def export_my_data(self, info: Info) -> JSON | None:
        """Never a password, a token or a hash of them. A second one in a request comes too often (RATE_LIMITED)."""
        context = info.context
        context.limits.spend(Rule.EXPORT, str(context.actor.id))
        with context.database.write() as session:
            held = exporting.export_account(session, actor=context.actor)
            held |= export_pricing(session, customer_id=context.actor.id)
            held["orders"] = export_orders(session, customer_id=context.actor.id)
        # As text from here on, which takes a fifth of the room until the answer is written.
        return cast("JSON", orjson.Fragment(orjson.dumps(held)))

    @root_field(
        Permission.SIGNED_IN,
        "Erases the caller's account for good: personal data goes, all devices are logged out at once, and orders stay "
        "for the books under a pseudonym. The last admin cannot go.",
    )
    def delete_my_account(
        self, info: Info, password: Annotated[str, argument(description="The account's password.")]
    ) -> bool | None:
        """Refuses a wrong password (WRONG_CREDENTIALS), and the last admin (CONFLICT)."""
        context, shop = info.context, info.context.shop
        context.limits.spend(Rule.LOGIN, str(context.actor.id))
        erasing.delete_account(shop.database, shop.passwords, actor=context.actor, password=password, cache=shop.cache)
        return True
