"""Where categories may stand: the rules of the tree, over all rows of it as its changer holds them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Category
from utils.errors import Conflict, InvalidInput, NotFound

DEEPEST = 8
MOST_CATEGORIES = 1_000
MOST_CHILDREN = 100


def read(session: Session) -> Mapping[UUID, Category]:
    """All categories by id. Hold the tree first."""
    return {each.id: each for each in session.scalars(select(Category))}


def lock(session: Session, category_id: UUID) -> Category:
    """The category, locked and as it is now. Refuses an unknown one (NOT_FOUND)."""
    chosen = select(Category).where(Category.id == category_id).with_for_update()
    found = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("There is no such category.", field="categoryId")
    return found


def parent(known: Mapping[UUID, Category], parent_id: UUID) -> Category:
    """The category that is to be a parent. Refuses an unknown one (INVALID_INPUT)."""
    found = known.get(parent_id)
    if found is None:
        raise InvalidInput("There is no such category.", field="parentId")
    return found


def children(known: Mapping[UUID, Category], parent_id: UUID | None) -> Sequence[Category]:
    """The categories right below this one, or at the top for None, in their order."""
    found = [each for each in known.values() if each.parent_id == parent_id]
    return sorted(found, key=lambda each: (each.position, each.slug))


def rank(known: Mapping[UUID, Category], category: Category) -> int:
    """The category's place among its siblings, from 0 on; without itself in `known`, that after all of them.

    The positions of the table only order them: they may have gaps, and a shelf that nobody touched has those of the
    seed, which numbers all categories through.
    """
    siblings = children(known, category.parent_id)
    return siblings.index(category) if category in siblings else len(siblings)


def height(known: Mapping[UUID, Category], category_id: UUID) -> int:
    """How many levels the category and what stands below it make."""
    return 1 + max((height(known, each.id) for each in children(known, category_id)), default=0)


def require_not_below(known: Mapping[UUID, Category], parent_id: UUID, category_id: UUID) -> None:
    """Refuses (INVALID_INPUT) a parent that is the category itself or stands below it."""
    if category_id in _way_up(known, parent_id):
        raise InvalidInput("A category cannot stand below itself.", field="parentId")


def require_place(known: Mapping[UUID, Category], parent_id: UUID | None, *, height: int) -> None:
    """Refuses a place that is too deep for so many levels (INVALID_INPUT), or beside a hundred others (CONFLICT)."""
    if len(_way_up(known, parent_id)) + height > DEEPEST:
        raise InvalidInput(f"Categories stand at most {DEEPEST} deep.", field="parentId")
    if len(children(known, parent_id)) >= MOST_CHILDREN:
        raise Conflict(f"At most {MOST_CHILDREN} categories stand side by side.", field="parentId")


def require_room(known: Mapping[UUID, Category]) -> None:
    """Refuses (CONFLICT) one category more than the shop has room for."""
    if len(known) >= MOST_CATEGORIES:
        raise Conflict(f"A shop has at most {MOST_CATEGORIES} categories.")


def place_after_all(known: Mapping[UUID, Category], parent_id: UUID | None) -> int:
    """The position of a new category that comes last, as the table keeps it."""
    siblings = children(known, parent_id)
    return siblings[-1].position + 1 if siblings else 0


def place(known: Mapping[UUID, Category], category: Category, position: int | None, *, came: bool) -> None:
    """Numbers the category and its siblings anew, from 0 on.

    Without a position, one that `came` from elsewhere is the last, and one that was there stays where it is. Refuses
    (INVALID_INPUT) a position that is not one of theirs.
    """
    siblings = list(children(known, category.parent_id))
    last = len(siblings) - 1
    if position is None:
        position = last if came else siblings.index(category)
    if not 0 <= position <= last:
        raise InvalidInput(f"position must be from 0 to {last}.", field="position")
    siblings.remove(category)
    siblings.insert(position, category)
    for number, each in enumerate(siblings):
        each.position = number


def _way_up(known: Mapping[UUID, Category], category_id: UUID | None) -> list[UUID]:
    """The category and all above it; nothing for None, the top."""
    way: list[UUID] = []
    while category_id is not None:
        way.append(category_id)
        category_id = known[category_id].parent_id
    return way
