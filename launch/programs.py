"""The web server and the worker as child processes: their command lines, their port, and whether they answer."""

import contextlib
import errno
import http.client
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from launch.errors import LaunchError
from utils.config import Settings

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # compared with, not listened on


def web_command() -> list[str]:
    """gunicorn; all it needs to know is in gunicorn.conf.py and the settings."""
    return [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "app:app"]


def worker_command(settings: Settings, schedule: Path) -> list[str]:
    """The Celery worker with its clock inside, for one machine: threads, because a process each costs 80 MB.

    `schedule` is the file where the clock remembers what it last sent.
    """
    return [
        # --quiet: its banner would push the addresses out of sight.
        *(sys.executable, "-m", "celery", "--quiet", "-A", "workers.celery_app:celery_app", "worker"),
        *("--beat", "--schedule", str(schedule), "--queues", "default,mail"),
        *("--pool", "threads", "--concurrency", str(settings.worker_concurrency)),
        *("--loglevel", settings.log_level),
        # One worker has nobody to gossip with, and its supervisor sees sooner than a heartbeat that it died.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def environment(inherited: Mapping[str, str], settings: Settings, database: str, redis: str) -> dict[str, str]:
    """What the children get: everything we have, the two URLs, and the address that was checked to be free."""
    return {
        **inherited,
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PYTHONUNBUFFERED": "1",
    }


def address(settings: Settings) -> str:
    """The address to type into a browser on this machine."""
    host = WILDCARDS.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def refuse_taken_port(settings: Settings) -> None:
    """LaunchError when HOST:PORT cannot be listened on: taken, forbidden, or not an address of this machine."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise LaunchError(_why(error, settings)) from None


def _why(error: OSError, settings: Settings) -> str:
    place = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} is taken: another program already listens on {place}. Stop that program, or choose "
            f"another port, for example `PORT={settings.port + 1} make run`. Nothing was started."
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on {place}; choose a PORT of 1024 or above. Nothing was started."
    return f"Cannot listen on {place} ({error.strerror}); set HOST to an address of this machine. Nothing was started."


def is_healthy(settings: Settings) -> bool:
    """Whether /health answers 200 now."""
    host = WILDCARDS.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    return False
