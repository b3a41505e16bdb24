"""Rules about lines and the shop, or lines and one another, each told in one statement for all lines at once."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy.orm import Session

from services.catalogue.importing.faults import MOST_KEPT, Fault, Faults
from utils.database import run
from utils.errors import ErrorCode


class Rule(NamedTuple):
    """What must not be of a line `t` of `import_targets`, an SQL condition; `{}` in the message is `detail`.

    `source` is what else the condition speaks of.
    """

    condition: str
    field: str | None
    code: ErrorCode
    message: str
    source: str = ""
    detail: str = "NULL"

    def statement(self) -> str:
        """Refuses the lines, and tells how many they are and the first of them."""
        source = f" FROM {self.source}" if self.source else ""
        return (
            f"WITH wrong AS (UPDATE import_targets AS t SET refused = true{source}"  # noqa: S608 - words of the house
            f" WHERE NOT t.refused AND {self.condition} RETURNING t.line, CAST({self.detail} AS text) AS detail)"
            f" SELECT line, detail, count(*) OVER () AS total FROM wrong ORDER BY line LIMIT {MOST_KEPT}"
        )


def refuse(session: Session, faults: Faults, rules: Iterable[Rule], **values: object) -> None:
    """Refuses every line that breaks one of the rules; the first rule it breaks is the one it is told of."""
    for rule in rules:
        found = run(session, rule.statement(), values).all()
        if found:
            faults.extend(
                found[0].total,
                [Fault(row.line, rule.field, rule.code.value, rule.message.format(row.detail)) for row in found],
            )
