"""Reading products: by the cache where it is right, else from PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import orjson
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import Product
from services.catalogue.finding.conditions import Matching
from services.catalogue.finding.cursors import fingerprint, moment_of
from services.catalogue.finding.finding import matching_of, search
from services.catalogue.finding.page_statements import count_statement, page_statement
from services.catalogue.finding.pages import Filter, PageQuery, Search
from services.catalogue.product_facts import ENTRY, ProductFacts, decode
from services.catalogue.products.product_values import gtin
from services.catalogue.reader import Reader
from services.catalogue.tags import COLLECTIONS, EVERYTHING, list_tag, product_tag, stock_tag
from utils.database import run

_MOST_PAGES = 512
# No slug, stock-keeping unit or barcode is longer.
_LONGEST_NAME = 200
# By a page's key, the tags of what it showed when this process last read it: a guess, never an answer.
_shown_last: dict[str, Mapping[str, UUID]] = {}
_BY_ID = f"SELECT {ENTRY} FROM products AS p WHERE p.id = ANY(CAST(%(ids)s AS uuid[]))"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Page:
    """Products in the order asked for, whether more follow, and how they were found, if that is not plain."""

    products: Sequence[ProductFacts]
    has_next: bool
    search: Search | None = None


def find_product(reader: Reader, product_id: UUID, *, region: str | None = None) -> ProductFacts | None:
    """The product with this id, if it is on sale and sold in the region, with its price there.

    `region` is its code, None for the home region, here and below.
    """
    found = list_products_by_id(reader, [product_id]).get(product_id)
    return None if found is None else _shown(reader, found, region)


def find_product_by_slug(reader: Reader, slug: str, *, region: str | None = None) -> ProductFacts | None:
    """The product with this slug, if it is on sale and sold in the region, with its price there."""
    return _find_by_name(reader, "slug", slug, "slug = %(value)s", region)


def find_product_by_sku(reader: Reader, sku: str, *, region: str | None = None) -> ProductFacts | None:
    """The same by its stock-keeping unit, in any case of its letters."""
    return _find_by_name(reader, "sku", sku, "upper(sku) = upper(%(value)s)", region)


def find_product_by_barcode(reader: Reader, barcode: str, *, region: str | None = None) -> ProductFacts | None:
    """The same by its barcode; a GTIN is found in any of its lengths."""
    code = gtin(barcode)
    if code is None:
        return None
    return _find_by_name(reader, "barcode", code, "lpad(barcode, 14, '0') = %(value)s", region)


def list_products_by_id(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, ProductFacts]:
    """The products with these ids, on sale or not; what does not exist is left out.

    Their prices are their own: `ProductFacts.in_region` says those of a region.
    """
    # A product's entry has the name of its tag.
    tags = {product_tag(product_id): product_id for product_id in ids}
    fetched = reader.fetch({tag: tag for tag in tags})
    found = {tags[tag]: decode(entry) for tag, entry in fetched.hits.items()}
    missing = [str(product_id) for product_id in tags.values() if product_id not in found]
    if missing:
        read = {decode(entry).id: entry for entry in reader.entries(_BY_ID, {"ids": missing}, is_steady=True)}
        found.update({product_id: decode(entry) for product_id, entry in read.items()})
        reader.store({product_tag(product_id): entry for product_id, entry in read.items()}, fetched.tickets)
    return found


def list_shown_by_id(reader: Reader, ids: Sequence[UUID], *, region: str | None = None) -> dict[UUID, ProductFacts]:
    """Those of these products that are on sale and sold in the region, with their prices there."""
    products = list_products_by_id(reader, ids) if ids else {}
    shown = {product_id: _shown(reader, each, region) for product_id, each in products.items()}
    return {product_id: each for product_id, each in shown.items() if each is not None}


def list_page(reader: Reader, query: PageQuery) -> Page:
    """One page of products on sale, with their prices in the query's region.

    The cache keeps which products stand on the page; each product is its own entry, so that a change of one product's
    stock leaves the page and the other products where they are. One journey asks for the page and for the products it
    showed last; those that it shows since then take another.
    """
    if query.collection_id is not None:
        # It would depend on two things, and an entry has one tag.
        reader.depend(*tags_of(query))
        return _from_postgres(reader, None, query, {})
    [tag] = tags_of(query)
    key = f"page:{fingerprint(query.sort.value, query.first, query.after, *query.said(), size=16).hex()}"
    shown_last = _shown_last.get(key, {})
    fetched = reader.fetch({key: tag, **{tag: tag for tag in shown_last}})
    if key in fetched.hits:
        page = _from_entries(reader, key, query, fetched.hits)
        if page is not None:
            return page
    return _from_postgres(reader, key, query, fetched.tickets)


def tags_of(chosen: Filter) -> list[str]:
    """What a list of these products depends on."""
    # What a search finds, or a brand or a tag has, may come from any category and go to any.
    scope = EVERYTHING if chosen.category_id is None or chosen.term is not None else chosen.category_id
    # Whatever changes a list changes also which of its products are in stock.
    tag = stock_tag(scope) if chosen.in_stock else list_tag(scope)
    return [tag] if chosen.collection_id is None else [tag, COLLECTIONS]


def has_products(session: Session) -> bool:
    """Whether there is any product at all, published or not."""
    return session.scalars(select(exists().where(Product.id.is_not(None)))).one()


def count_products(reader: Reader, query: PageQuery, found: Search | None = None) -> int:
    """How many products there are on all pages; `found` is the search of the page, if it is one.

    Of a search at most a thousand are counted.
    """
    reader.depend(*tags_of(query))
    [count] = reader.entries(*count_statement(query, matching_of(query, found)))
    return int(count)


def _shown(reader: Reader, facts: ProductFacts, region: str | None) -> ProductFacts | None:
    """The product as shoppers of the region see it, if they do."""
    return facts.in_region(region) if facts.is_on_sale(reader.now) else None


def _find_by_name(reader: Reader, kind: str, value: str, condition: str, region: str | None) -> ProductFacts | None:
    if "\0" in value or len(value) > _LONGEST_NAME:
        return None
    # Names come and go with the list of everything: who is in it, and under which name.
    key = f"{kind}:{value}"
    fetched = reader.fetch({key: list_tag()})
    if key in fetched.hits:
        product_id: UUID | None = UUID(fetched.hits[key].decode())
    else:
        chosen = f"SELECT id FROM products WHERE {condition}"  # noqa: S608 - the conditions stand above
        product_id = run(reader.session, chosen, {"value": value}).scalar()
        if product_id is not None:
            product_id = UUID(str(product_id))
            reader.store({key: str(product_id).encode()}, fetched.tickets)
    return None if product_id is None else find_product(reader, product_id, region=region)


def _from_postgres(reader: Reader, key: str | None, query: PageQuery, tickets: Mapping[str, bytes]) -> Page:
    found = None
    if query.is_told:
        entries, found = search(reader, query)
    else:
        entries = reader.entries(*page_statement(query, Matching()), is_steady=query.is_steady)
    facts = [decode(entry) for entry in entries[: query.first]]
    # What the statement found it read with its price there.
    page = Page([each.in_region(query.region) or each for each in facts], len(entries) > query.first, found)
    read = {product_tag(each.id): entry for each, entry in zip(facts, entries, strict=False)}
    tickets = {**tickets, **reader.depend_on_read(*read)} if read else tickets
    listed = orjson.dumps([[each.id for each in facts], page.has_next, None if found is None else [*found]])
    reader.store(read if key is None else {key: listed, **read}, tickets)
    return page


def _from_entries(reader: Reader, key: str, query: PageQuery, hits: Mapping[str, bytes]) -> Page | None:
    tags, has_next, found = _decode_page(hits[key])
    if len(_shown_last) >= _MOST_PAGES:
        _shown_last.clear()
    _shown_last[key] = tags
    missing = [product_id for tag, product_id in tags.items() if tag not in hits]
    fetched = list_products_by_id(reader, missing) if missing else {}
    products = [decode(hits[tag]) if tag in hits else fetched.get(product_id) for tag, product_id in tags.items()]
    shown = [None if each is None else _shown(reader, each, query.region) for each in products]
    on_sale = [each for each in shown if each is not None]
    # One that went between the two reads changed the list as well: read it anew.
    return Page(on_sale, has_next, found) if len(on_sale) == len(products) else None


@lru_cache(maxsize=_MOST_PAGES)
def _decode_page(entry: bytes) -> tuple[Mapping[str, UUID], bool, Search | None]:
    """Which products stand on the page, by their tags, whether more follow, and how they were found."""
    ids, has_next, found = orjson.loads(entry)
    if found is not None:
        moment, *more = found
        found = Search(moment_of(moment), *more)
    return {product_tag(product_id): product_id for product_id in map(UUID, ids)}, has_next, found
