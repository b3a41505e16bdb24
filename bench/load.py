"""A closed-loop HTTP client: so many connections, each with one request on its way.

Client and servers share the machine, so what the client costs is taken from both sides of a ratio and moves it towards
one. This client costs some tens of microseconds a request, and is the same for both sides.
"""

import gc
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median, quantiles

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
# Nothing the bench asks for takes longer, unless a server hangs.
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Measured:
    """How many requests a second were answered, and how long the one in the middle took."""

    rate: float
    median_ms: float


def pace(port: int, request: bytes, *, every_seconds: float, seconds: float) -> float:
    """The 99th percentile, in milliseconds, of one request sent again and again at an even pace on one connection.

    Each is timed from when it was due, so that one slow answer is not forgotten by those that wait behind it.
    """
    connection, times = _Connection(port), list[float]()
    try:
        first = time.perf_counter()
        for number in range(round(seconds / every_seconds)):
            due = first + number * every_seconds
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.send(request)
            while connection.receive() is None:
                pass
            times.append(time.perf_counter() - due)
    finally:
        connection.socket.close()
    return quantiles(times, n=100)[98] * 1000


class NotGood(RuntimeError):
    """The server answered, but not with what was asked for."""


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""
        self._whole = 0
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> float | None:
        """Takes what has come; the seconds since the request once the answer is whole, else None."""
        part = self.socket.recv(262_144)
        if not part:
            raise RuntimeError("the server closed a connection in mid-answer")
        self._got += part
        if not self._whole:
            end = self._got.find(_HEAD_END)
            if end < 0:
                return None
            self._whole = end + len(_HEAD_END) + _body_length(self._got[:end])
        if len(self._got) < self._whole:
            return None
        _check(self._got)
        self._got, self._whole = b"", 0
        return time.perf_counter() - self._sent_at


def insist(port: int, requests: Iterator[bytes], *, seconds: float, pause_seconds: float) -> int:
    """Sends the requests one after the other for so long, and rests after a refusal; how many were answered well."""
    connection, until, good = _Connection(port), time.perf_counter() + seconds, 0
    try:
        while time.perf_counter() < until:
            connection.send(next(requests))
            try:
                while connection.receive() is None:
                    pass
                good += 1
            except NotGood:
                connection.socket.close()
                connection = _Connection(port)
                time.sleep(pause_seconds)
    finally:
        connection.socket.close()
    return good


def drive(port: int, requests: Iterator[bytes], *, connections: int, seconds: float) -> Measured:
    """Sends the requests for so long and waits for the last answers; RuntimeError on any answer but a good one."""
    open_connections = [_Connection(port) for _ in range(connections)]
    times: list[float] = []
    gc.disable()
    try:
        with selectors.DefaultSelector() as selector:
            for connection in open_connections:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            started = time.perf_counter()
            for connection in open_connections:
                connection.send(next(requests))
            waiting = connections
            while waiting:
                ready = selector.select(_PATIENCE_SECONDS)
                if not ready:
                    raise RuntimeError("the server did not answer")
                for key, _ in ready:
                    took = key.data.receive()
                    if took is None:
                        continue
                    times.append(took)
                    if time.perf_counter() - started < seconds:
                        key.data.send(next(requests))
                    else:
                        waiting -= 1
            elapsed = time.perf_counter() - started
    finally:
        gc.enable()
        for connection in open_connections:
            connection.socket.close()
    return Measured(rate=len(times) / elapsed, median_ms=median(times) * 1000)


def _body_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(_LENGTH) + len(_LENGTH)
    return int(lower[start:].split(b"\r\n", 1)[0])


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200") or b'"errors"' in answer:
        raise NotGood(f"not a good answer: {answer[:1000].decode(errors='replace')}")
