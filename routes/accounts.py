"""The doors that clients of earlier releases log in by, over the same services as the mutations."""

from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, request

from services.accounts import signing_in
from services.accounts.signing_in import SignedIn
from utils.errors import BadRequest, InvalidInput, PayloadTooLarge, UnsupportedMediaType
from wiring import Shop

# A name, an address and a password, with room to spare.
LARGEST_BODY = 10_000


def make_blueprint(shop: Shop) -> Blueprint:
    """POST /auth/register and /auth/login, and the same under /api/v1, where a name is `full_name`."""
    blueprint = Blueprint("accounts", __name__)

    def register(name_field: str) -> tuple[Response, int]:
        name, email, password = _words(name_field, "email", "password")
        signed_in = signing_in.register_and_log_in(
            shop.database, shop.passwords, shop.tokens, name=name, email=email, password=password
        )
        return _answer(signed_in, name_field), 201

    def log_in(name_field: str) -> tuple[Response, int]:
        email, password = _words("email", "password")
        signed_in = signing_in.log_in(shop.database, shop.passwords, shop.tokens, email=email, password=password)
        return _answer(signed_in, name_field), 200

    for prefix, name_field in (("/auth", "name"), ("/api/v1/auth", "full_name")):
        for path, door in (("register", register), ("login", log_in)):
            blueprint.add_url_rule(
                f"{prefix}/{path}", f"{prefix}-{path}", door, methods=["POST"], defaults={"name_field": name_field}
            )
    return blueprint


def _words(*names: str) -> list[str]:
    """The strings of these names in the JSON body. Refuses any other body or type."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    request.max_content_length = LARGEST_BODY + 1  # a body in chunks is cut there without a word
    try:
        body = request.get_data(cache=False)
    except OSError:  # gunicorn's word for a body that ends early or is cut into odd chunks
        raise BadRequest("The body could not be read to its end.") from None
    if len(body) > LARGEST_BODY:
        raise PayloadTooLarge(f"The body has at most {LARGEST_BODY} bytes.")
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not JSON in UTF-8.") from None
    if not isinstance(sent, dict):
        raise BadRequest("The body is a JSON object.")
    for name in names:
        if not isinstance(sent.get(name), str):
            raise InvalidInput(f"{name} must be a string.", field=name)
    return [sent[name] for name in names]


def _answer(signed_in: SignedIn, name_field: str) -> Response:
    user = signed_in.user
    response = jsonify(
        access_token=signed_in.access_token,
        token_type="bearer",  # noqa: S106 - the name of a kind of token
        user={"user_id": str(user.id), name_field: user.name, "email": user.email, "role": user.role},
    )
    response.headers["Cache-Control"] = "no-store"
    return response
