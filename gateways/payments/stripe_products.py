"""Products at Stripe: each under our own id, with one price that it is sold by."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import stripe

from gateways.payments.products import Twin
from gateways.payments.stripe_amounts import minor_units
from gateways.payments.stripe_calls import StripeCalls
from utils import clock

if TYPE_CHECKING:
    from stripe.params import ProductCreateParams, ProductUpdateParams

# Stripe's limits, in characters.
_LONGEST_DESCRIPTION = 40_000
_LONGEST_UNIT = 12
_LONGEST_FACT = 500
# By this name in its metadata a price is known as one of ours; those a person made there are left alone.
_OURS = "shop_product"
# One page of them, the newest first. Each push archives what it replaces, so an active one is among them.
_MOST_PRICES = 100


class _Cost(NamedTuple):
    """What one piece costs, as Stripe counts."""

    units: int
    currency: str


class StripeProducts:
    """https://docs.stripe.com/api/products and https://docs.stripe.com/api/prices.

    A price cannot be changed there. A new one is made, then the product points to it, then the old one is archived: in
    this order, because Stripe archives no price that a product points to.
    """

    def __init__(self, calls: StripeCalls) -> None:
        self._calls = calls
        self._products = calls.client.v1.products
        self._prices = calls.client.v1.prices

    @property
    def account(self) -> str | None:
        """See ProductDirectory."""
        return self._calls.account

    def put(self, twin: Twin, *, price_id: str | None) -> str | None:
        """See ProductDirectory. Three calls for a new product, one when its price stays, five when it changes.

        Refuses (StripeRefused) an amount that Stripe cannot charge exactly before it says anything.
        """
        cost = _Cost(minor_units(twin.amount, twin.currency), twin.currency.lower())
        with self._calls.speaking():
            product = None if price_id is None else self._find_updated(twin)
            made = self._find_made(twin) if product is None else None
            product = product or made or self._products.update(str(twin.id), _changed(twin))
            default = product.default_price
            if isinstance(default, stripe.Price) and default.id == price_id and _fits(default, cost):
                return price_id
            # Which one it should be, and which ones are too many, is asked of Stripe: a note of ours may be missing.
            # One that was made just now has none.
            ours = self._prices_of(twin.id) if made is None else []
            price = next((each for each in ours if _fits(each, cost)), None) or self._new_price(twin.id, cost, ours)
            if not isinstance(default, stripe.Price) or default.id != price.id:
                self._products.update(str(twin.id), {"default_price": price.id})
            for each in ours:
                if each.active and each.id != price.id:
                    self._prices.update(each.id, {"active": False})
            return price.id

    def archive(self, product_id: UUID) -> None:
        """See ProductDirectory."""
        with self._calls.speaking():
            try:
                self._products.update(str(product_id), {"active": False})
            except stripe.InvalidRequestError as fault:
                if fault.code != "resource_missing":
                    raise

    def _find_updated(self, twin: Twin) -> stripe.Product | None:
        # No idempotency key of ours, here and below where things are only set: setting twice is harmless, and a key
        # made of what is set would swallow the second half of "another name, and the old one again".
        try:
            return self._products.update(str(twin.id), _changed(twin))
        except stripe.InvalidRequestError as fault:
            if fault.code != "resource_missing":
                raise
            return None

    def _find_made(self, twin: Twin) -> stripe.Product | None:
        try:
            return self._products.create(_new(twin))
        except stripe.InvalidRequestError as fault:
            if fault.code != "resource_already_exists":
                raise
            return None

    def _prices_of(self, product_id: UUID) -> Sequence[stripe.Price]:
        found = self._prices.list({"product": str(product_id), "limit": _MOST_PRICES})
        return [each for each in found.data if getattr(each.metadata, _OURS, None) == str(product_id)]

    def _new_price(self, product_id: UUID, cost: _Cost, ours: Sequence[stripe.Price]) -> stripe.Price:
        # Of two workers that are here at once, one makes the price and the other gets it. The price before is part of
        # the key, so that a price which comes back is a new one; the hour is, because Stripe keeps even its own
        # failures under a key for a day.
        after = ours[0].id if ours else "none"
        said = f"{product_id} {cost.units} {cost.currency} {after} {clock.now():%Y%m%d%H}"
        return self._prices.create(
            {
                "product": str(product_id),
                "unit_amount": cost.units,
                "currency": cost.currency,
                # So that the price is found there under our id, too.
                "lookup_key": str(product_id),
                "transfer_lookup_key": True,
                "metadata": {_OURS: str(product_id)},
            },
            {"idempotency_key": f"price-{hashlib.sha256(said.encode()).hexdigest()}"},
        )


def _fits(price: stripe.Price, cost: _Cost) -> bool:
    return price.active and price.type == "one_time" and _Cost(price.unit_amount or 0, price.currency) == cost


def _new(twin: Twin) -> "ProductCreateParams":
    told: ProductCreateParams = {
        "id": str(twin.id),
        "name": twin.name,
        "active": twin.active,
        "metadata": {name: value for name, value in _facts(twin).items() if value},
        "expand": ["default_price"],
    }
    # What is empty would be refused here; in a change it takes away what is there.
    if twin.description:
        told["description"] = twin.description[:_LONGEST_DESCRIPTION]
    if _unit(twin):
        told["unit_label"] = _unit(twin)
    return told


def _changed(twin: Twin) -> "ProductUpdateParams":
    return {
        "name": twin.name,
        "active": twin.active,
        "description": twin.description[:_LONGEST_DESCRIPTION],
        "unit_label": _unit(twin),
        "metadata": _facts(twin),
        "expand": ["default_price"],
    }


def _facts(twin: Twin) -> dict[str, str]:
    return {name: value[:_LONGEST_FACT] for name, value in twin.facts.items()}


def _unit(twin: Twin) -> str:
    # Half a unit would be another one.
    return twin.unit if len(twin.unit) <= _LONGEST_UNIT else ""
