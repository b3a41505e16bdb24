"""How gunicorn serves the shop: threads, one preloaded program, limits, and logs among the program's own."""

import gc
from pathlib import Path

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no annotations
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from utils.config import load_settings_or_exit
from web.gunicorn_worker import Worker as _ThreadWorker

_settings = load_settings_or_exit()


class _ProgramLogger(Logger):  # type: ignore[misc]
    """Hands gunicorn's lines to the program's own log (utils/log.py), so that all of standard output has one form."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


logger_class = _ProgramLogger
loglevel = _settings.log_level.lower()

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = _ThreadWorker
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
    """A forked worker must not use, nor close, the connections its parent opened; and it has none of its threads."""
    from app import app

    app.extensions["shop"].database.after_fork()
    app.extensions["answers"].tell_each_second()
