"""The door for pictures: each under an address that never shows another one."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, abort, request
from werkzeug.wsgi import wrap_file

from gateways.storage.storage import NAMES, Key, Kind, Rendition, Storage, Stored
from utils.ids import find_id
from wiring import Shop

A_YEAR = 31_536_000
# The worker makes smaller sizes within seconds, as a rule.
A_MOMENT = 60


class _Found(NamedTuple):
    """A file, and whether it is what the address names for good."""

    key: Key
    stored: Stored
    is_final: bool


def make_blueprint(shop: Shop) -> Blueprint:
    """GET and HEAD /media/<id>/<name>: names are looked up in the table of those there are, and lead nowhere else."""
    blueprint = Blueprint("media", __name__)

    @blueprint.get("/media/<image_id>/<name>")
    def picture(image_id: str, name: str) -> Response:
        named, known = NAMES.get(name), find_id(image_id)
        found = None if named is None or known is None else _find(shop.storage, Key(known, *named))
        return abort(404) if found is None else _answer(found)

    return blueprint


def _find(storage: Storage, key: Key) -> _Found | None:
    """The file of this key; in place of a size that is not made yet, the original."""
    stored = storage.open(key)
    if stored is not None:
        return _Found(key, stored, is_final=True)
    if key.rendition is Rendition.ORIGINAL:
        return None
    for kind in Kind:
        original = Key(key.image_id, Rendition.ORIGINAL, kind)
        if (stored := storage.open(original)) is not None:
            return _Found(original, stored, is_final=False)
    return None


def _answer(found: _Found) -> Response:
    # Handed on piece by piece, or by the system itself where the server can.
    body = wrap_file(request.environ, found.stored.file)
    response = Response(body, content_type=found.key.kind.value, direct_passthrough=True)
    response.content_length = found.stored.byte_count
    response.set_etag(f"{found.key.image_id.hex}-{found.key.rendition.value}-{found.stored.byte_count}")
    seconds = f"{A_YEAR}, immutable" if found.is_final else str(A_MOMENT)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    # Pages of other origins, such as the shop's own front, may show it.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response
