"""Reads a GraphQL request out of HTTP, as "GraphQL over HTTP" says; what is malformed is refused."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any

import orjson
from flask import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_accept_header

from graphql_api.limits import LARGEST_BODY, MOST_OPERATIONS_IN_A_BATCH
from utils.errors import BadRequest, NotAcceptable, PayloadTooLarge, UnsupportedMediaType
from web.arriving import check_whole, ended_early

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """One operation to run."""

    # None only until persisted.py has found the document of the hash in `extensions`.
    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] = field(default_factory=dict)
    # Of the document, when the client named it so.
    digest: str | None = None
    # What came along (uploads.py) and stands in the variables; whoever runs the operation closes it.
    files: tuple[IO[bytes], ...] = ()


@lru_cache(maxsize=256)
def wanted_type(accept: str | None) -> str | None:
    """Which of our types the Accept header wants, or None; JSON when it says nothing."""
    if not accept or accept == "*/*":
        return JSON
    found: str | None = parse_accept_header(accept, MIMEAccept).best_match([JSON, GRAPHQL_JSON])
    return found


@lru_cache(maxsize=256)
def wants_page(accept: str | None) -> bool:
    """Whether the caller is a browser that asks for a page: it names text/html above JSON."""
    if not accept or HTML not in accept:
        return False
    return parse_accept_header(accept, MIMEAccept).best_match([HTML, JSON, GRAPHQL_JSON]) == HTML


def answer_type(request: Request) -> str:
    """The type to answer in. Refuses (NOT_ACCEPTABLE) a caller who takes none of ours."""
    wanted = wanted_type(request.headers.get("Accept"))
    if wanted is None:
        raise NotAcceptable(f"This answers in {GRAPHQL_JSON} or {JSON}.")
    return wanted


def from_url(request: Request) -> GraphQLRequest:
    """The operation in the URL of a GET."""
    named: dict[str, Any] = {}
    for name in ("query", "operationName", "variables", "extensions"):
        text = request.args.get(name)
        if text is None:
            continue
        if len(text) > LARGEST_BODY:
            raise PayloadTooLarge(f"A request has at most {LARGEST_BODY} bytes.")
        named[name] = _json(text.encode("utf-8", "surrogatepass")) if name in ("variables", "extensions") else text
    return checked(named)


def from_body(request: Request) -> GraphQLRequest | list[GraphQLRequest]:
    """The operation, or the batch of operations, in the body of a POST."""
    if request.mimetype != JSON or request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        # Also closes the door to other sites' forms: a browser sends this type only after asking us (CORS).
        raise UnsupportedMediaType(f"Send the body as {JSON}, in UTF-8.")
    sent = _json(_body(request))
    if not isinstance(sent, list):
        return checked(sent)
    if not 1 <= len(sent) <= MOST_OPERATIONS_IN_A_BATCH:
        raise BadRequest(f"A batch has 1 to {MOST_OPERATIONS_IN_A_BATCH} operations.")
    return [checked(each) for each in sent]


def _body(request: Request) -> bytes:
    # A body in chunks is cut at the limit without a word, so one byte more is read to see that it is too long.
    request.max_content_length = LARGEST_BODY + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    except (ClientDisconnected, OSError):
        raise ended_early(request) from None
    if body is None or len(body) > LARGEST_BODY:
        raise PayloadTooLarge(f"A request has at most {LARGEST_BODY} bytes.")
    check_whole(request, len(body))
    return body


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not JSON in UTF-8, or is nested too deep.") from None


def checked(sent: Any) -> GraphQLRequest:
    """The operation of a parsed body. Refuses (BAD_REQUEST) parts of other types than the specification's."""
    if not isinstance(sent, dict):
        raise BadRequest("A request is a JSON object with a `query`.")
    query, name = sent.get("query"), sent.get("operationName")
    variables, extensions = sent.get("variables"), sent.get("extensions")
    if query is not None and not isinstance(query, str):
        raise BadRequest("`query` must be a string.", field="query")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be a string or null.", field="operationName")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("`variables` must be an object or null.", field="variables")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be an object or null.", field="extensions")
    return GraphQLRequest(query, variables, name, extensions or {})
