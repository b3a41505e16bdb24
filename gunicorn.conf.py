"""How gunicorn serves the shop: threads, one preloaded program, limits, and logs among the program's own."""

import contextlib
import gc
import socket
import time
from pathlib import Path

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no annotations
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from utils.config import load_settings_or_exit

_settings = load_settings_or_exit()


class _ProgramLogger(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the program's own log (utils/log.py), so that all of standard output has one form."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _ImpatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threads that give a request ten seconds to arrive: gunicorn's own wait for the rest of it for ever.

    After that the reading side of the connection is closed. Whoever waits for more bytes then sees their end, and a
    request that is whole and still worked on is answered all the same.
    """

    patience_seconds = 10.0

    def init_process(self) -> None:
        self._began: dict[TConn, float] = {}
        super().init_process()

    def handle(self, conn: TConn) -> object:
        self._began[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            del self._began[conn]

    def murder_pending(self) -> None:
        """Called by gunicorn's loop every second at least."""
        super().murder_pending()
        late = time.monotonic() - self.patience_seconds
        for conn, began in list(self._began.items()):
            if began < late:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


logger_class = _ProgramLogger
loglevel = _settings.log_level.lower()

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = _ImpatientWorker
workers = _settings.web_concurrency
threads = _settings.web_threads

# Loaded once and then forked: workers share what they do not write to, and a broken program fails at the start.
preload_app = True
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a folder in memory, not a file name
# A socket to steer gunicorn by is a door nobody here uses.
control_socket_disable = True

# A worker that does not even beat for this long is stuck; requests have shorter timeouts of their own.
timeout = 30
# Hosts kill ten seconds after SIGTERM; requests in hand get a little less than that.
graceful_timeout = 7
# Longer than the idle time of common proxies (60 s), so that the proxy closes first and never meets a closed door.
keepalive = 65

# The longest gunicorn allows: queries sent by GET stand in the line.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190


def when_ready(_server: Arbiter) -> None:
    """The loaded program lives as long as the process: what is never garbage need not be searched for it.

    Half of what a small request cost was that search; and workers go on sharing pages nobody touches.
    """
    gc.collect()
    gc.freeze()


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """A forked worker must not use, nor close, the connections its parent opened."""
    from app import app

    app.extensions["shop"].database.after_fork()
