"""A product as shoppers see it: a plain record, made from the same bytes in PostgreSQL and in the cache.

PostgreSQL writes the record as JSON, and so it lies in the cache. Python reads an entry once for as long as its bytes
stay the same: neither a row's values nor an entry's are converted again and again.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

import orjson

from models.product import ProductStatus


class BrandFacts(NamedTuple):
    """Who makes it."""

    id: UUID
    slug: str
    name: str


class OptionFacts(NamedTuple):
    """In what it differs from its siblings: an option of the family, and its value."""

    name: str
    value: str


class ImageFacts(NamedTuple):
    """A picture by itself: the same wherever it is shown."""

    id: UUID
    width: int
    height: int
    content_type: str


class ProductImageFacts(NamedTuple):
    """A picture as one product shows it: `id` is of this use, `alt` what it shows for those who cannot see it."""

    id: str
    image_id: UUID
    alt: str
    width: int
    height: int
    content_type: str


class RegionalPrice(NamedTuple):
    """What a product costs in a region at present; `source`: 'region', 'fallback' or 'product' (models/region.py)."""

    price: Decimal
    currency: str
    source: str


class ProductFacts(NamedTuple):
    """All of a product that any caller may ask for, in the order of ENTRY.

    `price` and `currency` are the product's own, which count in the home region, until `in_region` says otherwise.
    """

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
    version: int
    sku: str | None
    barcode: str | None
    brand: BrandFacts | None
    tags: list[str]
    tax_class: str
    content_amount: Decimal | None
    content_unit: str | None
    publish_from: datetime | None
    publish_until: datetime | None
    family_id: UUID | None
    options: list[OptionFacts]
    images: list[ProductImageFacts]
    low_stock_at: int | None
    popularity: int
    # By the region's code; not the home region, and none in which it is not sold.
    region_prices: Mapping[str, RegionalPrice]

    @property
    def in_stock(self) -> bool:
        """Whether at least one piece is there."""
        return self.stock_count > 0

    def in_region(self, code: str | None) -> "ProductFacts | None":
        """The product with its price in this region, None for the home region; None if it is not sold there."""
        if code is None:
            return self
        regional = self.region_prices.get(code)
        return None if regional is None else self._replace(price=regional.price, currency=regional.currency)

    def is_on_sale(self, moment: datetime) -> bool:
        """Whether shoppers see it at this moment: published, and within its time."""
        return (
            self.status == ProductStatus.PUBLISHED
            and (self.publish_from is None or self.publish_from <= moment)
            and (self.publish_until is None or self.publish_until > moment)
        )


# One text column for each product `p` of SOURCE. Numbers with decimals stand as text, so that they stay exact.
ENTRY = """json_build_array(p.id, p.slug, p.name, p.description, p.unit, p.price::text, p.currency, p.stock_count,
 p.status, p.category_id, p.created_at, p.updated_at, p.version, p.sku, p.barcode,
 CASE WHEN p.brand_id IS NOT NULL THEN
  (SELECT json_build_array(b.id, b.slug, b.name) FROM brands AS b WHERE b.id = p.brand_id) END,
 p.tags, p.tax_class, p.content_amount::text, p.content_unit, p.publish_from, p.publish_until, p.family_id,
 CASE WHEN p.family_id IS NOT NULL THEN
  (SELECT json_agg(json_build_array(o.name, o.value) ORDER BY o.place)
   FROM families AS f CROSS JOIN unnest(f.options, p.option_values) WITH ORDINALITY AS o (name, value, place)
   WHERE f.id = p.family_id) END,
 (SELECT json_agg(json_build_array(i.id, pi.alt, i.width, i.height, i.content_type) ORDER BY pi.position)
  FROM product_images AS pi JOIN images AS i ON i.id = pi.image_id WHERE pi.product_id = p.id),
 p.low_stock_at, p.popularity,
 (SELECT json_agg(json_build_array(c.region_code, c.price::text, c.currency, c.source))
  FROM current_prices AS c WHERE c.product_id = p.id))::text"""

# Part of every entry's name in the cache: one of another release, with other fields, is a miss.
SHAPE = f"{crc32(ENTRY.encode()):08x}"


# The same bytes are the same record, and the goods that are asked for most are asked for all the time.
@lru_cache(maxsize=2000)
def decode(entry: bytes) -> ProductFacts:
    """The record of an entry as PostgreSQL wrote it."""
    kept = orjson.loads(entry)
    kept[0], kept[5], kept[9] = UUID(kept[0]), Decimal(kept[5]), UUID(kept[9])
    kept[10], kept[11] = datetime.fromisoformat(kept[10]), datetime.fromisoformat(kept[11])
    if kept[15] is not None:
        kept[15] = BrandFacts(UUID(kept[15][0]), *kept[15][1:])
    if kept[18] is not None:
        kept[18] = Decimal(kept[18])
    kept[20], kept[21] = (None if each is None else datetime.fromisoformat(each) for each in kept[20:22])
    if kept[22] is not None:
        kept[22] = UUID(kept[22])
    kept[23] = [OptionFacts(*each) for each in kept[23] or ()]
    kept[24] = [ProductImageFacts(f"{kept[0]}.{image_id}", UUID(image_id), *more) for image_id, *more in kept[24] or ()]
    kept[27] = {code: RegionalPrice(Decimal(price), *more) for code, price, *more in kept[27] or ()}
    return ProductFacts._make(kept)
