"""Making, changing, moving and removing categories; each act is alone with the tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from models import Category, Product
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.departments import find_department, hold_departments
from services.catalogue.changes import announce
from services.catalogue.products.product_values import LONGEST_SLUG, checked_slug
from services.catalogue.products.versions import require_version
from services.catalogue.seed_data import DEFAULT_CATEGORY_SLUG
from services.catalogue.shelves import shelves
from services.catalogue.tags import TREE
from services.catalogue.tree_lock import hold_tree
from utils import text
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput
from utils.ids import new_id
from utils.left_out import LEFT_OUT, LeftOut

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 2_000
_AUDITED = ("slug", "name", "description", "department_id", "parent_id")


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """What a new category is to be. Without a slug, its name makes one; without a department, it has its parent's."""

    name: str
    slug: str | None = None
    description: str = ""
    department_id: UUID | None = None
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CategoryChange:
    """What is to change of a category; None leaves a thing as it is."""

    name: str | None = None
    slug: str | None = None
    description: str | None = None
    department_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryMove:
    """Where a category goes: below a parent (None: to the top), and to which place among its siblings, from 0 on.

    Without a parent it stays below the one it has; without a place it comes last, or stays where it is.
    """

    parent_id: UUID | LeftOut | None = LEFT_OUT
    position: int | None = None
    version: int | None = None


def get_category(session: Session, *, category_id: UUID | None) -> Category:
    """The category with this id, or the default one for None. Refuses an unknown id (INVALID_INPUT)."""
    wanted = Category.slug == DEFAULT_CATEGORY_SLUG if category_id is None else Category.id == category_id
    found = session.scalars(select(Category).where(wanted)).one_or_none()
    if found is None:
        raise InvalidInput("There is no such category.", field="categoryId")
    return found


def create_category(session: Session, draft: CategoryDraft, *, actor: Actor, cache: Cache) -> UUID:
    """Makes a category, the last among its siblings, and returns its id.

    Refuses bad values, an unknown parent or department and a place deeper than 8 (INVALID_INPUT), a slug that is taken
    and a full shelf (CONFLICT), and staff of another department than the category's or its parent's (FORBIDDEN).
    """
    name = text.line(draft.name, "name", longest=LONGEST_NAME)
    description = text.prose(draft.description, "description", longest=LONGEST_DESCRIPTION)
    hold_tree(session)
    known = shelves.read(session)
    department_id = _department_for(session, draft, known, actor)
    actor.require_department(department_id)
    shelves.require_place(known, draft.parent_id, height=1)
    shelves.require_room(known)
    made = Category(
        id=new_id(),
        name=name,
        description=description,
        department_id=department_id,
        parent_id=draft.parent_id,
        position=shelves.place_after_all(known, draft.parent_id),
    )
    made.slug = _free_slug(known, draft.slug, made)
    session.add(made)
    session.flush()
    audit.note(session, AuditAction.CATEGORY_CREATED, made.id, actor_id=actor.id, after=_audited(made, known))
    announce(session, cache, also=[TREE])
    return made.id


def update_category(session: Session, category_id: UUID, change: CategoryChange, *, actor: Actor, cache: Cache) -> None:
    """Changes what a category is called and who cares for it.

    Refuses an unknown category (NOT_FOUND), bad values and an unknown department (INVALID_INPUT), a slug that is taken,
    another slug for the default category and a version that is not the present one (CONFLICT), and staff of another
    department than the category's, or than the one it goes to (FORBIDDEN).
    """
    category, known = _held(session, category_id, actor, change.version)
    before = _audited(category, known)
    if change.department_id is not None and change.department_id != category.department_id:
        _require_department(session, change.department_id, actor)
        category.department_id = change.department_id
    if change.slug is not None and change.slug.strip() != category.slug:
        if category.slug == DEFAULT_CATEGORY_SLUG:
            raise Conflict("The default category is found by its slug, which stays.", field="slug")
        category.slug = _free_slug(known, change.slug, category)
    if change.name is not None:
        category.name = text.line(change.name, "name", longest=LONGEST_NAME)
    if change.description is not None:
        category.description = text.prose(change.description, "description", longest=LONGEST_DESCRIPTION)
    _note(session, category, known, before, AuditAction.CATEGORY_CHANGED, actor)
    announce(session, cache, also=[TREE])


def move_category(session: Session, category_id: UUID, move: CategoryMove, *, actor: Actor, cache: Cache) -> None:
    """Puts a category, with all that stands below it, in another place.

    Refuses an unknown category (NOT_FOUND), an unknown parent, one that is the category itself or stands below it, a
    place deeper than 8, and a position that is not one of its siblings' (INVALID_INPUT), a full shelf and a version
    that is not the present one (CONFLICT), and staff of another department than the category's or the new parent's
    (FORBIDDEN).
    """
    category, known = _held(session, category_id, actor, move.version)
    before, parent_before = _audited(category, known), category.parent_id
    parent_id = parent_before if isinstance(move.parent_id, LeftOut) else move.parent_id
    if parent_id != parent_before:
        if parent_id is not None:
            actor.require_department(shelves.parent(known, parent_id).department_id)
            shelves.require_not_below(known, parent_id, category_id)
        shelves.require_place(known, parent_id, height=shelves.height(known, category_id))
        category.parent_id = parent_id
    shelves.place(known, category, move.position, came=parent_id != parent_before)
    _note(session, category, known, before, AuditAction.CATEGORY_MOVED, actor)
    lists = {each for each in (parent_before, parent_id) if each is not None and parent_id != parent_before}
    announce(session, cache, categories=lists, also=[TREE])


def delete_category(session: Session, category_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a category in which nothing stands.

    Refuses an unknown category (NOT_FOUND), the default one and one with products or categories in it (CONFLICT), and
    staff of another department (FORBIDDEN).
    """
    category, known = _held(session, category_id, actor, None)
    if category.slug == DEFAULT_CATEGORY_SLUG:
        raise Conflict("The default category stays: products go there that name no other.", field="categoryId")
    if shelves.children(known, category_id):
        raise Conflict("This category still has categories below it.", field="categoryId")
    if session.scalars(select(exists().where(Product.category_id == category_id))).one():
        raise Conflict("This category still has products; withdrawn ones count.", field="categoryId")
    session.execute(delete(Category).where(Category.id == category_id))
    audit.note(session, AuditAction.CATEGORY_REMOVED, category_id, actor_id=actor.id, before=_audited(category, known))
    announce(session, cache, also=[TREE])


def _held(
    session: Session, category_id: UUID, actor: Actor, version: int | None
) -> tuple[Category, Mapping[UUID, Category]]:
    """The category, locked, and all others, once nobody else changes the tree."""
    hold_tree(session)
    known = shelves.read(session)
    category = shelves.lock(session, category_id)
    actor.require_department(category.department_id)
    require_version(category.version, version)
    return category, known


def _department_for(session: Session, draft: CategoryDraft, known: Mapping[UUID, Category], actor: Actor) -> UUID:
    parent = None if draft.parent_id is None else shelves.parent(known, draft.parent_id)
    if parent is not None:
        actor.require_department(parent.department_id)
    if draft.department_id is not None:
        _require_department(session, draft.department_id, actor)
        return draft.department_id
    if parent is None:
        raise InvalidInput("A category at the top names its department.", field="departmentId")
    return parent.department_id


def _require_department(session: Session, department_id: UUID, actor: Actor) -> None:
    actor.require_department(department_id)
    if find_department(session, department_id) is None:
        raise InvalidInput("There is no such department.", field="departmentId")
    hold_departments(session, [department_id])


def _free_slug(known: Mapping[UUID, Category], wanted: str | None, category: Category) -> str:
    """The slug that was asked for, or one made of the name; nobody can take it meanwhile."""
    taken = {each.slug for each in known.values() if each.id != category.id}
    if wanted is not None:
        slug = checked_slug(wanted)
        if slug in taken:
            raise Conflict("Another category has this slug.", field="slug")
        return slug
    slug = text.slug(category.name, longest=LONGEST_SLUG) or "category"
    return slug if slug not in taken else f"{slug}-{category.id.hex[-12:]}"


def _audited(category: Category, known: Mapping[UUID, Category]) -> dict[str, Any]:
    values = {name: getattr(category, name) for name in _AUDITED} | {"position": shelves.rank(known, category)}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}


def _note(
    session: Session,
    category: Category,
    known: Mapping[UUID, Category],
    before: dict[str, Any],
    action: AuditAction,
    actor: Actor,
) -> None:
    """Notes what is otherwise than before, and lets the version rise."""
    category.version += 1
    now = _audited(category, known)
    differing = [name for name in now if before[name] != now[name]]
    audit.note(
        session,
        action,
        category.id,
        actor_id=actor.id,
        before={name: before[name] for name in differing},
        after={name: now[name] for name in differing},
    )
