"""How doors answer what they refuse: JSON with a code, the same as GraphQL's errors."""

from uuid import uuid4

import structlog
from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from utils.errors import DomainError, ErrorCode

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
    return response


def _refused(refusal: DomainError) -> Response:
    return _answer(refusal.http_status, refusal.code, refusal.message, **refusal.details)


def _refused_by_flask(refusal: HTTPException) -> Response:
    status = refusal.code or 500
    code = _CODES.get(status, ErrorCode.BAD_REQUEST if status < 500 else ErrorCode.INTERNAL)
    response = _answer(status, code, refusal.description or refusal.name)
    for name, value in refusal.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _failed(fault: Exception) -> Response:
    request_id = uuid4().hex
    log.error("a door failed", request_id=request_id, exc_info=fault)
    return _answer(500, ErrorCode.INTERNAL, "Something went wrong on our side.", requestId=request_id)
