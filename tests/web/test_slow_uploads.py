"""What has not arrived in its time is told so by a code of its own; who breaks off sooner is only malformed."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from tests.faults.own import Web
from tests.graphql.forms import PROOF, TYPE, upload_of
from tests.services.pictures import picture
from tests.services.stored import nothing_happened, with_folder
from tests.support import codes, token_of
from tests.web.test_slow_requests import connected, impatient_server
from web import arriving
from wiring import Shop

UPLOAD = upload_of(picture())
LOG_IN = b'{"email": "alice@example.com", "password": "Market-Demo-1"}'
# A path, a body, and its type.
BODIES = {
    "a form": ("/graphql", UPLOAD, TYPE),
    "JSON": ("/graphql", b'{"query": "{ categories { id } }"}', "application/json"),
    "a door": ("/auth/login", LOG_IN, "application/json"),
}


def read(body: Any) -> list[str]:
    """The codes of an answer, of GraphQL or of a door."""
    return [body["error"]["code"]] if "error" in body else codes(body)


@pytest.mark.parametrize("ends", ["by itself", "with a fault"])
@pytest.mark.parametrize(
    ("age", "status", "code"),
    [(10.0, 408, "REQUEST_TIMEOUT"), (9.0, 400, "BAD_REQUEST"), (None, 400, "BAD_REQUEST")],
)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_ended_early(
    client: FlaskClient, shop: Shop, tmp_path: Path, name: str, age: float | None, status: int, code: str, ends: str
) -> None:
    shop = with_folder(shop, tmp_path / "media")
    path, body, content_type = BODIES[name]
    more: dict[str, Any] = {} if age is None else {arriving.BEGAN: time.monotonic() - age}
    if ends == "by itself":  # as gunicorn's streams do
        more["wsgi.input_terminated"] = True
    headers = PROOF | {"Authorization": f"Bearer {token_of(shop, 'sam')}"}
    with nothing_happened(shop):
        answer = client.post(
            path,
            data=body[:-5],
            content_type=content_type,
            headers=headers,
            environ_overrides={"CONTENT_LENGTH": str(len(body)), **more},
        )
    assert (answer.status_code, read(answer.get_json())) == (status, [code])


def test_a_whole_body_is_read_however_late(client: FlaskClient, shop: Shop) -> None:
    late = {arriving.BEGAN: time.monotonic() - 60, "wsgi.input_terminated": True}
    answer = client.post("/auth/login", data=LOG_IN, content_type="application/json", environ_overrides=late)
    assert answer.status_code == 200
    malformed = client.post("/auth/login", data=b"{", content_type="application/json", environ_overrides=late)
    assert (malformed.status_code, read(malformed.get_json())) == (400, ["BAD_REQUEST"])


@pytest.fixture
def web(committing_shop: Shop, tmp_path: Path) -> Iterator[Web]:
    """gunicorn with a second of patience, in the program too."""
    config = "import web.arriving\nweb.arriving.PATIENCE_SECONDS = 1.0"
    with impatient_server(committing_shop, tmp_path, config=config) as web:
        yield web


def answer_of(connection: socket.socket) -> tuple[bytes, Any]:
    """The status line and the parsed body of the one answer."""
    received = b""
    while part := connection.recv(65536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], orjson.loads(body)


def test_a_slow_upload_is_told_so_by_the_server(web: Web, committing_shop: Shop) -> None:
    token = token_of(committing_shop, "sam").encode()
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nApollo-Require-Preflight: 1\r\nAuthorization: Bearer %s\r\n" % token
    head += b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (TYPE.encode(), len(UPLOAD))
    with connected(web) as slow:
        slow.sendall(head + UPLOAD[:-20])
        status, body = answer_of(slow)
    assert (status, codes(body)) == (b"HTTP/1.1 408 REQUEST TIMEOUT", ["REQUEST_TIMEOUT"])
    with connected(web) as gone:
        gone.sendall(head + UPLOAD[:-20])
        gone.shutdown(socket.SHUT_WR)
        status, body = answer_of(gone)
    assert (status, codes(body)) == (b"HTTP/1.1 400 BAD REQUEST", ["BAD_REQUEST"])
