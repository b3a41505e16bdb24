"""What every process reads again and again, such as the tree of categories: kept decoded, as exact as the cache is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.catalogue.reader import Reader

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_T]):
    version: bytes
    # In which the version was last seen to stand.
    epoch: bytes
    until: datetime
    value: _T


class Kept(Generic[_T]):
    """One entry of the cache, and what this process made of it.

    The same version of its tag: nothing has to be sent or decoded again. The same epoch: nothing at all has changed
    since the version was seen, and not even that has to be asked.
    """

    def __init__(
        self, key: str, tag: str, *, read: Callable[[Reader], bytes], decode: Callable[[Reader, bytes], _T]
    ) -> None:
        """`read` makes the entry from PostgreSQL; both may narrow the reader's `until`."""
        self._key, self._tag = key, tag
        self._read, self._decode = read, decode
        self._kept: _Kept[_T] | None = None

    def get(self, reader: Reader) -> _T:
        """The thing as it is; the answer that shows it depends on its tag."""
        kept = self._kept
        if kept is not None and kept.until > reader.now:
            found = reader.depend_in(kept.epoch, self._tag, kept.version)
            if found is not None:
                reader.until = min(reader.until, kept.until)
                if found != kept.epoch:
                    self._kept = _Kept(kept.version, found, kept.until, kept.value)
                return kept.value
        return self._fetched(reader)

    def past_the_cache(self, reader: Reader) -> _T:
        """The thing from PostgreSQL, for who met something that is newer than what the cache tells of."""
        reader.keep_no_answer()
        return self._decode(reader, self._read(reader))

    def _fetched(self, reader: Reader) -> _T:
        fetched = reader.fetch({self._key: self._tag})
        entry = fetched.hits.get(self._key)
        if entry is None:
            entry = self._read(reader)
            value = self._decode(reader, entry)
            reader.store({self._key: entry}, fetched.tickets)
        else:
            value = self._decode(reader, entry)
        version = fetched.versions.get(self._tag)
        # Versions are noted only as long as all reads of this request agree on them.
        if version is not None and (reader.versions or {}).get(self._tag) == version:
            self._kept = _Kept(version, fetched.epoch, reader.until, value)
        return value
