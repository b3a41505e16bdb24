"""Makes pictures anew from what people sent: in a process of its own, one at a time, within bounds."""

import signal
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any, NamedTuple

import orjson
import structlog

from gateways.storage.storage import Kind
from utils.errors import InvalidImage, Unavailable

# How long a picture waits until the one before it is done, and how long one may take, with the start of the process.
PATIENCE_SECONDS = 20.0
LONGEST_SECONDS = 30.0
_PROGRAM = Path(__file__).with_name("reencoder.py")
_REASONS = {
    "FORMAT": "The file is no picture in JPEG, PNG or WebP.",
    "PIXELS": "A picture has at most 25 million pixels (12.5 million in WebP), and 12,000 a side.",
    "MEMORY": "The picture takes more memory than the shop gives to one.",
    "SLOW": "The picture takes longer than the shop works on one.",
    "DAMAGED": "The picture is damaged, or cut off.",
}

log = structlog.get_logger(__name__)
_turn = Lock()


class Reencoded(NamedTuple):
    """A picture made anew, in a file that has no name and goes when it is closed."""

    file: IO[bytes]
    kind: Kind
    width: int
    height: int
    byte_count: int


@contextmanager
def reencoded(source: IO[bytes]) -> Iterator[Reencoded]:
    """The picture in `source`, an open file, made anew: its first frame, upright, in sRGB, with nothing beside it.

    Refuses (INVALID_IMAGE) what is no JPEG, PNG or WebP, is damaged, has more than 25 million pixels or 12,000 a side,
    or takes too much memory or time; and UNAVAILABLE when other pictures keep this process busy.
    """
    with TemporaryFile() as file:
        told = _run(["whole", str(file.fileno())], source, [file], PATIENCE_SECONDS)
        yield Reencoded(file, Kind[told["format"]], told["width"], told["height"], file.seek(0, 2))


@contextmanager
def shrunk(source: IO[bytes], sides: Collection[int], *, patience: float) -> Iterator[Mapping[int, IO[bytes]]]:
    """The picture in `source` in WebP, in each of these sizes: so many pixels at most on its longest side.

    Refuses as `reencoded` does, with UNAVAILABLE when other pictures keep this process busy for `patience` seconds.
    """
    with ExitStack() as stack:
        files = {side: stack.enter_context(TemporaryFile()) for side in sides}
        words = [f"{side}:{file.fileno()}" for side, file in files.items()]
        _run(["smaller", *words], source, files.values(), patience)
        yield files


def _run(words: list[str], source: IO[bytes], files: Collection[IO[bytes]], patience: float) -> dict[str, Any]:
    source.flush()
    source.seek(0)
    if not _turn.acquire(timeout=patience):
        raise Unavailable("Other pictures are being worked on. Try again in a few seconds.")
    try:
        # Isolated: no settings and no secrets are in its surroundings, and it loads no code but the libraries.
        process = subprocess.Popen(  # noqa: S603 - all its words are ours
            [sys.executable, "-I", str(_PROGRAM), *words],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[each.fileno() for each in files],
            env={},
        )
        with process:
            try:
                said, _ = process.communicate(timeout=LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise _refusal("SLOW") from None
    finally:
        _turn.release()
    return _answer(process.returncode, said)


def _answer(returned: int, said: bytes) -> dict[str, Any]:
    if returned == -signal.SIGXCPU:
        raise _refusal("SLOW")
    if returned == -signal.SIGKILL:
        # Not by us: the machine had no memory left.
        log.warning("the reencoder was killed")
        raise Unavailable("The shop has too little memory for this picture now. Try again later, or a smaller one.")
    try:
        told: dict[str, Any] = orjson.loads(said)
    except orjson.JSONDecodeError:
        # A decoder fell over what somebody sent, and took its process with it.
        log.error("the reencoder broke off", returned=returned)
        raise _refusal("DAMAGED") from None
    if "refused" in told:
        log.info("a picture was refused", reason=told["refused"], fault=told.get("fault"))
        raise _refusal(told["refused"])
    return told


def _refusal(reason: str) -> InvalidImage:
    return InvalidImage(_REASONS[reason], field="file", reason=reason)
