"""Knows a file that was taken in before: a difference of stock would count twice."""

from datetime import timedelta
from hashlib import sha256
from typing import BinaryIO

from sqlalchemy.orm import Session

from models.audit_entry import AuditAction
from utils import clock
from utils.database import run

# Where an import's audit entry has the file's digest.
DIGEST = "sha256"
# As idempotency keys are promised: for whoever is not sure whether it went through. Later, goods that came again in the
# same number may well make the same file.
KNOWN_FOR = timedelta(hours=24)

_TAKEN_IN = """
SELECT EXISTS (
    SELECT FROM audit_entries
    WHERE action = %(action)s AND created_at > %(since)s AND after->>'sha256' = %(digest)s
)
"""


class DigestedFile:
    """A file that is read once, line by line, and the digest of what was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._read = sha256()

    def readline(self, size: int, /) -> bytes:
        """The next line, or as much of it as `size`."""
        line = self._source.readline(size)
        self._read.update(line)
        return line

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal digits."""
        return self._read.hexdigest()


def is_counted_already(session: Session, digest: str) -> bool:
    """Whether a file of these very bytes changed the shop within a day."""
    values = {"action": AuditAction.CATALOGUE_IMPORTED.value, "since": clock.now() - KNOWN_FOR, "digest": digest}
    return bool(run(session, _TAKEN_IN, values).scalar_one())
