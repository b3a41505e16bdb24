"""The audit log: one entry for every act of staff and every event that concerns security."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models import AuditEntry
from models.audit_entry import AuditAction
from utils import log
from utils.clock import in_utc
from utils.cursors import checked_first, cursor_of, id_place_of
from utils.errors import InvalidInput

_LIST = "auditLog"
# An entry's id and its time come from one clock, one after the other; a clock may be set back in between.
_CLOCKS_DIFFER_BY = timedelta(hours=1)


def note(
    session: Session,
    action: AuditAction,
    subject_id: UUID | None,
    *,
    actor_id: UUID | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Writes one entry in the transaction of the act: both stand, or neither.

    `before` and `after` hold what changed, as JSON; never a personal value (a name, an address, a phone number):
    of those the names of the fields are enough. The request's id comes from the log's context.
    """
    session.add(
        AuditEntry(
            action=action,
            subject_type=_type_of(action),
            subject_id=subject_id,
            actor_id=actor_id,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            request_id=log.request_id(),
        )
    )
    session.flush()  # what the database refuses must be refused here, not at the commit


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """A page of `first` (1 to 100) entries after a cursor, the newest first; every condition given must hold.

    Refuses (INVALID_INPUT) other lengths, cursors of another list, moments without an offset, and a range turned
    around.
    """

    first: int = 20
    after: str | None = None
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    subject_type: str | None = None
    action: AuditAction | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        since, until = in_utc(self.since, "from"), in_utc(self.until, "until")
        if since is not None and until is not None and since > until:
            raise InvalidInput("from must not be after until.", field="from")
        if self.after is not None:
            id_place_of(self.after, _LIST)

    def cursor(self, entry: AuditEntry) -> str:
        """The opaque name of this entry's place."""
        return cursor_of(_LIST, entry.id)

    def statement(self) -> Select[Any]:
        """The rows of this page and one more, which tells whether there is a next page."""
        chosen = select(AuditEntry).where(*self._about(), *self._within())
        if self.after is not None:
            chosen = chosen.where(AuditEntry.id < id_place_of(self.after, _LIST))
        return chosen.order_by(AuditEntry.id.desc()).limit(self.first + 1)

    def _about(self) -> Iterator[ColumnElement[bool]]:
        if self.actor_id is not None:
            yield AuditEntry.actor_id == self.actor_id
        if self.subject_id is not None:
            yield AuditEntry.subject_id == self.subject_id
        if self.subject_type is not None:
            # A type is what its actions begin with, and actions have an index.
            yield AuditEntry.action.in_([each for each in AuditAction if _type_of(each) == self.subject_type])
        if self.action is not None:
            yield AuditEntry.action == self.action

    def _within(self) -> Iterator[ColumnElement[bool]]:
        """The time decides; the ids, which begin with it, only say where in the index to look."""
        since, until = in_utc(self.since, "from"), in_utc(self.until, "until")
        if since is not None:
            yield AuditEntry.created_at >= since
            yield AuditEntry.id >= _first_id_at(since, -_CLOCKS_DIFFER_BY)
        if until is not None:
            yield AuditEntry.created_at <= until
            yield AuditEntry.id <= _first_id_at(until, _CLOCKS_DIFFER_BY)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first, and whether more follow."""

    entries: Sequence[AuditEntry]
    has_next: bool


def list_entries(session: Session, query: AuditQuery) -> AuditPage:
    """One page of the audit log."""
    rows = session.scalars(query.statement()).all()
    return AuditPage(rows[: query.first], has_next=len(rows) > query.first)


# What the subject's id is of, where the action's first word does not say so.
_SUBJECTS = {
    AuditAction.STAFF_INVITED: "invitation",
    AuditAction.INVITATION_WITHDRAWN: "invitation",
}
_ACCOUNTS = ("session", "staff")


def _type_of(action: AuditAction) -> str:
    word = action.partition(".")[0]
    return _SUBJECTS.get(action) or ("account" if word in _ACCOUNTS else word)


def _first_id_at(moment: datetime, margin: timedelta) -> UUID:
    """The lowest UUIDv7 of a moment so far from this one: its first 48 bits are the milliseconds since 1970."""
    milliseconds = int((moment.timestamp() + margin.total_seconds()) * 1000)
    return UUID(int=min(max(milliseconds, 0), 2**48 - 1) << 80)
