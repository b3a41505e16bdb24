"""Redis as an exact cache: every entry is valid only under the version of what it was made from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import redis

from utils import clock
from utils.errors import Unavailable
from utils.leases import EPOCH, LEASES, LeasesOfOthers, new_version
from utils.redis_line import RedisLine

# Bounds what a lost version change could cost; see docs/decisions/cache.md.
ENTRY_SECONDS = 60
# A version outlives every entry made under it; when it goes, its entries are misses. Not longer: whoever
# asks for made-up categories leaves a version for each.
VERSION_SECONDS = 300
# Longer than the relay ever needs to reach an event whose writer was healthy.
DONE_SECONDS = 3600
# Stands before every version: a new one ends all entries at once.
_EVERYTHING = "everything"
_MOMENT_BYTES = 8
_EPOCH_OF_CLOCKS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Fetched:
    """What the cache had, the versions under which the rest may be stored, and those of all tags that were named.

    `until`: when the first of the hits ends. `epoch`: as long as it stands, nothing at all has changed since. Without
    Redis all of it is empty.
    """

    hits: dict[str, bytes] = field(default_factory=dict)
    tickets: dict[str, bytes] = field(default_factory=dict)
    versions: dict[str, bytes] = field(default_factory=dict)
    until: datetime | None = None
    epoch: bytes = b""


class Cache(RedisLine):
    """One Redis. Reads never fail: with it away they miss. Version changes raise, so that the outbox repeats them.

    A server that crashed comes back with an older state, in which a changed version may stand as it was, beside the
    entries made under it. So entries carry the server's life (its run_id, new at every start) before the version.
    """

    def __init__(self, url: str, *, timeout_ms: int = 250, shape: str = "") -> None:
        """`shape` names how entries are written: those of a release that wrote them otherwise are misses."""
        super().__init__(url, timeout_ms=timeout_ms)
        self._shape = shape
        self._leases = LeasesOfOthers()

    def fetch(self, tags: Mapping[str, str]) -> Fetched:
        """Reads the entries named by the keys of `tags`; each is valid only under the version of its tag.

        For each miss it hands out a ticket: the tag's version BEFORE the caller reads the data it will store.
        """
        fetched = Fetched()
        if not tags or self.is_resting:
            return fetched
        try:
            names = list(dict.fromkeys(tags.values()))
            epoch, valid, entries = self._versions(names, [f"e:{self._shape}:{key}" for key in tags])
            moment, until = _as_bytes(clock.now()), b""
            for (key, name), entry in zip(tags.items(), entries, strict=True):
                version = valid.get(name)
                if version is None or entry is None or not entry.startswith(version):
                    continue
                start = len(version) + _MOMENT_BYTES
                ends = entry[len(version) : start]
                if ends > moment:
                    fetched.hits[key] = entry[start:]
                    until = min(until or ends, ends)
            missed = {key: name for key, name in tags.items() if key not in fetched.hits}
            if missed:
                # What was not there before is made before the caller reads anything, as the rest was.
                late = self._fresh_versions([name for name in dict.fromkeys(missed.values()) if name not in valid])
                epoch, valid = epoch or late.epoch, valid | late.versions
                fetched.tickets = {key: valid[name] for key, name in missed.items() if name in valid}
            fetched.epoch, fetched.versions = epoch, valid
            fetched.until = _as_moment(until) if until else None
        except redis.RedisError as fault:
            self.rest(fault)
            return Fetched()
        return fetched

    def versions(self, names: Sequence[str]) -> Fetched:
        """The versions of these tags, made where there are none, and the epoch they stand in."""
        if not names or self.is_resting:
            return Fetched()
        try:
            epoch, valid, _ = self._versions(names, [])
            late = self._fresh_versions([name for name in names if name not in valid])
            return Fetched(versions=valid | late.versions, epoch=epoch or late.epoch)
        except redis.RedisError as fault:
            self.rest(fault)
            return Fetched()

    def store(
        self, entries: Mapping[str, bytes], tickets: Mapping[str, bytes], *, until: datetime | None = None
    ) -> None:
        """Stores each entry under its ticket; one without a ticket (Redis was away) is not stored.

        An entry ends at `until`, and a minute from now at the latest.
        """
        moment = clock.now()
        ends = min(until or datetime.max.replace(tzinfo=UTC), moment + timedelta(seconds=ENTRY_SECONDS))
        left = int((ends - moment).total_seconds() * 1000)
        ready = {key: tickets[key] + _as_bytes(ends) + value for key, value in entries.items() if key in tickets}
        if not ready or left <= 0 or self.is_resting:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for key, value in ready.items():
                    pipe.set(f"e:{self._shape}:{key}", value, px=left)
                pipe.execute()
        except redis.RedisError as fault:
            self.rest(fault)

    def renew(self, tags: Iterable[str], *, done: str, everything: bool = False) -> None:
        """Gives every tag a fresh version, which ends all entries made under the old one, and notes `done`.

        `everything` ends all entries whatever they were made under. Raises UNAVAILABLE when Redis did not confirm it.
        Versions are random: no old entry can ever fit again. When it returns, nobody serves an old answer any more.
        """
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                for tag in tags:
                    pipe.set(f"v:{tag}", new_version(), ex=VERSION_SECONDS)
                if everything:
                    pipe.set(_EVERYTHING, new_version())
                pipe.set(EPOCH, new_version())
                pipe.set(f"done:{done}", b"1", ex=DONE_SECONDS)
                pipe.set(LEASES, new_version(), nx=True)
                pipe.get(LEASES)
                mark = pipe.execute()[-1]
        except redis.RedisError as fault:
            self._leases.wait_out(new_version())  # a Redis that has just gone may have given some
            raise Unavailable("The cache could not be told of a change; the worker repeats it.") from fault
        self._leases.wait_out(mark)

    def clear(self) -> None:
        """Ends every entry and every whole answer, removes them, and begins to count anew.

        Raises UNAVAILABLE without Redis.
        """
        self.renew([], done="cleared by hand", everything=True)
        self.forget_all()

    def is_done(self, done: str) -> bool:
        """Whether a renewal was noted under this name. Raises UNAVAILABLE when Redis does not answer."""
        try:
            return bool(self._redis.exists(f"done:{done}"))
        except redis.RedisError as fault:
            raise Unavailable("The cache did not answer.") from fault

    def _versions(
        self, names: Sequence[str], keys: Sequence[str]
    ) -> tuple[bytes, dict[str, bytes], list[bytes | None]]:
        """The epoch, the versions that there are, with all that stands before them; and the values of the keys."""
        life, found = self._mget([_EVERYTHING, EPOCH, *(f"v:{name}" for name in names), *keys])
        everything, epoch, versions, values = found[0], found[1], found[2 : len(names) + 2], found[len(names) + 2 :]
        if everything is None or epoch is None:
            return b"", {}, values
        before = life + everything
        valid = {name: before + each for name, each in zip(names, versions, strict=True) if each is not None}
        return life + epoch, valid, values

    def _fresh_versions(self, absent: Sequence[str]) -> Fetched:
        if not absent:
            return Fetched()
        with self._redis.pipeline(transaction=False) as pipe:
            for name in (_EVERYTHING, EPOCH):
                pipe.set(name, new_version(), nx=True)
            for tag in absent:
                pipe.set(f"v:{tag}", new_version(), nx=True, ex=VERSION_SECONDS)
            pipe.execute()
        # Somebody else may have been first; what stands there now is the version.
        epoch, valid, _ = self._versions(absent, [])
        return Fetched(versions=valid, epoch=epoch)


def _as_bytes(moment: datetime) -> bytes:
    """Milliseconds since 1970, so that bytes sort as moments do."""
    return int(moment.timestamp() * 1000).to_bytes(_MOMENT_BYTES)


def _as_moment(written: bytes) -> datetime:
    return _EPOCH_OF_CLOCKS + timedelta(milliseconds=int.from_bytes(written))
