"""Placing orders through the service, as one caller of the shop."""

from collections.abc import Sequence
from uuid import UUID

from models.user import Role
from services import idempotency
from services.accounts.actor import Actor
from services.orders.placing import Line, place_order
from services.orders.pricing_placed import Terms
from tests.support import ALICE
from wiring import Shop

CUSTOMER = Actor(id=ALICE, role=Role.CUSTOMER)


def place(shop: Shop, lines: Sequence[tuple[UUID, int]], *, key: str | None = None) -> UUID:
    """One order of Alice's in a transaction of its own; the order's id."""
    request = None if key is None else _request(lines, key)
    with shop.database.write() as session:
        return place_order(
            session,
            [Line(product_id, quantity) for product_id, quantity in lines],
            actor=CUSTOMER,
            customer_id=None,
            cache=shop.cache,
            request=request,
            verified_only=False,
            terms=Terms("UTC"),
        )


def _request(lines: Sequence[tuple[UUID, int]], key: str) -> idempotency.Request:
    arguments = {"items": [[str(product_id), quantity] for product_id, quantity in lines]}
    return idempotency.Request(caller=str(ALICE), key=key, field="createOrder", arguments=arguments)
