"""The HTTP side of the stand-in: a threaded server on a loopback port that ends with its block."""

import contextlib
import itertools
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

from launch.processes import free_port


class Cut(Exception):
    """Nothing is answered, and the connection is closed."""


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    query: str
    body: str
    headers: Message
    key: str | None


class Answer(NamedTuple):
    """Its answer."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = {}


@contextmanager
def served(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """The address of a server that answers so."""
    connections: set[socket.socket] = set()
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), _handler(answer, connections))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        for each in list(connections):
            _cut(each)
        server.server_close()


def _handler(answer: Callable[[Asked], Answer], connections: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.discard(self.connection)
            super().finish()

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path, _, query = self.path.partition("?")
            try:
                said = answer(Asked(self.command, path, query, body, self.headers, self.headers["Idempotency-Key"]))
            except Cut:
                self.close_connection = True
                _cut(self.connection)
                return
            text = json.dumps(said.body, indent=2).encode()
            self.send_response(said.status)
            # A connection for each request: the client that is forgotten after a test leaves none open.
            self.close_connection = True
            more = {"Content-Type": "application/json", "Connection": "close"}
            more["Request-Id"] = f"req_standIn{next(numbers):06d}"
            for name, value in {**more, **said.headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            with contextlib.suppress(OSError):
                self.end_headers()
                self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
