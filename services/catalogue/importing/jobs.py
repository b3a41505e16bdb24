"""Imports that the worker carries out: wanted, shown while they run, ended, and forgotten after a month."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, true, update
from sqlalchemy.orm import Session

from models import ImportJob, User
from models.audit_entry import AuditAction
from models.import_job import ImportFormat, ImportStatus
from models.user import Right, Role
from services import events
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.reading import find_user, list_department_ids
from services.catalogue.importing.carrying_out import Outcome, Wanted, import_products, is_told
from services.catalogue.importing.entering import Counts
from services.catalogue.importing.faults import Fault
from utils import clock
from utils.cache import Cache
from utils.cursors import checked_first
from utils.database import Database
from utils.errors import Conflict, ErrorCode, InvalidInput, PayloadTooLarge, Unavailable
from utils.ids import new_id

IMPORT_WANTED = "import.wanted"
LARGEST_FILE = 20_000_000
MOST_RECORDS = 100_000
# Of one person; each holds a file in the database.
MOST_WAITING = 10
KEPT_FOR = timedelta(days=30)
# Whatever was in its way, after so long nobody waits for it any more.
GIVEN_UP_AFTER = timedelta(days=1)
_UNENDED = (ImportStatus.WAITING, ImportStatus.RUNNING)
# Its file is taken in and gone, and it has not ended: shoppers may still be shown what was before.
_WRITTEN = and_(ImportJob.status == ImportStatus.RUNNING, ImportJob.source.is_(None))
# All that is shown of a job; the file stays where it is.
_SHOWN = [each for each in ImportJob.__table__.columns if each.name != "source"]


class _Begun(NamedTuple):
    source: bytes
    wanted: Wanted


def want_import(
    session: Session, source: bytes, *, file_format: ImportFormat, dry_run: bool, partial: bool, actor: Actor
) -> UUID:
    """Keeps the file for the worker and returns the job's id.

    Refuses an empty file (INVALID_INPUT), more than 20 MB (PAYLOAD_TOO_LARGE), and the eleventh file that one person
    has waiting (CONFLICT).
    """
    if not source:
        raise InvalidInput("The file is empty.", field="file")
    if len(source) > LARGEST_FILE:
        raise PayloadTooLarge(f"A file of products has at most {LARGEST_FILE} bytes.", field="file")
    waiting = select(func.count()).where(ImportJob.actor_id == actor.id, ImportJob.status.in_(_UNENDED))
    if session.scalars(waiting).one() >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} of your imports wait already.", field="file")
    job = ImportJob(
        id=new_id(),
        format=file_format,
        is_dry_run=dry_run,
        is_partial=partial,
        status=ImportStatus.WAITING,
        source=source,
        actor_id=actor.id,
    )
    session.add(job)
    session.flush()
    events.record(session, IMPORT_WANTED, {"job": str(job.id)})
    after = {"format": file_format.value, "dry_run": dry_run, "partial": partial, "bytes": len(source)}
    audit.note(session, AuditAction.IMPORT_WANTED, job.id, actor_id=actor.id, after=after)
    return job.id


def run_job(database: Database, job_id: UUID, *, cache: Cache, currency: str) -> None:
    """What the worker does with the event; nothing for a job that has ended.

    The file goes in the transaction that writes its products: of a worker that is killed before, nothing stays, and the
    next one begins anew. The job has ended once the cache has forgotten what the shop was before; of a worker that is
    killed in between, the next one sees to that. Who wanted it is looked at again: whoever has not the right any more
    is refused (FORBIDDEN, in the job). Refuses (UNAVAILABLE) while another import runs, or Redis is away.
    """
    with database.write() as session:
        begun = _begin(session, job_id)
    outcome = None if begun is None else _take_in(database, job_id, begun, cache=cache, currency=currency)
    _finish(database, job_id, cache=cache, is_told=outcome is not None and is_told(outcome, cache))


def _take_in(database: Database, job_id: UUID, begun: _Begun, *, cache: Cache, currency: str) -> Outcome:
    def progress(records: int) -> None:
        with database.write() as session:
            session.execute(update(ImportJob).where(ImportJob.id == job_id).values(lines=records))

    return import_products(
        database,
        BytesIO(begun.source),
        begun.wanted,
        cache=cache,
        currency=currency,
        progress=progress,
        ending=lambda session, outcome: _end(session, job_id, outcome),
    )


def _finish(database: Database, job_id: UUID, *, cache: Cache, is_told: bool) -> None:
    """Ends a job whose products are written; nothing for another."""
    its_own = (ImportJob.id == job_id, _WRITTEN)
    with database.read() as session:
        if session.scalars(select(ImportJob.id).where(*its_own)).one_or_none() is None:
            return
    if not is_told:
        # What of the cache it was stands in the outbox, under no name of ours: rather everything.
        cache.renew([], done=f"import {job_id}", everything=True)
    with database.write() as session:
        session.execute(update(ImportJob).where(*its_own).values(status=ImportStatus.DONE, finished_at=clock.now()))


def fail_job(session: Session, job_id: UUID) -> bool:
    """Ends a job that met a fault of ours; the log has it. False for one whose products are written: it did not."""
    failed = update(ImportJob).where(ImportJob.id == job_id, ImportJob.status.in_(_UNENDED), ~_WRITTEN)
    session.execute(failed.values(status=ImportStatus.FAILED, source=None, finished_at=clock.now()))
    return session.scalars(select(ImportJob.id).where(ImportJob.id == job_id, _WRITTEN)).one_or_none() is None


def find_job(session: Session, job_id: UUID, *, actor: Actor) -> Row[tuple[object, ...]] | None:
    """The job with this id if the actor wanted it or is an admin, else None."""
    chosen = select(*_SHOWN).where(ImportJob.id == job_id, _in_reach(actor))
    return session.execute(chosen).one_or_none()


def list_jobs(session: Session, *, first: int, actor: Actor) -> Sequence[Row[tuple[object, ...]]]:
    """The newest `first` (1 to 100) jobs that the actor wanted; of everybody for an admin. Refuses other lengths."""
    checked_first(first)
    chosen = select(*_SHOWN).where(_in_reach(actor))
    return session.execute(chosen.order_by(ImportJob.created_at.desc(), ImportJob.id.desc()).limit(first)).all()


def forget_old_jobs(session: Session) -> int:
    """Gives up jobs that did not end within a day, and deletes those of a month ago; returns how many of these."""
    moment = clock.now()
    stuck = update(ImportJob).where(ImportJob.status.in_(_UNENDED), ImportJob.created_at < moment - GIVEN_UP_AFTER)
    # Of those whose products are written, the cache has long forgotten what was before.
    session.execute(stuck.where(_WRITTEN).values(status=ImportStatus.DONE, finished_at=moment))
    session.execute(stuck.values(status=ImportStatus.FAILED, source=None, finished_at=moment))
    old = delete(ImportJob).where(ImportJob.created_at < moment - KEPT_FOR)
    return len(session.scalars(old.returning(ImportJob.id)).all())


def actor_of_account(session: Session, user: User) -> Actor:
    """The account as somebody who acts now: what it may do is read here, and stands in no token."""
    return Actor(
        id=user.id,
        role=Role(user.role),
        departments=frozenset(list_department_ids(session, user.id)),
        rights=frozenset(Right(each) for each in user.rights),
        verified=user.email_verified,
    )


def _begin(session: Session, job_id: UUID) -> _Begun | None:
    chosen = select(ImportJob).where(ImportJob.id == job_id, ImportJob.status.in_(_UNENDED))
    job = session.scalars(chosen.with_for_update()).one_or_none()
    if job is None or job.source is None:
        return None
    job.status, job.started_at, job.lines = ImportStatus.RUNNING, clock.now(), 0
    user = None if job.actor_id is None else find_user(session, job.actor_id)
    actor = None if user is None or user.deleted_at is not None else actor_of_account(session, user)
    if actor is None or not actor.may(Right.PRODUCTS):
        refusal = Fault(0, None, ErrorCode.FORBIDDEN.value, "Whoever wanted this may not import any more.")
        _end(session, job_id, Outcome(ImportStatus.REFUSED, 0, Counts(0, 0, 0, 0), 1, [refusal]))
        return None
    wanted = Wanted(ImportFormat(job.format), job.is_dry_run, job.is_partial, actor, MOST_RECORDS, job_id)
    return _Begun(job.source, wanted)


def _end(session: Session, job_id: UUID, outcome: Outcome) -> None:
    has_ended = outcome.announced is None
    running = update(ImportJob).where(
        ImportJob.id == job_id, ImportJob.status == ImportStatus.RUNNING, ImportJob.source.is_not(None)
    )
    found = session.execute(
        running.values(
            status=outcome.status if has_ended else ImportStatus.RUNNING,
            source=None,
            finished_at=clock.now() if has_ended else None,
            lines=outcome.records,
            **outcome.counts._asdict(),
            errors=[fault.as_json() for fault in outcome.faults],
        ).returning(ImportJob.id)
    ).one_or_none()
    if found is None:
        # Its lease ended and another worker carried it out: what was written here goes.
        raise Unavailable("This import has ended already.")


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.is_admin else ImportJob.actor_id == actor.id
