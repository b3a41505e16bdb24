"""Speaking to Stripe: its own library over our HTTP client, with a timeout, and its faults as ours."""

import hashlib
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NoReturn

import httpx
import stripe

from gateways.payments.products import StripeRefused
from utils import clock
from utils.errors import Unavailable

# Nothing of this machine is told, and no file is written into anybody's home for it.
stripe.enable_telemetry = False
# It logs each request, and at DEBUG all that is sent.
logging.getLogger("stripe").setLevel(logging.WARNING)

# After so many calls without any answer the next ones do not try for a while: each would hold a worker for nothing.
_SILENCES = 3
_REST = timedelta(seconds=10)
# What is wrong with us and not with what we say (no such key, or one that may not do this), and what is wrong just now
# (somebody else has the object, or the idempotency key).
_NOT_WHAT_WE_SAY = frozenset({401, 403, 409})


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Http(stripe.HTTPClient):
    """httpx without redirects, which would carry the key elsewhere. (The library's own hands it text as form data.)"""

    name = "httpx"

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__()
        self._client = httpx.Client(timeout=timeout_seconds, verify=_trusted())

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """The library's: body, status and headers of the answer."""
        try:
            answer = self._client.request(method, url, headers=headers, content=post_data)
        except httpx.HTTPError as fault:
            _silence(fault)
        return answer.text, answer.status_code, answer.headers


def _silence(fault: httpx.HTTPError) -> NoReturn:
    raise stripe.APIConnectionError(type(fault).__name__, should_retry=True) from None  # type: ignore[no-untyped-call]


class StripeCalls:
    """The library's client for one key. A lost answer is asked for again once, under the same idempotency key."""

    def __init__(self, url: str, key: str, *, timeout_seconds: float, retries: int = 1) -> None:
        self.client = stripe.StripeClient(
            key,
            base_addresses={"api": url.rstrip("/")},
            max_network_retries=retries,
            http_client=_Http(timeout_seconds),
        )
        # The id of the account stands nowhere in the key. A new key may be another account's.
        self.account = hashlib.sha256(f"{url.rstrip('/')} {key}".encode()).hexdigest()[:16]
        self._silences = 0
        self._rests_until: datetime | None = None

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Calls of the client belong into this block, which turns the library's faults into ours.

        Raises UNAVAILABLE when Stripe is away or too busy, does not take our key, or was silent again and again just
        now, else StripeRefused. Neither holds a word of Stripe's or of ours. What a caller expects Stripe to say, such
        as that there is no such product, it must catch inside.
        """
        if self._rests_until is not None and clock.now() < self._rests_until:
            raise _not_now("no answer just now")
        try:
            yield
        except stripe.APIConnectionError as fault:
            self._silences += 1
            if self._silences >= _SILENCES:
                self._rests_until = clock.now() + _REST
            raise _not_now(str(fault)) from None
        except stripe.StripeError as fault:
            self._silences = 0
            raise _translated(fault) from None
        else:
            self._silences = 0


def _translated(fault: stripe.StripeError) -> Unavailable | StripeRefused:
    status = fault.http_status
    if status is None or status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _NOT_WHAT_WE_SAY:
        return _not_now(status or type(fault).__name__)
    # 429, and 400 under the code rate_limit.
    if isinstance(fault, stripe.RateLimitError):
        return _not_now(httpx.codes.TOO_MANY_REQUESTS.value)
    said = [str(status), _code(fault), getattr(fault, "param", None), fault.request_id]
    return StripeRefused(" ".join(each for each in said if each))


def _code(fault: stripe.StripeError) -> str | None:
    return fault.code or (fault.error.type if fault.error is not None else None)


def _not_now(status: int | str) -> Unavailable:
    return Unavailable(f"Stripe did not do what it was asked ({status}).", status=status)
