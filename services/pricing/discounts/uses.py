"""Uses of discounts: taken by orders under locks, never more than there are, and given back by cancelled ones."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.changes import announce
from services.pricing.calculating.priced import AppliedDiscount
from services.pricing.discounts.codes import GivenCode
from services.pricing.tags import DISCOUNTS, customer_tag
from utils import clock
from utils.cache import Cache
from utils.database import run

# Rivals wait at these locks, all in one order: first orders of the customer, discounts by id, codes by id. What has no
# limit is nobody's rival: it is only kept from being given one, or removed, until this transaction ends.
_LOCK_CUSTOMER = "SELECT pg_advisory_xact_lock(hashtextextended('first order of ' || %(customer_id)s, 0))"
_LOCK = """
WITH limited AS MATERIALIZED (
    SELECT id FROM discounts WHERE id = ANY(CAST(%(discounts)s AS uuid[])) AND total_limit IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
), unlimited AS MATERIALIZED (
    SELECT id FROM discounts WHERE id = ANY(CAST(%(discounts)s AS uuid[])) AND total_limit IS NULL
    ORDER BY id FOR KEY SHARE
), limited_codes AS MATERIALIZED (
    SELECT id FROM discount_codes WHERE id = ANY(CAST(%(codes)s AS uuid[])) AND use_limit IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE
), unlimited_codes AS MATERIALIZED (
    SELECT id FROM discount_codes WHERE id = ANY(CAST(%(codes)s AS uuid[])) AND use_limit IS NULL
    ORDER BY id FOR KEY SHARE
)
SELECT (SELECT count(*) FROM limited), (SELECT count(*) FROM unlimited),
    (SELECT count(*) FROM limited_codes), (SELECT count(*) FROM unlimited_codes)
"""
# Another statement than the locks, so that it sees what whoever was waited for has left. It tells what is short: a
# limited thing without a row in what was taken, and a thing that staff removed meanwhile. Uses of one customer wait for
# each other at their row, by id.
_TAKE = """
WITH wanted AS (
    SELECT w.id, w.code_id, w.amount, w.first_only, d.total_limit, d.per_customer_limit, c.use_limit,
        d.id IS NULL OR (w.code_id IS NOT NULL AND c.id IS NULL) AS is_gone
    FROM unnest(CAST(%(discounts)s AS uuid[]), CAST(%(codes)s AS uuid[]), CAST(%(amounts)s AS numeric[]),
        CAST(%(first_only)s AS boolean[])) AS w (id, code_id, amount, first_only)
    LEFT JOIN discounts AS d ON d.id = w.id LEFT JOIN discount_codes AS c ON c.id = w.code_id
), taken AS (
    UPDATE discounts AS d SET used_count = d.used_count + 1 FROM wanted AS w
    WHERE d.id = w.id AND d.used_count < d.total_limit
    RETURNING d.id, d.used_count = d.total_limit AS was_last
), coded AS (
    UPDATE discount_codes AS c SET used_count = c.used_count + 1 FROM wanted AS w
    WHERE c.id = w.code_id AND c.used_count < c.use_limit
    RETURNING c.id
), by_customer AS (
    INSERT INTO discount_customer_uses AS u (discount_id, customer_id, used_count)
    SELECT id, %(customer_id)s, 1 FROM wanted WHERE per_customer_limit IS NOT NULL ORDER BY id
    ON CONFLICT (discount_id, customer_id) DO UPDATE SET used_count = u.used_count + 1
        WHERE u.used_count < (SELECT per_customer_limit FROM discounts WHERE id = u.discount_id)
    RETURNING u.discount_id
), noted AS (
    INSERT INTO discount_uses (discount_id, order_id, customer_id, code_id, amount, created_at)
    SELECT id, %(order_id)s, %(customer_id)s, code_id, amount, %(moment)s FROM wanted WHERE NOT is_gone ORDER BY id
), before AS (
    SELECT EXISTS (SELECT FROM orders WHERE customer_id = %(customer_id)s AND id <> %(order_id)s
        AND status <> 'cancelled') AS has_ordered
)
SELECT before.has_ordered,
    ARRAY(SELECT id FROM wanted WHERE is_gone
        OR (total_limit IS NOT NULL AND id NOT IN (SELECT id FROM taken))
        OR (use_limit IS NOT NULL AND code_id NOT IN (SELECT id FROM coded))
        OR (per_customer_limit IS NOT NULL AND id NOT IN (SELECT discount_id FROM by_customer))
        OR (first_only AND before.has_ordered) ORDER BY id)::text[] AS short,
    EXISTS (SELECT FROM taken WHERE was_last) AS has_exhausted,
    EXISTS (SELECT FROM by_customer) AS has_used
FROM before
"""
_USES_OF = "SELECT discount_id, code_id FROM discount_uses WHERE order_id = %(order_id)s"
# The customer's own rows, in the order in which taking locks them.
_LOCK_OWN = """
SELECT FROM discount_customer_uses WHERE (discount_id, customer_id) IN
    (SELECT discount_id, customer_id FROM discount_uses WHERE order_id = %(order_id)s)
ORDER BY discount_id FOR NO KEY UPDATE
"""
_GIVE_BACK = """
WITH gone AS (
    DELETE FROM discount_uses WHERE order_id = %(order_id)s RETURNING discount_id, customer_id, code_id
), back AS (
    UPDATE discounts AS d SET used_count = d.used_count - 1 FROM gone
    WHERE d.id = gone.discount_id AND d.total_limit IS NOT NULL AND d.used_count > 0
    RETURNING d.used_count + 1 = d.total_limit AS was_exhausted
), uncoded AS (
    UPDATE discount_codes AS c SET used_count = c.used_count - 1 FROM gone
    WHERE c.id = gone.code_id AND c.use_limit IS NOT NULL AND c.used_count > 0
), by_customer AS (
    UPDATE discount_customer_uses AS u SET used_count = u.used_count - 1 FROM gone
    WHERE u.discount_id = gone.discount_id AND u.customer_id = gone.customer_id AND u.used_count > 0
)
SELECT customer_id, EXISTS (SELECT FROM back WHERE was_exhausted) AS has_opened FROM orders WHERE id = %(order_id)s
"""


def take_uses(
    session: Session,
    cache: Cache,
    *,
    order_id: UUID,
    customer_id: UUID,
    applied: Sequence[AppliedDiscount],
    codes: Mapping[UUID, GivenCode],
) -> list[UUID]:
    """Takes one use of each discount that made the order cheaper; returns those that had none left, by id.

    Call it for every order, once its products are locked and its row is written: it also tells the cache that the
    customer has ordered. `codes`: by the id of a discount, the code it was opened by; a use of that is taken too. None
    left means: the total limit, the customer's or the code's is reached, staff removed it, or it is for first orders
    and another order was quicker. Then nothing of this call may stay: the caller rolls back to a savepoint from before
    it, which ends its locks as well, and prices again.
    """
    ordered = sorted(applied, key=lambda each: each.rule.id)
    given = [codes.get(each.rule.id) for each in ordered]
    first_only = [each.rule.first_order_only for each in ordered]
    if any(first_only):
        run(session, _LOCK_CUSTOMER, {"customer_id": str(customer_id)})
    if ordered:
        _lock(session, [each.rule.id for each in ordered], [each.id for each in given if each is not None])
    values = {
        "order_id": order_id,
        "customer_id": customer_id,
        "moment": clock.now(),
        "discounts": [str(each.rule.id) for each in ordered],
        "codes": [None if each is None else str(each.id) for each in given],
        "amounts": [each.amount.amount for each in ordered],
        "first_only": first_only,
    }
    done = run(session, _TAKE, values).one()
    short = [UUID(each) for each in done.short]
    if not short:
        # With the first order, and with each use that is counted, the customer's facts change.
        is_news = done.has_used or not done.has_ordered
        _announce(session, cache, discounts=done.has_exhausted, customer_id=customer_id if is_news else None)
    return short


def give_back_uses(session: Session, cache: Cache, *, order_id: UUID) -> None:
    """Gives back what an order took that is cancelled; a second call for the same order gives nothing.

    The caller holds the order's lock. The customer may use those discounts again, and so may others.
    """
    uses = run(session, _USES_OF, {"order_id": order_id}).all()
    if uses:
        _lock(session, [row.discount_id for row in uses], [row.code_id for row in uses if row.code_id is not None])
        run(session, _LOCK_OWN, {"order_id": order_id})
    done = run(session, _GIVE_BACK, {"order_id": order_id}).one_or_none()
    if done is not None:
        _announce(session, cache, discounts=done.has_opened, customer_id=done.customer_id)


def _lock(session: Session, discounts: Sequence[UUID], codes: Sequence[UUID]) -> None:
    given = {"discounts": [str(each) for each in discounts], "codes": [str(each) for each in codes]}
    run(session, _LOCK, given)


def _announce(session: Session, cache: Cache, *, discounts: bool, customer_id: UUID | None) -> None:
    tags: list[Any] = [DISCOUNTS] if discounts else []
    if customer_id is not None:
        tags.append(customer_tag(customer_id))
    if tags:
        announce(session, cache, also=tags)
