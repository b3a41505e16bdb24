"""Programs started by these tests as a person would start them, and whether their processes are still there."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from launch.processes import descendants

PROJECT = Path(__file__).resolve().parent.parent.parent

# An ordinary user for tests run by root: another id, but able to enter the folders of this interpreter.
NOBODY = (
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)


def ways() -> list[str]:
    """Who may start the program here: an ordinary user, and if we are root also root, by either of its two ways."""
    return ["user", "root by unshare", "root by nobody"] if os.geteuid() == 0 else ["user"]


def as_user(way: str) -> tuple[Sequence[str], dict[str, str]]:
    """The words before a command, and the variables, that make it run in this way."""
    if way == "user" and os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        assert setpriv, "tests run by root need setpriv (util-linux) to become an ordinary user"
        return [setpriv, *NOBODY], {}
    return [], {"PATH": ""} if way == "root by nobody" else {}


@contextmanager
def program(
    script: Path, *arguments: str, way: str = "", env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A Python program of the project in a process of its own; killed at the end if it still runs."""
    words, variables = as_user(way)
    process = subprocess.Popen(
        [*words, sys.executable, str(script), *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT), **variables, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """What the program printed up to the line with the word; fails with all of it when it ended before."""
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if word in line:
            return printed
    raise AssertionError(f"ended without {word!r}:\n{printed}")


def family(process: subprocess.Popen[str]) -> list[int]:
    """The ids of everything the program started."""
    return descendants(process.pid)


def command_of(pid: int) -> str:
    """The words a process was started with; nothing when it is gone."""
    if sys.platform == "linux":
        path = Path(f"/proc/{pid}/cmdline")
        words = path.read_text().replace("\0", " ") if path.exists() else ""
    else:
        words = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return words


def still_alive(pids: Sequence[int], seconds: float) -> list[int]:
    """Those of the processes that are still there after so many seconds at most."""
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if _is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _is_alive(pid: int) -> bool:
    state = "?"
    try:
        if sys.platform == "linux":
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        else:
            os.kill(pid, 0)
    except OSError:
        return False
    return state != "Z"  # a dead one that nobody has asked about yet counts as gone
