"""Whole answers, kept exactly: in this process's memory and in Redis, each only as long as nothing it shows changes.

A writer gives what it changed new versions, and the whole cache a new epoch, in one step. A process keeps answers with
the epoch they were last proven under. The same epoch: nothing at all has changed, and one GET has shown it, or a lease
(utils/leases.py). Another one: the versions of what the answer shows are compared, in one MGET, and the answer is
proven anew or dropped.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock, Thread

import orjson
import redis

from utils.cache import Cache
from utils.leases import Epochs

_LENGTH_BYTES = 4
# Served as it was kept; made and kept; not to be kept.
KINDS = ("hit", "miss", "bypass")
_TELL_SECONDS = 1.0
# What an entry takes beside its body and key: objects, versions, names of tags.
_OVERHEAD = 4_000
# Redis counts in milliseconds.
_SHORTEST_SECONDS = 0.001


@dataclass(slots=True)
class Answer:
    """A body with what it depends on. `proven` is the epoch in which it was last found right."""

    body: bytes
    content_type: str
    versions: Mapping[str, bytes]
    until: float
    proven: bytes
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        digest = blake2b(self.content_type.encode(), digest_size=12)
        digest.update(self.body)
        self.etag = f'"{digest.hexdigest()}"'


class Answers:
    """The answers of this process, at most so many bytes of them, and those that all processes share."""

    def __init__(self, cache: Cache, *, most_bytes: int, shape: str) -> None:
        """`shape` names the release's way to answer: answers of another one are misses. With 0 bytes it keeps none."""
        self._cache = cache
        self._most_bytes = most_bytes
        self._shape = shape
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._epochs = Epochs(cache)
        self._counted = dict.fromkeys(KINDS, 0)
        self._told_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether answers are kept, and Redis is there to prove them."""
        return self._most_bytes > 0 and not self._cache.is_resting

    def count(self, kind: str) -> None:
        """Counts one of KINDS; what came together is told to Redis once a second, for `manage.py cache stats`."""
        self._counted[kind] += 1
        if time.monotonic() - self._told_at > _TELL_SECONDS:
            self._tell()

    def tell_each_second(self) -> None:
        """Tells what was counted also when no request comes any more, for as long as the process lives."""
        Thread(target=self._tell_forever, daemon=True, name="answers counted").start()

    def _tell_forever(self) -> None:
        while True:
            time.sleep(_TELL_SECONDS)
            if any(self._counted.values()):
                self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        told, self._counted = self._counted, dict.fromkeys(KINDS, 0)
        self._cache.count(told)

    def find(self, key: bytes, *, shared: bool = True) -> Answer | None:
        """The answer to this request if it is right now; `shared` looks into Redis for what this process has not.

        Never fails: without Redis nothing can be proven, and nothing is found.
        """
        answer = self._kept.get(key)
        try:
            if answer is not None:
                # Read before it is compared: a version that changes later belongs to a later request.
                if answer.until > time.time() and (self._epochs.read() == answer.proven or self._prove(answer)):
                    self._refresh(key)
                    return answer
                self._drop(key)
        except (redis.RedisError, OSError) as fault:
            self._cache.rest(fault)
            return None
        return self._from_redis(key) if shared else None

    def find_alike(self, asker: bytes, key: bytes) -> Answer | None:
        """The answer to this request that was kept for all who are like this asker, if both are right at one moment.

        Only this process is looked at. Never fails.
        """
        known = self._kept.get(asker)
        answer = None if known is None else self.find(_alike(key, known), shared=False)
        if known is None or answer is None:
            return None
        # An epoch is one moment: who was that asker's like in it was so when the answer was right.
        if known.until > time.time() and (
            known.proven == answer.proven or (self._prove(known) and known.proven == answer.proven)
        ):
            self._refresh(asker)
            return answer
        self._drop(asker)
        return None

    def keep_alike(self, asker: bytes, known: Answer, key: bytes, answer: Answer) -> None:
        """Keeps, here only, an answer for all whose body is that of this asker's `known`, and `known` itself."""
        if self._is_worth_keeping(answer) and self._is_worth_keeping(known):
            self._keep_here(asker, known)
            self._keep_here(_alike(key, known), answer)

    def keep(self, key: bytes, answer: Answer) -> None:
        """Keeps the answer, here and in Redis, until `until`. One that is larger than an eighth of the room is not."""
        if self._is_worth_keeping(answer):
            self._keep_here(key, answer)
            left = int((answer.until - time.time()) * 1000)
            self._cache.keep(self._name(key), _encode(answer), milliseconds=left)

    def _is_worth_keeping(self, answer: Answer) -> bool:
        fits = len(answer.body) <= self._most_bytes // 8
        return fits and self.is_open and answer.until - time.time() >= _SHORTEST_SECONDS

    def _from_redis(self, key: bytes) -> Answer | None:
        written = self._cache.recall(self._name(key))
        answer = None if written is None else _decode(written)
        if answer is None or answer.until <= time.time() or not self._prove(answer):
            return None
        self._keep_here(key, answer)
        return answer

    def _keep_here(self, key: bytes, answer: Answer) -> None:
        with self._lock:
            self._forget(key)
            self._kept[key] = answer
            self._bytes += _size(key, answer)
            while self._bytes > self._most_bytes:
                self._forget(next(iter(self._kept)))

    def _prove(self, answer: Answer) -> bool:
        """Whether all that the answer shows is as it was; then it stands in the present epoch."""
        found = self._cache.versions(list(answer.versions) or ["nothing"])
        if not found.epoch or any(found.versions.get(tag) != each for tag, each in answer.versions.items()):
            return False
        answer.proven = found.epoch
        return True

    def _refresh(self, key: bytes) -> None:
        try:
            self._kept.move_to_end(key)
        except KeyError:  # another thread has dropped it in this moment
            return

    def _drop(self, key: bytes) -> None:
        with self._lock:
            self._forget(key)

    def _forget(self, key: bytes) -> None:
        answer = self._kept.pop(key, None)
        if answer is not None:
            self._bytes -= _size(key, answer)

    def _name(self, key: bytes) -> str:
        return f"a:{self._shape}:{blake2b(key, digest_size=20).hexdigest()}"


def _alike(key: bytes, known: Answer) -> bytes:
    return b"%b\n%b" % (known.body, key)


def _size(key: bytes, answer: Answer) -> int:
    return len(key) + len(answer.body) + _OVERHEAD


def _encode(answer: Answer) -> bytes:
    versions = {tag: version.hex() for tag, version in answer.versions.items()}
    head = orjson.dumps([answer.content_type, answer.until, versions])
    return len(head).to_bytes(_LENGTH_BYTES) + head + answer.body


def _decode(written: bytes) -> Answer | None:
    end = _LENGTH_BYTES + int.from_bytes(written[:_LENGTH_BYTES])
    content_type, until, versions = orjson.loads(written[_LENGTH_BYTES:end])
    known = {tag: bytes.fromhex(version) for tag, version in versions.items()}
    return Answer(written[end:], content_type, known, until, b"")


def answer_of(
    body: bytes, content_type: str, *, versions: Mapping[str, bytes], until: datetime, epoch: bytes
) -> Answer:
    """An answer that was just made, under what its makers noted."""
    return Answer(body, content_type, dict(versions), until.timestamp(), epoch)
