"""Takes checked lines into temporary tables, where they are compared with the shop set by set."""

from collections.abc import Sequence
from io import StringIO

from sqlalchemy.orm import Session

from services.catalogue.importing.columns import BITS
from services.catalogue.seed_data import DEFAULT_CATEGORY_SLUG
from utils.database import run

# One import at a time, in the whole shop: the number is this lock's name and nothing else.
_LOCK = "SELECT pg_try_advisory_xact_lock(7305801163472)"
# Hashes and sorts of a hundred thousand lines find room in memory.
_ROOM = "SET LOCAL work_mem = '32MB'"
# Only in tests do two imports share a transaction.
_CLEAR = "DROP TABLE IF EXISTS pg_temp.import_rows, pg_temp.import_targets, pg_temp.import_families"

# As they stand in the file: NULL is what is not given, or an empty cell; `given` tells which, where both can be.
_ROWS = """
CREATE TEMPORARY TABLE import_rows (
    line integer, given integer, id uuid, fresh_id uuid, sku text, slug text, fresh_slug text, name text,
    description text, brand text, fresh_brand_id uuid, brand_slug text, category text, price numeric, currency text,
    stock_count integer, unit text, content_amount numeric, content_unit text, tax_class text, barcode text,
    tags text[], status text, publish_from timestamptz, publish_until timestamptz, family_id uuid, family text,
    fresh_family_id uuid, option_names text[], option_values text[], low_stock_at integer, price_was numeric,
    stock_count_was integer, product_id uuid
) ON COMMIT DROP
"""
_COPY = """
COPY import_rows (line, given, id, fresh_id, sku, slug, fresh_slug, name, description, brand, fresh_brand_id,
    brand_slug, category, price, currency, stock_count, unit, content_amount, content_unit, tax_class, barcode, tags,
    status, publish_from, publish_until, family_id, family, fresh_family_id, option_names, option_values, low_stock_at,
    price_was, stock_count_was)
FROM STDIN
"""
# As the products are to be. Price and stock stand there only if the file changes them: others do so meanwhile. What the
# file knows by what it was before is `stock_change` and, of a price that is to be another, `price_was`.
_TARGETS = """
CREATE TEMPORARY TABLE import_targets (
    line integer, is_new boolean, id uuid, version integer, old_category_id uuid, old_family_id uuid,
    old_price numeric, old_stock integer, old_currency text, department_id uuid, old_department_id uuid,
    slug text, is_fresh_slug boolean, name text, description text, unit text, price numeric, stock_count integer,
    currency text, status text, category text, category_id uuid, sku text, barcode text, brand text, brand_id uuid,
    fresh_brand_id uuid, brand_slug text, tags text[], tax_class text, content_amount numeric, content_unit text,
    publish_from timestamptz, publish_until timestamptz, family_given boolean, options_given boolean, family_id uuid,
    family text, fresh_family_id uuid, option_names text[], option_values text[], low_stock_at integer,
    price_was numeric, stock_change integer, refused boolean DEFAULT false, differs boolean DEFAULT false
) ON COMMIT DROP
"""
# A line means the product with its id; without one the product with its sku, else the one with its slug.
_MATCH = """
UPDATE import_rows AS r SET product_id = found.product_id
FROM (
    SELECT r.line, coalesce(by_id.id, by_sku.id, by_slug.id) AS product_id
    FROM import_rows AS r
    LEFT JOIN products AS by_id ON by_id.id = r.id
    LEFT JOIN products AS by_sku ON r.id IS NULL AND upper(by_sku.sku) = upper(r.sku)
    LEFT JOIN products AS by_slug ON r.id IS NULL AND by_sku.id IS NULL AND by_slug.slug = r.slug
) AS found
WHERE found.line = r.line AND found.product_id IS NOT NULL
"""


def _given(column: str) -> str:
    return f"r.given & {BITS[column]} <> 0"


def _taken(column: str, name: str) -> str:
    """What the file gives, an empty cell too, else what is there."""
    return f"CASE WHEN {_given(column)} THEN r.{name} ELSE p.{name} END"


_RESOLVE = f"""
INSERT INTO import_targets
SELECT r.line, p.id IS NULL, coalesce(p.id, r.id, r.fresh_id), p.version, p.category_id, p.family_id,
    p.price, p.stock_count, p.currency, c.department_id, old.department_id,
    coalesce(r.slug, p.slug, r.fresh_slug, 'product-' || right(coalesce(r.id, r.fresh_id)::text, 12)),
    r.slug IS NULL AND p.id IS NULL,
    coalesce(r.name, p.name, 'Product ' || right(coalesce(r.id, r.fresh_id)::text, 12)),
    coalesce(r.description, p.description, ''), coalesce(r.unit, p.unit, 'each'),
    CASE WHEN p.id IS NULL OR r.price IS DISTINCT FROM r.price_was THEN r.price END,
    CASE WHEN p.id IS NULL OR r.stock_count_was IS NULL THEN r.stock_count END, r.currency,
    coalesce(r.status, p.status, 'published'), r.category, c.id,
    {_taken("sku", "sku")}, {_taken("barcode", "barcode")},
    CASE WHEN {_given("brand")} THEN r.brand END, CASE WHEN {_given("brand")} THEN b.id ELSE p.brand_id END,
    r.fresh_brand_id, r.brand_slug, coalesce(r.tags, p.tags, '{{}}'), coalesce(r.tax_class, p.tax_class, 'standard'),
    {_taken("contentAmount", "content_amount")}, {_taken("contentUnit", "content_unit")},
    {_taken("publishFrom", "publish_from")}, {_taken("publishUntil", "publish_until")},
    {_given("family")} OR {_given("familyId")}, {_given("options")},
    CASE WHEN {_given("family")} OR {_given("familyId")} THEN r.family_id ELSE p.family_id END,
    r.family, r.fresh_family_id, r.option_names,
    CASE WHEN {_given("options")} THEN r.option_values ELSE p.option_values END,
    {_taken("lowStockAt", "low_stock_at")},
    CASE WHEN p.id IS NOT NULL AND r.price <> r.price_was THEN r.price_was END,
    CASE WHEN p.id IS NOT NULL THEN nullif(r.stock_count - r.stock_count_was, 0) END
FROM import_rows AS r
LEFT JOIN products AS p ON p.id = r.product_id
LEFT JOIN categories AS old ON old.id = p.category_id
LEFT JOIN categories AS c ON c.slug = coalesce(r.category, old.slug, '{DEFAULT_CATEGORY_SLUG}')
LEFT JOIN brands AS b ON lower(b.name) = lower(r.brand)
"""  # noqa: S608 - made of this module's own words
# A slug made from a name must give way to one that is there, or that a line before it has.
_MAKE_SLUGS_DIFFER = """
UPDATE import_targets AS t SET slug = t.slug || '-' || right(t.id::text, 12)
FROM (
    SELECT line, row_number() OVER (PARTITION BY slug ORDER BY is_fresh_slug, line) AS place FROM import_targets
) AS same
WHERE t.is_fresh_slug AND same.line = t.line
    AND (same.place > 1 OR EXISTS (SELECT FROM products WHERE products.slug = t.slug))
"""


def prepare(session: Session) -> bool:
    """Makes the temporary tables, which go with the transaction; false if another import runs."""
    if not run(session, _LOCK, {}).scalar_one():
        return False
    for statement in (_ROOM, _CLEAR, _ROWS, _TARGETS):
        run(session, statement, {})
    return True


def take_in(session: Session, lines: Sequence[str]) -> None:
    """Copies a batch of checked lines (checking.py) into the first table."""
    driver = session.connection().connection.driver_connection
    assert driver is not None  # the session holds a live connection
    with driver.cursor() as cursor:
        cursor.copy_expert(_COPY, StringIO("".join(lines)))


def compare(session: Session) -> None:
    """Finds the product of each line, and what it is to be, once all lines are there."""
    for statement in ("ANALYZE import_rows", _MATCH, _RESOLVE, "ANALYZE import_targets", _MAKE_SLUGS_DIFFER):
        run(session, statement, {})
