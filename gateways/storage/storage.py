"""What the shop asks of whoever keeps its files, and the only names that files can have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import IO, NamedTuple, Protocol
from uuid import UUID


class Kind(Enum):
    """The formats that pictures are kept in, by their media types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"

    @property
    def extension(self) -> str:
        """What its file's name ends with."""
        return {Kind.JPEG: "jpg", Kind.PNG: "png", Kind.WEBP: "webp"}[self]


class Rendition(Enum):
    """The sizes a picture is kept in; the value is its file's name."""

    ORIGINAL = "original"
    PAGE = "1080"
    CARD = "480"
    THUMBNAIL = "160"

    @property
    def side(self) -> int | None:
        """How many pixels its longest side has at most; None for as many as were uploaded."""
        return None if self is Rendition.ORIGINAL else int(self.value)


@dataclass(frozen=True, slots=True)
class Key:
    """Names one file. It is made of an image's id and of words of ours: nothing a client wrote can get into it."""

    image_id: UUID
    rendition: Rendition
    kind: Kind

    def __post_init__(self) -> None:
        # The types say it; this holds where nobody checks types.
        if not (type(self.image_id) is UUID and isinstance(self.rendition, Rendition) and isinstance(self.kind, Kind)):
            raise TypeError("a key is made of an id, a rendition and a kind")

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.rendition.value}.{self.kind.extension}"

    @property
    def path(self) -> str:
        """Where the shop's door for files has it, below the shop's own address."""
        return f"/media/{self.image_id}/{self.name}"


# What stands behind each name that a file can have; thumbnails are always WebP.
NAMES = {
    **{f"{Rendition.ORIGINAL.value}.{kind.extension}": (Rendition.ORIGINAL, kind) for kind in Kind},
    **{f"{each.value}.{Kind.WEBP.extension}": (each, Kind.WEBP) for each in Rendition if each.side is not None},
}


class Stored(NamedTuple):
    """A file that is kept, open for reading; whoever asked for it closes it."""

    file: IO[bytes]
    byte_count: int


class Storage(Protocol):
    """Keeps files. Whatever it cannot do now is refused with UNAVAILABLE."""

    def put(self, key: Key, content: IO[bytes]) -> None:
        """Keeps the whole of `content`, from its beginning, under this key: all of it or nothing, also in a crash."""

    def open(self, key: Key) -> Stored | None:
        """The file of this key, or None."""

    def exists(self, key: Key) -> bool:
        """Whether there is a file of this key."""

    def delete(self, image_id: UUID) -> None:
        """Removes all files of this image; nothing, if there are none."""

    def list_images(self, *, before: datetime) -> Iterator[UUID]:
        """The images that have files, none of them new since `before`."""

    def forget_unfinished(self, *, before: datetime) -> int:
        """Removes what was begun before this moment and never finished; returns how many."""
