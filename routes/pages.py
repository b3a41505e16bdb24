"""What all pages for people share: their headers, their static files, and the addresses of these."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from werkzeug.security import safe_join

STATIC = Path(__file__).resolve().parent.parent / "static"
A_YEAR = 31_536_000
# Longer than any name here; far longer ones are more than a file system takes.
LONGEST_NAME = 100

blueprint = Blueprint("pages", __name__)


def page(template: str, **context: object) -> Response:
    """Renders a template as a page of ours, with its headers and an ETag."""
    return finished(secured(make_response(render_template(template, **context))))


def secured(response: Response, *, style_nonce: str | None = None, has_form: bool = False) -> Response:
    """Sets the headers of every page for people: it may load nothing from elsewhere and may stand in nobody's frame.

    `style_nonce` admits style elements that carry it; scripts are admitted from our own files only, always. A page with
    a form may send it to us and nobody else, and nobody keeps it: what stands in it is one person's.
    """
    forms = "'self'" if has_form else "'none'"
    styles = f"'self' 'nonce-{style_nonce}'" if style_nonce else "'self'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self' data:; "
        f"connect-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store" if has_form else "no-cache"
    return response


def finished(response: Response) -> Response:
    """Adds an ETag, and answers 304 when the browser has this very page already."""
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """A file of static/; for a year without asking when the address names its content, else asked for anew.

    The ETag is made of the content too, so that it is the same on every machine that serves it.
    """
    path = safe_join(str(STATIC), name) if len(name) <= LONGEST_NAME else None
    if path is None or not Path(path).is_file():
        abort(404)
    content = _fingerprint(name)
    kind, _ = mimetypes.guess_type(name)
    response = Response(Path(path).read_bytes(), mimetype=kind or "application/octet-stream")
    response.set_etag(content)
    kept = request.args.get("v") == content
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if kept else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response


@blueprint.app_template_global("static_url")
def static_url(name: str) -> str:
    """The address of a static file with its content in it, so that a changed file has another address."""
    return url_for("pages.static_file", name=name, v=_fingerprint(name))


def has_static(name: str) -> bool:
    """Whether static/ holds this file now; it may come while the program runs."""
    return (STATIC / name).is_file()


def _fingerprint(name: str) -> str:
    status = (STATIC / name).stat()
    return _hash_of(name, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _hash_of(name: str, _changed: int, _size: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:16]
