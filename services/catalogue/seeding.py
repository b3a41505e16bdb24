"""Gives a new database its departments and categories; adds what is missing and changes nothing else."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Category, Department
from services.catalogue.seed_data import CATEGORIES, DEPARTMENTS
from utils.ids import new_id


def seed_catalogue(session: Session) -> None:
    """Adds the departments and categories whose slugs are not there yet; what people changed stays as it is."""
    for department in DEPARTMENTS:
        row = insert(Department).values(id=new_id(), slug=department.slug, name=department.name)
        session.execute(row.on_conflict_do_nothing(index_elements=[Department.slug]))
    departments = {each.slug: each.id for each in session.scalars(select(Department))}
    # Numbered through, and not each level from 0 on: what a later release puts between two of them stands there.
    for position, category in enumerate(CATEGORIES):
        parent = select(Category.id).where(Category.slug == category.parent_slug).scalar_subquery()
        row = insert(Category).values(
            id=new_id(),
            slug=category.slug,
            name=category.name,
            position=position,
            department_id=departments[category.department_slug],
            parent_id=parent if category.parent_slug else None,
        )
        session.execute(row.on_conflict_do_nothing(index_elements=[Category.slug]))
