"""The grounds of a bench: durable servers over a folder of their own, a filled shop, and the programs measured."""

import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import init_db
from bench import goods
from demo.cast import CAST
from demo.loading import load
from launch import Servers, embedded_servers
from launch.processes import Children, descendants, free_port
from models import User
from models.user import Role
from services.accounts.sessions import Device, open_session
from utils.config import load_settings
from wiring import Shop, build

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = 2
THREADS = 8
_SHOP = ["-c", "gunicorn.conf.py", "app:app"]
_HELLO = ["-c", "bench/hello_conf.py", "bench.hello:app"]
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Program:
    """A running gunicorn."""

    port: int
    pid: int

    @property
    def worker_pids(self) -> list[int]:
        """The ids of its workers."""
        return descendants(self.pid)


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that is measured, and the tokens of the bench's customers."""

    servers: Servers
    environment: dict[str, str]
    tokens: list[str]
    admin_token: str
    hello: Program
    shop: Program
    shop_without_answers: Program
    shop_without_cache: Program

    @contextmanager
    def opened(self) -> Iterator[Shop]:
        """The shop in this process, with the settings of the measured programs."""
        made = build(load_settings(self.environment))
        try:
            yield made
        finally:
            made.database.dispose()
            made.cache.close()


@contextmanager
def prepared() -> Iterator[Grounds]:
    """Starts servers that wait for the disk, fills the shop, starts the programs; ends and removes all of it."""
    with (
        TemporaryDirectory(prefix="shop-bench-") as folder,
        embedded_servers(Path(folder) / "servers") as servers,
        Children() as children,
        ExitStack() as programs,
    ):
        environment = _environment(servers)
        tokens, admin_token = _fill(environment)
        closed = f"redis://127.0.0.1:{free_port()}/0"

        def start(arguments: list[str], **more: str) -> Program:
            log = Path(folder) / f"{arguments[1].replace('/', '-')}-{len(more)}.log"
            return programs.enter_context(_running(children, arguments, {**environment, **more}, log))

        yield Grounds(
            servers=servers,
            environment=environment,
            tokens=tokens,
            admin_token=admin_token,
            hello=start(_HELLO),
            shop=start(_SHOP),
            # Every answer is made anew, of what Redis has of products and pages.
            shop_without_answers=start(_SHOP, ANSWER_CACHE_MEGABYTES="0"),
            # Nobody listens there, so every read goes past the cache.
            shop_without_cache=start(_SHOP, CACHE_REDIS_URL=closed, ANSWER_CACHE_MEGABYTES="0"),
        )


def _environment(servers: Servers) -> dict[str, str]:
    return {
        **os.environ,
        "ENVIRONMENT": "production",
        "FLASK_ENV": "production",
        "DATABASE_URL": servers.database,
        "REDIS_URL": servers.redis,
        "CACHE_REDIS_URL": servers.redis,
        "JWT_SECRET": secrets.token_urlsafe(48),
        "ACCESS_TOKEN_EXPIRE_MINUTES": "120",
        "WEB_CONCURRENCY": str(WORKERS),
        "WEB_THREADS": str(THREADS),
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": "https://bench.example",
        "MAIL_PROVIDER": "smtp",
        "MAIL_FROM": "bench@bench.example",
        # Nobody listens there: the bench sends no mail.
        "SMTP_HOST": "127.0.0.1",
        # The bench is one caller, and calls as often as it can.
        "RATE_LIMIT_PER_MINUTE": "1000000",
        # Who logs in says from where, so that they count as many.
        "TRUSTED_PROXIES": "1",
        "CURRENCY": "USD",
    }


def _fill(environment: dict[str, str]) -> tuple[list[str], str]:
    """Migrates, seeds, loads the demo data and the bench's own goods; the tokens of its customers, and an admin's."""
    shop = build(load_settings({**environment, "ENVIRONMENT": "development", "FLASK_ENV": "development"}))
    init_db.migrate(shop)
    init_db.seed(shop)
    load(shop)
    with shop.database.write() as session:
        goods.add(session, password_hash=shop.passwords.hash(goods.PASSWORD))
    with shop.database.write() as session:

        def token_of(user_id: UUID) -> str:
            user = session.get_one(User, user_id)
            return open_session(session, user, keeper=shop.keeper, device=Device()).access_token

        tokens = [token_of(UUID(goods.customer_id(number))) for number in range(goods.CUSTOMERS)]
        admin_token = token_of(next(person.id for person in CAST if person.role == Role.ADMIN))
    shop.database.dispose()
    shop.cache.close()
    return tokens, admin_token


@contextmanager
def _running(children: Children, arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[Program]:
    port = free_port()
    with log.open("wb") as output:
        process = children.start(
            [sys.executable, "-m", "gunicorn", *arguments],
            death_signal=signal.SIGTERM,
            env={**environment, "HOST": "127.0.0.1", "PORT": str(port)},
            cwd=PROJECT,
            output=output,
        )
    try:
        path = "/" if arguments is _HELLO else "/health"
        if not wait_for(f"http://127.0.0.1:{port}{path}", lambda: process.poll() is None):
            raise RuntimeError(f"{' '.join(arguments)} did not start:\n{log.read_text()}")
        yield Program(port, process.pid)
    finally:
        children.end(process, signal.SIGTERM, _STOP_SECONDS)


def wait_for(url: str, still_runs: Callable[[], bool]) -> bool:
    """Waits until the address answers 200; False when the program ended first or took longer than a minute."""
    deadline = time.monotonic() + _START_SECONDS
    while still_runs() and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (OSError, urllib.error.HTTPError):
            pass
        time.sleep(0.02)
    return False
