"""The audit log: one entry for every act of staff and every event that concerns security."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import AuditEntry
from models.audit_entry import AuditAction
from utils import log


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
            subject_type=action.partition(".")[0],
            subject_id=subject_id,
            actor_id=actor_id,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
            request_id=log.request_id(),
        )
    )
    session.flush()  # what the database refuses must be refused here, not at the commit
