"""The refresh token as a cookie that no script can read, for front ends in a browser."""

from datetime import datetime

from flask import Response, after_this_request, current_app, request

from utils import clock
from utils.config import Settings
from utils.errors import Forbidden
from web.headers import is_https

# The doors that take the cookie stand below this path, and it is sent to no other.
AUTH_PATH = "/auth"
CUSTOM_HEADER = "X-Requested-With"


def hand_refresh_token(token: str, *, expires_at: datetime, path: str = AUTH_PATH) -> None:
    """Sets the cookie on the answer to the current request, for the doors below `path`."""
    lifetime = int((expires_at - clock.now()).total_seconds())
    name, secure = _name(), _is_secure()

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(name, token, max_age=lifetime, path=path, secure=secure, httponly=True, samesite="Strict")
        return response


def take_back_refresh_token(*, path: str = AUTH_PATH) -> None:
    """Deletes the cookie with the answer to the current request."""
    name, secure = _name(), _is_secure()

    @after_this_request
    def delete_cookie(response: Response) -> Response:
        response.delete_cookie(name, path=path, secure=secure, httponly=True, samesite="Strict")
        return response


def find_refresh_token() -> str | None:
    """The token in the request's cookie.

    A browser sends cookies along with whatever any page makes it send, but a header of this name only for pages of
    origins we listed. So a cookie without it is refused (FORBIDDEN): another site's page may have sent it.
    """
    token = request.cookies.get(_name())
    if token and not request.headers.get(CUSTOM_HEADER):
        raise Forbidden(f"With the cookie, send the header {CUSTOM_HEADER} with any value.")
    return token or None


def _name() -> str:
    # Browsers take a cookie of this prefix from secure addresses only, so nobody on an open network can plant one.
    return "__Secure-refresh_token" if _is_secure() else "refresh_token"


def _is_secure() -> bool:
    settings: Settings = current_app.extensions["shop"].settings
    return is_https(settings)
