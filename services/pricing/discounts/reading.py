"""Discounts as staff see them: page by page, one by one, with how often they were used."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from models import Brand, Discount, DiscountCode, DiscountUse
from models.discount import DiscountClass, DiscountKind
from services.catalogue.product_facts import BrandFacts
from services.pricing.discounts.checking import LONGEST_NAME
from utils import text
from utils.cursors import checked_first, cursor_of, moment_and_id_of

_LIST = "discounts"


@dataclass(frozen=True, slots=True)
class DiscountFilter:
    """Which discounts; every condition given must hold. `term`: part of the name, in any case, or one of the codes.

    Refuses (INVALID_INPUT) a term that is empty, has over 200 characters or control characters.
    """

    active: bool | None = None
    kind: DiscountKind | None = None
    applies_to: DiscountClass | None = None
    needs_code: bool | None = None
    term: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What a discount must be to stand on any page of this list."""
        found: list[ColumnElement[bool]] = []
        if self.active is not None:
            found.append(Discount.is_active.is_(self.active))
        if self.kind is not None:
            found.append(Discount.kind == self.kind)
        if self.applies_to is not None:
            found.append(Discount.applies_to == self.applies_to)
        if self.needs_code is not None:
            found.append(Discount.needs_code.is_(self.needs_code))
        if self.term is not None:
            term = text.line(self.term, "term", longest=LONGEST_NAME)
            with_code = select(DiscountCode.discount_id).where(DiscountCode.code == term.upper())
            found.append(Discount.name.icontains(term, autoescape=True) | Discount.id.in_(with_code))
        return found


@dataclass(frozen=True, slots=True)
class DiscountQuery:
    """A page of `first` (1 to 100) discounts after a cursor, the newest first.

    Refuses (INVALID_INPUT) other lengths, cursors of another list, and what the filter refuses.
    """

    first: int = 20
    after: str | None = None
    chosen: DiscountFilter = DiscountFilter()

    def __post_init__(self) -> None:
        checked_first(self.first)
        self.chosen.conditions()
        if self.after is not None:
            moment_and_id_of(self.after, _LIST)

    def cursor(self, discount: Discount) -> str:
        """The opaque name of this discount's place."""
        return cursor_of(_LIST, discount.created_at, discount.id)

    def statement(self) -> Select[Any]:
        """The rows of this page and one more, which tells whether there is a next page."""
        chosen = select(Discount).where(*self.chosen.conditions())
        if self.after is not None:
            place = moment_and_id_of(self.after, _LIST)
            chosen = chosen.where(tuple_(Discount.created_at, Discount.id) < tuple_(*place))
        return chosen.order_by(Discount.created_at.desc(), Discount.id.desc()).limit(self.first + 1)


@dataclass(frozen=True, slots=True)
class DiscountPage:
    """Discounts, the newest first, and whether more follow."""

    discounts: Sequence[Discount]
    has_next: bool


def list_discounts(session: Session, query: DiscountQuery) -> DiscountPage:
    """One page of all discounts: staff with the right to discounts know of all, whoever's goods they are about."""
    rows = session.scalars(query.statement()).all()
    return DiscountPage(rows[: query.first], has_next=len(rows) > query.first)


def count_discounts(session: Session, query: DiscountQuery) -> int:
    """How many discounts the query lets through, on all pages."""
    return session.scalars(select(func.count()).select_from(Discount).where(*query.chosen.conditions())).one()


def find_discount(session: Session, discount_id: UUID) -> Discount | None:
    """The discount with this id, or None."""
    return session.scalars(select(Discount).where(Discount.id == discount_id)).one_or_none()


def count_uses(session: Session, discounts: Collection[Discount]) -> Mapping[UUID, int]:
    """By discount, how many orders that stand it made cheaper.

    Where there is a total limit, whoever takes a use counts; the uses of the others are counted here.
    """
    found = {each.id: 0 if each.total_limit is None else each.used_count for each in discounts}
    uncounted = [each.id for each in discounts if each.total_limit is None]
    if uncounted:
        of_them = DiscountUse.discount_id.in_(uncounted)
        counted = select(DiscountUse.discount_id, func.count()).where(of_them).group_by(DiscountUse.discount_id)
        found |= dict(session.execute(counted).all())
    return found


def list_brands_by_id(session: Session, ids: Collection[UUID]) -> Mapping[UUID, BrandFacts]:
    """The brands with these ids."""
    rows = session.execute(select(Brand.id, Brand.slug, Brand.name).where(Brand.id.in_(ids)))
    return {row.id: BrandFacts._make(row) for row in rows}
