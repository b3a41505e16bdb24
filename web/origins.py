"""Which pages of other origins may call from a browser and read the answers: CORS."""

import re
from typing import Any

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.exceptions import NotFound

from utils.config import Settings
from utils.config_web import ANY_ORIGIN

_OPTIONS: dict[str, Any] = {
    "methods": ["GET", "POST", "OPTIONS"],
    "allow_headers": [
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-None-Match",
        "X-Region",
        "X-Request-Id",
        "X-Requested-With",
        # What Apollo's clients send along.
        "Apollo-Require-Preflight",
        "ApolloGraphQL-Client-Name",
        "ApolloGraphQL-Client-Version",
        "X-Apollo-Operation-Id",
        "X-Apollo-Operation-Name",
    ],
    "expose_headers": ["ETag", "Retry-After", "X-Cache", "X-Request-Id"],
    # As long as browsers remember a preflight.
    "max_age": 7200,
    "intercept_exceptions": False,
}


def admit_origins(app: Flask, settings: Settings) -> None:
    """Lets the listed origins call, with cookies; in development, with none or `*` listed, any, without cookies.

    In production with none listed, nobody's page but ours may. A preflight is answered before anything is counted.
    """
    if ANY_ORIGIN in settings.cors_origins or (not settings.cors_origins and settings.environment != "production"):
        CORS(app, origins=ANY_ORIGIN, send_wildcard=True, **_OPTIONS)
    elif settings.cors_origins:
        # As patterns for the whole of it: the library would take the brackets of http://[::1]:3000 for a pattern.
        exact = [re.compile(rf"{re.escape(origin)}\Z") for origin in settings.cors_origins]
        CORS(app, origins=exact, supports_credentials=True, always_send=False, vary_header=False, **_OPTIONS)
        app.after_request(_varied)
    else:
        return
    app.before_request(_answer_preflight)


def _answer_preflight() -> Response | None:
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not is_preflight or "Origin" not in request.headers or isinstance(request.routing_exception, NotFound):
        return None
    return Response(status=204)


def _varied(response: Response) -> Response:
    """Also the answer to our own page varies on the origin: a cache must not hand it to another one's."""
    said = response.headers.get("Vary")
    response.headers["Vary"] = f"{said}, Origin" if said else "Origin"
    return response
