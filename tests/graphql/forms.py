"""Multipart requests, right ones and wrong ones, byte by byte."""

from collections.abc import Sequence
from typing import Any

import orjson
from flask.testing import FlaskClient

BOUNDARY = "a-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
PROOF = {"Apollo-Require-Preflight": "true"}
UPLOAD = "mutation($file: Upload!) { uploadImage(file: $file) { id url width height contentType } }"
OPERATIONS = {"query": UPLOAD, "variables": {"file": None}}
MAP = {"0": ["variables.file"]}

# A name, a file's name or None for a field, and the content.
Part = tuple[str, str | None, bytes]


def field(name: str, content: object) -> Part:
    """A field: bytes as they are, anything else as JSON."""
    return name, None, content if isinstance(content, bytes) else orjson.dumps(content)


def file(content: bytes, name: str = "0", filename: str = "picture.png") -> Part:
    """A file."""
    return name, filename, content


def form(*parts: Part, end: bytes = b"--") -> bytes:
    """The body with these parts in this order."""
    lines = []
    for name, filename, content in parts:
        more = b"" if filename is None else b'; filename="%s"\r\nContent-Type: image/svg+xml' % filename.encode()
        head = b'--%s\r\nContent-Disposition: form-data; name="%s"%s' % (BOUNDARY.encode(), name.encode(), more)
        lines.append(head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(lines) + b"--" + BOUNDARY.encode() + end + b"\r\n"


def upload_of(content: bytes, filename: str = "picture.png") -> bytes:
    """The body of an upload as it should be."""
    return form(field("operations", OPERATIONS), field("map", MAP), file(content, filename=filename))


def send(
    client: FlaskClient, body: bytes, token: str | None, *, content_type: str = TYPE, proof: dict[str, str] = PROOF
) -> tuple[int, Any]:
    """The status and the parsed body of the answer."""
    headers = dict(proof)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    answer = client.post("/graphql", data=body, content_type=content_type, headers=headers)
    return answer.status_code, answer.get_json()


def run_upload(
    client: FlaskClient, document: str, content: bytes, headers: dict[str, str], names: Sequence[str] = ("file",)
) -> Any:
    """The answer to a document with one file in these variables."""
    operations = {"query": document, "variables": dict.fromkeys(names)}
    paths = [f"variables.{name}" for name in names]
    body = form(field("operations", operations), field("map", {"0": paths}), file(content))
    return client.post("/graphql", data=body, content_type=TYPE, headers=headers | PROOF).get_json()
