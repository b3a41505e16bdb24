"""The page at `/`, which shows a person where to go."""

from __future__ import annotations

from flask import Blueprint, Response, request

from routes.pages import page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    """The home page; the addresses it shows for a terminal are those it was asked under."""
    return page("home.html", here="home", base=request.url_root)
