"""Starts child processes that cannot outlive this one, and ends them in good order."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO

from launch.errors import LaunchError
from launch.privileges import Identity

HERE = Path(__file__).parent
# Below Linux' ephemeral range (32768 up), so that no outgoing connection takes the port between our look and its use.
PORTS = range(15000, 32768)
# How long the children of a killed process may take to end in good order.
KEEPER_PATIENCE_SECONDS = 8.0


class Children:
    """The processes started by this one. Use it as a context manager; leaving it lets the keeper go.

    Start them from the main thread: Linux ties a child to the THREAD that started it.
    """

    def __init__(self) -> None:
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "keeper.py"), str(KEEPER_PATIENCE_SECONDS)],
            stdin=subprocess.PIPE,
            start_new_session=True,
            cwd="/",
        )
        self._unended: set[int] = set()

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._keeper_input.close()
        self._keeper.wait()

    def start(
        self,
        argv: Sequence[str],
        *,
        death_signal: signal.Signals,
        identity: Identity | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        output: IO[bytes] | None = None,
        pass_fds: Iterable[int] = (),
        stdin: int = subprocess.DEVNULL,
    ) -> subprocess.Popen[bytes]:
        """Start a program in its own session. It gets `death_signal` when this process dies, however that happens.

        Refuses (RuntimeError) to be called from a thread that is not the main one.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start servers from the main thread: the kernel ends them with the thread")
        who = identity or Identity()
        shim = [sys.executable, "-I", "-S", str(HERE / "child.py")]
        ties = [str(os.getpid()), str(int(death_signal)), str(who.uid), str(who.gid)]
        process = subprocess.Popen(
            [*who.prefix, *shim, *ties, *argv],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=env,
            cwd=cwd,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
        )
        self._unended.add(process.pid)
        self._tell(f"+{process.pid} {int(death_signal)}")
        return process

    def end(self, process: subprocess.Popen[bytes], stop_signal: signal.Signals, patience: float) -> None:
        """Ask the process to stop, wait `patience` seconds, then kill whatever is left of its group.

        Does nothing the second time: the number may be somebody else's by then.
        """
        if process.pid not in self._unended:
            return
        if process.poll() is None:
            process.send_signal(stop_signal)
            process.send_signal(signal.SIGCONT)  # a paused one would never see the request
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._unended.remove(process.pid)
        self._tell(f"-{process.pid}")

    @property
    def _keeper_input(self) -> IO[bytes]:
        assert self._keeper.stdin is not None
        return self._keeper.stdin

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._keeper_input.write(line.encode() + b"\n")
            self._keeper_input.flush()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float, what: str) -> None:
    """Poll `ready` until it holds; LaunchError when the process ends first or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise LaunchError(f"{what} ended while starting (exit status {process.returncode}).")
        if time.monotonic() > deadline:
            raise LaunchError(f"{what} was not ready after {seconds:.0f} seconds.")
        time.sleep(0.01)


def free_port() -> int:
    """A loopback port nobody listens on now; LaunchError when two hundred guesses were all taken."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise LaunchError(f"No free port on 127.0.0.1 between {PORTS.start} and {PORTS.stop - 1}.")


def descendants(pid: int) -> list[int]:
    """The ids of all processes below this one, nearest first."""
    parents: dict[int, int] = {}
    if sys.platform == "linux":
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    else:
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True).stdout
        parents = {int(line.split()[0]): int(line.split()[1]) for line in listing.splitlines()}
    found = [pid]
    for ancestor in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found[1:]
