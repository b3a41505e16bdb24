"""What every answer carries: the request's id, and the headers that tell browsers what they must not do with it."""

import os
import re

import structlog
from flask import Flask, Response, request

from utils import log
from utils.config import Settings
from utils.errors import DomainError

REQUEST_ID = "X-Request-Id"
# A UUID, or its 32 digits. Any other word could say something about a person, and the audit log keeps ids for ever.
_AS_UUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
# What pages for people set otherwise (routes/pages.py) stays as they set it.
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # An answer for programs loads nothing, and stands in nobody's frame.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# OWASP ASVS 5.0, 3.4.1: a year at least, and for every name below this one.
_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def is_https(settings: Settings) -> bool:
    """Whether people reach the shop by https only; in production they do, or the program does not start."""
    return settings.public_url.startswith("https://")


def retry_header(refusal: DomainError) -> dict[str, str]:
    """The header that tells programs when to come again, for refusals that say so."""
    seconds = refusal.details.get("retryAfter")
    return {} if seconds is None else {"Retry-After": str(seconds)}


def new_request_id(sent: str) -> str:
    """The caller's X-Request-Id if it is a UUID; what else a caller writes there is kept and logged nowhere."""
    return sent if sent and _AS_UUID.fullmatch(sent) else os.urandom(16).hex()


def register(app: Flask, settings: Settings) -> None:
    """Gives every request an id, and every answer its headers. Register it first: then it has the last word."""
    always = _ALWAYS | (_ONLY_HTTPS if is_https(settings) else {})
    wanted = [(name.lower(), name, value) for name, value in always.items()]

    @app.before_request
    def begin() -> None:
        log.bind_request(new_request_id(request.headers.get(REQUEST_ID, "")))

    @app.after_request
    def complete(response: Response) -> Response:
        headers = response.headers
        present = {name.lower() for name, _ in headers}
        headers.add(REQUEST_ID, log.request_id() or "")
        for lower, name, value in wanted:
            if lower not in present:
                headers.add(name, value)
        return response

    @app.teardown_request
    def end(_fault: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()  # the thread's next lines are not this request's
