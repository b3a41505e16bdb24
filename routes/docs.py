"""The documentation of the GraphQL API, made from the schema itself, at `/docs` and `/api/v1/docs`."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template
from graphql import GraphQLSchema
from markupsafe import Markup, escape

from routes.docs_model import read_schema
from routes.docs_samples import Sample
from routes.pages import finished, secured


def make_blueprint(schema: GraphQLSchema) -> Blueprint:
    """The two addresses of the page for `schema`; it is made at the first request and kept."""
    blueprint = Blueprint("docs", __name__)

    @lru_cache(maxsize=1)
    def rendered() -> str:
        return render_template("docs.html", here="docs", sections=read_schema(schema))

    @blueprint.get("/docs")
    @blueprint.get("/api/v1/docs")
    def docs() -> Response:
        return finished(secured(Response(rendered(), mimetype="text/html")))

    blueprint.add_app_template_filter(prose)
    blueprint.add_app_template_filter(playground_fragment)
    return blueprint


def prose(text: str) -> Markup:
    """A description as HTML: paragraphs at empty lines, `code` between backticks, everything else as it is written."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_with_code(part)) for part in paragraphs)


def _with_code(text: str) -> Markup:
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # a backtick without its partner is only a character
        return escape(text)
    marked = (Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))
    return Markup("").join(marked)


def playground_fragment(sample: Sample) -> str:
    """The part of a playground address that opens a sample there; it never reaches the server."""
    parts = {"query": sample.document} | ({"variables": sample.variables} if sample.variables else {})
    return urlencode(parts, quote_via=quote)
