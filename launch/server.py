"""What the two servers have in common: a process on a loopback port to start, stop, kill, pause and restart."""

import contextlib
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from launch.errors import LaunchError
from launch.folder import after_the_last
from launch.processes import Children, descendants, free_port

START_SECONDS = 60.0
STOP_SECONDS = 20.0
# How often another free port is tried when somebody took ours between the look and the start.
PORT_ATTEMPTS = 5


class Server(ABC):
    """One server over `folder`. It keeps its port for as long as the object lives, so URLs survive a restart."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, children: Children, folder: Path, password: str, *, throw_away: bool) -> None:
        self.folder = folder
        self.password = password
        self.throw_away = throw_away
        self.port = 0
        self._children = children
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL of the server, password included."""

    @abstractmethod
    def _launch(self, lock: int) -> subprocess.Popen[bytes]:
        """Start the process on self.port and wait until it answers; LaunchError when it does not."""

    @property
    def log(self) -> Path:
        """What the server printed since its last start."""
        return self.folder / f"{self.name}.log"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The server's first process; RuntimeError before the start."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    @property
    def pid(self) -> int:
        """The id of the server's first process."""
        return self.process.pid

    def start(self) -> None:
        """Start and wait until it answers; LaunchError with the end of its log when it does not."""
        fixed = self.port != 0
        for attempt in range(1, PORT_ATTEMPTS + 1):
            self.port = self.port if fixed else free_port()
            try:
                with after_the_last(self.folder / f"{self.name}.lock", STOP_SECONDS) as lock:
                    self._process = self._launch(lock)
                return
            except LaunchError as error:
                printed = self.log.read_text(errors="replace") if self.log.exists() else ""
                if "Address already in use" in printed and not fixed and attempt < PORT_ATTEMPTS:
                    continue
                raise LaunchError(f"{error}\n{printed[-2000:]}".rstrip()) from None

    def stop(self) -> None:
        """Stop in good order, wait until it is gone; does nothing to a stopped one."""
        if self._process is not None:
            self._children.end(self._process, self.stop_signal, STOP_SECONDS)

    def restart(self) -> None:
        """Stop in good order and start again on the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """kill -9, as a crash would. `start` brings it back on the same port with what was durable."""
        self.process.kill()
        self._children.end(self.process, signal.SIGKILL, STOP_SECONDS)

    def pause(self) -> None:
        """Freeze the server and every process it has: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)  # first, so that it starts no more of them
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal_all(signal.SIGCONT)
        os.kill(self.pid, signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in descendants(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
