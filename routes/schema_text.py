"""The door to the schema's text, for tools that generate code."""

from flask import Blueprint, Response


def make_blueprint(text: str) -> Blueprint:
    """GET /schema.graphql: the schema in its definition language."""
    blueprint = Blueprint("schema_text", __name__)

    @blueprint.get("/schema.graphql")
    def schema_text() -> Response:
        response = Response(text, content_type="text/plain; charset=utf-8")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return blueprint
