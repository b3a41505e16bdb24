"""Reading products: by the cache where it is right, else from PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models import Product
from services.catalogue.changes import EVERYTHING, list_tag, product_tag
from services.catalogue.pages import PageQuery
from services.catalogue.product_facts import COLUMNS, ProductFacts, decode, encode, from_rows
from utils.cache import Cache


@dataclass(frozen=True, slots=True)
class Page:
    """Products in the order asked for, and whether more follow."""

    products: Sequence[ProductFacts]
    has_next: bool


def find_product(session: Session, cache: Cache, product_id: UUID) -> ProductFacts | None:
    """The published product with this id, or None."""
    found = list_products_by_id(session, cache, [product_id]).get(product_id)
    return found if found is not None and found.is_published else None


def find_product_by_slug(session: Session, slug: str) -> ProductFacts | None:
    """The published product with this slug, or None."""
    if "\0" in slug:
        return None
    found = from_rows(session.execute(select(*COLUMNS).where(Product.slug == slug)))
    return found[0] if found and found[0].is_published else None


def list_products_by_id(session: Session, cache: Cache, ids: Sequence[UUID]) -> dict[UUID, ProductFacts]:
    """The products with these ids, published or withdrawn; what does not exist is left out."""
    keys = {f"product:{product_id}": product_id for product_id in ids}
    fetched = cache.fetch({key: product_tag(product_id) for key, product_id in keys.items()})
    found = {keys[key]: decode(entry) for key, entry in fetched.hits.items()}
    missing = [product_id for product_id in keys.values() if product_id not in found]
    if missing:
        read = from_rows(session.execute(select(*COLUMNS).where(Product.id.in_(missing))))
        found.update({facts.id: facts for facts in read})
        cache.store({f"product:{facts.id}": encode(facts) for facts in read}, fetched.tickets)
    return found


def list_page(session: Session, cache: Cache, query: PageQuery) -> Page:
    """One page of published products.

    The cache keeps which products stand on the page; each product is its own entry, so that a change of one product's
    stock leaves the page and the other products where they are.
    """
    scope = query.category_id or EVERYTHING
    key = f"page:{scope}:{_fingerprint(query)}"
    fetched = cache.fetch({key: list_tag(scope)})
    if key in fetched.hits:
        page = _from_entry(session, cache, fetched.hits[key])
        if page is not None:
            return page
    rows = from_rows(session.execute(query.statement()))
    page = Page(rows[: query.first], has_next=len(rows) > query.first)
    cache.store({key: orjson.dumps([[facts.id for facts in page.products], page.has_next])}, fetched.tickets)
    return page


def has_products(session: Session) -> bool:
    """Whether there is any product at all, published or not."""
    return session.scalars(select(exists().where(Product.id.is_not(None)))).one()


def count_products(session: Session, query: PageQuery) -> int:
    """How many products the filter lets through, on all pages."""
    return session.scalars(select(func.count()).select_from(Product).where(*query.conditions())).one()


def _from_entry(session: Session, cache: Cache, entry: bytes) -> Page | None:
    ids, has_next = orjson.loads(entry)
    wanted = [UUID(each) for each in ids]
    found = list_products_by_id(session, cache, wanted)
    # One that went between the two reads changed the list as well: read it anew.
    if any(product_id not in found or not found[product_id].is_published for product_id in wanted):
        return None
    return Page([found[product_id] for product_id in wanted], has_next)


def _fingerprint(query: PageQuery) -> str:
    return f"{query.sort.value}:{query.first}:{query.price_min}:{query.price_max}:{query.after or ''}"
