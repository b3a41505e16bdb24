"""The codes of discounts as staff see them, page by page, oldest first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from utils.cursors import checked_first, cursor_of, id_place_of
from utils.database import run

_LIST = "discountCodes"
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


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """A page of `first` (1 to 100) codes of a discount after a cursor of one of them.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    discount_id: UUID
    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.place()

    def cursor(self, code: CodeFacts) -> str:
        """The opaque name of this code's place."""
        return cursor_of(_LIST, code.discount_id, code.id)

    def place(self) -> UUID | None:
        """The id of the code that the cursor names."""
        return None if self.after is None else id_place_of(self.after, _LIST, of=self.discount_id)


@dataclass(frozen=True, slots=True)
class CodePage:
    """Codes in the order they were added, and whether more follow."""

    codes: Sequence[CodeFacts]
    has_next: bool


def list_codes(session: Session, discount_ids: Collection[UUID], query: CodeQuery) -> Mapping[UUID, CodePage]:
    """By discount, one page of its codes, all of them as the query says: one statement for all."""
    after = query.place()
    values: dict[str, Any] = {"ids": [str(each) for each in discount_ids], "limit": query.first + 1}
    rows: dict[UUID, list[CodeFacts]] = {each: [] for each in discount_ids}
    for row in run(session, _PAGES, values | {"after": None if after is None else str(after)}):
        rows[row.discount_id].append(CodeFacts._make(row))
    return {each: CodePage(found[: query.first], len(found) > query.first) for each, found in rows.items()}


def count_codes(session: Session, discount_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """By discount, how many codes it has; those without any are not in it."""
    rows = run(session, _COUNT, {"ids": [str(each) for each in discount_ids]})
    return {row.discount_id: row.codes for row in rows}


def list_codes_together(session: Session, code_id: UUID) -> Sequence[CodeFacts]:
    """This code and those that were added with it and are still there."""
    return [CodeFacts._make(row) for row in run(session, _TOGETHER, {"id": code_id})]
