"""What discounts ask of one customer: the tier, whether they ever ordered, what names them and what they used up."""

from functools import lru_cache
from types import MappingProxyType
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy.orm import Session

from models.discount import Tier
from services.catalogue.changes import announce
from services.catalogue.reader import Reader
from services.pricing.calculating.facts import Customer
from services.pricing.tags import customer_tag
from utils.cache import Cache
from utils.database import run

# An order that was cancelled is as if it had never been, for discounts on first orders too. Discounts that are over are
# not left out: staff may prolong one, and nobody would tell this entry.
FACTS = """
SELECT json_build_array(
 (SELECT tier FROM customer_tiers WHERE customer_id = c.id),
 EXISTS (SELECT FROM orders WHERE customer_id = c.id AND status <> 'cancelled'),
 ARRAY(SELECT discount_id FROM discount_customers WHERE customer_id = c.id ORDER BY discount_id),
 ARRAY(SELECT json_build_array(u.discount_id, u.used_count)
  FROM discount_customer_uses AS u JOIN discounts AS d ON d.id = u.discount_id
  WHERE u.customer_id = c.id AND u.used_count > 0 AND d.per_customer_limit IS NOT NULL ORDER BY u.discount_id))::text
FROM (SELECT CAST(%(customer_id)s AS uuid) AS id) AS c
"""
# Another statement writes other entries: what a release before this one kept is a miss.
_SHAPE = f"{crc32(FACTS.encode()):08x}"
_GUEST = Customer()


def customer_facts(reader: Reader, customer_id: UUID | None) -> Customer:
    """What discounts ask of the customer, by the cache while nothing of it changed; None is a guest.

    One statement where the cache has nothing. What is made of it depends on the customer's tag.
    """
    if customer_id is None:
        return _GUEST
    key = f"customer:{_SHAPE}:{customer_id}"
    fetched = reader.fetch({key: customer_tag(customer_id)})
    entry = fetched.hits.get(key)
    if entry is None:
        [entry] = reader.entries(FACTS, {"customer_id": str(customer_id)}, is_steady=True)
        reader.store({key: entry}, fetched.tickets)
    return _decode(customer_id, entry)


def customer_facts_now(session: Session, *, customer_id: UUID | None) -> Customer:
    """The same as this transaction sees it, past the cache: for orders."""
    if customer_id is None:
        return _GUEST
    return customer_of(customer_id, run(session, FACTS, {"customer_id": str(customer_id)}).scalar_one())


def customer_of(customer_id: UUID, written: str) -> Customer:
    """The customer of what FACTS tells."""
    return _decode(customer_id, written.encode())


def announce_customer(session: Session, cache: Cache, *, customer_id: UUID) -> None:
    """Ends, with this transaction's commit, what is cached of the customer.

    For whoever changes a tier, names a customer in a discount, or takes a name away.
    """
    announce(session, cache, also=[customer_tag(customer_id)])


# The same bytes are the same facts, and who looks at one page looks at more.
@lru_cache(maxsize=2000)
def _decode(customer_id: UUID, entry: bytes) -> Customer:
    tier, has_ordered, named_in, uses = orjson.loads(entry)
    return Customer(
        id=customer_id,
        tier=Tier.BRONZE if tier is None else Tier(tier),
        has_ordered=has_ordered,
        named_in=frozenset(map(UUID, named_in)),
        uses=MappingProxyType({UUID(discount_id): used_count for discount_id, used_count in uses}),
    )
