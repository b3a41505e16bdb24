"""Leases on the epoch: for a moment a process may take it that nothing changes, and writers wait that moment out.

A lease (Gray and Cheriton, "Leases", SOSP 1989) saves a busy process the question to Redis for most of its answers.
Whoever takes one puts a new mark into Redis BEFORE it reads the epoch, and counts the lease from before that. A writer
reads the mark in the step that changes the epoch. A mark it has not seen before may be a moment old: it waits as long
as a lease lasts before it tells anybody that the change was made. A mark it saw longer ago than that has no lease left.
A mark that was flushed or evicted is replaced by the writer's, which it has not seen before either.

So all clocks need to run equally fast, and need not agree. Leases are taken only where requests come close together and
nothing has changed for a while: a busy shop's orders wait for nobody, and a quiet one's 6 ms at most.
"""

import os
import time
from contextlib import suppress
from socket import socket
from threading import local
from typing import Any

import redis

from utils.redis_line import RedisLine

# Changes with every version: who has seen nothing change since then need not look at anything else.
EPOCH = "epoch"
VERSION_BYTES = 12
# Where the mark stands.
LEASES = "leases"
LEASE_SECONDS = 0.005
# What writers wait beyond it, for clocks that do not run quite equally fast.
_MARGIN_SECONDS = 0.001
# Who asks again so soon is busy: a lease will serve several requests.
_BUSY_SECONDS = 2 * LEASE_SECONDS
# After a change, nobody takes a lease for so long.
_CALM_SECONDS = 0.1

_GET_EPOCH = b"*2\r\n$3\r\nGET\r\n$5\r\nepoch\r\n"
_SET_MARK = b"*3\r\n$3\r\nSET\r\n$6\r\nleases\r\n$%d\r\n%b\r\n"
_OK = b"+OK\r\n"
_NOTHING = b"$-1\r\n"
_HEAD = b"$%d\r\n" % VERSION_BYTES


def new_version() -> bytes:
    """A random value that never comes again."""
    return os.urandom(VERSION_BYTES)


class LeasesOfOthers:
    """A writer's side: which mark it saw last, and when the last lease under it ends."""

    def __init__(self) -> None:
        self._last: tuple[bytes | None, float] = None, 0.0

    def wait_out(self, mark: bytes) -> None:
        """Returns when no process has a lease that it took before `mark` was read, together with the change."""
        moment = time.monotonic()
        known, until = self._last
        if mark != known:
            until = moment + LEASE_SECONDS + _MARGIN_SECONDS
            self._last = mark, until
        if until > moment:
            time.sleep(until - moment)


class Epochs:
    """A reader's side: the present epoch, from Redis or under a lease."""

    def __init__(self, line: RedisLine) -> None:
        self._line = _OwnLine(line)
        self._leased: tuple[bytes, float] = b"", 0.0
        self._last = b""
        self._changed_at = self._asked_at = 0.0

    def read(self) -> bytes:
        """The present epoch; b"" when there is none. Raises what Redis or the network raise."""
        moment = time.monotonic()
        epoch, until = self._leased
        return epoch if moment < until else self._ask(moment)

    def _ask(self, moment: float) -> bytes:
        is_busy = moment - self._asked_at < _BUSY_SECONDS and moment - self._changed_at > _CALM_SECONDS
        self._asked_at = moment
        epoch = self._line.ask(_SET_MARK % (VERSION_BYTES, new_version()) if is_busy else b"")
        if epoch != self._last:
            self._last, self._changed_at = epoch, moment
        elif is_busy and epoch:
            self._leased = epoch, moment + LEASE_SECONDS
        return epoch


class _OwnLine(local):
    """Each thread's own connection: nothing is borrowed, packed or parsed."""

    def __init__(self, line: RedisLine) -> None:
        self._line = line
        self._connection: Any = None

    def ask(self, mark: bytes) -> bytes:
        """Says that a lease is taken, if one is, and reads the epoch."""
        if self._connection is not None:
            with suppress(redis.RedisError, OSError):
                return self._ask(self._connection, mark)
            # Servers close what was idle for long: that alone does not mean that they are away.
        self._connection = self._line.new_connection()
        return self._ask(self._connection, mark)

    def _ask(self, connection: Any, mark: bytes) -> bytes:
        self._connection = None  # an answer that comes late must not be taken for the next one's
        try:
            connection._sock.sendall(mark + _GET_EPOCH)
            answer = _received(connection._sock, _OK if mark else b"")
        except BaseException:
            connection.disconnect()
            raise
        self._connection = connection
        return b"" if answer == _NOTHING else connection.life + answer[len(_HEAD) : -2]


def _received(sock: socket, before: bytes) -> bytes:
    """What Redis says of the epoch, `before` which it has said something else."""
    answer = sock.recv(64)
    while len(answer) < len(before) + (
        len(_NOTHING) if answer.startswith(before + _NOTHING[:2]) else len(_HEAD) + VERSION_BYTES + 2
    ):
        more = b"" if answer.startswith(b"-") else sock.recv(64)
        if not more:
            raise redis.ConnectionError("Redis did not answer as it should.")
        answer += more
    if not answer.startswith(before):
        raise redis.ConnectionError("Redis did not answer as it should.")
    return answer[len(before) :]
