"""Reads the JSON bodies of plain doors; what is malformed is refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson
from flask import request
from werkzeug.exceptions import ClientDisconnected

from utils.errors import BadRequest, InvalidInput, PayloadTooLarge, UnsupportedMediaType
from web.arriving import check_whole, ended_early

# A name, an address, a password and a token, with room to spare.
LARGEST_BODY = 10_000


class Body:
    """The JSON object of a request, whose values are strings."""

    def __init__(self, sent: Mapping[str, Any]) -> None:
        self._sent = sent

    def word(self, name: str) -> str:
        """The string of this name. Refuses (INVALID_INPUT) anything else."""
        found = self.find_word(name)
        if found is None:
            raise InvalidInput(f"{name} must be a string.", field=name)
        return found

    def find_word(self, name: str) -> str | None:
        """The string of this name, or None if there is none. Refuses (INVALID_INPUT) another type."""
        found = self._sent.get(name)
        if found is not None and not isinstance(found, str):
            raise InvalidInput(f"{name} must be a string.", field=name)
        return found


def read_body(*, may_be_absent: bool = False) -> Body:
    """The body of the current request. Refuses what is not a JSON object, and more than 10,000 bytes."""
    if may_be_absent and not request.content_length and "Transfer-Encoding" not in request.headers:
        return Body({})
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    request.max_content_length = LARGEST_BODY + 1  # a body in chunks is cut there without a word
    try:
        body = request.get_data(cache=False)
    except (ClientDisconnected, OSError):  # the second is gunicorn's, also for odd chunks
        raise ended_early(request) from None
    if len(body) > LARGEST_BODY:
        raise PayloadTooLarge(f"The body has at most {LARGEST_BODY} bytes.")
    check_whole(request, len(body))
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not JSON in UTF-8.") from None
    if not isinstance(sent, dict):
        raise BadRequest("The body is a JSON object.")
    return Body(sent)


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Lets refusals name a field as this door does: services know the schema's names."""
    try:
        yield
    except InvalidInput as refusal:
        field = str(refusal.details.get("field"))
        if field not in names:
            raise
        message = names[field] + refusal.message.removeprefix(field)
        raise InvalidInput(message, field=names[field]) from None
