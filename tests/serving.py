"""Serves an application on a loopback port, for the tests that need a real server under a real address."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

# Below the ports that systems give to outgoing connections, so that none of these is in the way.
PORTS = range(20_000, 32_000)


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    """The base URL (without a slash at its end) under which `application` answers, each request in its own thread."""
    with _listening() as listener:
        port = listener.getsockname()[1]
        server = make_server("127.0.0.1", port, application, threaded=True, fd=listener.fileno())
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _listening() -> socket.socket:
    for port in random.sample(PORTS, 50):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
        else:
            listener.listen(128)
            return listener
    raise AssertionError("none of fifty ports was free")
