"""The door for staff who take the whole catalogue away as a file."""

from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response, request

from models.import_job import ImportFormat
from models.user import Right
from services.accounts.actor import Actor
from services.accounts.sessions import actor_of, require_live
from services.catalogue.exporting import export_products
from services.catalogue.prices.settling import settle_when_due
from utils.errors import InvalidInput, Unauthenticated
from web.callers import bearer_token
from web.limiting import Limits, Rule
from wiring import Shop

_TYPES = {ImportFormat.CSV: "text/csv; charset=utf-8", ImportFormat.JSONL: "application/jsonl; charset=utf-8"}


def make_blueprint(shop: Shop, limits: Limits) -> Blueprint:
    """GET /api/v1/products/export?format=csv|jsonl, with the access token of staff who have the right PRODUCTS.

    It is streamed. Refuses with UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT (another format) and RATE_LIMITED (of each
    format the second file within a minute, and the sixth within an hour).
    """
    blueprint = Blueprint("exports", __name__)

    @blueprint.get("/api/v1/products/export")
    def export() -> Response:
        limits.count()
        actor = _staff(shop)
        file_format = _format()
        limits.spend(Rule.EXPORT, f"products as {file_format} for {actor.id}")
        settle_when_due(shop.database, shop.cache)
        return _streamed(export_products(shop.database, file_format), file_format)

    return blueprint


def _staff(shop: Shop) -> Actor:
    token = bearer_token(request)
    if token is None:
        raise Unauthenticated("This needs an access token: send the header `Authorization: Bearer <token>`.")
    actor = actor_of(shop.tokens, token)
    if actor.session_id is not None:
        with shop.database.read() as session:
            require_live(shop.cache, actor.session_id, reading=lambda: session)
    actor.require(Right.PRODUCTS)
    return actor


def _format() -> ImportFormat:
    try:
        return ImportFormat(request.args.get("format", ImportFormat.CSV.value))
    except ValueError:
        raise InvalidInput("format must be csv or jsonl.", field="format") from None


def _streamed(pieces: Iterator[bytes], file_format: ImportFormat) -> Response:
    # Read before the first byte is sent, so that what refuses the first piece is told as a refusal.
    first = next(pieces, b"")
    response = Response(chain([first], pieces), content_type=_TYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="products.{file_format.value}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
