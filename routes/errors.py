"""How doors answer what they refuse: JSON with a code, the same as GraphQL's errors."""

import structlog
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from utils import log as request_log
from utils.errors import DomainError, ErrorCode
from web.headers import retry_header
from web.refusals import watch

_CODES = {
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    415: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
}

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Makes the whole application answer refusals and faults in one form."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _failed)


def _answer(status: int, code: ErrorCode, message: str, **details: object) -> Response:
    response = jsonify(error={"code": code.value, "message": message, **details})
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(refusal: DomainError) -> Response:
    watch(refusal, request.path)
    response = _answer(refusal.http_status, refusal.code, refusal.message, **refusal.details)
    response.headers.update(retry_header(refusal))
    return response


def _refused_by_flask(refusal: HTTPException) -> Response:
    status = refusal.code or 500
    code = _CODES.get(status, ErrorCode.BAD_REQUEST if status < 500 else ErrorCode.INTERNAL)
    response = _answer(status, code, refusal.description or refusal.name)
    for name, value in refusal.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _failed(fault: Exception) -> Response:
    return _answer(
        500, ErrorCode.INTERNAL, "Something went wrong on our side.", requestId=logged_fault("a door failed", fault)
    )


def logged_fault(what: str, fault: Exception) -> str | None:
    """Logs a fault of ours whole, and returns the id of the request, under which the log has it."""
    request_id = request_log.request_id()
    log.error(what, request_id=request_id, exc_info=fault)
    return request_id
