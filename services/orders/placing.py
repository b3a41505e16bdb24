"""Placing an order: one transaction that takes stock, freezes prices and tells the rest of the house."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from models.audit_entry import AuditAction
from models.user import Right
from services import idempotency
from services.accounts import audit
from services.accounts.actor import Actor
from services.accounts.reading import find_user
from services.catalogue.changes import announce
from services.catalogue.stock import stock
from services.orders.pricing_kept import Placed
from services.orders.pricing_placed import Terms, write_priced
from services.pricing.region_facts import region_of_customer
from services.pricing.tags import DISCOUNTS, customer_tag
from utils.cache import Cache
from utils.database import run
from utils.errors import EmailNotVerified, Forbidden, InvalidInput, NotFound
from utils.ids import new_id

MOST_LINES = 100
LARGEST_QUANTITY = 100_000

# What an order took, as the shop has it now.
_TAKEN = """
SELECT product_id, category_id, stock_count, customer_id,
    EXISTS (SELECT FROM discount_uses AS u WHERE u.order_id = i.order_id) AS is_reduced
FROM order_items AS i JOIN products ON products.id = product_id JOIN orders ON orders.id = i.order_id
WHERE i.order_id = %(order_id)s
"""


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of one product."""

    product_id: UUID
    quantity: int


def place_order(
    session: Session,
    lines: Sequence[Line],
    *,
    actor: Actor,
    customer_id: UUID | None,
    cache: Cache,
    request: idempotency.Request | None,
    verified_only: bool,
    terms: Terms,
) -> UUID:
    """Places an order for the actor, or by staff with the right ORDERS for `customer_id`, and returns its id.

    Prices and rules come from the database, never from the caller: each is the one in effect at the order's moment. The
    repetition of a `request` returns the first one's id. Locks are taken in the house's order: idempotency key,
    products by id, discounts by id.

    Refuses no lines, more than 100, and quantities below 1, an unknown region, a total that no amount can hold
    (INVALID_INPUT); another customer's id (FORBIDDEN); with `verified_only` an actor whose address is not proven
    (EMAIL_NOT_VERIFIED; staff vouch for the customers they order for, whose addresses are not asked about); what is not
    sold (NOT_FOR_SALE) or short (OUT_OF_STOCK), naming every such line; the first code that does not count (DISCOUNT_*,
    see pricing_placed.py); a re-used key (CONFLICT).
    """
    order_id = new_id()
    if request is not None:
        made = idempotency.begin(session, request, makes=order_id)
        if made is not None:
            _announce_again(session, made, cache)
            return made
    if verified_only:
        _require_verified(session, actor)
    customer = _customer(session, actor, customer_id)
    if terms.in_customers_region:
        terms = replace(terms, region=region_of_customer(session, customer_id=customer))
    wanted = merged(lines)
    locked = stock.lock_products(session, wanted, cache=cache, region=terms.region)
    news = write_priced(
        session,
        Placed(order_id, customer, actor.id),
        locked=locked,
        wanted=wanted,
        terms=terms,
    )
    ran_out_in = stock.take(session, wanted, locked.products, order_id=order_id, actor_id=actor.id)
    # Whoever ordered is no new customer any more, and has used what discounts there were.
    announce(session, cache, products=list(wanted), stocked=ran_out_in, also=[customer_tag(customer), *news])
    if customer != actor.id:
        for_whom = {"customer_id": str(customer)}
        audit.note(session, AuditAction.ORDER_PLACED_FOR_CUSTOMER, order_id, actor_id=actor.id, after=for_whom)
    return order_id


def merged(lines: Sequence[Line]) -> dict[UUID, int]:
    """The quantity wanted of each product, equal lines added up, in the order in which they first came."""
    if not lines:
        raise InvalidInput("An order needs at least one line.", field="items")
    if len(lines) > MOST_LINES:
        raise InvalidInput(f"An order has at most {MOST_LINES} lines.", field="items")
    wanted: dict[UUID, int] = {}
    for line in lines:
        if line.quantity < 1:
            raise InvalidInput("quantity must be at least 1.", field="quantity")
        wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
        if wanted[line.product_id] > LARGEST_QUANTITY:
            raise InvalidInput(f"quantity must be at most {LARGEST_QUANTITY} of one product.", field="quantity")
    return wanted


def _announce_again(session: Session, order_id: UUID, cache: Cache) -> None:
    """What placing the order announced, for its repetition (see `idempotency.begin`)."""
    taken = run(session, _TAKEN, {"order_id": order_id}).all()
    # One that has pieces again is in stock, as it was before the order.
    ran_out_in = {row.category_id for row in taken if row.stock_count == 0}
    # Its last use may have been taken.
    reduced = [DISCOUNTS] if any(row.is_reduced for row in taken) else []
    also = [*reduced, *{customer_tag(row.customer_id) for row in taken}]
    announce(session, cache, products=[row.product_id for row in taken], stocked=ran_out_in, also=also)


def _require_verified(session: Session, actor: Actor) -> None:
    # What the token says may be older than the proof, so only a no is asked about again.
    user = None if actor.verified else find_user(session, actor.id)
    if not actor.verified and (user is None or not user.email_verified):
        raise EmailNotVerified("Prove your e-mail address first: follow the link that we sent to it.")


def _customer(session: Session, actor: Actor, customer_id: UUID | None) -> UUID:
    if customer_id is None or customer_id == actor.id:
        return actor.id
    if not actor.may(Right.ORDERS):
        raise Forbidden("customerId must be your own.", field="customerId")
    customer = find_user(session, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound("There is no such customer.", field="customerId")
    return customer_id
