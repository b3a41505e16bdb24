"""Writes what the lines of a file make of the shop: products, brands, families, ledger and history, set by set."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.changes import announce, announce_everything
from services.catalogue.importing.judging import find_differences_again
from services.catalogue.prices.settling import settle_locked
from services.catalogue.products.product_news import record_products_imported
from services.catalogue.products.product_values import LARGEST_STOCK
from services.catalogue.stock import stock_marks
from services.catalogue.tags import FAMILIES
from utils import clock
from utils.cache import Cache
from utils.database import run
from utils.errors import Unavailable

# Beyond so many products the cache forgets everything, and nobody is told of single stocks.
MOST_TOLD = 500

_WRITTEN = "NOT t.refused AND (t.is_new OR t.differs)"
# Orders lock in the order of ids as well.
_LOCK = """
SELECT count(*) FROM (
    SELECT p.id FROM products AS p WHERE p.id IN (SELECT id FROM import_targets WHERE differs AND NOT refused)
    ORDER BY p.id FOR NO KEY UPDATE
) AS locked
"""
# Every change by staff raises the version.
_CHANGED_MEANWHILE = """
SELECT EXISTS (
    SELECT FROM import_targets AS t LEFT JOIN products AS p ON p.id = t.id
    WHERE t.differs AND NOT t.refused AND p.version IS DISTINCT FROM t.version
)
"""
# Whoever changes what a family's options are called holds it too.
_FAMILY_CHANGED_MEANWHILE = """
SELECT EXISTS (
    SELECT FROM (
        SELECT id, options FROM families
        WHERE id IN (SELECT family_id FROM import_targets WHERE NOT refused AND options_given AND (is_new OR differs))
        ORDER BY id FOR UPDATE
    ) AS locked JOIN import_families AS f ON f.id = locked.id AND f.options <> locked.options
)
"""
# An order or a price that began a moment ago may leave no room for what the lines were judged to be possible.
_IMPOSSIBLE_MEANWHILE = f"""
SELECT EXISTS (
    SELECT FROM import_targets AS t JOIN products AS p ON p.id = t.id
    WHERE t.differs AND NOT t.refused AND (
        p.stock_count + t.stock_change NOT BETWEEN 0 AND {LARGEST_STOCK}
        OR t.price_was <> p.price AND t.price <> p.price
    )
)
"""  # noqa: S608 - of this module's own words
_DUE = """
SELECT DISTINCT product_id FROM scheduled_prices
WHERE applied_at IS NULL AND cancelled_at IS NULL AND starts_at <= %(moment)s
    AND product_id IN (SELECT id FROM import_targets WHERE differs AND NOT refused)
"""
_BRANDS = f"""
INSERT INTO brands (id, slug, name, created_at)
SELECT id, CASE WHEN place > 1 OR EXISTS (SELECT FROM brands AS b WHERE b.slug = fresh.slug)
    THEN fresh.slug || '-' || right(id::text, 12) ELSE slug END, name, %(moment)s
FROM (
    SELECT id, name, slug, row_number() OVER (PARTITION BY slug ORDER BY line) AS place
    FROM (
        SELECT DISTINCT ON (lower(t.brand)) t.fresh_brand_id AS id, t.brand AS name, t.line,
            coalesce(nullif(t.brand_slug, ''), 'brand') AS slug
        FROM import_targets AS t WHERE {_WRITTEN} AND t.brand IS NOT NULL AND t.brand_id IS NULL
        ORDER BY lower(t.brand), t.line
    ) AS once
) AS fresh
"""  # noqa: S608 - of this module's own words
_GIVE_BRANDS = f"""
UPDATE import_targets AS t SET brand_id = b.id FROM brands AS b
WHERE {_WRITTEN} AND t.brand IS NOT NULL AND t.brand_id IS NULL AND lower(b.name) = lower(t.brand)
"""  # noqa: S608
_FAMILIES = f"""
INSERT INTO families (id, name, options, created_at)
SELECT f.id, f.name, f.options, %(moment)s FROM import_families AS f
WHERE f.is_new AND EXISTS (SELECT FROM import_targets AS t WHERE t.family_id = f.id AND {_WRITTEN})
"""  # noqa: S608
_CHANGE = """
UPDATE products AS p SET slug = t.slug, name = t.name, description = t.description, unit = t.unit,
    price = coalesce(t.price, p.price), stock_count = coalesce(t.stock_count, p.stock_count), status = t.status,
    category_id = t.category_id, sku = t.sku, barcode = t.barcode, brand_id = t.brand_id, tags = t.tags,
    tax_class = t.tax_class, content_amount = t.content_amount, content_unit = t.content_unit,
    publish_from = t.publish_from, publish_until = t.publish_until, family_id = t.family_id,
    option_values = t.option_values, low_stock_at = t.low_stock_at, version = p.version + 1, updated_at = %(moment)s
FROM import_targets AS t WHERE p.id = t.id AND t.differs AND NOT t.refused
"""
_MAKE = """
INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id, created_at,
    updated_at, sku, barcode, brand_id, tags, tax_class, content_amount, content_unit, publish_from, publish_until,
    family_id, option_values, low_stock_at)
SELECT id, slug, name, description, unit, price, %(currency)s, stock_count, status, category_id, %(moment)s,
    %(moment)s, sku, barcode, brand_id, tags, tax_class, content_amount, content_unit, publish_from, publish_until,
    family_id, option_values, low_stock_at
FROM import_targets WHERE is_new AND NOT refused ORDER BY line
"""
_LEDGER = f"""
INSERT INTO stock_movements (product_id, quantity, reason, actor_id, created_at)
SELECT id, stock_count - CASE WHEN is_new THEN 0 ELSE old_stock END,
    CASE WHEN is_new THEN 'initial' ELSE 'imported' END, %(actor_id)s, %(moment)s
FROM import_targets AS t
WHERE {_WRITTEN} AND stock_count <> CASE WHEN is_new THEN 0 ELSE old_stock END ORDER BY line
"""  # noqa: S608
_HISTORY = f"""
INSERT INTO price_changes (product_id, price, currency, effective_from, reason, actor_id, created_at)
SELECT id, price, %(currency)s, %(moment)s, CASE WHEN is_new THEN 'initial' ELSE 'imported' END, %(actor_id)s,
    %(moment)s
FROM import_targets AS t WHERE {_WRITTEN} AND (is_new OR price <> old_price) ORDER BY line
"""  # noqa: S608
_COUNTS = """
SELECT count(*) FILTER (WHERE is_new AND NOT refused) AS created,
    count(*) FILTER (WHERE differs AND NOT refused) AS updated,
    count(*) FILTER (WHERE NOT is_new AND NOT differs AND NOT refused) AS unchanged,
    count(*) FILTER (WHERE refused) AS refused
FROM import_targets
"""
_TOLD = f"""
SELECT id, is_new, category_id, old_category_id, family_id IS NOT NULL OR old_family_id IS NOT NULL AS is_variant,
    old_stock, coalesce(stock_count, old_stock) AS stock, low_stock_at
FROM import_targets AS t WHERE {_WRITTEN} ORDER BY line
"""  # noqa: S608


class Counts(NamedTuple):
    """How many products were made, changed and left as they were, and how many lines were refused."""

    created: int
    updated: int
    unchanged: int
    refused: int


def count(session: Session) -> Counts:
    """What the compared lines come to."""
    return Counts._make(run(session, _COUNTS, {}).one())


def enter(session: Session, *, actor_id: UUID | None, cache: Cache, currency: str) -> tuple[Counts, UUID | None]:
    """Locks the products that change, in the order of their ids, and writes all that was not refused.

    Returns the counts and, if anything was written, what the cache was told of it under (Cache.is_done).

    A stock is set, or changed, as it is under the lock, and the ledger gets the difference. Refuses (UNAVAILABLE) when
    staff changed one of the products since the lines were compared with it, or when an order or a price that began
    since makes a line impossible: the same file may be taken a moment later.
    """
    run(session, _LOCK, {})
    for changed in (_CHANGED_MEANWHILE, _FAMILY_CHANGED_MEANWHILE):
        if run(session, changed, {}).scalar_one():
            raise changed_meanwhile()
    moment = clock.now()
    due = run(session, _DUE, {"moment": moment}).scalars().all()
    if due:
        settle_locked(session, cache, due, moment=moment)
    if run(session, _IMPOSSIBLE_MEANWHILE, {}).scalar_one():
        raise changed_meanwhile()
    find_differences_again(session)
    _write(session, moment, actor_id, currency)
    counts = count(session)
    return counts, _tell(session, cache, counts) if counts.created or counts.updated else None


def changed_meanwhile() -> Unavailable:
    """The refusal of a file whose products others changed while it was read."""
    return Unavailable("The catalogue was changed while the file was read. Nothing was imported: try again.")


def _write(session: Session, moment: datetime, actor_id: UUID | None, currency: str) -> None:
    values = {"moment": moment, "actor_id": actor_id, "currency": currency}
    for statement in (_BRANDS, _GIVE_BRANDS, _FAMILIES, _CHANGE, _MAKE, _LEDGER, _HISTORY):
        run(session, statement, values)


def _tell(session: Session, cache: Cache, counts: Counts) -> UUID:
    record_products_imported(session)
    if counts.created + counts.updated > MOST_TOLD:
        return announce_everything(session, cache)
    written = run(session, _TOLD, {}).all()
    for row in written:
        if not row.is_new:
            stock_marks.tell(session, row.id, before=row.old_stock, after=row.stock, low_stock_at=row.low_stock_at)
    return announce(
        session,
        cache,
        products=[row.id for row in written],
        categories={each for row in written for each in (row.category_id, row.old_category_id) if each is not None},
        also=[FAMILIES] if any(row.is_variant for row in written) else [],
    )
