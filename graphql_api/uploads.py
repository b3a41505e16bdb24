"""Reads requests that bring files along, as the GraphQL multipart request specification has them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple, cast

import orjson
from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, Preamble

from graphql_api.limits import LARGEST_BODY
from graphql_api.requests import GraphQLRequest, checked
from utils.errors import BadRequest, Forbidden, PayloadTooLarge, Unauthenticated, Unavailable
from utils.tokens import Tokens
from web.arriving import check_whole, ended_early
from web.callers import bearer_token

MULTIPART = "multipart/form-data"
MOST_FILES = 10
MEGABYTE = 1_000_000
# A browser asks us (CORS) before another site's page may send one of these; a form alone cannot.
PROOFS = ("Apollo-Require-Preflight", "X-Apollo-Operation-Name", "X-Requested-With")
# Ten names and where they belong.
LARGEST_MAP = 10_000
# Longer than any client's.
_LONGEST_BOUNDARY = 200
_READ_AT_ONCE = 64 * 1024
_IN_ORDER = "A multipart request has the fields `operations` and `map`, and then the files, in this order."


class UploadedFile(NamedTuple):
    """A file that came along, on the disk and without a name. What the client calls it is nobody's business."""

    file: IO[bytes]
    byte_count: int


class _Place(NamedTuple):
    """Where in the variables a file belongs."""

    container: Any
    key: str | int


def is_multipart(request: Request) -> bool:
    """Whether the body is meant as one of these."""
    return request.mimetype == MULTIPART


def from_multipart(request: Request, *, tokens: Tokens, largest_file: int) -> GraphQLRequest:
    """The operation in the body, its files in its variables; whoever runs it closes `files`.

    Refuses, before anything is read: a request without one of PROOFS (FORBIDDEN), since another site's form could have
    sent it, and one without a token of ours (UNAUTHENTICATED), so that strangers fill no disk. Then what is not as the
    specification has it (BAD_REQUEST): a batch, parts out of order, files that nothing maps, that are missing or come
    twice, places that are not null in the variables; what is too large (PAYLOAD_TOO_LARGE) or too slow
    (REQUEST_TIMEOUT).
    """
    if not any(request.headers.get(name) for name in PROOFS):
        raise Forbidden(f"A request with files needs one of the headers {', '.join(PROOFS)}, with any value.")
    token = bearer_token(request)
    if token is None:
        raise Unauthenticated("Files need an access token: send the header `Authorization: Bearer <token>`.")
    tokens.read(token)
    events = _events(request, largest_body=2 * largest_file + LARGEST_BODY)
    with ExitStack() as until_whole:
        operation = checked(_json(_text(events, "operations", LARGEST_BODY), "operations"))
        places = _places(_json(_text(events, "map", LARGEST_MAP), "map"), operation.variables)
        files: dict[str, UploadedFile] = {}
        for part in events:
            if not isinstance(part, File) or part.name not in places or part.name in files:
                raise BadRequest(f"{_IN_ORDER} Each file is named in `map`, and comes once.")
            file = until_whole.enter_context(TemporaryFile())
            files[part.name] = UploadedFile(file, _copied(events, file, largest_file))
        if len(files) < len(places):
            raise BadRequest("`map` names a file that did not come.", field="map")
        until_whole.pop_all()
    for name, uploaded in files.items():
        for container, key in places[name]:
            container[key] = uploaded
    return replace(operation, files=tuple(each.file for each in files.values()))


def _events(request: Request, *, largest_body: int) -> Iterator[Event]:
    """The heads and the contents of the parts as they arrive, of a body of at most so many bytes."""
    too_large = PayloadTooLarge(f"A request with files has at most {largest_body} bytes.")
    boundary = request.mimetype_params.get("boundary", "")
    if not 1 <= len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
        raise BadRequest("A multipart request names its boundary.")
    if (request.content_length or 0) > largest_body:
        raise too_large
    # So much is kept in memory until it is known what it is; files go to the disk as they arrive.
    decoder = MultipartDecoder(boundary.encode(), 3 * _READ_AT_ONCE)
    request.max_content_length = largest_body  # for a body in chunks, which does not say how long it is
    received = 0
    while True:
        try:
            arrived = request.stream.read(_READ_AT_ONCE)
        except RequestEntityTooLarge:
            raise too_large from None
        except (ClientDisconnected, OSError):
            raise ended_early(request) from None
        received += len(arrived)
        if not arrived:
            check_whole(request, received)
        yield from _decoded(decoder, arrived)
        if not arrived:
            return


def _decoded(decoder: MultipartDecoder, arrived: bytes) -> Iterator[Event]:
    try:
        decoder.receive_data(arrived or None)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if not isinstance(event, Preamble):
                yield event
    except RequestEntityTooLarge:
        raise BadRequest("The body is no multipart form: what stands before a part's content is too long.") from None
    except ValueError:
        raise BadRequest("The body is no multipart form, or one without an end.") from None


def _contents(events: Iterator[Event]) -> Iterator[bytes]:
    """The content of the part whose head was read last."""
    for event in events:
        data = cast("Data", event)
        yield data.data
        if not data.more_data:
            return


def _text(events: Iterator[Event], wanted: str, longest: int) -> bytes:
    """The next part, which must be the field of this name."""
    part = next(events, None)
    if not isinstance(part, Field) or part.name != wanted:
        raise BadRequest(_IN_ORDER)
    text = bytearray()
    for chunk in _contents(events):
        text += chunk
        if len(text) > longest:
            raise PayloadTooLarge(f"`{wanted}` has at most {longest} bytes.")
    return bytes(text)


def _copied(events: Iterator[Event], file: IO[bytes], largest: int) -> int:
    """Writes the content into the file, and says how long it is."""
    written = 0
    for chunk in _contents(events):
        written += len(chunk)
        if written > largest:
            raise PayloadTooLarge(f"A file has at most {largest} bytes.")
        try:
            file.write(chunk)
        except OSError as fault:
            raise Unavailable("There is no room for files now. Try again later.") from fault
    return written


def _json(text: bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest(f"`{name}` is not JSON in UTF-8, or is nested too deep.", field=name) from None


def _places(sent: Any, variables: dict[str, Any] | None) -> Mapping[str, list[_Place]]:
    """Where each file belongs: places that are null, each for one file only."""
    if not isinstance(sent, dict) or not 1 <= len(sent) <= MOST_FILES:
        raise BadRequest(f"`map` is an object that names 1 to {MOST_FILES} files.", field="map")
    taken = set[tuple[int, str | int]]()
    found: dict[str, list[_Place]] = {}
    for name, paths in sent.items():
        if not isinstance(paths, list) or not paths:
            raise BadRequest("`map` names for each file a list of places in the variables.", field="map")
        found[name] = [_place(path, variables) for path in paths]
        for place in found[name]:
            if (id(place.container), place.key) in taken:
                raise BadRequest("`map` names one place twice.", field="map")
            taken.add((id(place.container), place.key))
    return found


def _place(path: Any, variables: dict[str, Any] | None) -> _Place:
    refusal = BadRequest("`map` names places that are null in the variables, such as `variables.file`.", field="map")
    root, *words = path.split(".") if isinstance(path, str) else [""]
    if root != "variables" or not words:
        raise refusal
    node: Any = variables
    for number, word in enumerate(words, 1):
        key = _key(node, word)
        if key is None:
            raise refusal
        if number == len(words) and node[key] is None:
            return _Place(node, key)
        node = node[key]
    raise refusal


def _key(node: Any, word: str) -> str | int | None:
    """Under what the word stands in an object or a list as it was sent; None if it does not."""
    if isinstance(node, dict):
        return word if word in node else None
    if isinstance(node, list) and word.isascii() and word.isdecimal() and len(word) < 7 and int(word) < len(node):
        return int(word)
    return None
