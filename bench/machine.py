"""What the program costs the machine: memory of its workers, and the time to start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.grounds import PROJECT, wait_for
from launch.processes import Children, free_port
from utils.config import VARIABLES, load_settings

_STOP_SECONDS = 30.0
_STAT = Path("/proc/stat")
_IDLE = slice(3, 5)


class Memory(NamedTuple):
    """The largest worker's megabytes (10^6 bytes), and how they were counted."""

    megabytes: float
    kind: str


class Starts(NamedTuple):
    """Seconds from the command to a healthy answer: on an empty folder, and again."""

    first: float
    second: float


def memory(pids: list[int]) -> Memory:
    """The largest of these processes: PSS (shared pages divided among those who share them), else RSS."""
    if all(Path(f"/proc/{pid}/smaps_rollup").exists() for pid in pids):
        return Memory(max(_pss(pid) for pid in pids), "PSS")
    return Memory(max(_rss(pid) for pid in pids), "RSS")


def taken_by_others() -> float:
    """Which part of the processors other programs take now, watched for a second; 0 where /proc does not tell."""
    if not _STAT.exists():
        return 0.0
    before = _processor_times()
    time.sleep(1)
    spent = [after - earlier for after, earlier in zip(_processor_times(), before, strict=True)]
    return 1 - sum(spent[_IDLE]) / sum(spent)


def refuse_foreign_servers() -> None:
    """RuntimeError when settings in a file name servers: the bench would migrate and fill somebody's database."""
    settings = load_settings(_bare_environment())
    if settings.database_url or settings.redis_url or settings.environment != "development":
        raise RuntimeError("The bench starts servers of its own; .env names others. Move .env away for the while.")


def starts() -> Starts:
    """`manage.py serve` twice over one folder, with servers of its own, as `make run` does it."""
    with TemporaryDirectory(prefix="shop-bench-") as folder, Children() as children:
        return Starts(_start(children, Path(folder)), _start(children, Path(folder)))


def _start(children: Children, folder: Path) -> float:
    port = free_port()
    environment = {
        **_bare_environment(),
        "LOCAL_DATA_DIR": str(folder / "state"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    log = folder / "serve.log"
    started = time.perf_counter()
    with log.open("wb") as output:
        process = children.start(
            [sys.executable, "manage.py", "serve"],
            death_signal=signal.SIGTERM,
            env=environment,
            cwd=PROJECT,
            output=output,
        )
    try:
        if not wait_for(f"http://127.0.0.1:{port}/health", lambda: process.poll() is None):
            raise RuntimeError(f"manage.py serve did not start:\n{log.read_text()}")
        return time.perf_counter() - started
    finally:
        children.end(process, signal.SIGTERM, _STOP_SECONDS)


def _bare_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {*VARIABLES, "FLASK_ENV"}}


def _processor_times() -> list[int]:
    """The times since the start of the machine that its first line tells: user, nice, system, idle, waiting, ..."""
    return [int(word) for word in _STAT.read_text().splitlines()[0].split()[1:]]


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError(f"/proc/{pid}/smaps_rollup has no Pss")


def _rss(pid: int) -> float:
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(shown) * 1024 / 1e6
