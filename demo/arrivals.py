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
from utils import money

_MAKE_ROOM = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS demo_arrivals (
        id uuid, slug text, name text, description text, unit text, price numeric, stock_count integer,
        category_slug text, created_at timestamptz
    ) ON COMMIT DROP
    """
)
_COPY = "COPY demo_arrivals FROM STDIN (FORMAT csv)"
# What is there already (by id or by slug) stays as it is, and brings no second opening stock into the ledger.
_TAKE_IN = text(
    """
    WITH added AS (
        INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id,
                              created_at, updated_at)
        SELECT a.id, a.slug, a.name, a.description, a.unit, a.price, :currency, a.stock_count, 'published', c.id,
               a.created_at, a.created_at
        FROM demo_arrivals AS a JOIN categories AS c ON c.slug = a.category_slug
        ON CONFLICT DO NOTHING
        RETURNING id, stock_count, category_id, created_at
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
    csv.writer(sheet).writerows(
        (
            good.product_id,
            good.slug,
            good.name,
            good.description,
            good.unit,
            _in_currency(good.price, currency),
            good.stock_count,
            good.category_slug,
            came.isoformat(),
        )
        for good, came in goods
    )
    sheet.seek(0)
    driver = session.connection().connection.driver_connection
    assert driver is not None  # the session holds a live connection
    with driver.cursor() as cursor:
        cursor.copy_expert(_COPY, sheet)
    count, categories = session.execute(_TAKE_IN, {"currency": currency}).one()
    session.execute(_CLEAR)
    taken.count += count
    taken.categories.update(categories)


def _in_currency(price: Decimal, currency: str) -> Decimal:
    """The price of a label with two decimals; where the currency has no smaller coin, 3.49 becomes 349."""
    return price.scaleb(2) if money.exponent(currency) == 0 else price
