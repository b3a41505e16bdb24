"""The codes of discounts as staff see them, page by page, oldest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.pricing.discounts.part_pages import PartQuery
from utils.database import run

# How often one was used is counted in its row only where it has a limit.
_COLUMNS = """
c.id, c.discount_id, c.code, c.use_limit, c.created_by, c.created_at,
CASE WHEN c.use_limit IS NOT NULL THEN c.used_count
 ELSE (SELECT count(*) FROM discount_uses AS u WHERE u.code_id = c.id) END AS used_count
"""
_PAGES = f"""
SELECT {_COLUMNS} FROM unnest(CAST(%(ids)s AS uuid[])) AS d(id) CROSS JOIN LATERAL (
 SELECT * FROM discount_codes WHERE discount_id = d.id AND (%(after)s IS NULL OR id > CAST(%(after)s AS uuid))
 ORDER BY id LIMIT %(limit)s
) AS c ORDER BY c.id
"""  # noqa: S608 - what is put in stands above
_TOGETHER = f"""
SELECT {_COLUMNS} FROM discount_codes AS c JOIN discount_codes AS one
 ON one.discount_id = c.discount_id AND one.created_at = c.created_at
WHERE one.id = %(id)s ORDER BY c.id
"""  # noqa: S608
_COUNT = """
SELECT discount_id, count(*) AS codes FROM discount_codes
WHERE discount_id = ANY(CAST(%(ids)s AS uuid[])) GROUP BY discount_id
"""


class CodeFacts(NamedTuple):
    """A code, in the order of _COLUMNS."""

    id: UUID
    discount_id: UUID
    code: str
    use_limit: int | None
    created_by: UUID | None
    created_at: datetime
    used_count: int


class CodeQuery(PartQuery):
    """A page of codes; refuses what PartQuery refuses."""

    __slots__ = ()
    LIST = "discountCodes"

    def cursor(self, code: CodeFacts) -> str:
        """The opaque name of this code's place."""
        return self.cursor_at(code.id)


@dataclass(frozen=True, slots=True)
class CodePage:
    """Codes in the order they were added, and whether more follow."""

    codes: Sequence[CodeFacts]
    has_next: bool


def list_codes(session: Session, discount_ids: Collection[UUID], query: CodeQuery) -> Mapping[UUID, CodePage]:
    """By discount, one page of its codes, all of them as the query says: one statement for all."""
    rows = run(session, _PAGES, query.values(discount_ids))
    found = query.pages(discount_ids, ((row.discount_id, CodeFacts._make(row)) for row in rows))
    return {each: CodePage(*page) for each, page in found.items()}


def count_codes(session: Session, discount_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """By discount, how many codes it has; those without any are not in it."""
    rows = run(session, _COUNT, {"ids": [str(each) for each in discount_ids]})
    return {row.discount_id: row.codes for row in rows}


def list_codes_together(session: Session, code_id: UUID) -> Sequence[CodeFacts]:
    """This code and those that were added with it and are still there."""
    return [CodeFacts._make(row) for row in run(session, _TOGETHER, {"id": code_id})]
