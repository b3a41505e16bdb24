"""Servers that are away: stopped, so that nobody answers, or frozen, so that somebody does not."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from launch.server import Server

Away = Callable[[Server], AbstractContextManager[None]]
# Within so long everything is answered that does not need the server.
PROMISED_SECONDS = 1.0


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Stops it, and starts it again with the end of the block."""
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """Freezes it, and lets it go on with the end of the block."""
    server.pause()
    try:
        yield
    finally:
        server.resume()


AWAY = pytest.mark.parametrize("away", [stopped, frozen])
