"""gunicorn's worker with threads, made for callers who are slow, who come at once, and who come again."""

import contextlib
import select
import socket
import time

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]  # no annotations

# The next request of a caller who is quick is there sooner than a connection is handed to another thread and back.
_STAY_MILLISECONDS = 2
# For each connection a process has already, as far as this many, it lets the others go first for so long.
_YIELD_SECONDS = 0.000_2
_MOST_YIELDS = 5


class Worker(ThreadWorker):  # type: ignore[misc]
    """Differs from gunicorn's own in three ways.

    It gives a request ten seconds to arrive: gunicorn waits for the rest of it for ever. After that the reading side of
    the connection is closed. Whoever waits for more bytes then sees their end, and a request that is whole and still
    worked on is answered all the same.

    It leaves new connections to processes that have fewer: a proxy opens its connections at once, and the process that
    wakes first would take them all, and work alone from then on.

    A thread that has answered looks for the next request on the same connection before it gives the connection back,
    unless another waits for a thread.
    """

    patience_seconds = 10.0

    def init_process(self) -> None:
        """Called by gunicorn in the new process; it returns when the worker ends."""
        self._began: dict[TConn, float] = {}
        super().init_process()

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

    def murder_pending(self) -> None:
        """Called by gunicorn's loop every second at least."""
        super().murder_pending()
        late = time.monotonic() - self.patience_seconds
        for conn, began in list(self._began.items()):
            if began < late:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

    def _handle_one(self, conn: TConn) -> object:
        self._began[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._began[conn]

    def _is_nobody_waiting(self) -> bool:
        return bool(self.tpool._work_queue.empty())


def _has_more(conn: TConn) -> bool:
    """Whether the next request has come, or comes right now."""
    if conn.parser.unreader.buf.getvalue():
        return True
    waiting = select.poll()
    waiting.register(conn.sock, select.POLLIN)
    return bool(waiting.poll(_STAY_MILLISECONDS))
