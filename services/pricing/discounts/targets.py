"""The goods that a discount is about: that they exist, whose they are, and the rows that name them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models import Brand, Category, Collection, Discount, DiscountTarget, Product
from models.discount import DiscountClass, TargetSide
from services.accounts.actor import Actor
from services.pricing.calculating.facts import Targets
from services.pricing.discounts.drafts import NO_TARGETS, DiscountDraft
from utils.database import run
from utils.errors import Forbidden, InvalidInput
from utils.ids import new_id

# A category stands for all below it, which may be other departments'.
_DEPARTMENTS = """
WITH RECURSIVE below AS (
 SELECT id, department_id FROM categories WHERE id = ANY(CAST(%(categories)s AS uuid[]))
 UNION SELECT c.id, c.department_id FROM categories AS c JOIN below AS b ON c.parent_id = b.id
)
SELECT department_id FROM below
UNION SELECT c.department_id FROM products AS p JOIN categories AS c ON c.id = p.category_id
WHERE p.id = ANY(CAST(%(products)s AS uuid[]))
"""


class _Kind(NamedTuple):
    """One kind of target: the attribute of Targets, the column, the input's field, and what it names."""

    attribute: str
    column: str
    field: str
    table: Any
    name: str


_KINDS = (
    _Kind("products", "product_id", "productIds", Product, "product"),
    _Kind("categories", "category_id", "categoryIds", Category, "category"),
    _Kind("collections", "collection_id", "collectionIds", Collection, "collection"),
    _Kind("brands", "brand_id", "brandIds", Brand, "brand"),
)


def hold_targets(session: Session, targets: Targets | None, bought: Targets | None) -> None:
    """Keeps these goods, categories, collections and brands from being removed until this transaction ends.

    Refuses (INVALID_INPUT; `ids` says which) those that do not exist. Call it before a discount is locked.
    """
    sides = (("targets", targets or NO_TARGETS), ("boughtTargets", bought or NO_TARGETS))
    for kind in _KINDS:
        wanted = {each for _, side in sides for each in getattr(side, kind.attribute)}
        if not wanted:
            continue
        chosen = select(kind.table.id).where(kind.table.id.in_(wanted)).order_by(kind.table.id)
        known = set(session.scalars(chosen.with_for_update(read=True, key_share=True)))
        for field, side in sides:
            unknown = _said(getattr(side, kind.attribute) - known)
            if unknown:
                raise InvalidInput(f"There is no {kind.name} {unknown[0]}.", field=f"{field}.{kind.field}", ids=unknown)


def require_reach(session: Session, draft: DiscountDraft, *, actor: Actor) -> None:
    """Refuses (FORBIDDEN) whoever is no admin a discount that is not wholly of their departments.

    That is one on the lines of products and categories of theirs, with all below these. What is for all goods or for
    an order, its shipping, collections, brands or named customers, or for nothing that is left, is an admin's.
    """
    if actor.is_admin:
        return
    goods = draft.all_targets
    if (
        draft.applies_to is not DiscountClass.PRODUCT
        or draft.targets is None
        or draft.for_named_customers
        or goods.collections
        or goods.brands
        or not (goods.products or goods.categories)
    ):
        raise Forbidden("Only an admin looks after a discount that goes beyond goods of single departments.")
    names = {"products": _said(goods.products), "categories": _said(goods.categories)}
    for department_id in run(session, _DEPARTMENTS, names).scalars():
        actor.require_department(department_id)


def read_targets(session: Session, discount_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[DiscountTarget]]:
    """By discount, its rows, of both sides."""
    found: dict[UUID, list[DiscountTarget]] = {each: [] for each in discount_ids}
    chosen = select(DiscountTarget).where(DiscountTarget.discount_id.in_(discount_ids)).order_by(DiscountTarget.id)
    for row in session.scalars(chosen.execution_options(populate_existing=True)):
        found[row.discount_id].append(row)
    return found


def targets_of(discount: Discount, rows: Sequence[DiscountTarget]) -> tuple[Targets | None, Targets | None]:
    """The goods that a discount with these rows reduces, None for all; and those to buy, None for the same."""
    reduced = None if discount.all_goods else _side_of(rows, TargetSide.REDUCED)
    return reduced, _side_of(rows, TargetSide.BOUGHT) if discount.bought_apart else None


def write_targets(session: Session, discount_id: UUID, *, before: DiscountDraft | None, now: DiscountDraft) -> None:
    """Writes the rows that are not there yet, then removes those that are not meant any more."""
    old = set() if before is None else _things(before)
    new = _things(now)
    added = sorted(new - old, key=str)
    if added:
        columns = {kind.column: None for kind in _KINDS}
        rows = [
            {"id": new_id(), "discount_id": discount_id, "side": side, **columns, column: thing}
            for side, column, thing in added
        ]
        session.execute(insert(DiscountTarget), rows)
    for side, column, thing in sorted(old - new, key=str):
        named = getattr(DiscountTarget, column) == thing
        of_it = (DiscountTarget.discount_id == discount_id, DiscountTarget.side == side)
        session.execute(delete(DiscountTarget).where(*of_it, named))


def _side_of(rows: Iterable[DiscountTarget], side: TargetSide) -> Targets:
    here = [row for row in rows if row.side == side]
    named = {
        kind.attribute: frozenset(each for row in here if (each := getattr(row, kind.column)) is not None)
        for kind in _KINDS
    }
    return Targets(**named)


def _things(draft: DiscountDraft) -> set[tuple[str, str, UUID]]:
    """Each target as its side, its column and its id."""
    sides = ((TargetSide.REDUCED, draft.targets), (TargetSide.BOUGHT, draft.bought))
    return {
        (side.value, kind.column, thing)
        for side, targets in sides
        for kind in _KINDS
        for thing in getattr(targets or NO_TARGETS, kind.attribute)
    }


def said_targets(targets: Targets | None) -> dict[str, list[str]] | None:
    """The targets as the audit log has them."""
    if targets is None:
        return None
    return {kind.attribute: _said(getattr(targets, kind.attribute)) for kind in _KINDS}


def _said(ids: Iterable[UUID]) -> list[str]:
    return sorted(str(each) for each in ids)
