"""Carries out an import: one transaction for the whole file, in which nothing is locked before all is compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.audit_entry import AuditAction
from models.import_job import ImportFormat, ImportStatus
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.importing import entering, staging
from services.catalogue.importing.checking import Checker
from services.catalogue.importing.counted_once import DIGEST, DigestedFile, is_counted_already
from services.catalogue.importing.entering import Counts
from services.catalogue.importing.faults import Fault, Faults, FileRefused
from services.catalogue.importing.judging import judge
from services.catalogue.importing.lines import Record, read_records
from services.catalogue.prices.settling import settle_when_due
from utils.cache import Cache
from utils.database import Database, run
from utils.errors import ErrorCode, Unavailable

# Large enough that a journey costs nothing, small enough that memory grows neither with the file nor with its lines.
_BATCH = 2_000
_LARGEST_BATCH = 1_000_000
# After so many new products PostgreSQL's knowledge of the tables is of another shop.
_MANY = 5_000
_NOTHING = Counts(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be taken in. `partial`: good lines are kept when others are refused."""

    format: ImportFormat
    dry_run: bool = False
    partial: bool = False
    # None is the shop itself, which may do everything.
    actor: Actor | None = None
    most_records: int = 1_000_000
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file, or would become of it: with REFUSED nothing was changed."""

    status: ImportStatus
    records: int
    counts: Counts
    fault_count: int
    # The first thousand by line.
    faults: Sequence[Fault]
    # What the cache was told of it under; None if nothing was written.
    announced: UUID | None = None


# Told how many records are read so far.
Progress = Callable[[int], object]
# Writes down how it ended, in the transaction that made it so if anything was written.
Ending = Callable[[Session, Outcome], object]


class _Read(NamedTuple):
    """What was read: how many records, what is wrong, how many lines that refused (None: the file as a whole)."""

    records: int
    faults: Faults
    refused: int | None
    digest: str


class _NothingToCommit(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def import_products(
    database: Database,
    source: BinaryIO,
    wanted: Wanted,
    *,
    cache: Cache,
    currency: str,
    progress: Progress = lambda _: None,
    ending: Ending = lambda _session, _outcome: None,
) -> Outcome:
    """Makes and changes products as the file says: all of it or, unless `partial`, nothing.

    A dry run stops before the first write and tells what would be. Refused lines are in the outcome. Refuses
    (UNAVAILABLE) while another import runs, and when others changed the same things meanwhile: try again.
    """
    # A price whose time has come is older than this file's.
    settle_when_due(database, cache)
    try:
        with database.write(without_time_limit=True) as session:
            if not staging.prepare(session):
                raise Unavailable("Another import is running. Try again when it has ended.")
            read = _staged(session, source, wanted, currency, progress)
            outcome = _outcome(session, read, wanted, cache=cache, currency=currency)
            if wanted.dry_run or outcome.status is ImportStatus.REFUSED:
                raise _NothingToCommit(outcome)
            ending(session, outcome)
    except _NothingToCommit as ended:
        with database.write() as session:
            ending(session, ended.outcome)
        return ended.outcome
    except IntegrityError as fault:
        # All rules were looked at before, so somebody came between.
        raise entering.changed_meanwhile() from fault
    if outcome.counts.created >= _MANY:
        with database.write(without_time_limit=True) as session:
            run(session, "ANALYZE products", {})
    return outcome


def is_told(outcome: Outcome, cache: Cache) -> bool:
    """Whether the cache has ended all that shows what was before this import; false too when Redis does not answer."""
    try:
        return outcome.announced is None or cache.is_done(str(outcome.announced))
    except Unavailable:
        return False


def _staged(session: Session, source: BinaryIO, wanted: Wanted, currency: str, progress: Progress) -> _Read:
    """Reads and checks the whole file."""
    checker, faults, file = Checker(currency), Faults(), DigestedFile(source)
    read = refused = size = 0
    lines: list[str] = []
    try:
        for record in _bounded(read_records(file, wanted.format), wanted.most_records):
            read += 1
            line, wrong = checker.row(record)
            if line is None:
                refused += 1
                faults.extend(len(wrong), wrong)
            else:
                lines.append(line)
                size += len(line)
            if size > _LARGEST_BATCH or read % _BATCH == 0:
                staging.take_in(session, lines)
                lines, size = [], 0
                progress(read)
    except FileRefused as end:
        faults.add(end.fault)
        return _Read(read, faults, None, file.digest)
    staging.take_in(session, lines)
    progress(read)
    return _Read(read, faults, refused, file.digest)


def _bounded(records: Iterator[Record], most: int) -> Iterator[Record]:
    for number, record in enumerate(records, 1):
        if number > most:
            raise FileRefused(
                record.line, f"A file has at most {most} products here.", code=ErrorCode.PAYLOAD_TOO_LARGE
            )
        yield record


def _outcome(session: Session, read: _Read, wanted: Wanted, *, cache: Cache, currency: str) -> Outcome:
    """Compares what was read with the shop and, if that is wanted and may be, writes it."""
    records, faults, refused, digest = read
    if refused is None:
        return Outcome(ImportStatus.REFUSED, records, _NOTHING, faults.count, faults.first())
    staging.compare(session)
    is_known = is_counted_already(session, digest)
    judge(session, faults, actor=wanted.actor, currency=currency, is_counted_already=is_known)
    counts, announced = entering.count(session), None
    status = ImportStatus.DONE
    if faults.count and not wanted.partial:
        status, counts = ImportStatus.REFUSED, Counts(0, 0, 0, counts.refused)
    elif not wanted.dry_run:
        actor_id = None if wanted.actor is None else wanted.actor.id
        counts, announced = entering.enter(session, actor_id=actor_id, cache=cache, currency=currency)
        if counts.created or counts.updated:
            after = {"created": counts.created, "updated": counts.updated, DIGEST: digest}
            audit.note(session, AuditAction.CATALOGUE_IMPORTED, wanted.job_id, actor_id=actor_id, after=after)
    counts = counts._replace(refused=counts.refused + refused)
    return Outcome(status, records, counts, faults.count, faults.first(), announced)
