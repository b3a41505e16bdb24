"""Bounds on waits that the system keeps, where Python's own bound would ask before each call whether it may go on."""

import struct
from socket import SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET, socket


def bound_receiving(line: socket, seconds: float) -> None:
    """After so long without a byte a blocking `recv` fails with BlockingIOError."""
    line.setsockopt(SOL_SOCKET, SO_RCVTIMEO, _timeval(seconds))


def bound_sending(line: socket, seconds: float) -> None:
    """After so long in which the other side took no byte a blocking `send` fails with BlockingIOError."""
    line.setsockopt(SOL_SOCKET, SO_SNDTIMEO, _timeval(seconds))


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
