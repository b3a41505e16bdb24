"""The two servers: started when they are needed, ended with the block that needed them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from launch import folder as data_folder
from launch.postgres import PostgresServer
from launch.processes import Children
from launch.server import Server
from launch.valkey import ValkeyServer

AnyServer = TypeVar("AnyServer", bound=Server)


@dataclass(frozen=True)
class Servers:
    """Two running servers: their URLs, and the servers themselves for tests of faults."""

    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.postgres.url

    @property
    def redis(self) -> str:
        """The URL of the Redis-compatible server."""
        return self.valkey.url


@contextlib.contextmanager
def embedded_servers(folder: Path | str | None = None, *, throw_away: bool = False) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey over `folder` and stop them at the end of the block.

    `throw_away=True` takes no folder: it makes one among the temporary files, does not wait for the disk, and removes
    all of it at the end. LaunchError when another process uses the folder, a wheel is missing or a server does not
    start; ValueError without a folder to keep data in. Call it from the main thread. However this process ends, the
    servers end with it.
    """
    if throw_away == (folder is not None):
        raise ValueError("give a folder, or throw_away=True, and not both")
    claim = data_folder.claimed(Path(folder)) if folder is not None else data_folder.throw_away()
    with (
        claim as place,
        Children() as children,
        started(PostgresServer, children, place, throw_away=throw_away) as postgres,
        started(ValkeyServer, children, place, throw_away=throw_away) as valkey,
    ):
        yield Servers(place, postgres, valkey)


@contextlib.contextmanager
def started(kind: type[AnyServer], children: Children, place: Path, *, throw_away: bool = False) -> Iterator[AnyServer]:
    """One server over a folder that is already claimed, stopped at the end of the block."""
    server = kind(children, place, data_folder.password_of(place), throw_away=throw_away)
    try:
        server.start()
        yield server
    finally:
        server.stop()
