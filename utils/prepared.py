"""Statements that PostgreSQL plans once for a connection: to plan a long one takes longer than to run it."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session

from utils.database import run

# How many a connection keeps; what comes beyond is planned each time.
MOST_KEPT = 200
_KEPT = "prepared statements"
_PLACE = re.compile(r"%\((\w+)\)s")


def run_prepared(session: Session, statement: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Executes a statement as `run` does, planned once for each connection (PREPARE, EXECUTE).

    The plan knows no values, so this is for statements whose best plan is the same for all of them. A list is handed
    over as an array of texts: cast it.
    """
    # Kept with the connection of the driver, for as long as that lives.
    kept: dict[tuple[str, frozenset[str]], str] = session.connection().info.setdefault(_KEPT, {})
    lists = frozenset(name for name, value in values.items() if isinstance(value, list | tuple))
    call = kept.get((statement, lists))
    if call is None:
        if len(kept) >= MOST_KEPT:
            return run(session, statement, values)
        call = _prepare(session, statement, lists, f"s{len(kept)}")
        kept[statement, lists] = call
    return run(session, call, values)


def _prepare(session: Session, statement: str, lists: frozenset[str], name: str) -> str:
    places: dict[str, int] = {}

    def placed(match: re.Match[str]) -> str:
        return f"${places.setdefault(match[1], len(places) + 1)}"

    text = _PLACE.sub(placed, statement)
    types = ", ".join("text[]" if each in lists else "unknown" for each in places)
    session.connection().exec_driver_sql(f"PREPARE {name} {f'({types})' if types else ''} AS {text}")
    arguments = ", ".join(f"%({each})s" for each in places)
    return f"EXECUTE {name} {f'({arguments})' if arguments else ''}"
