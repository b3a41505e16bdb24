"""The page on which a person tries the API: GraphiQL, served whole from this program."""

from __future__ import annotations

import secrets

from flask import Response, make_response, render_template

from routes.pages import has_static, secured
from routes.playground_examples import DEMO_ACCOUNTS, DEMO_PASSWORD, LOG_IN, example_tabs

FILES = ("vendor/react.min.js", "vendor/react-dom.min.js", "vendor/graphiql.min.js", "vendor/graphiql.min.css")


def playground_page(*, development: bool) -> Response:
    """The HTML answer of `/graphql`; the demo's accounts stand in it only when `development` is true.

    Without the playground's files (they come from npm) it is a page that says how to install them, with status 200:
    the address is right, and the API behind it works.
    """
    if not all(map(has_static, FILES)):
        return _varied(secured(make_response(render_template("playground_missing.html", here="playground"))))
    # One library inside GraphiQL writes a style element; the nonce admits it instead of 'unsafe-inline'.
    nonce = secrets.token_urlsafe(16)
    start = _start(development=development)
    html = render_template("playground.html", here="playground", start=start, style_nonce=nonce)
    return _varied(secured(make_response(html), style_nonce=nonce))


def _start(*, development: bool) -> dict[str, object]:
    """What static/playground.js reads from the page."""
    return {
        "tabs": example_tabs(development=development),
        "login": LOG_IN,
        "accounts": [
            {"name": name, "role": role, "login": {"email": email, "password": DEMO_PASSWORD}}
            for name, email, role in (DEMO_ACCOUNTS if development else ())
        ],
    }


def _varied(response: Response) -> Response:
    """The same address answers JSON to programs, so nobody between may mix the two up."""
    response.vary.add("Accept")
    return response
