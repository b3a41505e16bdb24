"""Reading products: by the cache where it is right, else from PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from models import Product
from services.catalogue.changes import EVERYTHING, list_tag, product_tag
from services.catalogue.pages import PageQuery
from services.catalogue.product_facts import COLUMNS, ProductFacts, decode, encode, from_rows
from utils.cache import Cache

_MOST_PAGES = 512
# By a page's key, the tags of what it showed when this process last read it: a guess, never an answer.
_shown_last: dict[str, Mapping[str, UUID]] = {}


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
    # A product's entry has the name of its tag.
    tags = {product_tag(product_id): product_id for product_id in ids}
    fetched = cache.fetch({tag: tag for tag in tags})
    found = {tags[tag]: decode(entry) for tag, entry in fetched.hits.items()}
    missing = [product_id for product_id in tags.values() if product_id not in found]
    if missing:
        read = from_rows(session.execute(select(*COLUMNS).where(Product.id.in_(missing))))
        found.update({facts.id: facts for facts in read})
        cache.store({product_tag(facts.id): encode(facts) for facts in read}, fetched.tickets)
    return found


def list_page(session: Session, cache: Cache, query: PageQuery) -> Page:
    """One page of published products.

    The cache keeps which products stand on the page; each product is its own entry, so that a change of one product's
    stock leaves the page and the other products where they are. One journey asks for the page and for the products it
    showed last; those that it shows since then take another.
    """
    scope = query.category_id or EVERYTHING
    key = f"page:{scope}:{_fingerprint(query)}"
    fetched = cache.fetch({key: list_tag(scope), **{tag: tag for tag in _shown_last.get(key, ())}})
    if key in fetched.hits:
        page = _from_entries(session, cache, key, fetched.hits)
        if page is not None:
            return page
    rows = from_rows(session.execute(_statement(query)))
    page = Page(rows[: query.first], has_next=len(rows) > query.first)
    cache.store({key: orjson.dumps([[facts.id for facts in page.products], page.has_next])}, fetched.tickets)
    return page


def has_products(session: Session) -> bool:
    """Whether there is any product at all, published or not."""
    return session.scalars(select(exists().where(Product.id.is_not(None)))).one()


def count_products(session: Session, query: PageQuery) -> int:
    """How many products the filter lets through, on all pages."""
    return session.scalars(select(func.count()).select_from(Product).where(*query.conditions())).one()


@lru_cache(maxsize=_MOST_PAGES)
def _statement(query: PageQuery) -> Select[Any]:
    """The query's statement, put together once."""
    return query.statement()


def _from_entries(session: Session, cache: Cache, key: str, hits: Mapping[str, bytes]) -> Page | None:
    tags, has_next = _decode_page(hits[key])
    if len(_shown_last) >= _MOST_PAGES:
        _shown_last.clear()
    _shown_last[key] = tags
    missing = [product_id for tag, product_id in tags.items() if tag not in hits]
    fetched = list_products_by_id(session, cache, missing) if missing else {}
    products = [decode(hits[tag]) if tag in hits else fetched.get(product_id) for tag, product_id in tags.items()]
    published = [product for product in products if product is not None and product.is_published]
    # One that went between the two reads changed the list as well: read it anew.
    return Page(published, has_next) if len(published) == len(products) else None


@lru_cache(maxsize=_MOST_PAGES)
def _decode_page(entry: bytes) -> tuple[Mapping[str, UUID], bool]:
    """Which products stand on the page, by their tags, and whether more follow."""
    ids, has_next = orjson.loads(entry)
    return {product_tag(product_id): product_id for product_id in map(UUID, ids)}, has_next


def _fingerprint(query: PageQuery) -> str:
    return f"{query.sort.value}:{query.first}:{query.price_min}:{query.price_max}:{query.after or ''}"
