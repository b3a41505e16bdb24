"""Collections as shoppers see them: which there are, and which products stand in each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

import orjson

from services.catalogue.product_facts import ImageFacts, ProductFacts
from services.catalogue.reader import Reader
from services.catalogue.reading import list_shown_by_id
from services.catalogue.tags import COLLECTIONS

_ALL = """
SELECT json_build_array(c.id, c.slug, c.name, c.description, c.position, c.is_published, c.version, c.updated_at,
 CASE WHEN i.id IS NOT NULL THEN json_build_array(i.id, i.width, i.height, i.content_type) END)::text
FROM collections AS c LEFT JOIN images AS i ON i.id = c.image_id ORDER BY c.position, c.slug
"""
_PRODUCTS = """
SELECT json_build_array(collection_id, json_agg(product_id ORDER BY position, product_id))::text
FROM collection_products WHERE collection_id = ANY(CAST(%(ids)s AS uuid[])) GROUP BY collection_id
"""
_KEY = f"collections:{crc32((_ALL + _PRODUCTS).encode()):08x}"


class CollectionFacts(NamedTuple):
    """All of a collection but its products, in the order of _ALL."""

    id: UUID
    slug: str
    name: str
    description: str
    position: int
    is_published: bool
    version: int
    last_updated: datetime
    image: ImageFacts | None


def list_collections(reader: Reader) -> Sequence[CollectionFacts]:
    """All collections in their order, published or not; a shop has a hundred at most."""
    fetched = reader.fetch({_KEY: COLLECTIONS})
    entry = fetched.hits.get(_KEY)
    if entry is None:
        entry = b"[" + b",".join(reader.entries(_ALL, {})) + b"]"
        reader.store({_KEY: entry}, fetched.tickets)
    return [_collection(each) for each in orjson.loads(entry)]


def list_shown(
    reader: Reader, collections: Collection[UUID], *, first: int, region: str | None = None
) -> Mapping[UUID, Sequence[ProductFacts]]:
    """By collection, its first so many products that are on sale in the region (None: at home), in its order.

    Few products of a collection are not on sale, so `first` of each are read, and the rest only of those that come out
    short: two journeys and two statements at the most, however many collections.
    """
    standing = _standing(reader, collections)
    found = _read(reader, {each: ids[:first] for each, ids in standing.items()}, region)
    short = {each for each, products in found.items() if len(products) < first < len(standing[each])}
    if short:
        found |= _read(reader, {each: standing[each] for each in short}, region)
    return {each: products[:first] for each, products in found.items()}


def _read(reader: Reader, wanted: Mapping[UUID, Sequence[UUID]], region: str | None) -> dict[UUID, list[ProductFacts]]:
    ids = list(dict.fromkeys(product_id for each in wanted.values() for product_id in each))
    on_sale = list_shown_by_id(reader, ids, region=region)
    return {each: [on_sale[one] for one in ids if one in on_sale] for each, ids in wanted.items()}


def _standing(reader: Reader, collections: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """By collection, the products that stand in it, on sale or not."""
    keys = {f"{_KEY}:{collection_id}": collection_id for collection_id in collections}
    fetched = reader.fetch(dict.fromkeys(keys, COLLECTIONS))
    entries = {keys[key]: entry for key, entry in fetched.hits.items()}
    missing = [str(each) for each in collections if each not in entries]
    if missing:
        read = {orjson.loads(each)[0]: each for each in reader.entries(_PRODUCTS, {"ids": missing})}
        # One without products has no row, and is kept as well.
        late = {UUID(each): read.get(each, orjson.dumps([each, []])) for each in missing}
        reader.store({key: late[each] for key, each in keys.items() if each in late}, fetched.tickets)
        entries |= late
    return {each: [UUID(one) for one in orjson.loads(entry)[1]] for each, entry in entries.items()}


def _collection(kept: list[Any]) -> CollectionFacts:
    kept[0], kept[7] = UUID(kept[0]), datetime.fromisoformat(kept[7])
    if kept[8] is not None:
        kept[8] = ImageFacts(UUID(kept[8][0]), *kept[8][1:])
    return CollectionFacts._make(kept)
