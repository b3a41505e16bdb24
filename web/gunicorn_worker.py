"""gunicorn's worker with threads, made for callers who are slow, who come at once, and who come again."""

import contextlib
import errno
import select
import socket
import time
from collections.abc import Iterable
from threading import local
from typing import Any

from gunicorn.http.message import Request  # type: ignore[import-untyped]  # gunicorn has no annotations
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from utils.sockets import bound_sending
from web.arriving import BEGAN, PATIENCE_SECONDS

# The next request of a caller who is quick is there sooner than a connection is handed to another thread and back.
_STAY_MILLISECONDS = 2
# For each connection a process has already, as far as this many, it lets the others go first for so long.
_YIELD_SECONDS = 0.000_2
_MOST_YIELDS = 5
# A head with one of these is not yet the whole request.
_BODY_FOLLOWS = frozenset({"CONTENT-LENGTH", "TRANSFER-ENCODING"})


class Worker(ThreadWorker):  # type: ignore[misc]
    """Differs from gunicorn's own in four ways.

    It gives a request ten seconds to arrive: gunicorn waits for the rest of it for ever. After that the reading side of
    the connection is closed. Whoever waits for more bytes then sees their end, and a request that is whole and still
    worked on is answered all the same.

    It gives up an answer of which the caller has taken nothing for ten seconds: gunicorn waits for him for ever too.

    It leaves new connections to processes that have fewer: a proxy opens its connections at once, and the process that
    wakes first would take them all, and work alone from then on.

    A thread that has answered looks for the next request on the same connection before it gives the connection back,
    unless another waits for a thread.
    """

    patience_seconds = PATIENCE_SECONDS
    # The program.
    wsgi: Any

    def init_process(self) -> None:
        """Called by gunicorn in the new process; it returns when the worker ends."""
        self._began: dict[TConn, float] = {}
        self._cut: set[TConn] = set()
        self._here = local()
        super().init_process()

    def load_wsgi(self) -> None:
        """Called by gunicorn for the program, which is told when each request began."""
        super().load_wsgi()
        program = self.wsgi

        def told(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            environ[BEGAN] = self._here.began
            answer: Iterable[bytes] = program(environ, start_response)
            return answer

        self.wsgi = told

    def accept(self, listener: socket.socket) -> None:
        """Called by gunicorn's loop when somebody knocks."""
        if self.cfg.workers > 1:
            time.sleep(_YIELD_SECONDS * min(self.nr_conns, _MOST_YIELDS))
        super().accept(listener)  # which does not mind that another process was first

    def handle(self, conn: TConn) -> object:
        """Answers the requests that come on a connection now; whether it may be kept for later ones."""
        again = self._handle_one(conn)
        while again is True and self.alive and self._is_nobody_waiting() and _has_more(conn):
            again = self._handle_one(conn)
        return again

    def handle_request(self, req: Request, conn: TConn) -> object:
        """Called when the head of a request is there."""
        if not any(name in _BODY_FOLLOWS for name, _ in req.headers):
            self._began.pop(conn, None)  # all of it has arrived
        try:
            return super().handle_request(req, conn)
        except BlockingIOError:
            # As if he had gone, which gunicorn does not write a traceback about.
            raise ConnectionResetError(errno.ECONNRESET, "The caller did not take the answer.") from None

    def murder_pending(self) -> None:
        """Called by gunicorn's loop every second at least."""
        super().murder_pending()
        late = time.monotonic() - self.patience_seconds
        for conn, began in list(self._began.items()):
            if began < late:
                self._cut.add(conn)
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def _handle_one(self, conn: TConn) -> object:
        self._here.began = self._began[conn] = time.monotonic()
        if not conn.initialized:
            bound_sending(conn.sock, self.patience_seconds)
        try:
            again = super().handle(conn)
        finally:
            self._began.pop(conn, None)
        if conn in self._cut:
            self._cut.discard(conn)
            return False
        return again

    def _is_nobody_waiting(self) -> bool:
        return bool(self.tpool._work_queue.empty())


def _has_more(conn: TConn) -> bool:
    """Whether the next request has come, or comes right now."""
    if conn.parser.unreader.buf.getvalue():
        return True
    waiting = select.poll()
    waiting.register(conn.sock, select.POLLIN)
    return bool(waiting.poll(_STAY_MILLISECONDS))
