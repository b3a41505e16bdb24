"""The doors by which programs that speak plain JSON open accounts, log in and out, and follow links."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from routes.bodies import Body, fields_named, read_body
from services.accounts import changing_password, registering, signing_in, verifying
from services.accounts.sessions import SignedIn, actor_of, require_live
from utils.errors import InvalidInput, Unauthenticated
from web.callers import bearer_token, device_of
from web.cookies import AUTH_PATH, find_refresh_token, hand_refresh_token, take_back_refresh_token
from web.limiting import Limits, Rule
from wiring import Shop

_BODY, _COOKIE = "body", "cookie"


def make_blueprint(shop: Shop, limits: Limits) -> Blueprint:
    """POST /auth/register, login, refresh, logout, verify, verification, password-reset and password-reset/confirm.

    The same stand below /api/v1/auth, where a name is `full_name`; POST /users/ is /auth/register.
    """
    blueprint = Blueprint("accounts", __name__)
    blueprint.before_request(limits.count_post)
    for prefix, name_field in ((AUTH_PATH, "name"), ("/api/v1/auth", "full_name")):
        doors = Doors(shop, limits, prefix, name_field)
        for path, door in doors.by_path().items():
            blueprint.add_url_rule(f"{prefix}/{path}", f"{prefix}/{path}", door, methods=["POST"])
    blueprint.add_url_rule("/users/", "users", Doors(shop, limits).register, methods=["POST"])
    return blueprint


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors below one prefix, where a person's name goes by one name."""

    shop: Shop
    limits: Limits
    prefix: str = AUTH_PATH
    name_field: str = "name"

    def by_path(self) -> dict[str, Callable[[], Response]]:
        """Each door by what stands behind the prefix."""
        return {
            "register": self.register,
            "login": self.log_in,
            "refresh": self.refresh,
            "logout": self.log_out,
            "verify": self.verify,
            "verification": self.request_verification,
            "password-reset": self.request_password_reset,
            "password-reset/confirm": self.reset_password,
        }

    def register(self) -> Response:
        """Opens an account and mails a link; the answer never says whether the address has one, and holds no token."""
        body = read_body()
        name, email, password = body.word(self.name_field), body.word("email"), body.word("password")
        phone = body.find_word("phone")
        self.limits.spend(Rule.REGISTRATION, email)
        with fields_named({"name": self.name_field}):
            registering.register_customer(
                self.shop.database, self.shop.passwords, name=name, email=email, password=password, phone=phone
            )
        return _told(registering.REGISTERED, 202)

    def log_in(self) -> Response:
        """Tokens for an address and a password. Refuses others with WRONG_CREDENTIALS."""
        body = read_body()
        email, password, place = body.word("email"), body.word("password"), _place(body)
        self.limits.spend(Rule.LOGIN, email)
        signed_in = signing_in.log_in(
            self.shop.database,
            self.shop.passwords,
            email=email,
            password=password,
            keeper=self.shop.keeper,
            device=device_of(request),
        )
        return self._signed_in(signed_in, place)

    def refresh(self) -> Response:
        """New tokens for a refresh token; whence it came, there goes the next one. Refuses with UNAUTHENTICATED."""
        sent = read_body(may_be_absent=True).find_word("refresh_token")
        token = sent or find_refresh_token()
        if token is None:
            raise Unauthenticated("This needs a refresh token, in the body or in the cookie.")
        try:
            signed_in = signing_in.refresh(
                self.shop.database, refresh_token=token, keeper=self.shop.keeper, device=device_of(request)
            )
        except Unauthenticated:
            if not sent:
                take_back_refresh_token(path=self.prefix)
            raise
        return self._signed_in(signed_in, _BODY if sent else _COOKIE)

    def log_out(self) -> Response:
        """Ends the session whose refresh token (in the body or the cookie) or access token came. Deletes the cookie.

        Refuses (UNAUTHENTICATED) a request without any, or with an access token alone that is not good.
        """
        self._end_session(read_body(may_be_absent=True).find_word("refresh_token"), bearer_token(request))
        take_back_refresh_token(path=self.prefix)
        return Response(status=204)

    def verify(self) -> Response:
        """Proves the address the link was sent to. Refuses other links with LINK_INVALID."""
        token = read_body().word("token")
        self.limits.spend(Rule.LINK, token)
        verifying.verify_email(self.shop.database, self.shop.links, token=token)
        return _told(verifying.VERIFIED, 200)

    def request_verification(self) -> Response:
        """Mails that link once more, if an account waits for it; the caller does not learn whether."""
        email = read_body().word("email")
        self.limits.spend(Rule.VERIFICATION, email)
        verifying.request_verification(self.shop.database, email=email)
        return _told(verifying.VERIFICATION_SENT, 202)

    def request_password_reset(self) -> Response:
        """Mails a link to set a new password, if the address has an account; the caller does not learn whether."""
        email = read_body().word("email")
        self.limits.spend(Rule.PASSWORD_RESET, email)
        changing_password.request_password_reset(self.shop.database, email=email)
        return _told(changing_password.RESET_SENT, 202)

    def reset_password(self) -> Response:
        """Sets the password of the account the link is for. Refuses other links with LINK_INVALID."""
        body, shop = read_body(), self.shop
        token, new = body.word("token"), body.word("new_password")
        self.limits.spend(Rule.LINK, token)
        with fields_named({"newPassword": "new_password"}):
            changing_password.reset_password(
                shop.database, shop.passwords, shop.links, token=token, new=new, cache=shop.cache
            )
        return _told(changing_password.RESET_DONE, 200)

    def _end_session(self, refresh_token: str | None, access_token: str | None) -> None:
        if refresh_token is None and access_token is not None:
            try:
                return self._end_session_of(access_token)
            except Unauthenticated:
                # Whose access token has expired meanwhile may still have the cookie.
                refresh_token = find_refresh_token()
                if refresh_token is None:
                    raise
        token = refresh_token or find_refresh_token()
        if token is None:
            raise Unauthenticated("This needs an access token, or a refresh token in the body or the cookie.")
        with self.shop.database.write() as session:
            signing_in.log_out_with(session, refresh_token=token, cache=self.shop.cache)
        return None

    def _end_session_of(self, access_token: str) -> None:
        shop = self.shop
        actor = actor_of(shop.tokens, access_token)
        with shop.database.write() as session:
            if actor.session_id is not None:
                require_live(shop.cache, actor.session_id, reading=lambda: session)
            signing_in.log_out(session, actor=actor, cache=shop.cache)

    def _signed_in(self, signed_in: SignedIn, place: str) -> Response:
        user = signed_in.user
        refresh_token = {"refresh_token": signed_in.refresh_token} if place == _BODY else {}
        if place == _COOKIE:
            hand_refresh_token(signed_in.refresh_token, expires_at=signed_in.refresh_expires_at, path=self.prefix)
        return _secret(
            jsonify(
                access_token=signed_in.access_token,
                token_type="bearer",  # noqa: S106 - the name of a kind of token
                expires_in=int(self.shop.tokens.lifetime.total_seconds()),
                user={"user_id": str(user.id), self.name_field: user.name, "email": user.email, "role": user.role},
                **refresh_token,
            )
        )


def _place(body: Body) -> str:
    place = body.find_word("refresh_token_in") or _BODY
    if place not in (_BODY, _COOKIE):
        raise InvalidInput("refresh_token_in must be body or cookie.", field="refresh_token_in")
    return place


def _told(message: str, status: int) -> Response:
    response = _secret(jsonify(message=message))
    response.status_code = status
    return response


def _secret(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
