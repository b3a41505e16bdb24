"""Mutations of sessions and passwords: coming in, staying, leaving."""

from typing import Annotated, cast

import strawberry
from strawberry import argument

from graphql_api.context import Context, Info
from graphql_api.fields import root_field
from graphql_api.mutations.accounts import PASSWORD, TOKEN
from graphql_api.permissions import Permission
from graphql_api.types.accounts import AuthPayload, Notice, RefreshTokenPlace, User
from services.accounts import changing_password, signing_in
from services.accounts.sessions import SignedIn
from utils.ids import parse_id
from web.cookies import hand_refresh_token, take_back_refresh_token
from web.limiting import Rule


@strawberry.type
class SessionsMutation:
    """How people log in and out, and change their passwords."""

    @root_field(Permission.ANYONE, "Logs an account in on this device.")
    def login(
        self,
        info: Info,
        email: Annotated[str, argument(description="The account's e-mail address.")],
        password: Annotated[str, argument(description="Its password.")],
        refresh_token_in: Annotated[
            RefreshTokenPlace, argument(description="Where the refresh token goes.")
        ] = RefreshTokenPlace.BODY,
    ) -> AuthPayload | None:
        """Refuses with WRONG_CREDENTIALS, whether the account exists or not."""
        context, shop = info.context, info.context.shop
        context.limits.spend(Rule.LOGIN, email)
        signed_in = signing_in.log_in(
            shop.database,
            shop.passwords,
            email=email,
            password=password,
            keeper=shop.keeper,
            device=context.device,
        )
        return _payload(context, signed_in, refresh_token_in)

    @root_field(
        Permission.ANYONE,
        "New tokens for a refresh token, which serves once: a second use ends the session, because nobody can say "
        "whose it is. Browsers, which have it in a cookie, use POST /auth/refresh.",
    )
    def refresh_session(
        self, info: Info, refresh_token: Annotated[str, argument(description="The newest refresh token.")]
    ) -> AuthPayload | None:
        """Refuses every other token (UNAUTHENTICATED)."""
        context, shop = info.context, info.context.shop
        signed_in = signing_in.refresh(
            shop.database, refresh_token=refresh_token, keeper=shop.keeper, device=context.device
        )
        return _payload(context, signed_in, RefreshTokenPlace.BODY)

    @root_field(Permission.SIGNED_IN, "Ends this session: its tokens are good for nothing from now on.")
    def logout(self, info: Info) -> bool | None:
        """True, or an error."""
        context = info.context
        with context.database.write() as session:
            signing_in.log_out(session, actor=context.actor, cache=context.cache)
        take_back_refresh_token()
        return True

    @root_field(Permission.SIGNED_IN, "Ends all sessions of the caller's account, this one among them.")
    def logout_everywhere(self, info: Info) -> bool | None:
        """True, or an error."""
        context = info.context
        with context.database.write() as session:
            signing_in.log_out_everywhere(session, actor=context.actor, cache=context.cache)
        take_back_refresh_token()
        return True

    @root_field(Permission.SIGNED_IN, "Ends one of the caller's sessions, such as that of a lost telephone.")
    def end_session(
        self, info: Info, session_id: Annotated[str, argument(description="Which session; see `mySessions`.")]
    ) -> bool | None:
        """Refuses any other id (NOT_FOUND)."""
        context, wanted = info.context, parse_id(session_id, "sessionId")
        with context.database.write() as session:
            signing_in.log_out_elsewhere(session, wanted, actor=context.actor, cache=context.cache)
        return True

    @root_field(Permission.SIGNED_IN, "Changes the caller's password, and ends all other sessions.")
    def change_password(
        self,
        info: Info,
        current_password: Annotated[str, argument(description="The password until now.")],
        new_password: Annotated[str, argument(description=PASSWORD)],
    ) -> bool | None:
        """Refuses a wrong current password (WRONG_CREDENTIALS)."""
        context, shop = info.context, info.context.shop
        context.limits.spend(Rule.LOGIN, str(context.actor.id))
        changing_password.change_password(
            shop.database,
            shop.passwords,
            actor=context.actor,
            current=current_password,
            new=new_password,
            cache=shop.cache,
        )
        return True

    @root_field(
        Permission.ANYONE,
        "Mails a link to set a new password, if the address has an account. The answer is always the same.",
    )
    def request_password_reset(
        self, info: Info, email: Annotated[str, argument(description="The account's address.")]
    ) -> Notice | None:
        """The caller learns nothing about the address."""
        info.context.limits.spend(Rule.PASSWORD_RESET, email)
        changing_password.request_password_reset(info.context.database, email=email)
        return Notice(message=changing_password.RESET_SENT)

    @root_field(
        Permission.ANYONE,
        "Sets the password of the account the link was sent to, and ends all its sessions; a link serves once.",
    )
    def reset_password(
        self,
        info: Info,
        token: Annotated[str, argument(description=TOKEN)],
        new_password: Annotated[str, argument(description=PASSWORD)],
    ) -> Notice | None:
        """Refuses every other link (LINK_INVALID)."""
        shop = info.context.shop
        info.context.limits.spend(Rule.LINK, token)
        changing_password.reset_password(
            shop.database, shop.passwords, shop.links, token=token, new=new_password, cache=shop.cache
        )
        return Notice(message=changing_password.RESET_DONE)


def _payload(context: Context, signed_in: SignedIn, place: RefreshTokenPlace) -> AuthPayload:
    in_cookie = place is RefreshTokenPlace.COOKIE
    if in_cookie:
        hand_refresh_token(signed_in.refresh_token, expires_at=signed_in.refresh_expires_at)
    return AuthPayload(
        access_token=signed_in.access_token,
        expires_in=int(context.shop.tokens.lifetime.total_seconds()),
        refresh_token=None if in_cookie else signed_in.refresh_token,
        refresh_expires_at=signed_in.refresh_expires_at,
        user=cast("User", signed_in.user),
    )
