"""Runs the whole program as one: servers where none are given, the web server, the worker; ends all of it together."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from launch import programs
from launch.errors import LaunchError
from launch.folder import after_the_last, claimed
from launch.processes import Children
from launch.server import Server
from launch.urls import own_or_embedded
from utils.config import Settings

PROJECT = Path(__file__).resolve().parent.parent
# How long the last processes of a killed run may take to end before a new run gives up.
LEFTOVER_SECONDS = 20.0
HEALTH_SECONDS = 60.0
# Web requests and tasks in hand are finished within this time or not at all; hosts kill after 10 s or more.
WEB_STOP_SECONDS = 8.0
WORKER_STOP_SECONDS = 8.0
# A worker that dies this often within a minute has a fault that another start will not cure.
WORKER_STARTS_PER_MINUTE = 5


class StopAsked(Exception):  # a wish, not an error
    """Somebody asked us to stop."""


class Supervisor:
    """The children of one `serve`, and the wish to stop."""

    def __init__(self, settings: Settings, children: Children, project: Path, *, with_parent: bool) -> None:
        self.settings = settings
        self.children = children
        self.project = project
        self.env: dict[str, str] = {}
        self.lock = -1
        self._parent = os.getppid() if with_parent else None
        self._stop_asked = False

    def ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        """Signal handler: only notes the wish, so that no child is lost between its start and our knowing of it."""
        self._stop_asked = True

    def pause(self, seconds: float = 0.05) -> None:
        """Wait a moment; StopAsked when somebody asked for it or the parent we were tied to is gone."""
        self.heed()
        time.sleep(seconds)
        self.heed()

    def heed(self) -> None:
        """StopAsked when somebody asked for it or the parent we were tied to is gone."""
        if self._stop_asked or (self._parent is not None and os.getppid() != self._parent):
            say("Stopping.")
            raise StopAsked

    def start(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a program of the project with our output, told by SIGTERM when we die."""
        return self.children.start(
            argv, death_signal=signal.SIGTERM, env=self.env, cwd=self.project, pass_fds=[self.lock]
        )

    def run_to_end(self, argv: Sequence[str]) -> None:
        """Run a program of the project and wait for it; LaunchError when it fails."""
        process = self.start(argv)
        try:
            while process.poll() is None:
                self.pause()
        finally:
            self.children.end(process, signal.SIGTERM, WORKER_STOP_SECONDS)
        if process.returncode != 0:
            raise LaunchError(f"`{' '.join(argv[1:])}` failed (exit status {process.returncode}); see above.")

    def wait_for_health(self, web: subprocess.Popen[bytes]) -> None:
        """Wait until the web server answers; LaunchError when it ends first or takes longer than a minute."""
        deadline = time.monotonic() + HEALTH_SECONDS
        while not programs.is_healthy(self.settings):
            if web.poll() is not None:
                raise LaunchError(f"The web server ended while starting (exit status {web.returncode}); see above.")
            if time.monotonic() > deadline:
                raise LaunchError(f"The web server was not healthy after {HEALTH_SECONDS:.0f} seconds; see above.")
            self.pause()


class Worker:
    """The worker, started again when it dies, but not for ever."""

    def __init__(self, supervisor: Supervisor) -> None:
        place = supervisor.settings.local_data_dir / "beat-schedule"
        self._supervisor = supervisor
        self._argv = programs.worker_command(supervisor.settings, place)
        self._times: list[float] = []
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._times.append(time.monotonic())
        return self._supervisor.start(self._argv)

    def look(self) -> None:
        """Start the worker again if it died; LaunchError when it died too often within a minute."""
        status = self.process.poll()
        if status is None:
            return
        self.end()  # its clock may have outlived it
        recent = [then for then in self._times if then > time.monotonic() - 60]
        if len(recent) >= WORKER_STARTS_PER_MINUTE:
            raise LaunchError(f"The worker died {len(recent)} times within a minute (exit status {status}); see above.")
        say(f"The worker died (exit status {status}); starting it again.")
        self.process = self._start()

    def end(self) -> None:
        """End the worker and whatever it started."""
        self._supervisor.children.end(self.process, signal.SIGTERM, WORKER_STOP_SECONDS)


def serve(
    settings: Settings,
    *,
    prepare: Sequence[str],
    welcome: str = "",
    with_parent: bool = False,
    project: Path = PROJECT,
) -> int:
    """Run everything until Ctrl-C or SIGTERM, and return the exit status: 0 when asked to stop, 1 after a fault.

    `prepare`: arguments of a Python program run to its end first, with DATABASE_URL and REDIS_URL set (migrate, seed),
    as a process of its own so that its memory is given back. `welcome`: printed after the address, once everything
    answers. `with_parent`: also stop when the process that started us (make) is gone. `project`: the folder of app.py.
    Prints why it refuses or ends: a running neighbour or a taken port (before anything is started), wheels that are not
    installed, a failed preparation, a dead web server or database, a worker that keeps dying.
    """
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(claimed(settings.local_data_dir))
            children = stack.enter_context(Children())
            supervisor = Supervisor(settings, children, project, with_parent=with_parent)
            for number in _stop_signals():
                signal.signal(number, supervisor.ask_to_stop)
            # The web server and the worker of a killed run hold this lock, and the port, until they are gone.
            supervisor.lock = stack.enter_context(after_the_last(place / "programs.lock", LEFTOVER_SECONDS))
            programs.refuse_taken_port(settings)
            urls = stack.enter_context(own_or_embedded(settings, children, place))
            supervisor.env = programs.environment(os.environ, settings, urls.database, urls.redis)
            _run(supervisor, prepare, welcome, urls.servers)
        except StopAsked:
            return 0
        except LaunchError as error:
            print(error, file=sys.stderr, flush=True)
            return 1


def say(text: str) -> None:
    """Tell the person at the terminal, at once even through a pipe."""
    with contextlib.suppress(OSError):  # the terminal or the pipe may be gone; that must not keep us from stopping
        print(text, flush=True)


def _run(supervisor: Supervisor, prepare: Sequence[str], welcome: str, servers: Sequence[Server]) -> NoReturn:
    """Prepare, start the programs and watch them, until StopAsked or LaunchError."""
    supervisor.run_to_end([sys.executable, *prepare])
    web = supervisor.start(programs.web_command())
    worker: Worker | None = None
    try:
        supervisor.wait_for_health(web)
        worker = Worker(supervisor)
        address = programs.address(supervisor.settings)
        say(f"\nThe shop is open at {address} (Ctrl-C stops it).")
        say(f"  {address}/graphql   to try it\n  {address}/docs      to read about it")
        if supervisor.settings.environment == "development":
            say(f"  {address}/dev/mail  to read the mails it writes")
        say(welcome)
        while True:
            supervisor.pause(0.2)
            worker.look()
            if web.poll() is not None:
                raise LaunchError(f"The web server ended (exit status {web.returncode}); see above.")
            for server in servers:
                if server.process.poll() is not None:
                    raise LaunchError(
                        f"{server.name} ended (exit status {server.process.returncode}); see {server.log}."
                    )
    finally:
        supervisor.children.end(web, signal.SIGTERM, WEB_STOP_SECONDS)
        if worker:
            worker.end()


def _stop_signals() -> list[signal.Signals]:
    """SIGINT even where a shell's background job inherited it ignored; SIGHUP unless somebody (nohup) ignores it."""
    ignores_hangup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if ignores_hangup else [signal.SIGHUP])]
