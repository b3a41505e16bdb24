"""A thousand goods and eight customers, with ids that pgbench can put together from a number."""

from sqlalchemy import text
from sqlalchemy.orm import Session

FIRST, COUNT = 1000, 1000
CUSTOMERS = 8
SHELF = "everything-else"
# People who log in; so many that none of them does so too often.
PEOPLE = 500
PASSWORD = "a password of the bench"
# An order takes one of each third: three different goods, in the order of their ids, whoever draws the numbers.
THIRDS = (range(1000, 1333), range(1333, 1666), range(1666, 2000))
PRODUCT_PREFIX = "00000000-0000-7000-8000-00000000"
CUSTOMER_PREFIX = "00000000-0000-7000-9000-00000000000"
DISCOUNT_PREFIX = "00000000-0000-7000-a000-00000000"
# More than any run can sell.
_STOCK = 1_000_000_000

_ADD_GOODS = text(
    """
    WITH added AS (
        INSERT INTO products (id, slug, name, description, unit, price, currency, stock_count, status, category_id,
                              created_at, updated_at)
        SELECT CAST(:prefix || n AS uuid), 'bench-' || n, 'Bench Product No ' || n, 'One of a thousand.', 'each',
               n / 100.0, 'USD', :stock, 'published', (SELECT id FROM categories WHERE slug = 'everything-else'),
               now() - interval '1 year', now() - interval '1 year'
        FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n
        RETURNING id, price, currency, created_at
    ), opening_price AS (
        INSERT INTO price_changes (product_id, price, currency, effective_from, reason, created_at)
        SELECT id, price, currency, created_at, 'initial', created_at FROM added
    )
    INSERT INTO stock_movements (product_id, quantity, reason, created_at)
    SELECT id, :stock, 'initial', now() FROM added
    """
)
_ADD_CUSTOMERS = text(
    """
    INSERT INTO users (id, email, name, password_hash, role, created_at, email_verified_at)
    SELECT CAST(:prefix || n AS uuid), 'customer' || n || '@example.com', 'Customer ' || n, '-', 'customer', now(),
           now()
    FROM generate_series(0, CAST(:last AS integer)) AS n
    """
)
_ADD_PEOPLE = text(
    """
    INSERT INTO users (id, email, name, password_hash, role, created_at, email_verified_at)
    SELECT gen_random_uuid(), 'person' || n || '@example.com', 'Person ' || n, :hash, 'customer', now(), now()
    FROM generate_series(1, CAST(:last AS integer)) AS n
    """
)
# A discount for each tier in each category at the top, as the shop of pinchi-grocery.md has them.
_ADD_DISCOUNTS = text(
    """
    WITH added AS (
        INSERT INTO discounts (id, name, kind, applies_to, percent, tiers, priority, combines_with, created_at,
                               updated_at)
        SELECT CAST(:prefix || (1000 + row_number() OVER (ORDER BY c.slug, t.tier)) AS uuid),
               t.tier || ' in ' || c.name, 'percent', 'product', t.percent, ARRAY[t.tier], 10,
               ARRAY['product', 'order', 'shipping'], now(), now()
        FROM categories AS c CROSS JOIN (VALUES ('bronze', 1), ('silver', 3), ('gold', 5)) AS t (tier, percent)
        WHERE c.parent_id IS NULL
        RETURNING id, name
    )
    INSERT INTO discount_targets (id, discount_id, side, category_id)
    SELECT gen_random_uuid(), added.id, 'reduced', c.id FROM added
    JOIN categories AS c ON c.parent_id IS NULL AND added.name LIKE '% in ' || c.name
    """
)
_ANALYZE = text("ANALYZE products, stock_movements, users")


def product_id(number: int) -> str:
    """The id of a product, from FIRST up."""
    return f"{PRODUCT_PREFIX}{number}"


def customer_id(number: int) -> str:
    """The id of a customer, from 0 up."""
    return f"{CUSTOMER_PREFIX}{number}"


def add(session: Session, *, password_hash: str) -> None:
    """Adds the goods, with stock for ever, the customers and their discounts, and the people who log in.

    The goods are older than the demo's: no page shows them.
    """
    session.execute(_ADD_GOODS, {"prefix": PRODUCT_PREFIX, "first": FIRST, "last": FIRST + COUNT - 1, "stock": _STOCK})
    session.execute(_ADD_CUSTOMERS, {"prefix": CUSTOMER_PREFIX, "last": CUSTOMERS - 1})
    session.execute(_ADD_DISCOUNTS, {"prefix": DISCOUNT_PREFIX})
    session.execute(_ADD_PEOPLE, {"hash": password_hash, "last": PEOPLE})
    session.execute(_ANALYZE)
