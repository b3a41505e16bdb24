"""Carries out an import that was wanted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog

from services.catalogue.importing import jobs
from utils.errors import Unavailable
from wiring import Shop

log = structlog.get_logger(__name__)


def carry_out_import(shop: Shop, event_id: UUID, payload: Mapping[str, Any]) -> None:
    """Runs the job of this event to its end; nothing for one that has ended.

    Raises UNAVAILABLE, so that it is tried again, when a server is away or another import runs. A fault of ours ends
    the job as failed: the same file would meet it again. Once its products are written, it is tried again too.
    """
    job_id = UUID(payload["job"])
    try:
        jobs.run_job(shop.database, job_id, cache=shop.cache, currency=shop.settings.currency)
    except Unavailable:
        raise
    except Exception:
        log.exception("an import failed", event_id=str(event_id), job_id=str(job_id))
        with shop.database.write() as session:
            has_ended = jobs.fail_job(session, job_id)
        if not has_ended:
            raise
