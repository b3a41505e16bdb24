"""Brands: found by their names, made when a product first bears one, listed by name to shoppers and to staff."""

from collections.abc import Sequence
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models import Brand
from services.catalogue.finding.conditions import ON_SALE, SOLD_HERE, both
from services.catalogue.product_facts import BrandFacts
from services.catalogue.products.product_values import LONGEST_SLUG, checked_brand
from services.catalogue.reader import Reader
from services.catalogue.tags import list_tag
from utils import text
from utils.cursors import checked_first
from utils.ids import new_id

# No name has it: it stands for the character that PostgreSQL could not even be asked about.
_IN_NO_NAME = "\x01"
_BRANDS_ON_SALE = f"""
SELECT json_build_array(b.id, b.slug, b.name)::text FROM brands AS b
WHERE EXISTS (SELECT FROM products AS p WHERE p.brand_id = b.id AND {both(ON_SALE)}
 AND (CAST(%(region)s AS text) IS NULL OR {SOLD_HERE}))
"""  # noqa: S608 - what is put in stands in conditions.py
_BEGINS = "starts_with(lower(b.name), lower(%(begun)s))"
_BY_NAME = "ORDER BY lower(b.name) LIMIT %(first)s"


def find_or_make_brand(session: Session, name: str) -> UUID:
    """The brand of this name, whatever the case of its letters and however many spaces; a new one if there is none.

    Refuses a name that is empty or too long (INVALID_INPUT).
    """
    kept = checked_brand(name)
    # Kept until this transaction ends: who renames it meanwhile (renaming.py) sees the product that comes, or is seen.
    chosen = (
        select(Brand.id).where(func.lower(Brand.name) == func.lower(kept)).with_for_update(read=True, key_share=True)
    )
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


def find_brand(session: Session, brand_id: UUID) -> BrandFacts | None:
    """The brand with this id, or None."""
    row = session.execute(select(Brand.id, Brand.slug, Brand.name).where(Brand.id == brand_id)).one_or_none()
    return None if row is None else BrandFacts._make(row)


def list_brands_on_sale(
    reader: Reader, *, first: int, starts_with: str | None = None, region: str | None = None
) -> Sequence[BrandFacts]:
    """At most `first` (1 to 100) brands with goods on sale, by name, of those whose name begins so, in any case.

    In a `region` (its code; None for the home region) goods that are sold there.

    Refuses other lengths (INVALID_INPUT). A brand of nothing but drafts is a plan, and no shopper's business.
    """
    begun = _begun(starts_with)
    chosen = _BRANDS_ON_SALE if begun is None else f"{_BRANDS_ON_SALE} AND {_BEGINS}"
    # A brand comes and goes with a product on sale that bears it, and every list with that; by the clock, too, which
    # the reader looks at.
    reader.depend(list_tag())
    values = {"first": checked_first(first), "begun": begun, "region": region}
    rows = [orjson.loads(each) for each in reader.entries(f"{chosen} {_BY_NAME}", values)]
    return [BrandFacts(UUID(brand_id), slug, name) for brand_id, slug, name in rows]


def list_brands(session: Session, *, first: int, starts_with: str | None = None) -> Sequence[BrandFacts]:
    """The same of all brands, also those without any goods, for staff who type a name that is there already."""
    checked_first(first)
    chosen = select(Brand.id, Brand.slug, Brand.name).order_by(func.lower(Brand.name)).limit(first)
    begun = _begun(starts_with)
    if begun is not None:
        chosen = chosen.where(func.starts_with(func.lower(Brand.name), func.lower(begun)))
    return [BrandFacts._make(row) for row in session.execute(chosen)]


def _begun(starts_with: str | None) -> str | None:
    """The beginning of a name, spaced as names are kept."""
    return None if starts_with is None else " ".join(starts_with.replace("\0", _IN_NO_NAME).split())
