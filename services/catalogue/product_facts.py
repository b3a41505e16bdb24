"""A product as shoppers see it: a plain record, the same from PostgreSQL and from the cache."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy import Row

from models import Product
from models.product import ProductStatus


class ProductFacts(NamedTuple):
    """All columns of a product that any caller may ask for."""

    id: UUID
    slug: str
    name: str
    description: str
    unit: str
    price: Decimal
    currency: str
    stock_count: int
    status: str
    category_id: UUID
    created_at: datetime
    updated_at: datetime

    @property
    def is_published(self) -> bool:
        """Whether shoppers see it."""
        return self.status == ProductStatus.PUBLISHED


# Part of every entry's name in the cache: one of another release, with other fields, is a miss.
SHAPE = f"{crc32(repr(ProductFacts._fields).encode()):08x}"

_table = Product.__table__.c
COLUMNS = tuple(_table[name] for name in ProductFacts._fields)


def from_rows(rows: Iterable[Row[Any]]) -> list[ProductFacts]:
    """The records of rows that were selected by COLUMNS."""
    return [ProductFacts._make(row) for row in rows]


def encode(facts: ProductFacts) -> bytes:
    """The record as it lies in the cache."""
    return orjson.dumps([*facts[:5], str(facts.price), *facts[6:]])


# The same bytes are the same record, and the goods that are asked for most are asked for all the time.
@lru_cache(maxsize=2000)
def decode(entry: bytes) -> ProductFacts:
    """The record that `encode` wrote."""
    kept = orjson.loads(entry)
    kept[0], kept[5], kept[9] = UUID(kept[0]), Decimal(kept[5]), UUID(kept[9])
    kept[10], kept[11] = datetime.fromisoformat(kept[10]), datetime.fromisoformat(kept[11])
    return ProductFacts._make(kept)
