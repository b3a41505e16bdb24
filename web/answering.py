"""Answers to catalogue queries ahead of Flask: a whole answer that is still right is served without running anything.

What may be shared is decided by the view, from what an operation selects and touches, not by who asks: it leaves a
`Sealed` in the request's environment, and this layer keeps the body under it. Whoever sends the same request gets the
same answer, if they ask for the same region; what was made for nobody is not for those who send a token, since for some
of them prices differ. What shows the caller's prices is kept for all who are alike (`Asker`). The layer counts callers,
names requests and admits origins as Flask does behind it, and adds `X-Cache`: hit, miss (it was made now, and kept) or
bypass (it is nobody else's, or cannot be kept).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from flask import Flask, Response

from utils.answers import Answer, Answers, answer_of
from utils.errors import RateLimited
from utils.tokens import region_claim
from web.callers import bearer_of
from web.headers import REQUEST_ID, new_request_id
from web.limiting import Limits

PATH = "/graphql"
SEALED = "commerce.sealed"
# A longer request is rare, and its key would take more room than its answer.
_LONGEST_KEY = 16_384
_LONGEST_ACCEPT = 256
_REGION = re.compile(r"[A-Z0-9]{2,8}")

# Origins whose headers are remembered; who makes up more of them is slower.
_MOST_ORIGINS = 1_000

Environ = dict[str, Any]
_Start = Callable[..., Any]
_Lines = list[tuple[str, str]]


class Asker(NamedTuple):
    """What an answer took its asker for, what that depends on (an account that is signed in), and until when it holds.

    All with the same `likeness` get the same answer. `epoch`: in which it was so; empty for not known.
    """

    likeness: bytes
    versions: Mapping[str, bytes]
    until: datetime
    epoch: bytes


class Sealed(NamedTuple):
    """What an answer that others may have depends on, and until when it holds; `asker` None: anybody may have it."""

    versions: Mapping[str, bytes]
    until: datetime
    epoch: bytes
    asker: Asker | None = None


class AnswerLayer:
    """A WSGI application around Flask's."""

    def __init__(self, flask: Flask, answers: Answers, limits: Limits) -> None:
        self._flask = flask
        self._app = flask.wsgi_app
        self._answers = answers
        self._limits = limits
        self._dresses: dict[tuple[str, str], _Lines] = {}

    def __call__(self, environ: Environ, start_response: _Start) -> Iterable[bytes]:
        """Serves a kept answer, or asks Flask and keeps what it may."""
        if environ["PATH_INFO"] != PATH:
            return self._app(environ, start_response)
        key = _key(environ) if self._answers.is_open else None
        if key is None:
            self._answers.count("bypass")
            return self._app(environ, _marked(start_response, None))
        answer = self._find(key, environ.get("HTTP_AUTHORIZATION"))
        if answer is not None and self._is_counted(environ):
            self._answers.count("hit")
            return self._serve(environ, start_response, answer)
        return self._ask(environ, start_response, key)

    def _find(self, key: bytes, authorization: str | None) -> Answer | None:
        if authorization is None:
            return self._answers.find(key)
        # Who sends a token mostly asks for what is theirs: that is not worth a journey to Redis.
        return self._answers.find(key, shared=False) or self._answers.find_alike(_asker_key(authorization), key)

    def _keep(self, key: bytes, answer: Answer, asker: Asker | None, authorization: str) -> None:
        if asker is None:
            self._answers.keep(key, answer)
            return
        known = answer_of(asker.likeness, "", versions=asker.versions, until=asker.until, epoch=asker.epoch)
        self._answers.keep_alike(_asker_key(authorization), known, key, answer)

    def _serve(self, environ: Environ, start_response: _Start, answer: Answer) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        headers = [
            (REQUEST_ID, new_request_id(environ.get("HTTP_X_REQUEST_ID", ""))),
            ("X-Cache", "hit"),
            *self._dress(method, environ.get("HTTP_ORIGIN", "")),
        ]
        if method == "GET":
            headers.append(("ETag", answer.etag))
            if _is_known(environ, answer.etag):
                start_response("304 NOT MODIFIED", headers)
                return ()
        headers += [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        start_response("200 OK", headers)
        return (answer.body,)

    def _dress(self, method: str, origin: str) -> _Lines:
        """The headers that Flask's hooks would give such an answer, asked of the hooks themselves, once per origin."""
        known = self._dresses.get((method, origin))
        if known is not None:
            return known
        with self._flask.test_request_context(PATH, method=method, headers={"Origin": origin} if origin else {}):
            dressed = self._flask.process_response(Response(headers=HEADERS[method]))
        lines = [each for each in dressed.headers if each[0] not in (REQUEST_ID, "Content-Type", "Content-Length")]
        if len(self._dresses) < _MOST_ORIGINS:
            self._dresses[method, origin] = lines
        return lines

    def _ask(self, environ: Environ, start_response: _Start, key: bytes) -> Iterable[bytes]:
        told: list[Any] = []
        parts = self._app(environ, _recorder(told))
        sealed: Sealed | None = environ.pop(SEALED, None)
        self._answers.count("bypass" if sealed is None else "miss")
        start = _marked(start_response, sealed)
        if sealed is None:
            start(*told[0])
            return parts
        body = b"".join(parts)
        getattr(parts, "close", tuple)()
        status, headers, *more = told[0]
        content_type = next(value for name, value in headers if name.lower() == "content-type")
        answer = answer_of(body, content_type, versions=sealed.versions, until=sealed.until, epoch=sealed.epoch)
        self._keep(key, answer, sealed.asker, environ.get("HTTP_AUTHORIZATION", ""))
        if environ["REQUEST_METHOD"] == "GET":
            headers.append(("ETag", answer.etag))
            if _is_known(environ, answer.etag):
                status, body = "304 NOT MODIFIED", b""
                headers[:] = [each for each in headers if each[0].lower() not in ("content-type", "content-length")]
        start(status, headers, *more)
        return (body,)

    def _is_counted(self, environ: Environ) -> bool:
        """Counts a request that Flask will not see. One that was too often goes to Flask, which refuses it."""
        try:
            self._limits.count_for(bearer_of(environ.get("HTTP_AUTHORIZATION", "")), environ.get("REMOTE_ADDR"))
        except RateLimited:
            return False
        return True


# A browser or proxy may keep what GET answers, and asks each time whether it is still right. What POST answers nobody
# keeps.
HEADERS = {
    "GET": {"Cache-Control": "no-cache", "Vary": "Accept, Authorization, X-Region"},
    "POST": {"Cache-Control": "no-store", "Vary": "Accept, Authorization, X-Region"},
}


def _key(environ: Environ) -> bytes | None:
    """All that the answer can vary on; None for a request that is not worth a look."""
    method, accept, asker = environ["REQUEST_METHOD"], environ.get("HTTP_ACCEPT", ""), _asker(environ)
    if len(accept) > _LONGEST_ACCEPT or asker is None:
        return None
    if method == "GET":
        asked = environ.get("QUERY_STRING", "").encode("latin-1")
        if not 0 < len(asked) <= _LONGEST_KEY:
            return None
        return b"GET %b\n%b\n%b" % (asker, accept.encode("latin-1"), asked)
    length = environ.get("CONTENT_LENGTH") or ""
    if method != "POST" or not length.isascii() or not length.isdigit() or not 0 < int(length) <= _LONGEST_KEY:
        return None
    content_type = environ.get("CONTENT_TYPE", "")
    if not content_type.startswith("application/json") or len(content_type) > _LONGEST_ACCEPT:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    if len(body) != int(length):
        return None  # cut off: the view says so
    return b"POST %b\n%b\n%b\n%b" % (asker, accept.encode("latin-1"), content_type.encode("latin-1"), body)


def _asker_key(authorization: str) -> bytes:
    """Under which it is kept whom a token was found to speak for: a forged one never was."""
    return b"ASKER " + authorization.encode("latin-1")


def _asker(environ: Environ) -> bytes | None:
    """What of an asker can change a shared answer: the region that is named, whether somebody asks, and their region.

    None for a region that cannot be one: the view refuses it. The token is not verified, and need not be: whose claim
    it is makes no difference to an answer that anybody may have (`region_claim`).
    """
    region: str = environ.get("HTTP_X_REGION", "")
    # As the view reads it: what is no bearer's token is nobody's.
    token = bearer_of(environ.get("HTTP_AUTHORIZATION", ""))
    if region and not _REGION.fullmatch(region):
        return None
    if token is None:
        return region.encode()
    return b"%b %b" % (region.encode(), (region_claim(token) or "-").encode())


def _marked(start_response: _Start, sealed: Sealed | None) -> _Start:
    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Cache", "bypass" if sealed is None else "miss")], *more)

    return start


def _recorder(told: list[Any]) -> _Start:
    """What the application tells of its answer, kept until it is known whether it is one for all."""

    def record(*response: Any) -> Any:
        told.append(response)

    return record


def _is_known(environ: Environ, etag: str) -> bool:
    """Whether the caller has this very answer (RFC 9110, 13.1.2: weak comparison)."""
    sent = environ.get("HTTP_IF_NONE_MATCH", "")
    return sent.strip() == "*" or etag in [each.strip().removeprefix("W/") for each in sent.split(",")]
