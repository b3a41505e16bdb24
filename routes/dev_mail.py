"""The pages under /dev/mail, in development only: there a developer reads what the shop wrote to people."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, request

from gateways.mail.mail import Mail
from gateways.mail.mailbox import Mailbox
from routes.pages import page, secured
from utils.config import Settings
from utils.ids import find_id

# Looks and pictures of its own; no script, no request to anywhere. Its links open in a window of their own.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def make_blueprint(mailbox: Mailbox) -> Blueprint:
    """GET /dev/mail, /dev/mail/<id>, and /dev/mail/<id>/html, which is the letter alone for the frame in that page."""
    blueprint = Blueprint("dev_mail", __name__)

    def mail_of(mail_id: str) -> Mail:
        known = find_id(mail_id)
        kept = None if known is None else mailbox.find(known)
        if kept is None:
            abort(404)
        return kept.mail

    @blueprint.before_request
    def refuse_other_pages() -> None:
        # In development any page may call us; these letters are for the developer's own eyes.
        if "Origin" in request.headers:
            abort(403)

    @blueprint.before_request
    def refuse_other_names() -> None:
        # To a browser, a page of a name whose owner made it lead to this machine (DNS rebinding) is a page of ours.
        settings: Settings = current_app.extensions["shop"].settings
        if _name_of(request.host) not in {*_LOOPBACK, settings.host.lower(), _name_of(settings.public_url)}:
            abort(403, "Open this page under the name in PUBLIC_URL, or under localhost.")

    @blueprint.get("/dev/mail")
    def newest() -> Response:
        return page("dev_mail.html", here="mail", kept=mailbox.list_kept())

    @blueprint.get("/dev/mail/<mail_id>")
    def one(mail_id: str) -> Response:
        response = page("dev_mail_letter.html", here="mail", mail=mail_of(mail_id))
        response.headers["Content-Security-Policy"] += "; frame-src 'self'"
        return response

    @blueprint.get("/dev/mail/<mail_id>/html")
    def letter(mail_id: str) -> Response:
        response = secured(make_response(mail_of(mail_id).html))
        response.headers["Content-Security-Policy"] = _LETTER_POLICY
        return response

    return blueprint


def _name_of(host: str) -> str | None:
    """The name or address in a Host header or in a URL, without its port; None if it is neither."""
    try:
        return urlsplit(host if "//" in host else f"//{host}").hostname
    except ValueError:
        return None
