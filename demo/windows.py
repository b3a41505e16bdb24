"""The families and the collection of the demo shop, made of its goods."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from demo.goods import NAMESPACE
from models import Collection, CollectionProduct, Family, Product
from services.catalogue.tags import COLLECTIONS, FAMILIES
from utils import clock


class _Family(NamedTuple):
    name: str
    options: list[str]
    # The values of each good, by its slug.
    members: Mapping[str, list[str]]


_FAMILIES = (
    _Family("Butter", ["Salt"], {"salted-butter": ["Salted"], "unsalted-butter": ["Unsalted"]}),
    _Family(
        "Free-Range Eggs",
        ["Size", "Count"],
        {"free-range-eggs-large": ["Large", "12"], "free-range-eggs-mixed-sizes": ["Mixed", "6"]},
    ),
    _Family(
        "Organic Cotton T-Shirt",
        ["Cut"],
        {"organic-cotton-t-shirt-womens": ["Women's"], "organic-cotton-t-shirt-mens": ["Men's"]},
    ),
)
_NAME, _SLUG = "A Long Breakfast", "a-long-breakfast"
_DESCRIPTION = "Everything for a Sunday on which nobody looks at the clock."
_BREAKFAST = (
    "breakfast-blend-coffee-beans",
    "english-breakfast-tea-bags",
    "white-sourdough",
    "salted-butter",
    "free-range-eggs-large",
    "orange-juice-with-bits",
    "strained-greek-yoghurt",
    "wild-type-blueberries",
    "plain-bagels",
)


class Added(NamedTuple):
    """What the cache must be told of: products that show a family now, and tags."""

    products: list[UUID]
    tags: list[str]


def add_missing_windows(session: Session) -> Added:
    """Adds the families and the collection that are not there.

    Goods that somebody put into another family, or that are gone, are left out.
    """
    joined = [product_id for each in _FAMILIES for product_id in _add_family(session, each)]
    return Added(joined, [*([FAMILIES] if joined else []), *([COLLECTIONS] if _add_collection(session) else [])])


def _add_family(session: Session, family: _Family) -> list[UUID]:
    family_id = uuid5(NAMESPACE, f"family:{family.name}")
    row = insert(Family).values(id=family_id, name=family.name, options=family.options, created_at=clock.now())
    if session.execute(row.on_conflict_do_nothing().returning(Family.id)).first() is None:
        return []
    joined: list[UUID] = []
    for slug, values in family.members.items():
        free = update(Product).where(Product.slug == slug, Product.family_id.is_(None))
        joining = free.values(family_id=family_id, option_values=values).returning(Product.id)
        joined += session.scalars(joining)
    return joined


def _add_collection(session: Session) -> bool:
    moment = clock.now()
    collection_id = uuid5(NAMESPACE, f"collection:{_SLUG}")
    row = insert(Collection).values(
        id=collection_id,
        slug=_SLUG,
        name=_NAME,
        description=_DESCRIPTION,
        position=0,
        is_published=True,
        created_at=moment,
        updated_at=moment,
    )
    if session.execute(row.on_conflict_do_nothing().returning(Collection.id)).first() is None:
        return False
    chosen = select(Product.slug, Product.id).where(Product.slug.in_(_BREAKFAST))
    found = {row.slug: row.id for row in session.execute(chosen)}
    standing = [
        {"collection_id": collection_id, "product_id": found[slug], "position": place}
        for place, slug in enumerate(_BREAKFAST)
        if slug in found
    ]
    if standing:
        session.execute(insert(CollectionProduct), standing)
    return True
