"""Uses of discounts: taken by orders under locks, never more than there are, and given back by cancelled ones."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalogue.changes import announce
from services.pricing.calculating.priced import AppliedDiscount
from services.pricing.discounts.codes import GivenCode
from services.pricing.tags import DISCOUNTS, customer_tag
from utils.cache import Cache
from utils.database import run
from utils.prepared import run_prepared

# Rivals wait at these locks, all in one order: first orders of the customer, discounts by id, codes by id. What has no
# limit is nobody's rival: its row is only held against staff, who lock it FOR UPDATE for every change. Whoever waited
# for staff finds another version, and no row: so what is locked here is what the price was counted by, limit or none.
_LOCK_CUSTOMER = "SELECT pg_advisory_xact_lock(hashtextextended('first order of ' || %(customer_id)s, 0))"
_HOLD = """
WITH limited AS MATERIALIZED (
    SELECT d.id FROM discounts AS d
    JOIN unnest(CAST(%(limited)s AS uuid[]), CAST(%(limited_versions)s AS integer[])) AS w (id, version) ON w.id = d.id
    WHERE d.version = w.version AND d.is_active ORDER BY d.id FOR NO KEY UPDATE OF d
), unlimited AS MATERIALIZED (
    SELECT d.id FROM discounts AS d
    JOIN unnest(CAST(%(unlimited)s AS uuid[]), CAST(%(unlimited_versions)s AS integer[])) AS w (id, version)
        ON w.id = d.id
    WHERE d.version = w.version AND d.is_active ORDER BY d.id FOR KEY SHARE OF d
), codes AS MATERIALIZED (
    SELECT id FROM discount_codes WHERE id = ANY(CAST(%(codes)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
)
SELECT (SELECT count(*) FROM limited) + (SELECT count(*) FROM unlimited) + (SELECT count(*) FROM codes)
"""
# Another statement than the locks, so that it sees what whoever was waited for has left. It tells what is short: a
# limited thing without a row in what was taken. Uses of one customer wait for each other at their row, by id.
_TAKE = """
WITH wanted AS (
    SELECT w.id, w.code_id, w.first_only, d.total_limit, d.per_customer_limit, c.use_limit
    FROM unnest(CAST(%(discounts)s AS uuid[]), CAST(%(codes)s AS uuid[]), CAST(%(first_only)s AS boolean[]))
        AS w (id, code_id, first_only)
    JOIN discounts AS d ON d.id = w.id LEFT JOIN discount_codes AS c ON c.id = w.code_id
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
)
SELECT ARRAY(SELECT id FROM wanted WHERE (total_limit IS NOT NULL AND id NOT IN (SELECT id FROM taken))
        OR (use_limit IS NOT NULL AND code_id NOT IN (SELECT id FROM coded))
        OR (per_customer_limit IS NOT NULL AND id NOT IN (SELECT discount_id FROM by_customer))
        OR (first_only AND EXISTS (SELECT FROM orders WHERE customer_id = %(customer_id)s AND status <> 'cancelled'))
        ORDER BY id)::text[] AS short,
    EXISTS (SELECT FROM taken WHERE was_last) AS has_exhausted
"""
# The rows of the uses, for the statement that writes the order; its id is %(id)s.
NOTE = """
INSERT INTO discount_uses (discount_id, order_id, customer_id, code_id, amount, created_at)
SELECT used.discount_id, %(id)s, %(customer_id)s, used.code_id, used.amount, %(moment)s
FROM unnest(CAST(%(used)s AS uuid[]), CAST(%(used_codes)s AS uuid[]), CAST(%(used_amounts)s AS numeric[]))
    AS used (discount_id, code_id, amount)
ORDER BY used.discount_id
"""
_USES_OF = "SELECT discount_id, code_id FROM discount_uses WHERE order_id = %(order_id)s"
# Those without a limit too, which may get one until then: no buyer waits for this lock on them.
_LOCK = """
WITH discounts_held AS MATERIALIZED (
    SELECT id FROM discounts WHERE id = ANY(CAST(%(discounts)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
), codes_held AS MATERIALIZED (
    SELECT id FROM discount_codes WHERE id = ANY(CAST(%(codes)s AS uuid[])) ORDER BY id FOR NO KEY UPDATE
)
SELECT (SELECT count(*) FROM discounts_held), (SELECT count(*) FROM codes_held)
"""
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


class Taken(NamedTuple):
    """What came of taking uses: it is done, unless rules are not any more what they were, or have run out.

    `short`: the discounts that had no use left, by id. `tags`: what the cache must be told of (changes.announce).
    """

    is_stale: bool = False
    short: Sequence[UUID] = ()
    tags: Sequence[str] = ()

    @property
    def is_done(self) -> bool:
        """Whether the order may be written."""
        return not self.is_stale and not self.short


class _Wanted(NamedTuple):
    """What is to be taken, by the ids of the discounts; and the ids of those that have a total limit."""

    customer_id: UUID
    applied: Sequence[AppliedDiscount]
    codes: Sequence[GivenCode | None]
    limited: Collection[UUID]

    @property
    def are_counted(self) -> bool:
        """Whether any of it may run out."""
        return any(
            each.rule.id in self.limited
            or each.rule.per_customer_limit is not None
            or each.rule.first_order_only
            or (code is not None and code.is_limited)
            for each, code in zip(self.applied, self.codes, strict=True)
        )


def take_uses(
    session: Session,
    *,
    customer_id: UUID,
    applied: Sequence[AppliedDiscount],
    codes: Mapping[UUID, GivenCode],
    limited: Collection[UUID],
) -> Taken:
    """Takes one use of each discount that makes an order cheaper, which the caller then writes with NOTE.

    Call it once the products are locked, and before the order is written. `codes`: by the id of a discount, the code it
    was opened by; a use of that is taken too. `limited`: the discounts that had a total limit when the rules were read.

    Stale: staff changed, ended or removed one of the discounts since its rule was read. Short: the total limit, the
    customer's or the code's is reached, or it is for first orders and another order was quicker. Then nothing of this
    call stays, and the caller prices again. Done: until this transaction ends nobody changes or ends these discounts.
    """
    if not applied:
        return Taken()
    ordered = sorted(applied, key=lambda each: each.rule.id)
    wanted = _Wanted(customer_id, ordered, [codes.get(each.rule.id) for each in ordered], limited)
    if not wanted.are_counted:
        # Even if it is stale, the locks that stay are in nobody's way but that of staff, who hold one discount only.
        return Taken(is_stale=not _hold(session, wanted))
    with session.begin_nested() as savepoint:
        taken = _take(session, wanted)
        if not taken.is_done:
            savepoint.rollback()  # which lets the locks go as well
    return taken


def noted(applied: Sequence[AppliedDiscount], codes: Mapping[UUID, GivenCode]) -> dict[str, Any]:
    """The values of NOTE, beside the order's own."""
    given = [codes.get(each.rule.id) for each in applied]
    return {
        "used": [str(each.rule.id) for each in applied],
        "used_codes": [None if each is None else str(each.id) for each in given],
        "used_amounts": [each.amount.amount for each in applied],
    }


def give_back_uses(session: Session, cache: Cache, *, order_id: UUID) -> None:
    """Gives back what an order took that is cancelled; a second call for the same order gives nothing.

    The caller holds the order's lock. The customer may use those discounts again, and so may others.
    """
    uses = run(session, _USES_OF, {"order_id": order_id}).all()
    if uses:
        codes = [str(row.code_id) for row in uses if row.code_id is not None]
        run(session, _LOCK, {"discounts": [str(row.discount_id) for row in uses], "codes": codes})
        run(session, _LOCK_OWN, {"order_id": order_id})
    done = run(session, _GIVE_BACK, {"order_id": order_id}).one_or_none()
    if done is not None:
        opened = [DISCOUNTS] if done.has_opened else []
        announce(session, cache, also=[*opened, customer_tag(done.customer_id)])


def _hold(session: Session, wanted: _Wanted) -> bool:
    """Whether all of it is still as it was when the rules were read; it will be, until this transaction ends."""
    limited = [each.rule for each in wanted.applied if each.rule.id in wanted.limited]
    unlimited = [each.rule for each in wanted.applied if each.rule.id not in wanted.limited]
    codes = [str(each.id) for each in wanted.codes if each is not None and each.is_limited]
    given = {
        "limited": [str(each.id) for each in limited],
        "limited_versions": [each.version for each in limited],
        "unlimited": [str(each.id) for each in unlimited],
        "unlimited_versions": [each.version for each in unlimited],
        "codes": codes,
    }
    held: int = run_prepared(session, _HOLD, given).scalar_one()
    return held == len(wanted.applied) + len(codes)


def _take(session: Session, wanted: _Wanted) -> Taken:
    first_only = [each.rule.first_order_only for each in wanted.applied]
    if any(first_only):
        run(session, _LOCK_CUSTOMER, {"customer_id": str(wanted.customer_id)})
    if not _hold(session, wanted):
        return Taken(is_stale=True)
    given = {
        "customer_id": wanted.customer_id,
        "discounts": [str(each.rule.id) for each in wanted.applied],
        "codes": [None if each is None else str(each.id) for each in wanted.codes],
        "first_only": first_only,
    }
    done = run_prepared(session, _TAKE, given).one()
    return Taken(short=[UUID(each) for each in done.short], tags=[DISCOUNTS] if done.has_exhausted else [])
