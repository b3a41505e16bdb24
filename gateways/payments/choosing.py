"""Who is told of our products: Stripe when there is a key, nobody otherwise."""

from gateways.payments.products import NoDirectory, ProductDirectory
from gateways.payments.stripe_calls import StripeCalls
from gateways.payments.stripe_products import StripeProducts
from utils.config import Settings


def directory_of(settings: Settings) -> ProductDirectory:
    """The directory of STRIPE_SECRET_KEY. Connects to nothing yet."""
    if settings.stripe_secret_key is None:
        return NoDirectory()
    timeout = settings.stripe_timeout_seconds
    return StripeProducts(
        StripeCalls(settings.stripe_api_url, settings.stripe_secret_key, timeout_seconds=timeout),
    )
