"""The rules as an order's transaction sees them: whether they stand is asked, what they are this process remembers."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from services.pricing.calculating.facts import Rule
from services.pricing.calculating.written_rules import rule_of
from services.pricing.discounts.active import ACTIVE, RULE
from utils.database import run
from utils.prepared import run_prepared
from utils.remembered import Bounded

# Signs of the texts whose rules are remembered: all active discounts have 2.6 million at the most (room.py).
MOST_TEXT = 4_000_000

# Which are active, by id: in which version, whether their uses are counted, and whether all of these were taken.
HEADS = f"""
SELECT coalesce(json_agg(json_build_array(d.id, d.version, d.updated_at, d.total_limit IS NOT NULL,
 coalesce(d.used_count >= d.total_limit, false)) ORDER BY d.id), '[]')::text
FROM discounts AS d WHERE {ACTIVE}
"""  # noqa: S608 - of fixed parts
_RULES = f"""
SELECT json_build_array(d.id, d.version, d.updated_at)::text AS version, d.total_limit IS NOT NULL AS is_limited,
 {RULE} AS rule
FROM discounts AS d WHERE (CAST(%(ids)s AS uuid[]) IS NULL OR d.id = ANY(CAST(%(ids)s AS uuid[]))) AND {ACTIVE}
ORDER BY d.id
"""  # noqa: S608 - of fixed parts


@dataclass(frozen=True, slots=True)
class RulesNow:
    """The active rules, by id, and those of them whose uses are limited for all customers together."""

    rules: tuple[Rule, ...]
    limited: frozenset[UUID]


class _Version(NamedTuple):
    """A rule is the same as long as this is: every change by staff raises the version (records.py, `rise`).

    The moment of the change stands beside it for a database that was set back to a backup. Goods that are removed
    leave a rule without a new version; but nobody orders them, so no price comes out otherwise.
    """

    id: str
    version: int
    updated_at: str


class _Memory:
    """Rules by their versions, and the list that was made last, by its heads."""

    def __init__(self, most: int = MOST_TEXT) -> None:
        self.known: Bounded[_Version, Rule] = Bounded(most=most)
        self.last: tuple[str, RulesNow] | None = None


_memory = _Memory()


def rules_of_heads(session: Session, heads: str, *, moment: datetime) -> RulesNow:
    """The rules of what HEADS told just now: those of `active_rules`, as this transaction sees them at this moment.

    Those that this process does not remember cost one statement. If staff changed one of them in between, all are read
    once more: the rules are of one moment.
    """
    last = _memory.last
    if last is not None and last[0] == heads:
        return last[1]
    wanted = {_Version(*each[:3]): (each[3], each[4]) for each in orjson.loads(heads)}
    found = {each: _memory.known.get(each) for each in wanted}
    known = {each: rule for each, rule in found.items() if rule is not None}
    missing = wanted.keys() - known.keys()
    if missing:
        known |= _read(session, sorted(each.id for each in missing), moment)
        if known.keys() != wanted.keys():
            return _read_all(session, moment)
    made = RulesNow(
        rules=tuple(_marked(known[each], is_exhausted) for each, (_, is_exhausted) in wanted.items()),
        limited=frozenset(known[each].id for each, (is_limited, _) in wanted.items() if is_limited),
    )
    _memory.last = heads, made
    return made


def _read(session: Session, ids: list[str], moment: datetime) -> dict[_Version, Rule]:
    """Those of these that are active still, which are remembered."""
    found = {}
    for row in run_prepared(session, _RULES, {"now": moment, "ids": ids}):
        version = _Version(*orjson.loads(row.version))
        found[version] = _memory.known.keep(version, rule_of(row.rule), weight=len(row.rule))
    return found


def _read_all(session: Session, moment: datetime) -> RulesNow:
    """All of one snapshot, remembered by nobody."""
    rows = run(session, _RULES, {"now": moment, "ids": None}).all()
    rules = tuple(rule_of(row.rule) for row in rows)
    limited = frozenset(rule.id for rule, row in zip(rules, rows, strict=True) if row.is_limited)
    return RulesNow(rules, limited)


def _marked(rule: Rule, is_exhausted: bool) -> Rule:
    return rule if rule.is_exhausted is is_exhausted else replace(rule, is_exhausted=is_exhausted)
