"""Opens the shop for the time of one command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from launch import connected
from utils.config import load_settings
from wiring import Shop, build


@contextmanager
def opened() -> Iterator[Shop]:
    """The shop of the settings. What they do not name is a running `serve`'s, or started for the while.

    Refuses wrong settings (SettingsError) and servers that cannot be started (LaunchError).
    """
    settings = load_settings()
    with connected(settings) as urls:
        yield build(load_settings({**os.environ, "DATABASE_URL": urls.database, "REDIS_URL": urls.redis}))
