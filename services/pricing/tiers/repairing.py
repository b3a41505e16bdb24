"""Repairs all tiers, one repair at a time, and knows when the last one was: a missed night is made good."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services.pricing.tiers.recounting import Repair, recount_all
from services.pricing.tiers.tiers import Thresholds
from utils import clock
from utils.cache import Cache
from utils.database import Database, run

# So long after a repair has begun the next one is due.
EVERY = timedelta(days=1)

# Whoever does not get it goes away: another repair is at work, and does the same.
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('repair of tiers'))"
_LAST = "SELECT began_at FROM periodic_runs WHERE name = 'categorize-customers'"
_NOTE = """
INSERT INTO periodic_runs (name, began_at) VALUES ('categorize-customers', %(moment)s)
ON CONFLICT (name) DO UPDATE SET began_at = excluded.began_at
"""


def repair_tiers(
    database: Database, cache: Cache, *, thresholds: Thresholds, only_if_due: bool = False
) -> Repair | None:
    """Corrects everybody's tier (`recount_all`), and notes when this began, once it came to its end.

    None, and nothing done: another repair is at work, or, with `only_if_due`, the last one began less than a day ago.
    One that was never noted is due, and so is one of a moment to come, which a clock that was wrong has left. Of a
    repair that is killed nothing is noted, and its lock goes with its connection. It takes two connections of those
    that write. Refuses (UNAVAILABLE) when the database does; then it is as due as before.
    """
    # The transaction stands open beside those of the corrections. It has written nothing by then, so neither they nor
    # vacuum wait for it.
    with database.write(without_time_limit=True) as session:
        if not run(session, _LOCK, {}).scalar_one():
            return None
        began = clock.now()
        if only_if_due and not _is_due(session, began):
            return None
        repair = recount_all(database, cache, thresholds=thresholds)
        run(session, _NOTE, {"moment": began})
    return repair


def _is_due(session: Session, now: datetime) -> bool:
    last = run(session, _LAST, {}).scalar_one_or_none()
    return last is None or not timedelta() <= now - last < EVERY
