"""Errors on the wire: a message, and `extensions` with a code, the request's id and details for a program."""

from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError

from utils.errors import DomainError, ErrorCode
from web.refusals import watch

log = structlog.get_logger(__name__)


def as_answer(refusal: DomainError, request_id: str) -> dict[str, Any]:
    """The whole body of an answer to a request that was refused before it was executed."""
    watch(refusal, "request")
    return {"errors": [_refusal(refusal, request_id)]}


def formatted(
    errors: Iterable[GraphQLError], request_id: str, *, otherwise: ErrorCode, debug: bool = False
) -> list[dict[str, Any]]:
    """The errors of a document as the answer shows them.

    `otherwise` is the code of the library's own errors, which have no cause of ours. Any other exception is our fault:
    it is logged whole, and masked as INTERNAL; with `debug` the answer tells it too.
    """
    return [_formatted(error, request_id, otherwise, debug) for error in errors]


def _formatted(error: GraphQLError, request_id: str, otherwise: ErrorCode, debug: bool) -> dict[str, Any]:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, DomainError):
        watch(cause, ".".join(str(each) for each in error.path or ()))
        shown = _refusal(cause, request_id)
    elif cause is None or isinstance(cause, GraphQLError):
        shown = {"message": error.message, "extensions": {"code": otherwise.value, "requestId": request_id}}
    else:
        log.error("a resolver failed", request_id=request_id, path=error.path, exc_info=cause)
        shown = internal(request_id, cause if debug else None)
    if error.locations:
        shown["locations"] = [{"line": each.line, "column": each.column} for each in error.locations]
    if error.path:
        shown["path"] = error.path
    return shown


def internal(request_id: str, cause: Exception | None = None) -> dict[str, Any]:
    """What a caller learns of our own faults: the id under which the log tells the rest, and the cause if given."""
    told = {} if cause is None else {"cause": f"{type(cause).__name__}: {cause}"}
    return {
        "message": "Something went wrong on our side. Tell us the requestId, and we can find out what.",
        "extensions": {"code": ErrorCode.INTERNAL.value, "requestId": request_id, **told},
    }


def _refusal(refusal: DomainError, request_id: str) -> dict[str, Any]:
    return {
        "message": refusal.message,
        "extensions": {"code": refusal.code.value, "requestId": request_id, **refusal.details},
    }
