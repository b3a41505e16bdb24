"""Prices whose time has come: written to products and regions by whoever first reads, sells or changes them after it.

A scheduled price counts from its moment, not from when this was done: the history says so, and nobody is told or sold
the old price afterwards. The worker does it every second, so that as a rule nobody waits for it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.changes import announce
from utils import clock
from utils.cache import Cache
from utils.database import Database, run

# Prices of one transaction, so that orders for these goods wait for milliseconds only.
BATCH = 200

_PENDING = "applied_at IS NULL AND cancelled_at IS NULL AND starts_at <= %(moment)s"
_ANY_DUE = f"SELECT EXISTS (SELECT FROM scheduled_prices WHERE {_PENDING})"  # noqa: S608 - of this module's own words
# Orders lock in the order of ids as well.
_LOCK_DUE = f"""
SELECT id FROM products
WHERE id IN (SELECT product_id FROM scheduled_prices WHERE {_PENDING} ORDER BY starts_at LIMIT {BATCH})
ORDER BY id FOR NO KEY UPDATE
"""  # noqa: S608
# Of a product, and of each region by itself, the last of several becomes the price, unless a later one was set by hand
# there meanwhile; all of them are history.
_SETTLE = f"""
WITH due AS (
    UPDATE scheduled_prices SET applied_at = %(moment)s
    WHERE product_id = ANY(CAST(%(ids)s AS uuid[])) AND {_PENDING}
    RETURNING product_id, region_code, price, starts_at, created_by
), one_after_another AS (
    SELECT due.*, coalesce(regions.currency, products.currency) AS currency, lag(
      due.price, 1, CASE WHEN due.region_code IS NULL THEN products.price ELSE own.price END
     ) OVER of_one AS price_before,
     lead(due.starts_at) OVER of_one IS NULL AS is_last
    FROM due JOIN products ON products.id = due.product_id
    LEFT JOIN regions ON regions.code = due.region_code
    LEFT JOIN region_prices AS own ON own.product_id = due.product_id AND own.region_code = due.region_code
    WINDOW of_one AS (PARTITION BY due.product_id, due.region_code ORDER BY due.starts_at)
), written AS (
    INSERT INTO price_changes (product_id, region_code, price, currency, effective_from, reason, actor_id, created_at)
    SELECT product_id, region_code, price, currency, starts_at, 'scheduled', created_by, %(moment)s
    FROM one_after_another WHERE price IS DISTINCT FROM price_before ORDER BY product_id, region_code, starts_at
), last AS (
    SELECT product_id, region_code, price FROM one_after_another WHERE is_last AND NOT EXISTS (
        SELECT FROM price_changes AS by_hand
        WHERE by_hand.product_id = one_after_another.product_id
         AND by_hand.region_code IS NOT DISTINCT FROM one_after_another.region_code
         AND by_hand.effective_from > one_after_another.starts_at
    )
), in_regions AS (
    INSERT INTO region_prices (product_id, region_code, price, created_at, updated_at)
    SELECT product_id, region_code, price, %(moment)s, %(moment)s FROM last
    WHERE region_code IS NOT NULL ORDER BY product_id, region_code
    ON CONFLICT (product_id, region_code) DO UPDATE SET price = EXCLUDED.price, updated_at = EXCLUDED.updated_at
)
UPDATE products SET price = coalesce(new.price, products.price), version = version + 1, updated_at = %(moment)s
FROM (
    SELECT product_id, max(price) FILTER (WHERE region_code IS NULL) AS price FROM last GROUP BY product_id
) AS new
WHERE products.id = new.product_id
RETURNING products.id, products.category_id
"""  # noqa: S608


def settle_all(database: Database, cache: Cache) -> int:
    """Writes every price that is due to its product, batch by batch; returns to how many products this one did.

    When it returns, all that was due when it began is written, by this one or by another whom it waited for. Refuses
    (UNAVAILABLE) when the database takes no writes, or when somebody holds one of the products for too long.
    """
    settled, found = 0, True
    while found:
        with database.write() as session:
            found, done = _settle_batch(session, cache)
        settled += done
    return settled


def settle_when_due(database: Database, cache: Cache) -> int:
    """The same, for whoever looks every second: mostly one read finds that there is nothing to write."""
    with database.read() as session:
        is_due = run(session, _ANY_DUE, {"moment": clock.now()}).scalar_one()
    return settle_all(database, cache) if is_due else 0


def settle_locked(session: Session, cache: Cache, product_ids: Collection[UUID], *, moment: datetime) -> bool:
    """Does the same for products that this transaction has locked; says whether any of them was changed.

    What was read of them before must then be read again. Whoever sets a price by hand calls it first, and lets that
    price begin at the same `moment`.
    """
    return _settle(session, cache, product_ids, moment) > 0


def _settle_batch(session: Session, cache: Cache) -> tuple[bool, int]:
    """Whether any product was found with a price due, and to how many it was written."""
    moment = clock.now()
    # Another who came first is waited for here; what he wrote, the next statement finds no more.
    locked = run(session, _LOCK_DUE, {"moment": moment}).scalars().all()
    return bool(locked), _settle(session, cache, locked, moment) if locked else 0


def _settle(session: Session, cache: Cache, product_ids: Collection[UUID], moment: datetime) -> int:
    values = {"ids": [str(each) for each in product_ids], "moment": moment}
    changed = run(session, _SETTLE, values).all()
    if changed:
        categories = {row.category_id for row in changed}
        announce(session, cache, products=[row.id for row in changed], categories=categories)
    return len(changed)
