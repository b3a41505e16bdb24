"""Opens the shop for the time of one command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ProgrammingError

from launch import connected
from utils.config import load_settings
from wiring import Shop, build

_UNDEFINED_TABLE = "42P01"


@contextmanager
def opened() -> Iterator[Shop]:
    """The shop of the settings. What they do not name is a running `serve`'s, or started for the while.

    Refuses wrong settings (SettingsError) and servers that cannot be started (LaunchError).
    """
    settings = load_settings()
    with connected(settings) as urls:
        try:
            yield build(load_settings({**os.environ, "DATABASE_URL": urls.database, "REDIS_URL": urls.redis}))
        except ProgrammingError as fault:
            if getattr(fault.orig, "pgcode", None) != _UNDEFINED_TABLE:
                raise
            raise click.ClickException("The database has no tables yet. Run `make migrate_and_seed` first.") from None
