"""Families of variants: made, changed and removed, and what a product must say to be in one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Category, Family, Product
from models.audit_entry import AuditAction
from services.accounts import audit
from services.accounts.actor import Actor
from services.catalogue.changes import announce
from services.catalogue.products.product_values import checked_option_names, checked_option_values, folded
from services.catalogue.products.versions import require_version
from services.catalogue.tags import FAMILIES
from utils import text
from utils.cache import Cache
from utils.errors import Conflict, InvalidInput, NotFound
from utils.ids import new_id

LONGEST_NAME = 100
MOST_MEMBERS = 100


class Option(NamedTuple):
    """What a product is in one option of its family: colour, red."""

    name: str
    value: str


def create_family(session: Session, name: str, *, options: Sequence[str], actor: Actor, cache: Cache) -> UUID:
    """Makes a family whose products differ by these options, and returns its id. Refuses bad values (INVALID_INPUT)."""
    kept = text.line(name, "name", longest=LONGEST_NAME)
    family = Family(id=new_id(), name=kept, options=checked_option_names(options))
    session.add(family)
    session.flush()
    audit.note(session, AuditAction.FAMILY_CREATED, family.id, actor_id=actor.id, after=_audited(family))
    announce(session, cache, also=[FAMILIES])
    return family.id


def update_family(
    session: Session,
    family_id: UUID,
    *,
    name: str | None = None,
    options: Sequence[str] | None = None,
    version: int | None = None,
    actor: Actor,
    cache: Cache,
) -> None:
    """Changes a family's name, or what its options are called; None leaves a thing as it is.

    Refuses an unknown family (NOT_FOUND), staff of another department than any of its products' (FORBIDDEN), bad values
    (INVALID_INPUT), a version that is not the present one, and another number of options while products have values for
    them (CONFLICT).
    """
    family = _locked(session, family_id)
    before, members = _audited(family), _members(session, family_id, actor)
    require_version(family.version, version)
    if name is not None:
        family.name = text.line(name, "name", longest=LONGEST_NAME)
    if options is not None:
        checked = checked_option_names(options)
        if members and len(checked) != len(family.options):
            raise Conflict("Products of this family have values for the options there are.", field="options")
        family.options = checked
    family.version += 1
    now = _audited(family)
    differing = [each for each in now if before[each] != now[each]]
    audit.note(
        session,
        AuditAction.FAMILY_CHANGED,
        family_id,
        actor_id=actor.id,
        before={each: before[each] for each in differing},
        after={each: now[each] for each in differing},
    )
    # Products show the names of their options.
    announce(session, cache, products=members, also=[FAMILIES])


def delete_family(session: Session, family_id: UUID, *, actor: Actor, cache: Cache) -> None:
    """Removes a family that no product is in. Refuses an unknown one (NOT_FOUND), and one with products (CONFLICT)."""
    before = _audited(_locked(session, family_id))
    if session.scalars(select(Product.id).where(Product.family_id == family_id).limit(1)).first() is not None:
        raise Conflict("This family still has products; withdrawn ones count.", field="familyId")
    session.execute(delete(Family).where(Family.id == family_id))
    audit.note(session, AuditAction.FAMILY_REMOVED, family_id, actor_id=actor.id, before=before)
    announce(session, cache, also=[FAMILIES])


def values_in_family(session: Session, family_id: UUID, options: Sequence[Option], *, product_id: UUID) -> list[str]:
    """The values with which the product may be in the family, which is locked: nobody joins it meanwhile.

    Refuses an unknown family and options that are not exactly the family's (INVALID_INPUT), values that a sibling has
    already, in whatever case, and the member after the hundredth (CONFLICT).
    """
    family = _find_locked(session, family_id)
    if family is None:
        raise InvalidInput("There is no such family.", field="familyId")
    values = checked_option_values(options, family.options)
    others = select(Product.option_values).where(Product.family_id == family_id, Product.id != product_id)
    theirs = [[folded(value) for value in each] for each in session.scalars(others)]
    if [folded(value) for value in values] in theirs:
        raise Conflict("Another product of this family has these options.", field="options")
    if len(theirs) >= MOST_MEMBERS:
        raise Conflict(f"A family has at most {MOST_MEMBERS} products.", field="familyId")
    return values


def _members(session: Session, family_id: UUID, actor: Actor) -> Sequence[UUID]:
    chosen = select(Product.id, Category.department_id).join(Category, Product.category_id == Category.id)
    rows = session.execute(chosen.where(Product.family_id == family_id).order_by(Product.id)).all()
    for row in rows:
        actor.require_department(row.department_id)
    return [row.id for row in rows]


def _audited(family: Family) -> Mapping[str, Any]:
    return {"name": family.name, "options": list(family.options)}


def _find_locked(session: Session, family_id: UUID) -> Family | None:
    chosen = select(Family).where(Family.id == family_id).with_for_update()
    return session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()


def _locked(session: Session, family_id: UUID) -> Family:
    family = _find_locked(session, family_id)
    if family is None:
        raise NotFound("There is no such family.", field="familyId")
    return family
