"""Takes goods into stock: by COPY into a temporary table, from there into products and the ledger."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.goods import Good
from demo.labels import barcode_of, content_of, sku_of, tax_class_of
from services.catalogue.products.product_values import slug_of
from utils import money

_MAKE_ROOM = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS demo_arrivals (
        id uuid, slug text, name text, description text, unit text, price numeric, stock_count integer,
        category_slug text, created_at timestamptz, brand_id uuid, brand_slug text, brand text, tags text[],
        tax_class text, content_amount numeric, content_unit text, sku text, barcode text
    ) ON COMMIT DROP
    """
)
_COPY = "COPY demo_arrivals FROM STDIN (FORMAT csv)"
# Whoever made something before is known by that name.
_TAKE_IN_BRANDS = text(
    """
    INSERT INTO brands (id, slug, name, created_at)
    SELECT DISTINCT ON (brand_id) brand_id, brand_slug, brand, created_at FROM demo_arrivals
    WHERE brand_id IS NOT NULL ORDER BY brand_id, created_at
    ON CONFLICT DO NOTHING
    """
)
# What is there already (by id or by slug) stays as it is, and brings no second opening stock into the ledger.
_TAKE_IN = text(
    """
    WITH added AS (
        INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id,
                              created_at, updated_at, brand_id, tags, tax_class, content_amount, content_unit, sku,
                              barcode)
        SELECT a.id, a.slug, a.name, a.description, a.unit, a.price, :currency, a.stock_count, 'published', c.id,
               a.created_at, a.created_at, b.id, a.tags, a.tax_class, a.content_amount, a.content_unit, a.sku,
               a.barcode
        FROM demo_arrivals AS a JOIN categories AS c ON c.slug = a.category_slug
        LEFT JOIN brands AS b ON lower(b.name) = lower(a.brand)
        ON CONFLICT DO NOTHING
        RETURNING id, price, currency, stock_count, category_id, created_at
    ), opening_price AS (
        INSERT INTO price_changes (product_id, price, currency, effective_from, reason, created_at)
        SELECT id, price, currency, created_at, 'initial', created_at FROM added
    ), opening_stock AS (
        INSERT INTO stock_movements (product_id, quantity, reason, created_at)
        SELECT id, stock_count, 'initial', created_at FROM added
    )
    SELECT count(*), coalesce(array_agg(DISTINCT category_id), '{}') FROM added
    """
)
_CLEAR = text("TRUNCATE demo_arrivals")


@dataclass(slots=True)
class Taken:
    """How many goods were new, and the categories they went to."""

    count: int = 0
    categories: set[UUID] = field(default_factory=set)


def make_room(session: Session) -> None:
    """Prepares this transaction for `take_in`; the room goes with the transaction."""
    session.execute(_MAKE_ROOM)


def take_in(session: Session, goods: Iterable[tuple[Good, datetime]], *, currency: str, taken: Taken) -> None:
    """Adds the goods that are not there, each with the moment it came and its opening stock, and counts into `taken`.

    A good whose category somebody removed from the shop is left out.
    """
    sheet = StringIO()
    csv.writer(sheet).writerows(_line(good, came, currency) for good, came in goods)
    sheet.seek(0)
    driver = session.connection().connection.driver_connection
    assert driver is not None  # the session holds a live connection
    with driver.cursor() as cursor:
        cursor.copy_expert(_COPY, sheet)
    session.execute(_TAKE_IN_BRANDS)
    count, categories = session.execute(_TAKE_IN, {"currency": currency}).one()
    session.execute(_CLEAR)
    taken.count += count
    taken.categories.update(categories)


def _line(good: Good, came: datetime, currency: str) -> tuple[object, ...]:
    content, product_id = content_of(good.unit), good.product_id
    return (
        product_id,
        good.slug,
        good.name,
        good.description,
        good.unit,
        _in_currency(good.price, currency),
        good.stock_count,
        good.category_slug,
        came.isoformat(),
        good.brand_id,
        None if good.brand is None else slug_of(good.brand),
        good.brand,
        # Tags of the demo have letters and spaces only.
        "{" + ",".join(f'"{tag}"' for tag in good.tags) + "}",
        tax_class_of(good.category_slug),
        None if content is None else content.amount,
        None if content is None else content.unit,
        sku_of(product_id) if good.is_numbered else None,
        barcode_of(product_id) if good.is_numbered else None,
    )


def _in_currency(price: Decimal, currency: str) -> Decimal:
    """The price of a label with two decimals; where the currency has no smaller coin, 3.49 becomes 349."""
    return price.scaleb(2) if money.exponent(currency) == 0 else price
