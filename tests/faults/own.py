"""Servers and processes of these tests' own: what a test stops, freezes or kills is nobody else's."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson

import init_db
from demo.people import add_missing_people
from launch import Servers
from launch.processes import Children, descendants, free_port
from launch.programs import web_command
from tests.faults.rivals import eventually
from utils.config import load_settings
from wiring import Shop, build

PROJECT = Path(__file__).resolve().parent.parent.parent
STOP_SECONDS = 15.0


def variables(database: str, redis: str, **more: str) -> dict[str, str]:
    """The settings of a program over these servers, as environment variables."""
    return {
        "ENVIRONMENT": "test",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "LOG_LEVEL": "ERROR",
        # A test is one caller, and calls as often as it can.
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "JWT_SECRET": "a secret of the tests, long enough for every algorithm we allow to be chosen",
        **more,
    }


def variables_of(shop: Shop) -> dict[str, str]:
    """The settings for another process that is to work over the same servers as this shop."""
    return variables(str(shop.settings.database_url), str(shop.settings.redis_url))


@contextmanager
def opened_shop(servers: Servers) -> Iterator[Shop]:
    """A shop over these servers; connections are closed at the end."""
    shop = build(load_settings(variables(servers.database, servers.redis)))
    try:
        yield shop
    finally:
        shop.database.dispose()
        shop.cache.close()


def prepare(shop: Shop) -> None:
    """Schema, seeds and cast; nobody logs in here, so the passwords are none."""
    init_db.migrate(shop)
    init_db.seed(shop)
    with shop.database.write() as session:
        add_missing_people(session, password_hash="!")


def run_script(module: str, *arguments: str, environment: Mapping[str, str]) -> int:
    """Runs one of these tests' modules as a program to its end; the exit status, negative for a signal."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=PROJECT, env={**os.environ, **environment}, timeout=60, check=False).returncode


class Program:
    """A program of the project as a process with children."""

    def __init__(self, children: Children, process: subprocess.Popen[bytes], log: Path) -> None:
        self._children = children
        self.process = process
        self.log = log

    def workers(self) -> list[int]:
        """The ids of the processes below it."""
        return descendants(self.process.pid)

    def kill(self) -> None:
        """kill -9 of it and of everything below it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._children.end(self.process, signal.SIGKILL, STOP_SECONDS)


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Program]:
    """A program of the project, ended with the block; it also ends when this process is killed."""
    with Children() as children:
        with log.open("wb") as output:
            process = children.start(
                command,
                death_signal=signal.SIGTERM,
                env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
                cwd=PROJECT,
                output=output,
            )
        try:
            yield Program(children, process, log)
        finally:
            children.end(process, signal.SIGTERM, STOP_SECONDS)


class Answer(NamedTuple):
    """An HTTP answer: its status and the parsed body."""

    status: int
    body: dict[str, Any]


class Web:
    """A gunicorn that serves the shop."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port

    def get(self, path: str) -> Answer:
        """One GET over a fresh connection."""
        return self._ask("GET", path, None, {})

    def graphql(self, document: str, variables: Mapping[str, Any], token: str, key: str | None = None) -> Answer:
        """One document over a fresh connection. Raises OSError or HTTPException when no whole answer comes."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self._ask("POST", "/graphql", orjson.dumps({"query": document, "variables": variables}), headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, orjson.loads(response.read()))

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Freezes all workers but one, so that every answer is that one's."""
        others = [pid for pid in self.program.workers() if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)


@contextmanager
def web_server(environment: Mapping[str, str], log: Path, *, workers: int) -> Iterator[Web]:
    """gunicorn as the program starts it, on a free loopback port, once /health answers 200."""
    port = free_port()
    given = {**environment, "HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    with running(web_command(), given, log) as program:
        web = Web(program, port)

        def ready() -> bool:
            assert program.process.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                return web.get("/health").status == 200
            return False

        eventually(ready, "gunicorn is healthy")
        yield web
