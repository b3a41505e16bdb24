"""What is wrong with a file of products: by line, the first thousand kept and all counted."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from utils.errors import DomainError, ErrorCode

MOST_KEPT = 1_000


class Fault(NamedTuple):
    """One thing that is wrong: in which line of the file (from 1), in which column if it is one, and a code."""

    line: int
    field: str | None
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """As it is kept with a job."""
        return self._asdict()


class FileRefused(Exception):
    """The file cannot be read on from here: what follows may be anything, so nothing of it is taken."""

    def __init__(self, line: int, message: str, *, code: ErrorCode = ErrorCode.INVALID_INPUT) -> None:
        super().__init__(message)
        self.fault = Fault(line, None, code.value, message)


class Faults:
    """Collects faults in whichever order they are found."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Counts one, and keeps it if it is among the first."""
        self.extend(1, [fault])

    def extend(self, count: int, first: Iterable[Fault]) -> None:
        """Counts so many, of which these are the first by line."""
        self.count += count
        self._kept += first
        if len(self._kept) > 2 * MOST_KEPT:
            self._kept = self.first()

    def first(self) -> list[Fault]:
        """The first thousand by line."""
        return sorted(self._kept, key=lambda fault: (fault.line, fault.field or ""))[:MOST_KEPT]


def fault_of(line: int, field: str | None, refusal: DomainError) -> Fault:
    """What a check of the catalogue refused, as a fault of this line."""
    return Fault(line, field, refusal.code.value, refusal.message)
