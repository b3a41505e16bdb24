"""A shop that speaks to the stand-in for Stripe, and what tests do with its products."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateways.payments.stripe_calls import StripeCalls
from gateways.payments.stripe_products import StripeProducts
from models import StripeProduct
from tests.stripe.stand_in import StripeStandIn, stripe_stand_in
from wiring import Shop


@contextmanager
def at_stripe(shop: Shop) -> Iterator[tuple[Shop, StripeStandIn]]:
    """The shop with an account of its own at Stripe; a lost answer is not asked for again at once."""
    with stripe_stand_in() as stand_in:
        calls = StripeCalls(stand_in.url, stand_in.key, timeout_seconds=5, retries=0)
        yield replace(shop, directory=StripeProducts(calls)), stand_in


def twins(stand_in: StripeStandIn) -> dict[UUID, tuple[str, bool, int | None]]:
    """What Stripe has: name, whether it is on sale, and its price in Stripe's unit."""
    prices = {each["id"]: each["unit_amount"] for each in stand_in.all("price")}
    return {
        UUID(each["id"]): (each["name"], each["active"], prices.get(each["default_price"]))
        for each in stand_in.all("product")
    }


def notes(shop: Shop) -> dict[UUID, Any]:
    """Our notes of what Stripe was told, by product."""
    with shop.database.read() as session:
        return {each.product_id: each for each in session.scalars(select(StripeProduct))}
