"""The stand-in, and the real library speaking to it."""

from collections.abc import Iterator

import pytest
import stripe

from gateways.payments.stripe_calls import StripeCalls
from tests.stripe.stand_in import StripeStandIn, stripe_stand_in


@pytest.fixture
def stand_in() -> Iterator[StripeStandIn]:
    """An account of the test's own."""
    with stripe_stand_in() as found:
        yield found


@pytest.fixture
def client(stand_in: StripeStandIn) -> stripe.StripeClient:
    """Stripe's library, as the shop sets it up, without repetitions of its own."""
    return StripeCalls(stand_in.url, stand_in.key, timeout_seconds=5, retries=0).client
