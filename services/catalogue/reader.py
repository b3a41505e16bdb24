"""One request's reads of the catalogue: where they come from, what they depend on, and until when they hold."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.catalogue.moments import NEXT_BOUNDARY
from utils import clock
from utils.cache import ENTRY_SECONDS, Cache, Fetched
from utils.database import run
from utils.prepared import run_prepared


class Reader:
    """Reads by the cache where it is right, else from PostgreSQL; notes what an answer made of it depends on.

    An answer may be kept under `versions` until `until`; not at all when `versions` is None.
    """

    def __init__(
        self, session: Callable[[], Session], cache: Cache, *, settle: Callable[[], object] = lambda: None
    ) -> None:
        """`session` opens the request's read session; `settle` writes the scheduled prices that are due."""
        self._cache = cache
        self._open = session
        self._settle = settle
        self._looked_ahead = False
        self.now: datetime = clock.now()
        self.until: datetime = self.now + timedelta(seconds=ENTRY_SECONDS)
        self.versions: dict[str, bytes] | None = {}
        # As it was when the cache was first asked.
        self.epoch = b""
        self._asked = False

    @property
    def session(self) -> Session:
        """The read session, after a look at the clock: prices whose time has come are written before it reads."""
        if not self._looked_ahead:
            self._look_ahead("NULL", {}, is_steady=True)
        return self._open()

    def entries(self, statement: str, values: Mapping[str, Any], *, is_steady: bool = False) -> list[bytes]:
        """What a statement of one text column gives, in its order. It shares its journey with the look at the clock.

        `is_steady`: its best plan is the same for all values, so it is planned once and kept (utils/prepared.py).
        """
        if not self._looked_ahead:
            return self._look_ahead(f"ARRAY({statement})", values, is_steady=is_steady)
        execute = run_prepared if is_steady else run
        found = execute(self._open(), f"SELECT ARRAY({statement})", self._at_now(values)).scalar_one()
        return [each.encode() for each in found]

    def _look_ahead(self, wanted: str, values: Mapping[str, Any], *, is_steady: bool) -> list[bytes]:
        both = f"SELECT {NEXT_BOUNDARY}, {wanted}"
        with_horizon = {**self._at_now(values), "horizon": self.now + timedelta(seconds=ENTRY_SECONDS)}
        execute = run_prepared if is_steady else run
        boundary, found = tuple(execute(self._open(), both, with_horizon).one())
        if boundary is not None and boundary <= self.now:
            self._settle()
            boundary, found = tuple(execute(self._open(), both, with_horizon).one())
        if boundary is not None:
            self.until = min(self.until, boundary)
        self._looked_ahead = True
        return [each.encode() for each in found or ()]

    def _at_now(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, "now": self.now}

    def fetch(self, tags: Mapping[str, str]) -> Fetched:
        """What the cache has of the entries named by the keys, each made under the version of its tag."""
        fetched = self._cache.fetch(tags)
        self._begin(fetched)
        self._note(fetched.versions, tags.values())
        if fetched.until is not None:
            self.until = min(self.until, fetched.until)
        return fetched

    def store(self, entries: Mapping[str, bytes], tickets: Mapping[str, bytes]) -> None:
        """Keeps entries that were read from `session` until what they were made of changes."""
        self._cache.store(entries, tickets, until=self.until)

    def depend(self, *tags: str) -> None:
        """Notes that the answer depends on these. Call it BEFORE reading what they stand for."""
        missing = [tag for tag in tags if self.versions is not None and tag not in self.versions]
        if missing:
            found = self._cache.versions(missing)
            self._begin(found)
            self._note(found.versions, missing)

    def depend_in(self, epoch: bytes, tag: str, version: bytes) -> bytes | None:
        """Notes that the answer depends on the tag, if it still has this version; returns an epoch in which it has.

        In `epoch` it had: if that is the one this request began in, nobody needs to be asked.
        """
        if self._asked and self.epoch and self.epoch == epoch:
            found = Fetched(versions={tag: version}, epoch=epoch)
        else:
            found = self._cache.versions([tag])
            self._begin(found)
        self._note(found.versions, [tag])
        return found.epoch if found.versions.get(tag) == version else None

    def depend_on_read(self, *tags: str) -> Mapping[str, bytes]:
        """Notes that the answer depends on what was read already, and hands out tickets for it.

        Whose products stand on a page is known only after it was read. That is right as long as nothing at all has
        changed since this request first asked the cache; otherwise there are no tickets, and the answer is not kept.
        """
        found = self._cache.versions(tags)
        if not found.epoch or found.epoch != self.epoch:
            self.versions = None
            return {}
        self._note(found.versions, tags)
        return found.versions

    def keep_no_answer(self) -> None:
        """What was read is for this caller only, or for this moment only."""
        self.versions = None

    def _begin(self, fetched: Fetched) -> None:
        if self._asked:
            return
        self._asked, self.epoch = True, fetched.epoch

    def _note(self, versions: Mapping[str, bytes], tags: Iterable[str]) -> None:
        if self.versions is None:
            return
        for tag in tags:
            version = versions.get(tag)
            # Redis is away, or a writer came between two reads of one request.
            if version is None or self.versions.setdefault(tag, version) != version:
                self.versions = None
                return


def reading(session: Session, cache: Cache) -> Reader:
    """A reader for a session that is open already, for tasks and commands; it settles no prices."""
    return Reader(lambda: session, cache)
