"""Departments: which there are, who works in which, and what admins do to them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Category, Department, StaffInvitation, StaffMembership
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.granting import lock_accounts, no_such_department
from utils import clock, text
from utils.errors import Conflict, NotFound
from utils.ids import new_id

LONGEST_NAME = 100


def list_departments(session: Session) -> Sequence[Department]:
    """All departments, by name."""
    return session.scalars(select(Department).order_by(Department.name, Department.id)).all()


def find_department(session: Session, department_id: UUID) -> Department | None:
    """The department with this id, or None."""
    return session.get(Department, department_id)


def list_departments_of(session: Session, user_ids: Collection[UUID]) -> dict[UUID, list[Department]]:
    """The departments in which each of these accounts works, by name; none for who works in none."""
    found: dict[UUID, list[Department]] = {user_id: [] for user_id in user_ids}
    rows = session.execute(
        select(StaffMembership.user_id, Department)
        .join(Department, StaffMembership.department_id == Department.id)
        .where(StaffMembership.user_id.in_(found))
        .order_by(Department.name, Department.id)
    )
    for user_id, department in rows:
        found[user_id].append(department)
    return found


def list_departments_by_id(session: Session, ids: Collection[UUID]) -> Sequence[Department]:
    """The departments with these ids, by name; what does not exist is left out."""
    chosen = select(Department).where(Department.id.in_(ids))
    return session.scalars(chosen.order_by(Department.name, Department.id)).all()


def hold_departments(session: Session, ids: Collection[UUID]) -> None:
    """Keeps these departments from being removed before this transaction ends; refuses unknown ones (NOT_FOUND)."""
    held = select(Department.id).where(Department.id.in_(ids)).order_by(Department.id)
    if len(session.scalars(held.with_for_update(read=True, key_share=True)).all()) != len(set(ids)):
        raise no_such_department()


def create_department(session: Session, name: str, *, actor: Actor) -> UUID:
    """Makes a department, whose slug is made of its name, and returns its id.

    Refuses a bad name (INVALID_INPUT), one whose slug another department has (CONFLICT), and an actor whose rights
    have changed (UNAUTHENTICATED).
    """
    kept = text.line(name, "name", longest=LONGEST_NAME)
    lock_accounts(session, actor=actor)
    department_id = new_id()
    slug = text.slug(kept, longest=LONGEST_NAME) or f"department-{department_id.hex[-12:]}"
    made = insert(Department).values(id=department_id, slug=slug, name=kept)
    made_id = session.scalars(
        made.on_conflict_do_nothing(index_elements=[Department.slug]).returning(Department.id)
    ).one_or_none()
    if made_id is None:
        raise Conflict("A department with such a name exists.", field="name", slug=slug)
    audit.note(
        session,
        AuditAction.DEPARTMENT_CREATED,
        made_id,
        actor_id=actor.id,
        after={"name": kept, "slug": slug},
    )
    return made_id


def rename_department(session: Session, department_id: UUID, name: str, *, actor: Actor) -> None:
    """Gives a department another name; its slug stays, because commands and addresses have it.

    Categories show it: the caller tells the catalogue's cache in the same transaction. Refuses a bad name
    (INVALID_INPUT), an unknown department (NOT_FOUND), and an actor whose rights have changed (UNAUTHENTICATED).
    """
    kept = text.line(name, "name", longest=LONGEST_NAME)
    lock_accounts(session, actor=actor)
    department = _locked(session, department_id)
    before = department.name
    department.name = kept
    audit.note(
        session,
        AuditAction.DEPARTMENT_CHANGED,
        department_id,
        actor_id=actor.id,
        before={"name": before},
        after={"name": kept},
    )


def remove_department(session: Session, department_id: UUID, *, actor: Actor) -> None:
    """Removes a department that nothing belongs to any more.

    Refuses an unknown one (NOT_FOUND), one that categories, staff or open invitations name (CONFLICT), and an actor
    whose rights have changed (UNAUTHENTICATED).
    """
    lock_accounts(session, actor=actor)
    department = _locked(session, department_id)
    in_use = {
        "categories": exists().where(Category.department_id == department_id),
        "staff": exists().where(StaffMembership.department_id == department_id),
        "open invitations": exists().where(
            StaffInvitation.departments.contains([department_id]),
            StaffInvitation.accepted_at.is_(None),
            StaffInvitation.withdrawn_at.is_(None),
            StaffInvitation.expires_at > clock.now(),
        ),
    }
    row = session.execute(select(*in_use.values())).one()
    named_by = [what for what, found in zip(in_use, row, strict=True) if found]
    if named_by:
        raise Conflict(f"This department still has {' and '.join(named_by)}.", field="departmentId")
    session.execute(delete(Department).where(Department.id == department_id))
    audit.note(
        session,
        AuditAction.DEPARTMENT_REMOVED,
        department_id,
        actor_id=actor.id,
        before={"name": department.name, "slug": department.slug},
    )


def _locked(session: Session, department_id: UUID) -> Department:
    found = session.scalars(select(Department).where(Department.id == department_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound("There is no such department.", field="departmentId")
    return found
