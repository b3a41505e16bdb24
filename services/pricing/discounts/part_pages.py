"""Pages of what discounts have many of (codes, uses, named customers): for many discounts by one statement."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from utils.cursors import checked_first, cursor_of, id_place_of

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PartQuery:
    """A page of `first` (1 to 100) parts of a discount after a cursor of one of them.

    Refuses (INVALID_INPUT) other lengths and cursors of another list.
    """

    LIST: ClassVar[str]

    discount_id: UUID
    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.place()

    def cursor_at(self, part_id: UUID) -> str:
        """The opaque name of the place of the part with this id."""
        return cursor_of(self.LIST, self.discount_id, part_id)

    def place(self) -> UUID | None:
        """The id of the part that the cursor names."""
        return None if self.after is None else id_place_of(self.after, self.LIST, of=self.discount_id)

    def values(self, discount_ids: Collection[UUID]) -> dict[str, Any]:
        """For a statement that reads this page of each of these discounts, and one part more of each."""
        after = self.place()
        ids = [str(each) for each in discount_ids]
        return {"ids": ids, "limit": self.first + 1, "after": None if after is None else str(after)}

    def pages(
        self, discount_ids: Collection[UUID], parts: Iterable[tuple[UUID, _T]]
    ) -> dict[UUID, tuple[list[_T], bool]]:
        """By discount, its page of the parts that were read, and whether more follow."""
        found: dict[UUID, list[_T]] = {each: [] for each in discount_ids}
        for discount_id, part in parts:
            found[discount_id].append(part)
        return {each: (some[: self.first], len(some) > self.first) for each, some in found.items()}
