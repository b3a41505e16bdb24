"""A request has ten seconds to arrive (here one): who sends half of one, or a byte now and then, holds no thread."""

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch.processes import free_port
from tests.faults.own import Web, running, variables_of
from tests.faults.rivals import eventually
from wiring import Shop

THREADS = 2
CONFIG = """
import runpy
globals().update(runpy.run_path("gunicorn.conf.py"))
assert worker_class.patience_seconds == 10.0
worker_class.patience_seconds = 1.0
"""
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HALVES = [
    b"G",
    b"POST /graphql HTTP/1.1\r\nHost: x",
    HEAD + b"Content-Length: 100\r\n\r\n",
    HEAD + b'Content-Length: 100\r\n\r\n{"query": ',
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
]


@contextlib.contextmanager
def impatient_server(shop: Shop, folder: Path, *, config: str = "") -> Iterator[Web]:
    """gunicorn as the program starts it, but with one process of two threads and less patience."""
    written, port = folder / "impatient.conf.py", free_port()
    written.write_text(f"{CONFIG}{config}\n")
    given = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1", "WEB_THREADS": str(THREADS)}
    command = [sys.executable, "-m", "gunicorn", "-c", str(written), "app:app"]
    with running(command, variables_of(shop) | given, folder / "web.log") as program:
        web = Web(program, port)
        eventually(lambda: is_healthy(web), "gunicorn is healthy")
        yield web


@pytest.fixture(scope="module")
def one_for_all(own_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The server of all tests here, which write nothing."""
    with impatient_server(own_shop, tmp_path_factory.mktemp("impatient")) as web:
        yield web


@pytest.fixture
def web(one_for_all: Web) -> Web:
    """The same, once no thread of it is busy with what the test before left."""
    eventually(lambda: is_healthy(one_for_all), "gunicorn is healthy")
    return one_for_all


def is_healthy(web: Web) -> bool:
    """Whether /health answers 200 now."""
    assert web.program.process.poll() is None, web.program.log.read_text()
    with contextlib.suppress(OSError):
        return web.get("/health").status == 200
    return False


def connected(web: Web) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", web.port), timeout=20)


def is_closed(connection: socket.socket) -> bool:
    """Reads to the end, whatever is said before it."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(65536):
            pass
    return True


def test_an_answer_that_nobody_takes_is_not_waited_with(web: Web) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(THREADS):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.settimeout(20)
            deaf.connect(("127.0.0.1", web.port))
            deaf.sendall(b"GET /schema.graphql HTTP/1.1\r\nHost: x\r\n\r\n" * 300)
        began = time.monotonic()
        time.sleep(0.5)
        assert web.get("/health").status == 200
        assert time.monotonic() - began < 10


def test_who_was_cut_off_is_told_and_the_connection_closed(web: Web) -> None:
    """The answer says that its body was cut off, and no second request is awaited."""
    with connected(web) as late:
        late.sendall(HEAD + b"Content-Length: 100\r\n\r\n" + b" " * 10)
        answer = b""
        while part := late.recv(65536):
            answer += part
    assert b"The body ended early." in answer


@pytest.mark.parametrize("half", HALVES)
def test_half_a_request_is_not_waited_for(web: Web, half: bytes) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connected(web)) for _ in range(3 * THREADS)]
        for connection in slow:
            connection.sendall(half)
        began = time.monotonic()
        # Every thread is taken, and free again when patience ends: three times, for there are three for each thread.
        assert web.get("/health").status == 200
        assert all(is_closed(connection) for connection in slow)
        assert time.monotonic() - began < 20


def test_a_byte_now_and_then_is_half_a_request_too(web: Web) -> None:
    began = time.monotonic()
    with connected(web) as connection, contextlib.suppress(OSError):
        connection.settimeout(0.1)
        for _ in range(100):
            connection.sendall(b"X")
            with contextlib.suppress(TimeoutError):
                if connection.recv(100) == b"":
                    break
    assert time.monotonic() - began < 8


def test_a_connection_that_is_kept_is_not_a_slow_request(web: Web) -> None:
    with connected(web) as connection:
        for idle in (0.0, 2.2):
            time.sleep(idle)
            connection.sendall(b"GET /schema.graphql HTTP/1.1\r\nHost: x\r\nIf-None-Match: x\r\n\r\n")
            received = b""
            while b"\r\n\r\n" not in received:
                received += connection.recv(65536)
            assert received.startswith(b"HTTP/1.1 200 OK\r\n")
            length = int(received.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = received.partition(b"\r\n\r\n")[2]
            while len(body) < length:
                body += connection.recv(65536)
