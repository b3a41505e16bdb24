"""Reading categories, departments' shelves in a tree."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from models import Category
from services.catalogue.seed_data import DEFAULT_CATEGORY_SLUG
from utils.errors import InvalidInput


def list_categories(session: Session, *, load: Sequence[ORMOption] = ()) -> Sequence[Category]:
    """All categories, parents before children and each level in its order."""
    chosen = select(Category).order_by(Category.parent_id.is_not(None), Category.position, Category.slug)
    return session.scalars(chosen.options(*load)).all()


def list_categories_by_id(
    session: Session, ids: Iterable[UUID], *, load: Sequence[ORMOption] = ()
) -> dict[UUID, Category]:
    """The categories with these ids; what does not exist is left out."""
    chosen = select(Category).where(Category.id.in_(set(ids))).options(*load)
    return {category.id: category for category in session.scalars(chosen)}


def get_category(session: Session, *, category_id: UUID | None) -> Category:
    """The category with this id, or the default one for None. Refuses an unknown id (INVALID_INPUT)."""
    wanted = Category.slug == DEFAULT_CATEGORY_SLUG if category_id is None else Category.id == category_id
    found = session.scalars(select(Category).where(wanted)).one_or_none()
    if found is None:
        raise InvalidInput("There is no such category.", field="categoryId")
    return found


def ids_below(category_id: UUID) -> Select[tuple[UUID]]:
    """Selects the ids of the category and of all its descendants; nothing for an unknown one."""
    below = select(Category.id).where(Category.id == category_id).cte(recursive=True)
    below = below.union(select(Category.id).join(below, Category.parent_id == below.c.id))
    return select(below.c.id)
