"""Mutations of accounts: registering, and proving and changing the address."""

from typing import Annotated

import strawberry
from strawberry import argument

from graphql_api.context import Info
from graphql_api.fields import root_field
from graphql_api.permissions import Permission
from graphql_api.types.accounts import Notice
from services.accounts import changing_email, registering, verifying
from services.accounts.checking import LONGEST_PASSWORD, SHORTEST_PASSWORD
from web.limiting import Rule

PASSWORD = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, and none of those everybody tries first."
TOKEN = "What stands behind `token=` in the link of the mail."  # noqa: S105


@strawberry.type
class AccountsMutation:
    """How people open accounts, and which address is theirs."""

    @root_field(
        Permission.ANYONE,
        "Opens a customer's account and mails a link that proves the address. The answer is the same for an address "
        "that has an account; its owner gets a mail that says so.",
    )
    def register(
        self,
        info: Info,
        name: Annotated[str, argument(description="The person's name.")],
        email: Annotated[str, argument(description="The e-mail address to log in with.")],
        password: Annotated[str, argument(description=PASSWORD)],
        phone: Annotated[str | None, argument(description="A number with its country code.")] = None,
    ) -> Notice | None:
        """Refuses what is no address, password or number (INVALID_INPUT)."""
        shop = info.context.shop
        info.context.limits.spend(Rule.REGISTRATION, email)
        registering.register_customer(
            shop.database, shop.passwords, name=name, email=email, password=password, phone=phone
        )
        return Notice(message=registering.REGISTERED)

    @root_field(
        Permission.ANYONE,
        "Mails the link that proves an address once more, if an account waits for it. The answer is always the same.",
    )
    def request_verification(
        self, info: Info, email: Annotated[str, argument(description="The address to prove.")]
    ) -> Notice | None:
        """The caller learns nothing about the address."""
        info.context.limits.spend(Rule.VERIFICATION, email)
        verifying.request_verification(info.context.database, email=email)
        return Notice(message=verifying.VERIFICATION_SENT)

    @root_field(Permission.ANYONE, "Counts the address as proven to which the link was sent; a link serves once.")
    def verify_email(self, info: Info, token: Annotated[str, argument(description=TOKEN)]) -> Notice | None:
        """Refuses every other link (LINK_INVALID)."""
        shop = info.context.shop
        info.context.limits.spend(Rule.LINK, token)
        verifying.verify_email(shop.database, shop.links, token=token)
        return Notice(message=verifying.VERIFIED)

    @root_field(
        Permission.SIGNED_IN,
        "Mails a link to the new address, which counts once the link is followed; the present one gets a notice.",
    )
    def request_email_change(
        self,
        info: Info,
        new_email: Annotated[str, argument(description="The address to change to.")],
        password: Annotated[str, argument(description="The account's password.")],
    ) -> Notice | None:
        """The caller does not learn whether the address has an account."""
        context = info.context
        actor, shop = context.actor, context.shop
        context.limits.spend(Rule.LOGIN, str(actor.id))
        context.limits.spend(Rule.VERIFICATION, new_email)
        changing_email.request_email_change(
            shop.database, shop.passwords, actor=actor, new_email=new_email, password=password
        )
        return Notice(message=changing_email.EMAIL_CHANGE_SENT)

    @root_field(Permission.ANYONE, "Gives the account the address to which the link was sent; a link serves once.")
    def confirm_email_change(self, info: Info, token: Annotated[str, argument(description=TOKEN)]) -> Notice | None:
        """Refuses every other link (LINK_INVALID), and an address taken meanwhile (EMAIL_TAKEN)."""
        shop = info.context.shop
        info.context.limits.spend(Rule.LINK, token)
        changing_email.confirm_email_change(shop.database, shop.links, token=token, cache=shop.cache)
        return Notice(message=changing_email.EMAIL_CHANGED)
