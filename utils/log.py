"""Structured logs: lines of JSON in production, readable lines in development; never a secret or a document."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# PostgreSQL quotes rows in it: addresses, names, hashes.
_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)


def bind_request(request_id: str) -> None:
    """Begins a request: every line logged from here on, in this thread, carries its id and nothing of the last one."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)


def request_id() -> str | None:
    """The id of the request this thread works on, or None outside of one."""
    found = structlog.contextvars.get_contextvars().get("request_id")
    return None if found is None else str(found)


def configure(*, level: str, as_json: bool) -> None:
    """Sends the program's and the libraries' logs to standard output at `level`, in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The plain traceback: the console's own prints every variable, and passwords and tokens are among them.
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    as_line: Processor = structlog.processors.JSONRenderer() if as_json else console
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _hide_details,
            as_line,
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=True,
    )


def _hide_details(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    if isinstance(line.get("exception"), str):
        line["exception"] = _DETAIL.sub("DETAIL: (not logged)", line["exception"])
    return line
