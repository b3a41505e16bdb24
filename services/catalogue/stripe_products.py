"""What Stripe is to know of each product, what it was told, and which products differ.

A row of `stripe_products` is leased before Stripe is spoken to and noted afterwards, with no transaction between.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from gateways.payments.products import Twin
from models.product import ProductStatus
from services import events
from utils import clock
from utils.database import run
from utils.plain_text import plain_text

PUSH_WANTED = "stripe.push_wanted"
SYNC_WANTED = "stripe.sync_wanted"
PAGE = 200
# Another number, and every product differs: for releases that tell Stripe something else of the same product.
_SHAPE = 1
_FIRST = UUID(int=0)

# A price that is due counts, whether or not it was written to its product yet.
_SOURCES = """
SELECT wanted.id, p.id IS NOT NULL, p.name, p.description, p.unit, p.slug, p.sku, c.slug,
 COALESCE(due.price, p.price), p.currency, p.status = %(published)s
  AND COALESCE(p.publish_from <= %(moment)s, true) AND COALESCE(p.publish_until > %(moment)s, true),
 least(CASE WHEN p.publish_from > %(moment)s THEN p.publish_from END,
  CASE WHEN p.publish_until > %(moment)s THEN p.publish_until END,
  (SELECT min(starts_at) FROM scheduled_prices
   WHERE product_id = p.id AND applied_at IS NULL AND cancelled_at IS NULL AND starts_at > %(moment)s)),
 s.product_id IS NOT NULL, s.price_id, s.pushed
FROM unnest(CAST(%(ids)s AS uuid[])) AS wanted (id)
LEFT JOIN products AS p ON p.id = wanted.id
LEFT JOIN categories AS c ON c.id = p.category_id
LEFT JOIN stripe_products AS s ON s.product_id = wanted.id
LEFT JOIN LATERAL (
 SELECT price FROM scheduled_prices
 WHERE product_id = p.id AND applied_at IS NULL AND cancelled_at IS NULL AND starts_at <= %(moment)s
 ORDER BY starts_at DESC LIMIT 1
) AS due ON true
ORDER BY wanted.id
"""
# Products, and those that are gone and of which Stripe was not told so. Each part reads no more than a page.
_IDS = """
(SELECT id FROM products WHERE id > %(after)s ORDER BY id LIMIT %(page)s)
UNION (SELECT product_id FROM stripe_products WHERE product_id > %(after)s ORDER BY product_id LIMIT %(page)s)
ORDER BY 1 LIMIT %(page)s
"""
_COUNT = """
SELECT (SELECT count(*) FROM products) + (SELECT count(*) FROM stripe_products AS s
 WHERE NOT EXISTS (SELECT FROM products AS p WHERE p.id = s.product_id))
"""
# What Stripe knows is uncertain from here on, so that a push which is broken off leaves a product that differs.
_CLAIM = """
INSERT INTO stripe_products AS s (product_id, leased_until) VALUES (%(id)s, %(lease)s)
ON CONFLICT (product_id) DO UPDATE SET leased_until = %(lease)s, pushed = NULL
WHERE s.leased_until IS NULL OR s.leased_until <= %(moment)s
RETURNING product_id
"""
_NOTE = """
UPDATE stripe_products SET price_id = %(price)s, pushed = %(pushed)s, pushed_at = %(moment)s, leased_until = NULL
WHERE product_id = %(id)s AND leased_until = %(lease)s RETURNING product_id
"""
_FORGET = "DELETE FROM stripe_products WHERE product_id = %(id)s AND leased_until = %(lease)s RETURNING product_id"
_RELEASE = "UPDATE stripe_products SET leased_until = NULL WHERE product_id = %(id)s AND leased_until = %(lease)s"
_DOUBT = "UPDATE stripe_products SET pushed = NULL WHERE product_id = %(id)s"
_IS_EXPECTED = """
SELECT EXISTS (SELECT FROM outbox_events
 WHERE name = %(name)s AND payload = CAST(%(payload)s AS jsonb) AND available_at = %(due)s AND dead_at IS NULL)
"""


class Source(NamedTuple):
    """A product as it is now, and what Stripe was told of it, in the order of _SOURCES."""

    id: UUID
    exists: bool
    name: str
    description: str
    unit: str
    slug: str
    sku: str | None
    category: str
    price: Decimal
    currency: str
    is_on_sale: bool
    # When it changes next by the clock alone.
    changes_at: datetime | None
    is_known: bool
    price_id: str | None
    pushed: str | None

    def differs(self, account: str, *, told_anyway: bool = False) -> bool:
        """Whether this account must be told something; with `told_anyway` what it was told does not count.

        What is not on sale, a draft for instance, is told to nobody who does not know it already.
        """
        if not self.exists:
            return self.is_known
        if not self.is_on_sale and not self.is_known:
            return False
        return told_anyway or self.pushed != self.digest(account)

    def digest(self, account: str) -> str:
        """A name for all that is told of it and to whom."""
        told = [_SHAPE, account, self.name, self.description, self.unit, self.slug, self.sku, self.category]
        told += [f"{self.price.normalize():f}", self.currency, self.is_on_sale]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()

    def twin(self) -> Twin:
        """What Stripe is to have. Only for one that exists."""
        return Twin(
            id=self.id,
            name=self.name,
            description=plain_text(self.description),
            unit=self.unit,
            active=self.is_on_sale,
            amount=self.price,
            currency=self.currency,
            facts={"slug": self.slug, "sku": self.sku or "", "category": self.category},
        )


def want_push(session: Session, product_id: UUID) -> None:
    """Asks the worker to tell Stripe of the product, once this transaction is committed."""
    events.record(session, PUSH_WANTED, {"product": str(product_id)})


def want_sync(session: Session, *, after: UUID | None = None) -> None:
    """Asks the worker to tell Stripe of all that differs, from this id on."""
    events.record(session, SYNC_WANTED, {"after": None if after is None else str(after)})


def expect_changes(session: Session, source: Source) -> None:
    """Asks for a push at the moment when the product next changes by the clock; once, however often it is called."""
    if source.changes_at is None:
        return
    payload = {"product": str(source.id)}
    looked_for = {"name": PUSH_WANTED, "payload": orjson.dumps(payload).decode(), "due": source.changes_at}
    if not run(session, _IS_EXPECTED, looked_for).scalar_one():
        events.record(session, PUSH_WANTED, payload, due=source.changes_at)


def find_source(session: Session, product_id: UUID) -> Source:
    """The product and what was told of it, as this transaction sees them; also of one that is gone."""
    return _sources(session, [product_id])[0]


def list_sources(session: Session, *, after: UUID | None) -> Sequence[Source]:
    """A page of all products, those that are gone and still known to Stripe among them, by ascending id."""
    rows = run(session, _IDS, {"after": str(after or _FIRST), "page": PAGE})
    return _sources(session, list(rows.scalars()))


def count_sources(session: Session) -> int:
    """How many `list_sources` lists in all."""
    return int(run(session, _COUNT, {}).scalar_one())


def claim(session: Session, product_id: UUID, *, lease: datetime) -> bool:
    """Leases the product for whoever is to speak to Stripe; False when it is another's.

    The lease's end is its name: it must lie in the future, and nobody else's may end at the same moment.
    """
    values = {"id": str(product_id), "lease": lease, "moment": clock.now()}
    return run(session, _CLAIM, values).first() is not None


def note_told(session: Session, source: Source, *, account: str, price_id: str | None, lease: datetime) -> bool:
    """Notes that Stripe has the product as this source is, and ends the lease.

    False when the lease is not this one any more: somebody else told Stripe something meanwhile, before or after, so
    nobody knows what it has, and the product differs until it is told again.
    """
    values = {
        "id": str(source.id),
        "price": price_id,
        "pushed": source.digest(account) if source.exists else None,
        "moment": clock.now(),
        "lease": lease,
    }
    # Of a product that is gone there is nothing to keep, once Stripe was told.
    if run(session, _NOTE if source.exists else _FORGET, values).first() is not None:
        return True
    run(session, _DOUBT, {"id": str(source.id)})
    return False


def release(session: Session, product_id: UUID, *, lease: datetime) -> None:
    """Ends the lease without a note: the product differs as before."""
    run(session, _RELEASE, {"id": str(product_id), "lease": lease})


def _sources(session: Session, ids: Sequence[UUID]) -> Sequence[Source]:
    values = {"ids": [str(each) for each in ids], "moment": clock.now(), "published": ProductStatus.PUBLISHED.value}
    return [Source._make(row) for row in run(session, _SOURCES, values)]
