"""The URLs of the two servers a program needs: its settings' own, a running neighbour's, or those it starts itself."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError
from launch.folder import claimed, is_claimed, write_secret
from launch.postgres import PostgresServer
from launch.processes import Children
from launch.server import Server
from launch.servers import started
from launch.valkey import ValkeyServer
from utils.config import Settings

# While `serve` runs, its servers' URLs stand here (readable by the owner only) for the commands typed beside it.
RECORD = "servers.json"


@dataclass(frozen=True)
class Urls:
    """Where the database and the Redis-compatible server are, and which of the two we started ourselves."""

    database: str
    redis: str
    servers: tuple[Server, ...] = ()


@contextlib.contextmanager
def connected(settings: Settings) -> Iterator[Urls]:
    """The URLs for one command: the settings' own, else a running `serve`'s, else of servers started for this block.

    LaunchError when servers have to be started and cannot be.
    """
    if settings.database_url and settings.redis_url:
        yield Urls(settings.database_url, settings.redis_url)
    elif is_claimed(settings.local_data_dir):
        yield _recorded(settings)
    else:
        with (
            claimed(settings.local_data_dir) as place,
            Children() as children,
            own_or_embedded(settings, children, place) as urls,
        ):
            yield urls


@contextlib.contextmanager
def own_or_embedded(settings: Settings, children: Children, place: Path) -> Iterator[Urls]:
    """Start what the settings do not name, over the claimed folder `place`, and record it there for neighbours.

    Refuses (LaunchError) in production, where both must be named.
    """
    if settings.environment == "production" and not (settings.database_url and settings.redis_url):
        raise LaunchError("Production needs DATABASE_URL and REDIS_URL; it never starts servers of its own.")
    record = place / RECORD
    record.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        servers: list[Server] = []
        if not settings.database_url:
            servers.append(stack.enter_context(started(PostgresServer, children, place)))
        if not settings.redis_url:
            servers.append(stack.enter_context(started(ValkeyServer, children, place)))
        own = {server.name: server.url for server in servers}
        urls = Urls(
            settings.database_url or own[PostgresServer.name], settings.redis_url or own[ValkeyServer.name], (*servers,)
        )
        write_secret(record, json.dumps({"database": urls.database, "redis": urls.redis}))
        stack.callback(record.unlink, missing_ok=True)
        yield urls


def _recorded(settings: Settings) -> Urls:
    try:
        recorded = json.loads((settings.local_data_dir / RECORD).read_text())
    except FileNotFoundError:
        raise LaunchError(
            f"Another run is just starting or stopping its servers over {settings.local_data_dir}. Try again shortly."
        ) from None
    return Urls(settings.database_url or recorded["database"], settings.redis_url or recorded["redis"])
