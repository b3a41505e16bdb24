"""Bodies that end before they are whole: because the caller broke off, or because the time for a request was over."""

import time

from flask import Request

from utils.errors import BadRequest, DomainError, RequestTimeout

# Under this name the server that knows when a request began notes it in the request's environment (monotonic clock).
BEGAN = "commerce.began"
# After so long gunicorn_worker.py shuts the reading side, and whoever reads sees the end.
PATIENCE_SECONDS = 10.0


def ended_early(request: Request) -> DomainError:
    """The refusal of a body that ended early: REQUEST_TIMEOUT if the time was over, else BAD_REQUEST."""
    began = request.environ.get(BEGAN)
    if began is not None and time.monotonic() - began >= PATIENCE_SECONDS:
        return RequestTimeout(f"The request did not arrive within {PATIENCE_SECONDS:g} seconds. Send less at once.")
    return BadRequest("The body ended early.")


def check_whole(request: Request, byte_count: int) -> None:
    """Refuses (as `ended_early`) a body of fewer bytes than the request said it has: servers end it without a word."""
    if byte_count < (request.content_length or 0):
        raise ended_early(request)
