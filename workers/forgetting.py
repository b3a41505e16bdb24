"""Deletes what is past its time, a kind at a time and each in its own transaction."""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from services import idempotency
from services.accounts import forgetting, linking, sessions
from services.catalogue.importing.jobs import forget_old_jobs
from utils.database import Database

_KINDS: Mapping[str, Callable[[Session], int]] = {
    "idempotency keys": idempotency.forget_old,
    "sessions": sessions.forget_old_sessions,
    "links": linking.forget_old_links,
    "invitations": forgetting.forget_old_invitations,
    "unproven accounts": forgetting.forget_unproven_accounts,
    "imports": forget_old_jobs,
}


def forget_outdated(database: Database) -> dict[str, int]:
    """Forgets every kind; returns how many of each."""
    forgotten = {}
    for kind, forget in _KINDS.items():
        # Together they would hold locks of several domains at once.
        with database.write() as session:
            forgotten[kind] = forget(session)
    return forgotten
