"""Brands: found by their names, made when a product first bears one, listed by name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Brand
from services.accounts.cursors import checked_first
from services.catalogue.product_facts import BrandFacts
from services.catalogue.products.product_values import LONGEST_SLUG, checked_brand
from services.catalogue.reader import Reader
from services.catalogue.tags import list_tag
from utils import text
from utils.ids import new_id


def find_or_make_brand(session: Session, name: str) -> UUID:
    """The brand of this name, whatever the case of its letters and however many spaces; a new one if there is none.

    Refuses a name that is empty or too long (INVALID_INPUT).
    """
    kept = checked_brand(name)
    chosen = select(Brand.id).where(func.lower(Brand.name) == func.lower(kept))
    found = session.scalars(chosen).one_or_none()
    if found is not None:
        return found
    brand_id = new_id()
    base = text.slug(kept, longest=LONGEST_SLUG) or "brand"
    # The first attempt fails when another brand has the slug, or when somebody made this brand in the meantime.
    for slug in (base, f"{base}-{brand_id.hex[-12:]}"):
        session.execute(insert(Brand).values(id=brand_id, slug=slug, name=kept).on_conflict_do_nothing())
        found = session.scalars(chosen).one_or_none()
        if found is not None:
            return found
    raise RuntimeError("a brand was neither found nor made")


def list_brands(reader: Reader, *, first: int, starts_with: str | None = None) -> Sequence[BrandFacts]:
    """At most `first` (1 to 100) brands by name, of those whose name begins so, in any case.

    Refuses other lengths (INVALID_INPUT).
    """
    checked_first(first)
    # A brand comes with a product that bears it, and every list with that.
    reader.depend(list_tag())
    chosen = select(Brand.id, Brand.slug, Brand.name).order_by(func.lower(Brand.name), Brand.id).limit(first)
    if starts_with is not None:
        if "\0" in starts_with:
            return ()
        begun = func.lower(" ".join(starts_with.split()))
        chosen = chosen.where(func.starts_with(func.lower(Brand.name), begun))
    return [BrandFacts._make(row) for row in reader.session.execute(chosen)]
